import { concatBytes, fromBase64, fromLatin1, toBase64, toLatin1 } from '@mox/runtime';
import { formatIp, parseIp } from '@mox/syntax';
import { escapeBytes } from './character-string.ts';
import type { ServiceBinding } from './record.ts';

// todo RFC 9460 §3: aliases are not followed, and services not put in order. No protocol of mail asks for them.

/** How the values of a key are written and read. What is undefined has not the form that the key asks for. */
interface ServiceKey {
  readonly name: string;
  /** Value of the wire from the presentation form, whose escapes of RFC 1035 are undone; '' where there is none. */
  readonly parse: (text: string) => Uint8Array | undefined;
  /** Presentation form of a value of the wire, without the escapes of RFC 1035. */
  readonly format: (value: Uint8Array) => string | undefined;
}

const highestKey = 65_534;

/** Items of a list, whose commas and backslashes are escaped by a backslash (RFC 9460 appendix A.1). */
function splitList(text: string): readonly string[] | undefined {
  const items: string[] = [];
  let item = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === ',') {
      items.push(item);
      item = '';
    } else if (character !== '\\') item += character;
    else if (text[at + 1] === ',' || text[at + 1] === '\\') item += text[++at];
    else return undefined;
  }
  items.push(item);
  return items.includes('') ? undefined : items;
}

function joinPieces(pieces: readonly (Uint8Array | undefined)[]): Uint8Array | undefined {
  const whole = pieces.filter((piece) => piece !== undefined);
  return whole.length === pieces.length ? concatBytes(whole) : undefined;
}

/** Pieces of equal length; undefined for none, and for a rest. */
function cutPieces(value: Uint8Array, length: number): readonly Uint8Array[] | undefined {
  if (value.length === 0 || value.length % length !== 0) return undefined;
  return Array.from({ length: value.length / length }, (_, i) => value.subarray(i * length, (i + 1) * length));
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff);
}

/** RFC 9460 §8: keys in rising order, none twice, and not that of the list itself. */
function parseMandatory(text: string): Uint8Array | undefined {
  const keys = text.split(',').map(parseKey);
  const sorted = keys.filter((key) => key !== undefined).toSorted((a, b) => a - b);
  const sound = sorted.length === keys.length && sorted[0] !== 0 && new Set(sorted).size === sorted.length;
  return sound ? joinPieces(sorted.map(uint16)) : undefined;
}

function mandatoryKeys(value: Uint8Array): readonly number[] | undefined {
  const keys = cutPieces(value, 2)?.map(([high = 0, low = 0]) => (high << 8) | low);
  return keys?.every((key, i) => key > (keys[i - 1] ?? 0)) ? keys : undefined;
}

/** RFC 9460 §7.1.1: names of protocols, each behind its length. */
function parseAlpn(text: string): Uint8Array | undefined {
  const pieces = splitList(text)?.map((id) => (id.length <= 255 ? Uint8Array.of(id.length, ...fromLatin1(id)) : undefined));
  return pieces && joinPieces(pieces);
}

function formatAlpn(value: Uint8Array): string | undefined {
  const ids: string[] = [];
  for (let at = 0; at < value.length; ) {
    const length = value[at++] ?? 0;
    if (length === 0 || at + length > value.length) return undefined;
    ids.push(toLatin1(value.subarray(at, at + length)).replace(/[\\,]/g, '\\$&'));
    at += length;
  }
  return ids.length > 0 ? ids.join(',') : undefined;
}

/** RFC 9460 §7.3: addresses of one family. */
function addressHints(name: string, version: 4 | 6): ServiceKey {
  const length = version === 4 ? 4 : 16;
  const parseAddress = (text: string): Uint8Array | undefined => {
    const address = parseIp(text);
    return address?.version === version ? address.bytes : undefined;
  };
  return {
    name,
    parse: (text) => joinPieces(text.split(',').map(parseAddress)),
    format: (value) =>
      cutPieces(value, length)
        ?.map((bytes) => formatIp({ version, bytes }))
        .join(','),
  };
}

/** The keys of RFC 9460 §7 and §8, by number. */
const serviceKeys: readonly ServiceKey[] = [
  { name: 'mandatory', parse: parseMandatory, format: (value) => mandatoryKeys(value)?.map(formatKey).join(',') },
  { name: 'alpn', parse: parseAlpn, format: formatAlpn },
  {
    name: 'no-default-alpn',
    parse: (text) => (text === '' ? new Uint8Array(0) : undefined),
    format: (value) => (value.length === 0 ? '' : undefined),
  },
  {
    name: 'port',
    parse: (text) => (/^\d{1,5}$/.test(text) && Number(text) <= 0xffff ? uint16(Number(text)) : undefined),
    format: (value) => (value.length === 2 ? String(((value[0] ?? 0) << 8) | (value[1] ?? 0)) : undefined),
  },
  /* @__PURE__ */ addressHints('ipv4hint', 4),
  {
    name: 'ech',
    parse: (text) => (text === '' ? undefined : fromBase64(text)),
    format: (value) => (value.length > 0 ? toBase64(value) : undefined),
  },
  /* @__PURE__ */ addressHints('ipv6hint', 6),
];

function formatKey(key: number): string {
  return serviceKeys[key]?.name ?? `key${key}`;
}

/** The number of a key by its name, or as `key65280` (RFC 9460 §2.1). */
function parseKey(text: string): number | undefined {
  const known = serviceKeys.findIndex(({ name }) => name === text);
  if (known >= 0) return known;
  const match = /^key(0|[1-9]\d{0,4})$/.exec(text);
  return match && Number(match[1]) <= highestKey ? Number(match[1]) : undefined;
}

/** Reads a parameter, escapes of RFC 1035 undone already (RFC 9460 §2.1); undefined where it has not the form of its key. */
export function parseServiceParameter(text: string): ServiceBinding['parameters'][number] | undefined {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const written = equals < 0 ? '' : text.slice(equals + 1);
  const key = parseKey(name);
  if (key === undefined) return undefined;
  // RFC 9460 §2.1: behind a number stands the value as it is on the wire.
  const value = name.startsWith('key') ? fromLatin1(written) : serviceKeys[key]?.parse(written);
  return value && { key, value };
}

/** Writes a parameter (RFC 9460 §2.1): by its key's name where the value is of its form, else by the key's number. */
export function formatServiceParameter({ key, value }: ServiceBinding['parameters'][number]): string {
  const text = serviceKeys[key]?.format(value);
  const written = text === undefined ? escapeBytes(value) : escapeBytes(fromLatin1(text));
  return `${text === undefined ? `key${key}` : formatKey(key)}${written === '' ? '' : `=${written}`}`;
}

/**
 * Why an SVCB or HTTPS record is not to be used, in words; undefined where nothing speaks against it: a value has not the form of its
 * key (RFC 9460 §2.2), or parameters go against each other (RFC 9460 §2.4.3). An alias has no parameters that count (RFC 9460 §2.4.2).
 */
export function findServiceBindingFault(binding: ServiceBinding): string | undefined {
  const { priority, parameters } = binding;
  if (priority === 0) return undefined;
  const keys = new Set(parameters.map(({ key }) => key));
  for (const [i, { key, value }] of parameters.entries()) {
    if (key <= (parameters[i - 1]?.key ?? -1)) return 'keys are not in rising order';
    const known = serviceKeys[key];
    if (known && known.format(value) === undefined) return `a value that ${known.name} cannot have`;
    const missing = key === 0 ? mandatoryKeys(value)?.find((one) => !keys.has(one)) : undefined;
    if (missing !== undefined) return `${formatKey(missing)} is mandatory, and missing`;
  }
  return keys.has(2) && !keys.has(1) ? 'no-default-alpn without alpn' : undefined;
}
