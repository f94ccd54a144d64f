import { fromLatin1 } from '@mox/runtime';
import { formatIp, parseIp } from '@mox/syntax';
import { nameLabels, normalizeName } from './name.ts';
import type { RecordData, RecordType, ServiceBinding } from './record.ts';
import { parseRecordType } from './record-type.ts';
import { findServiceBindingFault, parseServiceParameter } from './service-parameters.ts';

/** A word of a zone text: quoted or bare, escapes of RFC 1035 §5.1 undone. */
export interface Word {
  readonly text: string;
  /** The word as it stands: in names, escapes tell a dot in a label from one between labels. */
  readonly source: string;
  readonly offset: number;
  readonly quoted: boolean;
}

/** What is wrong with a zone text, and where: an exception inside its parser alone. */
export class ZoneError extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

function fromHex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Seconds of a time to live: a number, or, as all name servers read it though no RFC has it, numbers with units such as `1h30m`. */
export function parseSeconds(text: string): number | undefined {
  if (/^\d{1,10}$/.test(text)) return Number(text) <= 0xffff_ffff ? Number(text) : undefined;
  if (!/^(?:\d{1,10}[smhdw]){1,5}$/i.test(text)) return undefined;
  let seconds = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+)(\D)/g)) seconds += Number(count) * (unitSeconds[unit.toLowerCase()] ?? 0);
  return seconds <= 0xffff_ffff ? seconds : undefined;
}

/** The words of one record's data, taken in order. */
export class Fields {
  readonly #words: readonly Word[];
  readonly #origin: string;
  readonly #offset: number;
  #at = 0;

  constructor(words: readonly Word[], origin: string, offset: number) {
    this.#words = words;
    this.#origin = origin;
    this.#offset = offset;
  }

  #next(what: string): Word {
    const word = this.#words[this.#at++];
    if (!word) throw new ZoneError(this.#offset, `${what} expected`);
    return word;
  }

  word(what: string): Word {
    return this.#next(what);
  }

  text(what: string): string {
    return this.#next(what).text;
  }

  name(): string {
    const word = this.#next('a name');
    return absoluteName(word, this.#origin);
  }

  address(version: 4 | 6): string {
    const word = this.#next('an address');
    const address = parseIp(word.text);
    if (address?.version !== version) throw new ZoneError(word.offset, `an IPv${version} address expected`);
    return formatIp(address);
  }

  number(what: string, most: number = 0xffff_ffff): number {
    const word = this.#next(what);
    if (!/^\d{1,10}$/.test(word.text) || Number(word.text) > most) throw new ZoneError(word.offset, `${what} expected`);
    return Number(word.text);
  }

  /** Seconds, or a span of time such as `1h30m`. */
  seconds(): number {
    const word = this.#next('seconds');
    const seconds = parseSeconds(word.text);
    if (seconds === undefined) throw new ZoneError(word.offset, 'seconds expected');
    return seconds;
  }

  rest(): readonly Word[] {
    const words = this.#words.slice(this.#at);
    this.#at = this.#words.length;
    return words;
  }

  /** The data in the generic form, `\\# 3 010203` (RFC 3597 §5); undefined where it is in that of its type. */
  generic(): Uint8Array | undefined {
    const mark = this.#words[this.#at];
    if (!mark || mark.quoted || mark.source !== '\\#') return undefined;
    this.#at++;
    const length = this.number('a length', 0xffff);
    const bytes = this.hex();
    if (bytes.length !== length) throw new ZoneError(mark.offset, `${length} bytes expected, ${bytes.length} found`);
    return bytes;
  }

  /** There is nothing behind what was read. */
  end(): void {
    const word = this.#words[this.#at];
    if (word) throw new ZoneError(word.offset, 'nothing more expected');
  }

  /** What is left of the line, whose words may be cut anywhere. */
  #joinRest(): string {
    return this.rest()
      .map((word) => word.text)
      .join('');
  }

  /** Hexadecimal digits, some at least. */
  digest(): Uint8Array {
    const bytes = this.hex();
    if (bytes.length === 0) throw new ZoneError(this.#offset, 'hexadecimal digits expected');
    return bytes;
  }

  hex(): Uint8Array {
    const digits = this.#joinRest();
    if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) throw new ZoneError(this.#offset, 'hexadecimal digits expected');
    return fromHex(digits);
  }

  recordType(): string {
    const word = this.#next('a record type');
    if (parseRecordType(word.text) === undefined) throw new ZoneError(word.offset, `unknown record type ${word.text}`);
    return word.text.toUpperCase();
  }

  recordTypes(): readonly string[] {
    const types: string[] = [];
    while (this.#at < this.#words.length) types.push(this.recordType());
    return types;
  }

  /** Seconds, or YYYYMMDDHHmmSS (RFC 4034 §3.2). */
  time(): number {
    const word = this.#next('a time');
    if (/^\d{1,10}$/.test(word.text)) return Number(word.text);
    const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(word.text);
    if (!match) throw new ZoneError(word.offset, 'a time expected');
    const [year = 0, month = 1, day, hour, minute, second] = match.slice(1).map(Number);
    return (Date.UTC(year, month - 1, day, hour, minute, second) / 1000) % 2 ** 32;
  }

  /** Hexadecimal digits, or `-` for none (RFC 5155 §3.3). */
  salt(): Uint8Array {
    const word = this.#next('a salt');
    if (word.text === '-') return new Uint8Array(0);
    if (!/^(?:[0-9a-f]{2}){1,255}$/i.test(word.text)) throw new ZoneError(word.offset, 'hexadecimal digits of at most 255 bytes expected');
    return fromHex(word.text);
  }

  /** RFC 4648 §7, without padding. */
  base32Hex(): Uint8Array {
    const word = this.#next('a hash');
    if (!/^[0-9a-v]{1,408}$/i.test(word.text)) throw new ZoneError(word.offset, 'base32 of at most 255 bytes expected');
    const bits = Array.from(word.text, (digit) => Number.parseInt(digit, 32).toString(2).padStart(5, '0')).join('');
    return Uint8Array.from({ length: bits.length >>> 3 }, (_, i) => Number.parseInt(bits.slice(8 * i, 8 * i + 8), 2));
  }

  base64(): Uint8Array {
    const digits = this.#joinRest();
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) throw new ZoneError(this.#offset, 'base64 expected');
    return fromLatin1(atob(digits));
  }
}

/** A name as a resolver gives it: below the origin unless a dot ends it (RFC 1035 §5.1). */
export function absoluteName(word: Word, origin: string): string {
  const { source, offset } = word;
  if (source === '@') return origin;
  const labels = nameLabels(source);
  // A dot at the end that a label keeps is part of it.
  const isWhole = source === '.' || (source.endsWith('.') && labels?.at(-1)?.endsWith('.') === false);
  const name = normalizeName(isWhole || origin === '' ? source : `${source}.${origin}`);
  if (!labels || name === undefined) throw new ZoneError(offset, `no domain name: ${source}`);
  return name;
}

/** A character string may be at most 255 bytes: a longer one is cut into several, as every provider's panel does. */
function characterStrings(words: readonly Word[]): readonly Uint8Array[] {
  return words.flatMap((word) => {
    const bytes = fromLatin1(word.text);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at === 0 || at < bytes.length; at += 255) pieces.push(bytes.slice(at, at + 255));
    return pieces;
  });
}

/** Readers of the data of records by type, in the presentation form of each type's RFC. */
export const readZoneData: { readonly [T in RecordType]: (fields: Fields) => RecordData[T] } = {
  A: (fields) => fields.address(4),
  AAAA: (fields) => fields.address(6),
  CNAME: (fields) => fields.name(),
  DNAME: (fields) => fields.name(),
  NS: (fields) => fields.name(),
  PTR: (fields) => fields.name(),
  MX: (fields) => ({ preference: fields.number('a preference', 0xffff), exchange: fields.name() }),
  TXT: (fields) => [...characterStrings([fields.word('a string')]), ...characterStrings(fields.rest())],
  SOA: (fields) => ({
    primary: fields.name(),
    mailbox: fields.name(),
    serial: fields.number('a serial number'),
    refreshSeconds: fields.seconds(),
    retrySeconds: fields.seconds(),
    expireSeconds: fields.seconds(),
    minimumSeconds: fields.seconds(),
  }),
  SRV: (fields) => ({
    priority: fields.number('a priority', 0xffff),
    weight: fields.number('a weight', 0xffff),
    port: fields.number('a port', 0xffff),
    target: fields.name(),
  }),
  TLSA: (fields) => ({
    usage: fields.number('a usage', 0xff),
    selector: fields.number('a selector', 0xff),
    matchingType: fields.number('a matching type', 0xff),
    association: fields.digest(),
  }),
  CAA: (fields) => ({
    critical: fields.number('flags', 0xff) >= 128,
    tag: fields.text('a tag').toLowerCase(),
    value: fromLatin1(fields.text('a value')),
  }),
  DS: (fields) => ({
    keyTag: fields.number('a key tag', 0xffff),
    algorithm: fields.number('an algorithm', 0xff),
    digestType: fields.number('a digest type', 0xff),
    digest: fields.digest(),
  }),
  DNSKEY: (fields) => ({
    flags: fields.number('flags', 0xffff),
    protocol: fields.number('a protocol', 0xff),
    algorithm: fields.number('an algorithm', 0xff),
    key: fields.base64(),
  }),
  RRSIG: (fields) => ({
    typeCovered: fields.recordType(),
    algorithm: fields.number('an algorithm', 0xff),
    labels: fields.number('a number of labels', 0xff),
    originalTtlSeconds: fields.seconds(),
    expiration: fields.time(),
    inception: fields.time(),
    keyTag: fields.number('a key tag', 0xffff),
    signer: fields.name(),
    signature: fields.base64(),
  }),
  NSEC: (fields) => ({ next: fields.name(), types: fields.recordTypes() }),
  NSEC3: (fields) => ({ ...nsec3Parameters(fields), nextHash: fields.base32Hex(), types: fields.recordTypes() }),
  NSEC3PARAM: nsec3Parameters,
  SVCB: serviceBinding,
  HTTPS: serviceBinding,
};

function nsec3Parameters(fields: Fields): RecordData['NSEC3PARAM'] {
  return {
    algorithm: fields.number('an algorithm', 0xff),
    flags: fields.number('flags', 0xff),
    iterations: fields.number('iterations', 0xffff),
    salt: fields.salt(),
  };
}

/** Words that stand together as one: `alpn="h2"` is a word and a quoted one (RFC 9460 §2.1). */
function joinAdjacent(words: readonly Word[]): readonly Word[] {
  const joined: Word[] = [];
  for (const word of words) {
    const last = joined.at(-1);
    const isValue = word.quoted && last?.source.endsWith('=') && !last.quoted && last.offset + last.source.length === word.offset;
    if (isValue && last) joined[joined.length - 1] = { ...last, text: last.text + word.text };
    else joined.push(word);
  }
  return joined;
}

/** RFC 9460 §2.1: parameters in any order, no key twice, and such as clients would use (RFC 9460 §2.4.3). */
function serviceBinding(fields: Fields): ServiceBinding {
  const priority = fields.number('a priority', 0xffff);
  const target = fields.name();
  const words = joinAdjacent(fields.rest());
  const parameters = words.map((word) => {
    const parameter = parseServiceParameter(word.text);
    if (!parameter) throw new ZoneError(word.offset, 'a parameter as key=value expected');
    return parameter;
  });
  const binding = { priority, target, parameters: parameters.toSorted((a, b) => a.key - b.key) };
  const fault = findServiceBindingFault(binding);
  if (fault !== undefined) throw new ZoneError(words[0]?.offset ?? 0, fault);
  return binding;
}
