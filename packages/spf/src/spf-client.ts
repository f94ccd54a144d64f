import { reverseName } from '@mox/dns';
import { parseDomain } from '@mox/idna';
import { cidrContains, equalIps, formatIp, type IpAddress, ipv4Bits, parseIp } from '@mox/syntax';
import { expandDomainSpec, expandExplanation, type MacroLetter, type MacroString, truncateDomainName, usesMacro } from './macro.ts';
import type { ReadMechanism } from './mechanism.ts';
import { answerKind, type SpfProblem, type SpfQueries } from './queries.ts';
import { countLabels, isAscii, isWithin } from './target-name.ts';

/** Who is checked, with what macros expand to. */
export interface SpfSubject {
  readonly ip: IpAddress;
  /** `localpart@domain`; either may be missing, and then the "@" too. */
  readonly sender: string;
  readonly helo: string;
  readonly receiver: string;
  /** Time of the check in seconds. */
  readonly nowSeconds: number;
}

/** U-labels become A-labels (RFC 8616 §4), a dot at the end goes; what is no domain name stays as it is, and is none. */
export function asciiDomain(text: string): string {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (isAscii(name)) return name;
  const domain = parseDomain(name, { underscore: true });
  return domain.ok ? domain.value.ascii : name;
}

/** The macro `i` (RFC 7208 §7.3): hexadecimal digits with dots between for IPv6. */
function dottedIp(ip: IpAddress): string {
  if (ip.version === 4) return formatIp(ip);
  return Array.from(ip.bytes, (byte) => `${(byte >>> 4).toString(16)}.${(byte & 15).toString(16)}`)
    .join('.')
    .toUpperCase();
}

const macroValues: Readonly<Record<MacroLetter, (client: SpfClient, domain: string) => string>> = {
  s: (client) => `${client.localpart}@${client.senderDomain}`,
  l: (client) => client.localpart,
  o: (client) => client.senderDomain,
  d: (_client, domain) => domain,
  i: ({ subject }) => dottedIp(subject.ip),
  p: (client) => client.validatedName,
  h: ({ subject }) => subject.helo,
  c: ({ subject }) => formatIp(subject.ip),
  r: ({ subject }) => subject.receiver,
  t: ({ subject }) => String(subject.nowSeconds),
  v: ({ subject }) => (subject.ip.version === 4 ? 'in-addr' : 'ip6'),
};

/** The client that is checked: what its address and its names match, and what macros make of it. */
export class SpfClient {
  readonly subject: SpfSubject;
  /** The macro `p`, as `learnName` found it last. */
  validatedName = 'unknown';
  readonly #queries: SpfQueries;
  readonly #ip4Bits: number | undefined;
  #senderDomain: string | undefined;
  #reverseNames: readonly string[] | 'void' | undefined;
  #validated: Map<string, boolean> | undefined;

  constructor(subject: SpfSubject, queries: SpfQueries) {
    this.subject = subject;
    this.#queries = queries;
    this.#ip4Bits = ipv4Bits(subject.ip);
  }

  /** RFC 7208 §4.3: `postmaster` where the sender has none. */
  get localpart(): string {
    const { sender } = this.subject;
    const at = sender.lastIndexOf('@');
    return at > 0 ? sender.slice(0, at) : 'postmaster';
  }

  get senderDomain(): string {
    const { sender } = this.subject;
    this.#senderDomain ??= asciiDomain(sender.slice(sender.lastIndexOf('@') + 1));
    return this.#senderDomain;
  }

  /** Whether a domain-spec has a localpart beyond ASCII in it, and so matches nothing (RFC 8616 §4). */
  needsAsciiLocalpart(string: MacroString): boolean {
    return usesMacro(string, 'sl') && !isAscii(this.localpart);
  }

  #values(string: MacroString, domain: string): (letter: MacroLetter) => string {
    // These make a result depend on more than domain and address (RFC 7208 §7.3).
    if (usesMacro(string, 'sloh')) this.#queries.ttlSeconds = 0;
    return (letter) => macroValues[letter](this, domain);
  }

  /** Expands an explain-string. Where it has the macro `p`, `learnName` comes first. */
  expandExplanation(string: MacroString, domain: string): string {
    return expandExplanation(string, this.#values(string, domain));
  }

  /** Expands a domain-spec to a name that can be asked for. Where it has the macro `p`, `learnName` comes first. */
  expandDomain(string: MacroString, domain: string): string {
    const [only = ''] = string.items;
    if (string.items.length === 1 && typeof only === 'string') return truncateDomainName(only);
    return expandDomainSpec(string, this.#values(string, domain));
  }

  /** RFC 7208 §5.6: whether the client's address is in the network of an `ip4` or `ip6`. */
  isInNetwork({ type, ip4Bits: bits, ip4Prefix, ip6, ip6Prefix }: ReadMechanism): boolean {
    if (type === 'ip6') return ip6 !== undefined && cidrContains({ address: ip6, prefixLength: ip6Prefix }, this.subject.ip);
    // A shift by 32 bits would be none.
    return this.#ip4Bits !== undefined && (ip4Prefix === 0 || (this.#ip4Bits ^ bits) >>> (32 - ip4Prefix) === 0);
  }

  /** RFC 7208 §5.3: whether a name has the client's address, looked up in its version. */
  async hasAddress(name: string, prefixes: { readonly ip4Prefix: number; readonly ip6Prefix: number }): Promise<boolean | SpfProblem> {
    const { ip } = this.subject;
    const prefixLength = ip.version === 4 ? prefixes.ip4Prefix : prefixes.ip6Prefix;
    const records = await this.#queries.lookup(name, ip.version === 4 ? 'A' : 'AAAA');
    if ('problem' in records) return records;
    return records.some(({ data }) => {
      const address = parseIp(data);
      return address !== undefined && cidrContains({ address, prefixLength }, ip);
    });
  }

  /** RFC 7208 §5.7: whether a name has an address; A records alone, whatever the version of the client's. */
  async exists(name: string): Promise<boolean | SpfProblem> {
    const records = await this.#queries.lookup(name, 'A');
    return 'problem' in records ? records : records.length > 0;
  }

  /** RFC 7208 §5.4: whether a mail exchanger of a name has the client's address. */
  async hasExchangeAddress(
    name: string,
    prefixes: { readonly ip4Prefix: number; readonly ip6Prefix: number },
  ): Promise<boolean | SpfProblem> {
    const records = await this.#queries.lookup(name, 'MX');
    if ('problem' in records) return records;
    const { names } = this.#queries.limits;
    if (records.length > names) return { status: 'permerror', problem: `${name} has more than ${names} MX records` };
    for (const { data } of records) {
      // The null MX (RFC 7505 §3) names no host.
      const found = data.exchange !== '' && (await this.hasAddress(data.exchange, prefixes));
      if (found !== false) return found;
    }
    return false;
  }

  /** RFC 7208 §5.5: whether a name of the client, that leads back to it, is the target or below it. */
  async hasNameWithin(target: string): Promise<boolean | SpfProblem> {
    const names = await this.#lookupNames();
    if ('problem' in names) return names;
    const lower = target.toLowerCase();
    for (const name of names) if (isWithin(name, lower) && (await this.#isValidated(name))) return true;
    return false;
  }

  /** Finds what the macro `p` expands to (RFC 7208 §7.3): the domain itself, else a name below it, else any validated name. */
  async learnName(domain: string): Promise<SpfProblem | undefined> {
    const names = await this.#lookupNames();
    if ('problem' in names) return names;
    const lower = domain.toLowerCase();
    const rank = (name: string): number => (name === lower ? 0 : isWithin(name, lower) ? 1 : 2);
    this.validatedName = 'unknown';
    for (const name of names.toSorted((a, b) => rank(a) - rank(b))) {
      if (!(await this.#isValidated(name))) continue;
      this.validatedName = name;
      break;
    }
    return undefined;
  }

  /** Names of the client's address, no more than the limit (RFC 7208 §4.6.4), asked for once a check; a failure is none (§5.5). */
  async #lookupNames(): Promise<readonly string[] | SpfProblem> {
    this.#reverseNames ??= await this.#askNames();
    return this.#reverseNames === 'void' ? (this.#queries.countVoidLookup() ?? []) : this.#reverseNames;
  }

  async #askNames(): Promise<readonly string[] | 'void'> {
    const answer = await this.#queries.ask(reverseName(this.subject.ip), 'PTR');
    const kind = answerKind(answer);
    if (kind !== 'records') return kind === 'void' ? 'void' : [];
    return answer.records.slice(0, this.#queries.limits.names).map((record) => record.data.toLowerCase());
  }

  /** Whether a name has the client's address; one whose addresses cannot be looked up is passed over (RFC 7208 §5.5). */
  async #isValidated(name: string): Promise<boolean> {
    this.#validated ??= new Map();
    const known = this.#validated.get(name);
    if (known !== undefined) return known;
    if (countLabels(name) === 0) return false;
    const { ip } = this.subject;
    const answer = await this.#queries.ask(name, ip.version === 4 ? 'A' : 'AAAA');
    const validated =
      answerKind(answer) === 'records' &&
      answer.records.some((record) => {
        const address = parseIp(record.data);
        return address !== undefined && equalIps(address, ip);
      });
    this.#validated.set(name, validated);
    return validated;
  }
}
