/** An IP address. Plain data. */
export interface IpAddress {
  readonly version: 4 | 6;
  /** 4 or 16 bytes, the most significant first. */
  readonly bytes: Uint8Array;
}

/** A block of addresses (RFC 4632): all that begin with the first bits of one. */
export interface Cidr {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/**
 * Reads an IPv4 address, four decimal numbers without leading zeros (RFC 6943 §3.1.1), from `start` to before `end`: its 32 bits as
 * a signed number, which are compared faster than bytes; undefined for anything else.
 */
export function readIpv4Bits(text: string, start: number, end: number): number | undefined {
  let bits = 0;
  let number = -1;
  let dots = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x2e) {
      if (number < 0 || ++dots > 3) return undefined;
      bits = (bits << 8) | number;
      number = -1;
      continue;
    }
    if (!(code >= 0x30 && code <= 0x39) || number === 0) return undefined;
    number = number < 0 ? code - 0x30 : number * 10 + code - 0x30;
    if (number > 255) return undefined;
  }
  return dots === 3 && number >= 0 ? (bits << 8) | number : undefined;
}

/** The IPv4 address of 32 bits, as `readIpv4Bits` gives them. */
export function ipv4OfBits(bits: number): IpAddress {
  const bytes = new Uint8Array(4);
  for (let i = 0; i < 4; i++) bytes[i] = bits >>> (24 - 8 * i);
  return { version: 4, bytes };
}

/** The 32 bits of an IPv4 address as a signed number; undefined for IPv6. */
export function ipv4Bits(address: IpAddress): number | undefined {
  if (address.version !== 4) return undefined;
  let bits = 0;
  for (let i = 0; i < 4; i++) bits = (bits << 8) | (address.bytes[i] ?? 0);
  return bits;
}

/** Reads pieces of an IPv6 address between colons, the last of which may be an IPv4 address; returns the bytes they make. */
function readPieces(text: string): readonly number[] | undefined {
  const bytes: number[] = [];
  if (text === '') return bytes;
  const pieces = text.split(':', 9);
  for (const [i, piece] of pieces.entries()) {
    if (i === pieces.length - 1 && piece.includes('.')) {
      const bits = readIpv4Bits(piece, 0, piece.length);
      if (bits === undefined) return undefined;
      bytes.push(...ipv4OfBits(bits).bytes);
    } else {
      if (!/^[0-9A-Fa-f]{1,4}$/.test(piece)) return undefined;
      const value = Number.parseInt(piece, 16);
      bytes.push(value >>> 8, value & 255);
    }
  }
  return bytes;
}

/** Reads an IPv6 address (RFC 4291 §2.2) without a zone. */
function readIpv6(text: string): Uint8Array | undefined {
  const gap = text.indexOf('::');
  const head = readPieces(gap < 0 ? text : text.slice(0, gap));
  const tail = readPieces(gap < 0 ? '' : text.slice(gap + 2));
  if (!head || !tail) return undefined;
  // `::` stands for one piece of zeros or more; an IPv4 address stands at the end only.
  if (gap < 0 ? head.length !== 16 : head.length + tail.length > 14 || text.lastIndexOf('.', gap) >= 0) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(head);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

/**
 * Reads an IP address: IPv4 in four decimal numbers without leading zeros, IPv6 in any form of RFC 4291 §2.2 without a zone.
 * Undefined for anything else. An IPv4-mapped IPv6 address stays IPv6: see `unmapIp`.
 */
export function parseIp(text: string): IpAddress | undefined {
  if (text.length > 45) return undefined;
  if (text.includes(':')) {
    const bytes = readIpv6(text);
    return bytes && { version: 6, bytes };
  }
  const bits = readIpv4Bits(text, 0, text.length);
  return bits === undefined ? undefined : ipv4OfBits(bits);
}

/** Whether an address is IPv4 in IPv6 clothes, `::ffff:192.0.2.1` (RFC 4291 §2.5.5.2). */
function isMapped(bytes: Uint8Array): boolean {
  if (bytes.length !== 16 || bytes[10] !== 0xff || bytes[11] !== 0xff) return false;
  for (let i = 0; i < 10; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** The IPv4 address in an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2); any other address as it is. */
export function unmapIp(address: IpAddress): IpAddress {
  return address.version === 6 && isMapped(address.bytes) ? { version: 4, bytes: address.bytes.slice(12) } : address;
}

/** The longest run of two or more zero pieces, the first of equals; length 0 where there is none (RFC 5952 §4.2). */
function longestZeros(pieces: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let i = 0; i <= pieces.length; i++) {
    if (pieces[i] === 0) continue;
    if (i - start > Math.max(best.length, 1)) best = { start, length: i - start };
    start = i + 1;
  }
  return best;
}

/** Writes an IP address; IPv6 as RFC 5952 §4 and §5 want it: lower case, the longest run of zeros as `::`, mapped IPv4 dotted. */
export function formatIp(address: IpAddress): string {
  const { bytes } = address;
  if (address.version === 4) return bytes.join('.');
  if (isMapped(bytes)) return `::ffff:${bytes.subarray(12).join('.')}`;
  const pieces = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  const write = (part: readonly number[]): string => part.map((piece) => piece.toString(16)).join(':');
  const zeros = longestZeros(pieces);
  if (zeros.length === 0) return write(pieces);
  return `${write(pieces.slice(0, zeros.start))}::${write(pieces.slice(zeros.start + zeros.length))}`;
}

/** Whether two addresses are the same; an IPv4-mapped one is not the same as the IPv4 address. */
export function equalIps(a: IpAddress, b: IpAddress): boolean {
  return a.version === b.version && a.bytes.every((byte, i) => byte === b.bytes[i]);
}

/** Reads `address/length` (RFC 4632 §3.1, RFC 4291 §2.3), or an address alone, which is a block of one. Undefined for anything else. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const address = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (!address) return undefined;
  const bits = address.version === 4 ? 32 : 128;
  if (slash < 0) return { address, prefixLength: bits };
  const length = text.slice(slash + 1);
  if (!/^(?:0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits) return undefined;
  return { address, prefixLength: Number(length) };
}

/** Whether an address is in a block. Both must be of one version: give it `unmapIp` of what a socket says. */
export function cidrContains(cidr: Cidr, address: IpAddress): boolean {
  if (cidr.address.version !== address.version) return false;
  const whole = cidr.prefixLength >>> 3;
  for (let i = 0; i < whole; i++) if (cidr.address.bytes[i] !== address.bytes[i]) return false;
  const rest = cidr.prefixLength & 7;
  if (rest === 0) return true;
  return ((cidr.address.bytes[whole] ?? 0) ^ (address.bytes[whole] ?? 0)) >>> (8 - rest) === 0;
}
