import { cidrContains, formatIp, type IpAddress, parseIp } from '@mox/syntax';
import { expandMacroString, type MacroLetter, type MacroString, truncateDomainName } from './macro.ts';
import { answerKind, type SpfQueries } from './queries.ts';

/** Who is checked, with what macros expand to. */
export interface SpfSubject {
  readonly ip: IpAddress;
  readonly localpart: string;
  readonly senderDomain: string;
  readonly helo: string;
  readonly receiver: string;
  /** Time of the check in seconds. */
  readonly nowSeconds: number;
}

/** Whether a name is a domain or below it; both in lower case. */
export function isWithin(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

function sameAddress(text: string, ip: IpAddress): boolean {
  const address = parseIp(text);
  return address !== undefined && cidrContains({ address, prefixLength: ip.version === 4 ? 32 : 128 }, ip);
}

/** The macro `i` (RFC 7208 §7.3): hexadecimal digits with dots between for IPv6. */
function dottedIp(ip: IpAddress): string {
  if (ip.version === 4) return formatIp(ip);
  return Array.from(ip.bytes, (byte) => `${(byte >>> 4).toString(16)}.${(byte & 15).toString(16)}`)
    .join('.')
    .toUpperCase();
}

type MacroValue = (client: SpfClient, domain: string) => string | Promise<string>;

const macroValues: Readonly<Record<MacroLetter, MacroValue>> = {
  s: ({ subject }) => `${subject.localpart}@${subject.senderDomain}`,
  l: ({ subject }) => subject.localpart,
  o: ({ subject }) => subject.senderDomain,
  d: (_client, domain) => domain,
  i: ({ subject }) => dottedIp(subject.ip),
  p: (client, domain) => client.validatedName(domain),
  h: ({ subject }) => subject.helo,
  c: ({ subject }) => formatIp(subject.ip),
  r: ({ subject }) => subject.receiver,
  t: ({ subject }) => String(subject.nowSeconds),
  v: ({ subject }) => (subject.ip.version === 4 ? 'in-addr' : 'ip6'),
};

/** The client that is checked: what its address and its names match, and what macros make of it. */
export class SpfClient {
  readonly subject: SpfSubject;
  readonly #queries: SpfQueries;

  constructor(subject: SpfSubject, queries: SpfQueries) {
    this.subject = subject;
    this.#queries = queries;
  }

  /** Expands a macro-string as it is, for an explanation. */
  expand(string: MacroString, domain: string): Promise<string> {
    return expandMacroString(string, (letter) => {
      // These make a result depend on more than domain and address (RFC 7208 §7.3).
      if ('sloh'.includes(letter)) this.#queries.ttlSeconds = 0;
      return macroValues[letter](this, domain);
    });
  }

  /** Expands a domain-spec to a name that can be asked for. */
  async expandDomain(string: MacroString, domain: string): Promise<string> {
    return truncateDomainName(await this.expand(string, domain));
  }

  /** RFC 7208 §5.3: the addresses of a name, of the version of the client's. */
  async hasAddress(name: string, prefixes: { readonly ip4Prefix: number; readonly ip6Prefix: number }): Promise<boolean> {
    const { ip } = this.subject;
    const prefixLength = ip.version === 4 ? prefixes.ip4Prefix : prefixes.ip6Prefix;
    for (const { data } of await this.#queries.lookup(name, ip.version === 4 ? 'A' : 'AAAA')) {
      const address = parseIp(data);
      if (address && cidrContains({ address, prefixLength }, ip)) return true;
    }
    return false;
  }

  /** Names of the client that lead back to it (RFC 7208 §5.5). A failure leaves names out; the limit cuts the rest off. */
  async validatedNames(target: string): Promise<readonly string[]> {
    const { ip } = this.subject;
    const reverse = dottedIp(ip).split('.').reverse().join('.');
    const answer = await this.#queries.ask(`${reverse}.${ip.version === 4 ? 'in-addr' : 'ip6'}.arpa`, 'PTR');
    if (answerKind(answer) === 'void') this.#queries.countVoidLookup();
    if (answerKind(answer) !== 'records') return [];
    const validated: string[] = [];
    for (const { data } of answer.records.slice(0, this.#queries.limits.names)) {
      const addresses = await this.#queries.ask(data, ip.version === 4 ? 'A' : 'AAAA');
      if (answerKind(addresses) !== 'records' || !addresses.records.some((record) => sameAddress(record.data, ip))) continue;
      validated.push(data.toLowerCase());
      if (validated.at(-1) === target.toLowerCase()) break;
    }
    return validated;
  }

  /** The macro `p` (RFC 7208 §7.3): the domain itself, else a name below it, else any validated name. */
  async validatedName(domain: string): Promise<string> {
    const names = await this.validatedNames(domain);
    const lower = domain.toLowerCase();
    return names.find((name) => name === lower) ?? names.find((name) => isWithin(name, lower)) ?? names[0] ?? 'unknown';
  }
}
