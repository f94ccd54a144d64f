import { type DnsAnswer, isFailedAnswer, type QueryOptions, type Resolver, reportedStatus, reverseName, traceDns } from '@mox/dns';
import { parseDomain } from '@mox/idna';
import type { Trace, TraceStep } from '@mox/runtime';
import { equalIps, formatIp, type IpAddress, parseIp, unmapIp } from '@mox/syntax';

/** Outcomes of the method (RFC 8601 §2.7.3). */
export type IprevStatus = 'pass' | 'fail' | 'temperror' | 'permerror';

/** What `checkIprev` found. */
export interface IprevResult {
  readonly status: IprevStatus;
  /** The address looked at, an IPv4-mapped one as IPv4: the value of `policy.iprev`. */
  readonly ip: string;
  /** The name that leads back to the address; the first, where several do. A-labels. */
  readonly name?: string;
  /** Names that the address leads to, in the order they came, those that were not looked at among them. */
  readonly names: readonly string[];
  /** Whether everything the status rests on was validated by DNSSEC. */
  readonly authentic: boolean;
  readonly problem?: string;
  readonly trace: Trace;
}

/** What `checkIprev` is handed. */
export interface IprevDeps {
  readonly resolver: Resolver;
  readonly signal?: AbortSignal;
  /** Names looked up, the others are passed over (RFC 8601 §3); 10 unless told. */
  readonly nameLimit?: number;
}

function describe(name: string, answer: DnsAnswer): string {
  return `the look-up of ${name} failed: ${reportedStatus(answer)}${answer.problem === undefined ? '' : ` (${answer.problem})`}`;
}

interface Forward {
  readonly name: string;
  readonly answer: DnsAnswer<'A' | 'AAAA'>;
  readonly matches: boolean;
  readonly step: TraceStep;
}

async function lookupForward(name: string, ip: IpAddress, resolver: Resolver, options: QueryOptions): Promise<Forward> {
  // An address of the other family can never be the one looked for, so nobody is asked for it.
  const type = ip.version === 4 ? 'A' : 'AAAA';
  const answer = await resolver.query(name, type, options);
  const addresses = answer.records.map(({ data }) => parseIp(data));
  const matches = !isFailedAnswer(answer) && addresses.some((address) => address !== undefined && equalIps(address, ip));
  const dns = [traceDns(name, type, answer)];
  const outcome = isFailedAnswer(answer) ? 'temperror' : matches ? 'match' : 'no match';
  return { name, answer, matches, step: { step: `forward look-up of ${name}`, rfc: 'RFC 8601 §3', outcome, dns } };
}

type Verdict = Pick<IprevResult, 'status' | 'authentic'> & Partial<Pick<IprevResult, 'name' | 'problem'>>;

/** The status by the reverse look-up alone, where that is the end (RFC 8601 §2.7.3). */
function judgeReverse(name: string, answer: DnsAnswer<'PTR'>): Verdict | undefined {
  if (isFailedAnswer(answer)) return { status: 'temperror', authentic: false, problem: describe(name, answer) };
  if (answer.records.length > 0) return undefined;
  return { status: 'permerror', authentic: answer.security === 'secure', problem: 'the address has no name' };
}

function judgeForward(reverse: DnsAnswer<'PTR'>, forwards: readonly Forward[]): Verdict {
  const secure = (answers: readonly DnsAnswer[]): boolean => [reverse, ...answers].every(({ security }) => security === 'secure');
  const match = forwards.find(({ matches }) => matches);
  if (match) return { status: 'pass', name: match.name, authentic: secure([match.answer]) };
  const error = forwards.find(({ answer }) => isFailedAnswer(answer));
  if (error) return { status: 'temperror', authentic: false, problem: describe(error.name, error.answer) };
  const authentic = secure(forwards.map(({ answer }) => answer));
  return { status: 'fail', authentic, problem: 'no name of the address leads back to it' };
}

/**
 * Whether a name of an address leads back to it (RFC 8601 §3): names by PTR, addresses of each by A or AAAA. Names that no host can
 * have are passed over. Throws a TypeError where `ip` is no address, and rejects with the reason of an aborted signal.
 */
export async function checkIprev(client: { readonly ip: string }, deps: IprevDeps): Promise<IprevResult> {
  const parsed = parseIp(client.ip);
  if (!parsed) throw new TypeError(`no IP address: ${client.ip}`);
  const ip = unmapIp(parsed);
  const options: QueryOptions = deps.signal ? { signal: deps.signal } : {};
  const pointer = reverseName(ip);
  const reverse = await deps.resolver.query(pointer, 'PTR', options);
  const names = [...new Set(reverse.records.map(({ data }) => data))];
  const hosts = names.filter((name) => parseDomain(name, { underscore: true }).ok).slice(0, deps.nameLimit ?? 10);
  const early = judgeReverse(pointer, reverse);
  const forwards = early ? [] : await Promise.all(hosts.map((name) => lookupForward(name, ip, deps.resolver, options)));
  const verdict = early ?? judgeForward(reverse, forwards);
  const step: TraceStep = {
    step: `reverse look-up of ${formatIp(ip)}`,
    rfc: 'RFC 8601 §3',
    outcome: early?.status ?? `${names.length} names, ${hosts.length} of them looked up`,
    dns: [traceDns(pointer, 'PTR', reverse)],
  };
  const steps = [step, ...forwards.map((forward) => forward.step)];
  const trace: Trace = [
    {
      step: 'iprev',
      rfc: 'RFC 8601 §2.7.3',
      inputs: { ip: formatIp(ip) },
      outcome: verdict.status,
      ...(verdict.problem && { detail: verdict.problem }),
      steps,
    },
  ];
  return { ip: formatIp(ip), names, ...verdict, trace };
}
