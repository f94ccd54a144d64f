import { toLatin1 } from '@mox/runtime';
import { type IpAddress, parseIp } from '@mox/syntax';
import type { DerReader } from './der-reader.ts';

/** Names below a CA that it may, or may not, certify (RFC 5280 §4.2.1.10). */
export interface NameConstraints {
  readonly permitted: Subtrees;
  readonly excluded: Subtrees;
}

/** Subtrees of names by their form. */
export interface Subtrees {
  /** Domains; a name is inside where it is the domain or ends with it after a dot. */
  readonly dns: readonly string[];
  readonly ip: readonly { readonly address: Uint8Array; readonly mask: Uint8Array }[];
  /** How many subtrees there are of forms that are not judged here. */
  readonly others: number;
}

const noSubtrees: Subtrees = { dns: [], ip: [], others: 0 };

function readSubtrees(list: DerReader | undefined): Subtrees {
  if (!list) return noSubtrees;
  const dns: string[] = [];
  const ip: { address: Uint8Array; mask: Uint8Array }[] = [];
  let others = 0;
  while (!list.done) {
    const { tag, contents } = list.sequence('a subtree of names').any();
    const bytes = contents.rest();
    if (tag === 0x82) dns.push(toLatin1(bytes).toLowerCase());
    else if (tag === 0x87 && (bytes.length === 8 || bytes.length === 32))
      ip.push({ address: bytes.subarray(0, bytes.length / 2), mask: bytes.subarray(bytes.length / 2) });
    else others++;
  }
  return { dns, ip, others };
}

/** Reads the extension (RFC 5280 §4.2.1.10). */
export function readNameConstraints(reader: DerReader): NameConstraints {
  const sequence = reader.sequence('name constraints');
  return { permitted: readSubtrees(sequence.optional(0xa0)?.contents), excluded: readSubtrees(sequence.optional(0xa1)?.contents) };
}

function dnsInside(name: string, subtree: string): boolean {
  const base = subtree.replace(/^\./, '');
  return base === '' || name === base || name.endsWith(`.${base}`);
}

function ipInside(address: IpAddress, subtree: { readonly address: Uint8Array; readonly mask: Uint8Array }): boolean {
  if (address.bytes.length !== subtree.address.length) return false;
  return address.bytes.every((byte, i) => ((byte ^ (subtree.address[i] ?? 0)) & (subtree.mask[i] ?? 0)) === 0);
}

/** The first of some names that the constraints do not allow, or undefined where all pass (RFC 5280 §4.2.1.10). */
export function findForbiddenName(
  constraints: NameConstraints,
  names: { readonly dns: readonly string[]; readonly ip: readonly string[] },
): string | undefined {
  const { permitted, excluded } = constraints;
  const dns = names.dns.find((written) => {
    const name = written.toLowerCase().replace(/^\*\./, '');
    // A wildcard is forbidden as soon as a name that it covers is: those below its own base, and the base of a constraint within.
    const covers = written.startsWith('*.') && excluded.dns.some((subtree) => dnsInside(subtree.replace(/^\./, ''), name));
    const allowed = permitted.dns.length === 0 || permitted.dns.some((subtree) => dnsInside(name, subtree));
    return covers || !allowed || excluded.dns.some((subtree) => dnsInside(name, subtree));
  });
  if (dns !== undefined) return dns;
  return names.ip.find((text) => {
    const address = parseIp(text);
    const allowed = permitted.ip.length === 0 || (address && permitted.ip.some((subtree) => ipInside(address, subtree)));
    return !address || !allowed || excluded.ip.some((subtree) => ipInside(address, subtree));
  });
}
