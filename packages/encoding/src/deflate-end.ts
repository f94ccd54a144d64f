/** The data ends too early, or cannot be what it says it is. */
class DamagedError extends Error {}

class BitReader {
  readonly #bytes: Uint8Array;
  #byte = 0;
  #bitsLeft = 0;
  /** Offset of the next byte of which no bit was read. */
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  bit(): number {
    if (this.#bitsLeft === 0) {
      if (this.at >= this.#bytes.length) throw new DamagedError();
      this.#byte = this.#bytes[this.at++] as number;
      this.#bitsLeft = 8;
    }
    const bit = this.#byte & 1;
    this.#byte >>= 1;
    this.#bitsLeft--;
    return bit;
  }

  /** A number of so many bits, the lowest first. */
  number(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++) value |= this.bit() << i;
    return value;
  }

  /** Leaves what is left of a byte that was begun, and goes past further ones. */
  skipBytes(count: number): void {
    this.#bitsLeft = 0;
    this.at += count;
  }
}

/** Most bits of a code of DEFLATE. */
const longestCode = 15;

/** Most symbols of an alphabet. */
const mostSymbols = 320;

/** The codes of an alphabet, which the lengths of the codes alone tell (RFC 1951). */
class PrefixCode {
  /** By length: how many codes there are, the first of them, and its place among the symbols, which are in the order of their codes. */
  readonly #counts = new Uint16Array(longestCode + 1);
  readonly #firstCodes = new Uint16Array(longestCode + 1);
  readonly #firstPlaces = new Uint16Array(longestCode + 1);
  readonly #symbols = new Uint16Array(mostSymbols);

  /** Takes codes of these lengths; 0 stands for none. Blocks may be tiny: nothing is made anew. */
  assign(lengths: Uint8Array, start: number, end: number): this {
    const [counts, places] = [this.#counts.fill(0), this.#firstPlaces];
    for (let at = start; at < end; at++) counts[lengths[at] as number] = (counts[lengths[at] as number] as number) + 1;
    counts[0] = 0;
    for (let length = 2; length <= longestCode; length++) {
      const before = counts[length - 1] as number;
      this.#firstCodes[length] = ((this.#firstCodes[length - 1] as number) + before) << 1;
      places[length] = (places[length - 1] as number) + before;
    }
    for (let at = start; at < end; at++) {
      const length = lengths[at] as number;
      if (length === 0) continue;
      const place = places[length] as number;
      this.#symbols[place] = at - start;
      places[length] = place + 1;
    }
    // Each place is behind its symbols now.
    for (let length = 1; length <= longestCode; length++) places[length] = (places[length] as number) - (counts[length] as number);
    return this;
  }

  read(reader: BitReader): number {
    let code = 0;
    for (let length = 1; length <= longestCode; length++) {
      code = (code << 1) | reader.bit();
      const place = code - (this.#firstCodes[length] as number);
      if (place >= 0 && place < (this.#counts[length] as number))
        return this.#symbols[(this.#firstPlaces[length] as number) + place] as number;
    }
    throw new DamagedError();
  }
}

const endOfBlock = 256;

/** Bits behind the symbol of a length, of which the longest alone has none. */
function lengthBits(symbol: number): number {
  return symbol < 265 || symbol === 285 ? 0 : (symbol - 261) >> 2;
}

/** In this order a block tells the lengths of the codes by which the lengths of its codes are written. */
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

interface BlockCodes {
  readonly literals: PrefixCode;
  readonly distances: PrefixCode;
}

/** Reads blocks without keeping what they unpack to. */
class BlockReader {
  readonly bits: BitReader;
  readonly #lengths = new Uint8Array(mostSymbols);
  readonly #lengthCode = new PrefixCode();
  readonly #own: BlockCodes = { literals: new PrefixCode(), distances: new PrefixCode() };
  #fixed: BlockCodes | undefined;

  constructor(bits: BitReader) {
    this.bits = bits;
  }

  /** Reads the lengths of codes, of which some symbols stand for several. */
  #readLengths(count: number): void {
    const lengths = this.#lengths.fill(0);
    for (let at = 0; at < count; ) {
      const symbol = this.#lengthCode.read(this.bits);
      if (symbol < 16) {
        lengths[at++] = symbol;
        continue;
      }
      const times = symbol === 16 ? 3 + this.bits.number(2) : symbol === 17 ? 3 + this.bits.number(3) : 11 + this.bits.number(7);
      lengths.fill(symbol === 16 && at > 0 ? (lengths[at - 1] as number) : 0, at, at + times);
      at += times;
    }
  }

  /** Reads the codes that a block brings. */
  #readCodes(): BlockCodes {
    const literalCount = 257 + this.bits.number(5);
    const distanceCount = 1 + this.bits.number(5);
    const lengthCount = 4 + this.bits.number(4);
    this.#lengths.fill(0);
    for (let i = 0; i < lengthCount; i++) this.#lengths[lengthOrder[i] as number] = this.bits.number(3);
    this.#lengthCode.assign(this.#lengths, 0, lengthOrder.length);
    this.#readLengths(literalCount + distanceCount);
    this.#own.literals.assign(this.#lengths, 0, literalCount);
    this.#own.distances.assign(this.#lengths, literalCount, literalCount + distanceCount);
    return this.#own;
  }

  /** The codes of blocks that bring none. */
  #takeFixedCodes(): BlockCodes {
    if (this.#fixed) return this.#fixed;
    const literals = new PrefixCode().assign(this.#lengths.fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280, 288), 0, 288);
    this.#fixed = { literals, distances: new PrefixCode().assign(this.#lengths.fill(5, 0, 30), 0, 30) };
    return this.#fixed;
  }

  /** Goes past a block; says whether it is the last. */
  skip(): boolean {
    const isLast = this.bits.bit() === 1;
    const type = this.bits.number(2);
    if (type === 3) throw new DamagedError();
    if (type === 0) {
      this.bits.skipBytes(0);
      const length = this.bits.number(16);
      this.bits.skipBytes(2 + length);
      return isLast;
    }
    this.#skipSymbols(type === 1 ? this.#takeFixedCodes() : this.#readCodes());
    return isLast;
  }

  #skipSymbols({ literals, distances }: BlockCodes): void {
    for (let symbol = literals.read(this.bits); symbol !== endOfBlock; symbol = literals.read(this.bits)) {
      if (symbol < endOfBlock) continue;
      this.bits.number(lengthBits(symbol));
      const distance = distances.read(this.bits);
      this.bits.number(distance < 4 ? 0 : (distance - 2) >> 1);
    }
  }
}

/**
 * Where DEFLATE data (RFC 1951) ends that begins at an offset; undefined where it is damaged, or does not end. It is read without being
 * unpacked: time is linear in the bytes, and next to no memory is needed.
 */
export function findDeflateEnd(bytes: Uint8Array, start: number): number | undefined {
  const reader = new BlockReader(new BitReader(bytes, start));
  try {
    while (!reader.skip());
    return reader.bits.at;
  } catch (error) {
    if (error instanceof DamagedError) return undefined;
    throw error;
  }
}
