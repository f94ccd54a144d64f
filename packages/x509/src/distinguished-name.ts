import { equalBytes, toHex } from '@mox/runtime';
import { DerReader, decodeString, derTags } from './der-reader.ts';

/** Name of a subject or an issuer (RFC 5280 §4.1.2.4). */
export interface DistinguishedName {
  readonly der: Uint8Array;
  /** Attributes in the order they were written, the widest first as a rule. */
  readonly attributes: readonly { readonly oid: string; readonly value: string }[];
  /** For people to read, e.g. `CN=example.org, O=Example`: the narrowest first. */
  readonly text: string;
}

const shortNames: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'street',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

const commonName = '2.5.4.3';

function formatValue(value: string): string {
  return value.replace(/[,+"\\<>;=]/g, '\\$&').replace(/[\u0000-\u001f\u007f]/g, (c) => `\\${toHex(Uint8Array.of(c.charCodeAt(0)))}`);
}

/** Reads a Name (RFC 5280 §4.1.2.4). */
export function readDistinguishedName(reader: DerReader, what: string): DistinguishedName {
  const { contents, der } = reader.take(derTags.sequence, what);
  const attributes: { oid: string; value: string }[] = [];
  while (!contents.done) {
    const relative = contents.take(derTags.set, `a part of ${what}`).contents;
    while (!relative.done) {
      const attribute = relative.sequence('an attribute of a name');
      const oid = attribute.objectIdentifier('the type of an attribute');
      const { tag, contents: value } = attribute.any();
      const bytes = value.rest();
      attributes.push({ oid, value: decodeString(tag, bytes) ?? `#${toHex(bytes)}` });
    }
  }
  const parts = attributes.map(({ oid, value }) => `${shortNames[oid] ?? oid}=${formatValue(value)}`);
  return { der, attributes, text: parts.toReversed().join(', ') };
}

/** The last common name, which is the narrowest (RFC 6125 §6.4.4), or undefined. */
export function commonNameOf(name: DistinguishedName): string | undefined {
  return name.attributes.findLast(({ oid }) => oid === commonName)?.value;
}

/** What was read for comparisons: names are compared again and again while a path is sought. */
const comparable = new WeakMap<DistinguishedName, readonly string[]>();

/** Each part of a name as it is compared: case and blanks do not count, nor how the string was encoded (RFC 5280 §7.1). */
export function comparableParts(name: DistinguishedName): readonly string[] {
  const known = comparable.get(name);
  if (known) return known;
  const parts = readComparableParts(name);
  comparable.set(name, parts);
  return parts;
}

function readComparableParts(name: DistinguishedName): readonly string[] {
  const reader = new DerReader(name.der);
  const parts: string[] = [];
  const relatives = reader.sequence('a name');
  while (!relatives.done) {
    const relative = relatives.take(derTags.set, 'a part of a name').contents;
    const attributes: string[] = [];
    while (!relative.done) {
      const attribute = relative.sequence('an attribute of a name');
      const oid = attribute.objectIdentifier('the type of an attribute');
      const { tag, contents } = attribute.any();
      const bytes = contents.rest();
      const text = decodeString(tag, bytes);
      attributes.push(
        `${oid}=${text === undefined ? `#${toHex(bytes)}` : text.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ')}`,
      );
    }
    parts.push(attributes.toSorted().join('\0'));
  }
  return parts;
}

/** Whether two names are the same (RFC 5280 §7.1). */
export function equalNames(a: DistinguishedName, b: DistinguishedName): boolean {
  if (equalBytes(a.der, b.der)) return true;
  return a.attributes.length === b.attributes.length && beginsWith(comparableParts(a), comparableParts(b));
}

/** Whether the parts of a name are in the subtree of others: begin with all of them (RFC 5280 §7.1). */
export function beginsWith(parts: readonly string[], subtree: readonly string[]): boolean {
  return subtree.every((part, index) => part === parts[index]);
}
