import { type KnownNames, nameLabels, readName } from './name.ts';

/** Longest label, and longest name as text without a dot at its end and without escapes (RFC 1035 §2.3.4). */
const labelLimit = 63;
const nameLimit = 253;
/** An escape, or a byte beyond ASCII. */
const oddCharacter = /[\\\x80-\uffff]/;

/** What is wrong with a message, and where: an exception inside the codec alone, never seen outside. */
export class WireError extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/** Reads the fields of a message, most significant byte first (RFC 1035 §2.3.2). */
export class WireReader {
  readonly bytes: Uint8Array;
  at: number;
  /** Where the part that is read ends: the message, or the data of a record. */
  end: number;
  readonly #names: KnownNames = new Map();

  constructor(bytes: Uint8Array) {
    // Node's Buffer among others has methods of its own, which do not copy.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = 0;
    this.end = bytes.length;
  }

  #skip(count: number): number {
    const start = this.at;
    if (start + count > this.end) throw new WireError(start, 'the message ends too early');
    this.at = start + count;
    return start;
  }

  uint8(): number {
    return this.bytes[this.#skip(1)] ?? 0;
  }

  uint16(): number {
    const at = this.#skip(2);
    return ((this.bytes[at] ?? 0) << 8) | (this.bytes[at + 1] ?? 0);
  }

  uint32(): number {
    const high = this.uint16();
    return high * 0x10000 + this.uint16();
  }

  /** Bytes as a copy: what is kept of a message does not hold its memory. */
  take(count: number): Uint8Array {
    const at = this.#skip(count);
    return this.bytes.slice(at, at + count);
  }

  rest(): Uint8Array {
    return this.take(this.end - this.at);
  }

  /** A string of up to 255 bytes behind its length (RFC 1035 §3.3). */
  characterString(): Uint8Array {
    return this.take(this.uint8());
  }

  name(): string {
    const read = readName(this.bytes, this.at, this.end, this.#names);
    if (!read) throw new WireError(this.at, 'a domain name expected');
    this.at = read.end;
    return read.name;
  }
}

/** Where messages are written before they are copied: nothing else runs until a writer is finished. */
const scratch = new Uint8Array(4096);

/** Writes the fields of a message, one writer at a time; throws a `WireError` where a value does not fit. */
export class WireWriter {
  #bytes: Uint8Array = scratch;
  #length = 0;
  readonly #suffixes = new Map<string, number>();

  get length(): number {
    return this.#length;
  }

  #grow(count: number): number {
    const at = this.#length;
    if (at + count > 0xffff) throw new WireError(at, 'a message is longer than 65,535 bytes');
    if (at + count > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(at + count, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#length = at + count;
    return at;
  }

  uint8(value: number): void {
    this.#check(value, 0xff);
    const at = this.#grow(1);
    this.#bytes[at] = value;
  }

  uint16(value: number): void {
    this.#check(value, 0xffff);
    const at = this.#grow(2);
    this.#bytes[at] = value >>> 8;
    this.#bytes[at + 1] = value & 0xff;
  }

  uint32(value: number): void {
    this.#check(value, 0xffffffff);
    this.uint16(Math.floor(value / 0x10000));
    this.uint16(value % 0x10000);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  #check(value: number, most: number): void {
    if (!Number.isInteger(value) || value < 0 || value > most) throw new WireError(this.#length, `${value} does not fit its field`);
  }

  characterString(bytes: Uint8Array): void {
    this.uint8(bytes.length);
    this.bytes(bytes);
  }

  /** A name; with `compress`, its end may be a pointer to where it stands already (RFC 1035 §4.1.4). */
  name(name: string, options: { readonly compress?: boolean } = {}): void {
    const compress = options.compress === true;
    // Bytes beyond ASCII have no case, whatever Unicode says of the characters that stand for them.
    if (oddCharacter.test(name)) return this.#escapedName(name);
    const text = name.endsWith('.') ? name.slice(0, -1) : name;
    if (text.length > nameLimit) throw new WireError(this.#length, `no domain name: ${name}`);
    const folded = text.toLowerCase();
    for (let start = 0; start < text.length; ) {
      const suffix = folded.slice(start);
      const there = this.#suffixes.get(suffix);
      if (compress && there !== undefined) return this.uint16(0xc000 | there);
      if (there === undefined && this.#length < 0x4000) this.#suffixes.set(suffix, this.#length);
      const dot = text.indexOf('.', start);
      const end = dot < 0 ? text.length : dot;
      // A dot at the end is gone already: what follows another one is a label.
      if (end === text.length - 1 && dot >= 0) throw new WireError(this.#length, `no domain name: ${name}`);
      this.#label(text, start, end);
      start = end + 1;
    }
    this.uint8(0);
  }

  /** Rare enough to go without compression. */
  #escapedName(name: string): void {
    const labels = nameLabels(name);
    if (!labels) throw new WireError(this.#length, `no domain name: ${name}`);
    for (const label of labels) this.#label(label, 0, label.length);
    this.uint8(0);
  }

  #label(text: string, start: number, end: number): void {
    if (end === start || end - start > labelLimit) throw new WireError(this.#length, `no domain name: ${text}`);
    let at = this.#grow(1 + end - start);
    this.#bytes[at++] = end - start;
    for (let i = start; i < end; i++) {
      const code = text.charCodeAt(i);
      if (code > 0xff) throw new WireError(at, `no domain name: ${text}`);
      this.#bytes[at++] = code;
    }
  }

  /** What `write` writes, behind its length in two bytes. */
  counted(write: () => void): void {
    const at = this.#grow(2);
    write();
    const count = this.#length - at - 2;
    this.#bytes[at] = count >>> 8;
    this.#bytes[at + 1] = count & 0xff;
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}
