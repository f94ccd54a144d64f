import { toLatin1, toUtf8Strict } from '@mox/runtime';
import type { ParseError } from '@mox/syntax';

// Reading is done here and not by asn1js, which builds an object for every value and takes BER for DER: that is some 50 times
// the time for a certificate, and two readers that take different things from the same bytes. What is written is written by pkijs.

/** Identifier octets of the types that certificates are made of (X.690 §8.1.2). */
export const derTags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Where the first fault was; shared by the readers of all values within one. */
interface Faults {
  first: ParseError | undefined;
}

/**
 * A place in DER (X.690). The first fault is kept and nothing is read after it: every method then gives something empty, so that a
 * reader is written without a check after each step and asked for `fault` once at the end.
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #faults: Faults;
  #at: number;

  /** A reader of some bytes; `within` is for the readers that this one makes of its values. */
  constructor(bytes: Uint8Array, within?: { readonly start: number; readonly end: number; readonly faults: object }) {
    this.#bytes = bytes;
    this.#at = within?.start ?? 0;
    this.#end = within?.end ?? bytes.length;
    this.#faults = (within?.faults as Faults | undefined) ?? { first: undefined };
  }

  /** The first fault, or undefined where there was none. */
  get fault(): ParseError | undefined {
    return this.#faults.first;
  }

  /** Whether nothing is left, or nothing more is read after a fault. */
  get done(): boolean {
    return this.#at >= this.#end || this.#faults.first !== undefined;
  }

  /** Notes a fault at this place. */
  fail(message: string): void {
    this.#faults.first ??= { offset: this.#at, message };
  }

  /** Notes a fault where something is left. */
  expectEnd(): void {
    if (!this.done) this.fail('more than expected');
  }

  /** Identifier octet of the next value, or -1 where there is none. */
  peek(): number {
    return this.done ? -1 : (this.#bytes[this.#at] ?? -1);
  }

  /** The next value of any type: its contents to be read, and all its bytes as a view. */
  any(): { readonly tag: number; readonly contents: DerReader; readonly der: Uint8Array } {
    const start = this.#at;
    const tag = this.peek();
    const end = this.#readHeader();
    const contents = new DerReader(this.#bytes, { start: this.#at, end, faults: this.#faults });
    this.#at = end;
    return { tag, contents, der: this.#bytes.subarray(start, end) };
  }

  /** Goes past identifier and length; gives where the contents end. */
  #readHeader(): number {
    if (this.done || (this.peek() & 0x1f) === 0x1f) {
      this.fail('a value was expected');
      return this.#at;
    }
    const first = this.#bytes[this.#at + 1] ?? 0x80;
    let length = first;
    let at = this.#at + 2;
    if (first >= 0x80) {
      // Definite lengths in the fewest octets, as DER demands (X.690 §10.1); three are more than a certificate can have.
      const octets = first & 0x7f;
      length = 0;
      for (let i = 0; i < octets && i < 4; i++) length = length * 256 + (this.#bytes[at++] ?? 0);
      if (octets === 0 || octets > 3 || length < 0x80 || length < 256 ** (octets - 1)) length = Number.POSITIVE_INFINITY;
    }
    if (at + length > this.#end) {
      this.fail('a length that is no DER or exceeds what is there');
      return this.#at;
    }
    this.#at = at;
    return at + length;
  }

  /** The next value, of a type. */
  take(tag: number, what: string): { readonly contents: DerReader; readonly der: Uint8Array } {
    if (this.peek() !== tag) this.fail(`${what} was expected`);
    return this.any();
  }

  /** The next value where it is of a type; otherwise undefined, and nothing is read. */
  optional(tag: number): { readonly contents: DerReader; readonly der: Uint8Array } | undefined {
    return this.peek() === tag ? this.any() : undefined;
  }

  /** The contents of a SEQUENCE. */
  sequence(what: string): DerReader {
    return this.take(derTags.sequence, what).contents;
  }

  /** All that is left of this value, as a view. */
  rest(): Uint8Array {
    if (this.#faults.first) return this.#bytes.subarray(0, 0);
    const rest = this.#bytes.subarray(this.#at, this.#end);
    this.#at = this.#end;
    return rest;
  }

  /** The contents of an OCTET STRING. */
  octetString(what: string): Uint8Array {
    return this.take(derTags.octetString, what).contents.rest();
  }

  /** An INTEGER as it was written: big-endian two's complement. */
  integerBytes(what: string): Uint8Array {
    const bytes = this.take(derTags.integer, what).contents.rest();
    if (bytes.length === 0) this.fail(`${what} is empty`);
    return bytes;
  }

  /** An INTEGER from 0 to 2^31 - 1. */
  smallInteger(what: string): number {
    return this.#small(this.integerBytes(what), what);
  }

  #small(bytes: Uint8Array, what: string): number {
    if (bytes.length > 4 || (bytes[0] ?? 0) >= 0x80) this.fail(`${what} is out of range`);
    return bytes.reduce((value, byte) => value * 256 + byte, 0);
  }

  /** The rest of this value as an INTEGER whose tag was implicit. */
  restAsSmallInteger(what: string): number {
    return this.#small(this.rest(), what);
  }

  /** A BOOLEAN; false where none is there, as it is the DEFAULT everywhere in certificates. */
  optionalBoolean(): boolean {
    const bytes = this.optional(derTags.boolean)?.contents.rest();
    return bytes !== undefined && bytes.length === 1 && bytes[0] !== 0;
  }

  /** A BIT STRING of whole octets. */
  bitString(what: string): Uint8Array {
    const bytes = this.take(derTags.bitString, what).contents.rest();
    if (bytes.length === 0 || bytes[0] !== 0) this.fail(`${what} is not of whole octets`);
    return bytes.subarray(1);
  }

  /** A BIT STRING of named bits: the numbers of those that are set (X.680 §22). */
  namedBits(what: string): number[] {
    const bytes = this.take(derTags.bitString, what).contents.rest();
    if (bytes.length === 0 || bytes.length > 5) this.fail(`${what} is not some named bits`);
    const set: number[] = [];
    for (let bit = 0; bit < (bytes.length - 1) * 8; bit++) {
      if (((bytes[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0) set.push(bit);
    }
    return set;
  }

  /** An OBJECT IDENTIFIER in dotted decimal. */
  objectIdentifier(what: string): string {
    const bytes = this.take(derTags.objectIdentifier, what).contents.rest();
    const text = formatObjectIdentifier(bytes);
    if (text === undefined) this.fail(`${what} is no object identifier`);
    return text ?? '';
  }

  /** A UTCTime or GeneralizedTime, in milliseconds since 1970 (RFC 5280 §4.1.2.5). */
  time(what: string): number {
    const tag = this.peek();
    if (tag !== derTags.utcTime && tag !== derTags.generalizedTime) this.fail(`${what} was expected`);
    const time = parseTime(toLatin1(this.any().contents.rest()), tag);
    if (time === undefined) this.fail(`${what} is no time in UTC`);
    return time ?? 0;
  }

  /** A character string of any of the types in use (RFC 5280 §4.1.2.4). Other values give the empty text. */
  string(): string {
    const { tag, contents } = this.any();
    return decodeString(tag, contents.rest()) ?? '';
  }
}

function formatObjectIdentifier(bytes: Uint8Array): string | undefined {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of bytes) {
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 128 || arcs.length > 30) return undefined;
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [first] = arcs;
  if (first === undefined || arc !== 0 || (bytes.at(-1) ?? 0) >= 0x80) return undefined;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - 40 * root, ...arcs.slice(1)].join('.');
}

function parseTime(text: string, tag: number): number | undefined {
  const pattern = tag === derTags.utcTime ? /^\d{12}Z$/ : /^\d{14}Z$/;
  if (!pattern.test(text)) return undefined;
  const short = Number(text.slice(0, 2));
  // RFC 5280 §4.1.2.5.1: two digits stand for 1950 to 2049.
  const digits = tag === derTags.utcTime ? `${short >= 50 ? '19' : '20'}${text}` : text;
  const part = (from: number, to: number): number => Number(digits.slice(from, to));
  const [month, day, hour, minute, second] = [part(4, 6), part(6, 8), part(8, 10), part(10, 12), part(12, 14)];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return undefined;
  return Date.UTC(part(0, 4), month - 1, day, hour, minute, second);
}

/** The text of a character string, or undefined where the type is none or the bytes do not fit it. */
export function decodeString(tag: number, bytes: Uint8Array): string | undefined {
  switch (tag) {
    case derTags.utf8String:
      return toUtf8Strict(bytes);
    case derTags.printableString:
    case derTags.ia5String:
    case derTags.teletexString:
    case 0x12:
    case 0x1a:
      return toLatin1(bytes);
    case derTags.bmpString:
      return decodeUnits(bytes, 2);
    case derTags.universalString:
      return decodeUnits(bytes, 4);
    default:
      return undefined;
  }
}

function decodeUnits(bytes: Uint8Array, size: 2 | 4): string | undefined {
  if (bytes.length % size !== 0) return undefined;
  let text = '';
  for (let at = 0; at < bytes.length; at += size) {
    const code = bytes.subarray(at, at + size).reduce((value, byte) => value * 256 + byte, 0);
    if (code > 0x10ffff) return undefined;
    text += size === 2 ? String.fromCharCode(code) : String.fromCodePoint(code);
  }
  return text;
}
