import { skipBlanks } from './tag-list.ts';

/** How a header field or a body is brought into one form before it is hashed (RFC 6376 §3.4). */
export type Canonicalization = 'simple' | 'relaxed';

/** A field of a header section as it stands. One character a byte. */
export interface RawField {
  /** Name in lower case. */
  readonly nameLower: string;
  /** The whole field with its last CRLF. */
  readonly raw: string;
  /** Offset of the colon in `raw`. */
  readonly colon: number;
}

/** White space that is not one space already: of a usual field little is touched. */
const reducible = /\t[ \t]*| [ \t]+/g;

function relaxedField(field: RawField): string {
  const value = field.raw
    .slice(field.colon + 1)
    .replace(/\r\n/g, '')
    .replace(reducible, ' ');
  const start = value.startsWith(' ') ? 1 : 0;
  const end = value.endsWith(' ') && value.length > start ? -1 : undefined;
  return `${field.nameLower}:${value.slice(start, end)}`;
}

/** A field in canonical form, without its last CRLF (RFC 6376 §3.4.1, §3.4.2). */
export function canonicalizeField(field: RawField, canonicalization: Canonicalization): string {
  if (canonicalization === 'relaxed') return relaxedField(field);
  return field.raw.endsWith('\r\n') ? field.raw.slice(0, -2) : field.raw;
}

/** Offset of the value of the tag `b` in a tag-list, the white space before it included; -1 without one. */
function findSignatureValue(text: string, start: number): number {
  for (let at = start; ; ) {
    const name = skipBlanks(text, at);
    if (text[name] === 'b') {
      const equals = skipBlanks(text, name + 1);
      if (text[equals] === '=') return equals + 1;
    }
    at = text.indexOf(';', at) + 1;
    if (at === 0) return -1;
  }
}

/** Takes the value out of the tag `b` of a signature field, with the white space around it (RFC 6376 §3.7). */
export function removeSignatureValue(field: RawField): RawField {
  const { raw } = field;
  const start = findSignatureValue(raw, field.colon + 1);
  if (start < 0) return field;
  const semicolon = raw.indexOf(';', start);
  return { ...field, raw: `${raw.slice(0, start)}${semicolon < 0 ? '\r\n' : raw.slice(semicolon)}` };
}

/** The fields of a header section by name, and the canonical form of each, made once. */
export class HeaderFields {
  readonly fields: readonly RawField[];
  readonly #byName = new Map<string, RawField[]>();
  readonly #relaxed = new Map<RawField, string>();

  constructor(fields: readonly RawField[]) {
    this.fields = fields;
    for (const field of fields) {
      const same = this.#byName.get(field.nameLower);
      if (same) same.push(field);
      else this.#byName.set(field.nameLower, [field]);
    }
  }

  /** Fields of a name in lower case, from the top down. */
  named(nameLower: string): readonly RawField[] {
    return this.#byName.get(nameLower) ?? [];
  }

  /** The canonical form of a field of this header. */
  canonical(field: RawField, canonicalization: Canonicalization): string {
    if (canonicalization === 'simple') return canonicalizeField(field, 'simple');
    let text = this.#relaxed.get(field);
    if (text === undefined) {
      text = relaxedField(field);
      this.#relaxed.set(field, text);
    }
    return text;
  }

  /**
   * What is signed of the header: the fields that `names` lists, each name taken from the bottom up, names without a
   * field left out (RFC 6376 §5.4.2), each with a CRLF.
   */
  signedText(names: readonly string[], canonicalization: Canonicalization): string {
    const taken = new Map<readonly RawField[], number>();
    let text = '';
    for (const name of names) {
      const same = this.#byName.get(name.toLowerCase());
      if (!same) continue;
      const count = taken.get(same) ?? 0;
      taken.set(same, count + 1);
      const field = same[same.length - 1 - count];
      if (field) text += `${this.canonical(field, canonicalization)}\r\n`;
    }
    return text;
  }
}
