import { toLatin1 } from '@mox/runtime';
import { type IpAddress, parseIp } from '@mox/syntax';
import type { DerReader } from './der-reader.ts';
import { beginsWith, comparableParts, type DistinguishedName, readDistinguishedName } from './distinguished-name.ts';

/** Names below a CA that it may, or may not, certify (RFC 5280 §4.2.1.10). */
export interface NameConstraints {
  readonly permitted: Subtrees;
  readonly excluded: Subtrees;
}

/** Subtrees of names by their form. */
export interface Subtrees {
  /** Domains, lower case; a name is inside where it is the domain or ends with it after a dot. After a leading dot only the latter counts. */
  readonly dns: readonly string[];
  readonly ip: readonly { readonly address: Uint8Array; readonly mask: Uint8Array }[];
  /** A mailbox, a host, or a domain after a dot, lower case. */
  readonly email: readonly string[];
  /** A host, or a domain after a dot, lower case. */
  readonly uri: readonly string[];
  /** A name is inside where it begins with these parts. */
  readonly directory: readonly DistinguishedName[];
  /** How many subtrees there are of forms, or with bounds, that are not judged here. */
  readonly others: number;
}

/** Names of a certificate by their form. Forms that are left out have none. */
export interface ConstrainedNames {
  readonly dns: readonly string[];
  readonly ip: readonly string[];
  readonly email?: readonly string[];
  readonly uri?: readonly string[];
  readonly directory?: readonly DistinguishedName[];
  /** How many names there are of other forms. */
  readonly others?: number;
}

function readSubtrees(list: DerReader | undefined): Subtrees {
  const subtrees = {
    dns: [] as string[],
    ip: [] as { address: Uint8Array; mask: Uint8Array }[],
    email: [] as string[],
    uri: [] as string[],
    directory: [] as DistinguishedName[],
    others: 0,
  };
  if (!list) return subtrees;
  while (!list.done) {
    const subtree = list.sequence('a subtree of names');
    const { tag, contents } = subtree.any();
    if (tag === 0xa4) {
      subtrees.directory.push(readDistinguishedName(contents, 'a subtree of names'));
      continue;
    }
    const bytes = contents.rest();
    const text = toLatin1(bytes).toLowerCase();
    // RFC 5280 §4.2.1.10: minimum and maximum are not used; a subtree that has them means something else.
    if (!subtree.done) subtrees.others++;
    else if (tag === 0x82) subtrees.dns.push(text);
    else if (tag === 0x81) subtrees.email.push(text);
    else if (tag === 0x86) subtrees.uri.push(text);
    else if (tag === 0x87 && (bytes.length === 8 || bytes.length === 32))
      subtrees.ip.push({ address: bytes.subarray(0, bytes.length / 2), mask: bytes.subarray(bytes.length / 2) });
    else subtrees.others++;
  }
  return subtrees;
}

/** Reads the extension (RFC 5280 §4.2.1.10). */
export function readNameConstraints(reader: DerReader): NameConstraints {
  const sequence = reader.sequence('name constraints');
  return { permitted: readSubtrees(sequence.optional(0xa0)?.contents), excluded: readSubtrees(sequence.optional(0xa1)?.contents) };
}

function dnsInside(name: string, subtree: string): boolean {
  if (subtree === '' || subtree === '.') return true;
  return subtree.startsWith('.') ? name.endsWith(subtree) : name === subtree || name.endsWith(`.${subtree}`);
}

function ipInside(text: string, subtree: { readonly address: Uint8Array; readonly mask: Uint8Array }): boolean {
  const address: IpAddress | undefined = parseIp(text);
  if (address?.bytes.length !== subtree.address.length) return false;
  return address.bytes.every((byte, i) => ((byte ^ (subtree.address[i] ?? 0)) & (subtree.mask[i] ?? 0)) === 0);
}

/** A host by a subtree that is a host, or a domain after a dot. */
function hostInside(host: string, subtree: string): boolean {
  return subtree.startsWith('.') ? host.endsWith(subtree) : host === subtree;
}

function emailInside(address: string, subtree: string): boolean {
  const at = address.lastIndexOf('@');
  const host = address.slice(at + 1).toLowerCase();
  if (!subtree.includes('@')) return hostInside(host, subtree);
  return `${address.slice(0, at)}@${host}`.toLowerCase() === subtree;
}

/** The host of a URI, or undefined where it has none that is a name. */
function uriHost(uri: string): string | undefined {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:@[\]]+)/i.exec(uri)?.[1]?.toLowerCase();
  return host === undefined || parseIp(host) ? undefined : host;
}

/** A wildcard is excluded as soon as a name that it covers is: those below its own base, and the base of a constraint within. */
function wildcardCovers(written: string, subtree: string): boolean {
  return written.startsWith('*.') && dnsInside(subtree.replace(/^\./, ''), written.slice(2).toLowerCase());
}

interface Form<Name, Subtree> {
  readonly permitted: readonly Subtree[];
  readonly excluded: readonly Subtree[];
  readonly inside: (name: Name, subtree: Subtree) => boolean;
}

function findOutside<Name, Subtree>(names: readonly Name[] | undefined, form: Form<Name, Subtree>): Name | undefined {
  const { permitted, excluded, inside } = form;
  if (!names || permitted.length + excluded.length === 0) return undefined;
  return names.find(
    (name) =>
      (permitted.length > 0 && !permitted.some((subtree) => inside(name, subtree))) || excluded.some((subtree) => inside(name, subtree)),
  );
}

function findForbiddenDns(dns: readonly string[], { permitted, excluded }: NameConstraints): string | undefined {
  const inside = (written: string, subtree: string): boolean => dnsInside(written.toLowerCase().replace(/^\*\./, ''), subtree);
  const covered = dns.find((written) => excluded.dns.some((subtree) => wildcardCovers(written, subtree)));
  return covered ?? findOutside(dns, { permitted: permitted.dns, excluded: excluded.dns, inside });
}

function findForbiddenUri(uris: readonly string[] | undefined, { permitted, excluded }: NameConstraints): string | undefined {
  if (permitted.uri.length + excluded.uri.length === 0) return undefined;
  const inside = (uri: string, subtree: string): boolean => hostInside(uriHost(uri) ?? '', subtree);
  // RFC 5280 §4.2.1.10: a URI whose host is no name cannot be judged, and is refused.
  return uris?.find((uri) => uriHost(uri) === undefined) ?? findOutside(uris, { permitted: permitted.uri, excluded: excluded.uri, inside });
}

/** Most comparisons of a name with a subtree: an authority and a certificate of a hostile server could ask for billions. */
const mostComparisons = 65_536;

function countSubtrees({ dns, ip, email, uri, directory }: Subtrees): number {
  return dns.length + ip.length + email.length + uri.length + directory.length;
}

function isTooMuch({ permitted, excluded }: NameConstraints, names: ConstrainedNames): boolean {
  const { dns, ip, email = [], uri = [], directory = [] } = names;
  const count = dns.length + ip.length + email.length + uri.length + directory.length;
  return count * (countSubtrees(permitted) + countSubtrees(excluded)) > mostComparisons;
}

function findForbiddenDirectory(
  names: readonly DistinguishedName[] | undefined,
  { permitted, excluded }: NameConstraints,
): string | undefined {
  if (permitted.directory.length + excluded.directory.length === 0) return undefined;
  const parts = (list: readonly DistinguishedName[]): (readonly string[])[] => list.map(comparableParts);
  const forms = { permitted: parts(permitted.directory), excluded: parts(excluded.directory), inside: beginsWith };
  return names?.find((name) => findOutside([comparableParts(name)], forms) !== undefined)?.text;
}

/** The first of some names that the constraints do not allow, or undefined where all pass (RFC 5280 §4.2.1.10). */
export function findForbiddenName(constraints: NameConstraints, names: ConstrainedNames): string | undefined {
  const { permitted, excluded } = constraints;
  if (isTooMuch(constraints, names)) return 'more names than are judged';
  const forbidden =
    findForbiddenDns(names.dns, constraints) ??
    findOutside(names.ip, { permitted: permitted.ip, excluded: excluded.ip, inside: ipInside }) ??
    findOutside(names.email, { permitted: permitted.email, excluded: excluded.email, inside: emailInside }) ??
    findForbiddenUri(names.uri, constraints) ??
    findForbiddenDirectory(names.directory, constraints);
  if (forbidden !== undefined) return forbidden;
  const unjudged = permitted.others + excluded.others > 0 && (names.others ?? 0) > 0;
  return unjudged ? 'a name of a form that is not judged here' : undefined;
}
