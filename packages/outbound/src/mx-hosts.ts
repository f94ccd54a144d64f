import { type DnsAnswer, describeFailure, isFailedAnswer, type Resolver, traceDns } from '@mox/dns';
import { parseDomain } from '@mox/idna';
import type { Random, Trace, TraceStep } from '@mox/runtime';
import { parseIp } from '@mox/syntax';

/** A host that takes mail for a next hop. */
export interface MxHost {
  /** Its name as A-labels, or its address where the next hop is an address literal. */
  readonly name: string;
  readonly preference: number;
}

/** Hosts of a next hop in the order they are to be tried, or why there are none. */
export type MxHosts =
  | {
      readonly status: 'hosts';
      readonly hosts: readonly MxHost[];
      /** `mx`: by MX records. `implicit`: the domain itself, having none. `literal`: an address. */
      readonly by: 'mx' | 'implicit' | 'literal';
      /** The domain as A-labels; empty for an address literal. */
      readonly domain: string;
      /** The name that the domain leads to by CNAME. */
      readonly expanded?: string;
      /** Whether DNSSEC validated the answer and all aliases that led to it. */
      readonly secure: boolean;
      readonly trace: Trace;
    }
  | {
      readonly status: 'failed' | 'deferred';
      /** RFC 3463, e.g. `5.1.10`. */
      readonly code: string;
      readonly problem: string;
      readonly trace: Trace;
    };

/** What ordering the hosts needs besides the answer. */
export interface MxRules {
  /** Names of this host: it and the less preferred are left out (RFC 5321 §5.1). */
  readonly ownNames: readonly string[];
  readonly random: Random;
  /** Most hosts that are kept. Default 10. */
  readonly mostHosts?: number;
}

type Verdict =
  | {
      readonly status: 'hosts';
      readonly hosts: readonly MxHost[];
      readonly implicit: boolean;
      readonly detail?: string;
      readonly rfc?: string;
    }
  | { readonly status: 'failed' | 'deferred'; readonly code: string; readonly problem: string; readonly rfc: string };

const section = 'RFC 5321 §5.1';

function fail(code: string, problem: string, rfc: string = section): Verdict {
  return { status: code.startsWith('4') ? 'deferred' : 'failed', code, problem, rfc };
}

/** A host name of an MX record, if it can be one: RFC 5321 §5.1 wants a domain name, so addresses are none. */
function hostName(exchange: string): string | undefined {
  if (parseIp(exchange)) return undefined;
  const domain = parseDomain(exchange, { underscore: true, trailingDot: true });
  return domain.ok ? domain.value.ascii.toLowerCase() : undefined;
}

/** By preference; those of one preference in random order; each name once. */
function sortHosts(hosts: readonly MxHost[], random: Random): MxHost[] {
  const bytes = random.bytes(4 * hosts.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sorted = hosts.map((host, i) => ({ host, key: view.getUint32(4 * i) }));
  sorted.sort((a, b) => a.host.preference - b.host.preference || a.key - b.key);
  const seen = new Set<string>();
  return sorted.flatMap(({ host }) => (seen.has(host.name) ? [] : [(seen.add(host.name), host)]));
}

/** Judges the records of a domain (RFC 5321 §5.1, RFC 7505 §3). */
function judgeRecords(answer: DnsAnswer<'MX'>, rules: MxRules): Verdict {
  const records = answer.records.map(({ data }) => data);
  const isRoot = (exchange: string): boolean => exchange === '' || exchange === '.';
  if (records.length === 1 && records[0] && isRoot(records[0].exchange))
    return fail('5.1.10', 'the domain accepts no mail (null MX)', 'RFC 7505 §3');
  const named = records.map(({ preference, exchange }) => ({ preference, name: hostName(exchange) }));
  const usable = named.filter((host): host is MxHost => host.name !== undefined && host.name !== '');
  if (usable.length === 0) return fail('5.4.4', 'none of the MX records of the domain has the name of a host');
  const sorted = sortHosts(usable, rules.random);
  const own = new Set(rules.ownNames.map((name) => name.toLowerCase()));
  const limit = sorted.find(({ name }) => own.has(name))?.preference ?? Number.POSITIVE_INFINITY;
  const others = sorted.filter(({ preference }) => preference < limit);
  if (others.length === 0) return fail('5.4.6', 'mail for the domain loops back to this host');
  const hosts = others.slice(0, rules.mostHosts ?? 10);
  const notes = [
    ...(usable.length < records.length ? [`${records.length - usable.length} records without a host name`] : []),
    ...(others.length < sorted.length ? ['this host and less preferred ones left out'] : []),
    ...(hosts.length < others.length ? [`${others.length - hosts.length} hosts beyond the limit`] : []),
  ];
  return { status: 'hosts', hosts, implicit: false, ...(notes.length > 0 ? { detail: notes.join('; ') } : {}) };
}

/** Judges the answer to the MX question of a domain, given as A-labels (RFC 5321 §5.1). */
export function judgeMxAnswer(domain: string, answer: DnsAnswer<'MX'>, rules: MxRules): Verdict {
  // RFC 7672 §2.1.1: an answer whose security could not be found out is none.
  if (isFailedAnswer(answer) || answer.security === 'indeterminate')
    return fail('4.4.3', `the MX records of ${domain} could not be looked up: ${describeFailure(answer)}`, 'RFC 7672 §2.1.2');
  if (answer.status === 'nxdomain') return fail('5.1.2', `the domain ${domain} does not exist`);
  if (answer.status === 'malformed-name') return fail('5.1.2', `${domain} is no name that the DNS can have`);
  if (answer.records.length > 0) return judgeRecords(answer, rules);
  if (rules.ownNames.some((name) => name.toLowerCase() === domain)) return fail('5.4.6', 'mail for the domain loops back to this host');
  return { status: 'hosts', hosts: [{ name: domain, preference: 0 }], implicit: true, detail: 'no MX record: the domain itself' };
}

function literalHosts(nextHop: string): MxHosts {
  const address = parseIp(nextHop.slice(1, -1).replace(/^IPv6:/i, ''));
  const step: TraceStep = { step: `next hop ${nextHop}`, rfc: 'RFC 5321 §4.1.3', outcome: address ? 'address literal' : 'malformed' };
  if (!address) return { status: 'failed', code: '5.1.2', problem: `${nextHop} is no address literal`, trace: [step] };
  const name = nextHop.slice(1, -1).replace(/^IPv6:/i, '');
  return { status: 'hosts', hosts: [{ name, preference: 0 }], by: 'literal', domain: '', secure: false, trace: [step] };
}

/**
 * Finds the hosts that mail for a next hop goes to, in the order they are to be tried (RFC 5321 §5.1). The next hop is a domain, or an
 * address literal. Rejects with the reason of an aborted signal.
 */
export async function lookupMxHosts(
  nextHop: string,
  deps: MxRules & { readonly resolver: Resolver; readonly signal?: AbortSignal },
): Promise<MxHosts> {
  if (nextHop.startsWith('[') && nextHop.endsWith(']')) return literalHosts(nextHop);
  const parsed = parseDomain(nextHop, { underscore: true, trailingDot: true });
  if (!parsed.ok) {
    const problem = `the domain cannot be one: ${parsed.error.message}`;
    return {
      status: 'failed',
      code: '5.1.2',
      problem,
      trace: [{ step: 'MX look-up', rfc: section, outcome: 'malformed', detail: problem }],
    };
  }
  const domain = parsed.value.ascii.toLowerCase();
  const answer = await deps.resolver.query(domain, 'MX', deps.signal ? { signal: deps.signal } : {});
  const verdict = judgeMxAnswer(domain, answer, deps);
  const dns = [traceDns(domain, 'MX', answer)];
  const step = { step: `MX look-up of ${domain}`, rfc: verdict.rfc ?? section, dns };
  if (verdict.status !== 'hosts') {
    const { status, code, problem } = verdict;
    return { status, code, problem, trace: [{ ...step, outcome: `${status}, ${code}`, detail: problem }] };
  }
  const { hosts, implicit, detail } = verdict;
  const outcome = hosts.map(({ name, preference }) => `${preference} ${name}`).join(', ');
  const expanded = answer.aliases.at(-1);
  const trace = [{ ...step, outcome, ...(detail === undefined ? {} : { detail }) }];
  const secure = answer.security === 'secure';
  return {
    status: 'hosts',
    hosts,
    by: implicit ? 'implicit' : 'mx',
    domain,
    secure,
    trace,
    ...(expanded === undefined ? {} : { expanded }),
  };
}
