import { type IpAddress, parseIp } from '@mox/syntax';

/** Labels of an address from its end: decimal bytes of IPv4, hexadecimal nibbles of IPv6, with dots between (RFC 1035 §3.5, RFC 3596 §2.5). */
export function reverseLabels(address: IpAddress): string {
  const bytes = Array.from(address.bytes).reverse();
  if (address.version === 4) return bytes.join('.');
  return bytes.map((byte) => `${(byte & 15).toString(16)}.${(byte >>> 4).toString(16)}`).join('.');
}

/** The name under which an address has its PTR record (RFC 1035 §3.5, RFC 3596 §2.5). IPv4-mapped addresses stay IPv6: see `unmapIp`. */
export function reverseName(address: IpAddress): string {
  return `${reverseLabels(address)}.${address.version === 4 ? 'in-addr' : 'ip6'}.arpa`;
}

/** The address that a reverse name is for, or undefined where it is for no single one. */
export function parseReverseName(name: string): IpAddress | undefined {
  const match = /^((?:\d{1,3}\.){4})in-addr\.arpa\.?$|^((?:[0-9a-f]\.){32})ip6\.arpa\.?$/i.exec(name.slice(0, 80));
  if (match?.[1] !== undefined) return parseIp(match[1].slice(0, -1).split('.').reverse().join('.'));
  if (match?.[2] === undefined) return undefined;
  const nibbles = match[2].slice(0, -1).split('.').reverse();
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(`${nibbles[2 * i] ?? ''}${nibbles[2 * i + 1] ?? ''}`, 16));
  return { version: 6, bytes };
}
