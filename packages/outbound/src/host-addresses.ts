import { describeFailure, isFailedAnswer, lookupAddresses, type Resolver, traceDns } from '@mox/dns';
import type { TraceStep } from '@mox/runtime';

/** Addresses of a host in the order they are to be tried, or why there are none. */
export interface HostAddresses {
  /** `none`: the DNS says that there are none. `failed`: it could not be asked. */
  readonly status: 'ok' | 'none' | 'failed';
  readonly addresses: readonly string[];
  readonly problem?: string;
  readonly step: TraceStep;
}

/** Takes from both in turns, in the order of each: a family that leads nowhere costs one try before the other has its turn (RFC 8305 §4). */
export function interleaveAddresses(ipv6: readonly string[], ipv4: readonly string[]): readonly string[] {
  const length = Math.max(ipv6.length, ipv4.length);
  return Array.from({ length }, (_, i) => [ipv6[i], ipv4[i]].filter((address) => address !== undefined)).flat();
}

/** Looks the addresses of a host up: IPv6 and IPv4 (RFC 5321 §5.2). What is bogus is none. Rejects with the reason of an aborted signal. */
export async function lookupHostAddresses(
  host: string,
  deps: { readonly resolver: Resolver; readonly signal?: AbortSignal },
): Promise<HostAddresses> {
  const { ipv4, ipv6 } = await lookupAddresses(deps.resolver, host, deps.signal ? { signal: deps.signal } : {});
  const dns = [traceDns(host, 'AAAA', ipv6), traceDns(host, 'A', ipv4)];
  const [six, four] = [ipv6, ipv4].map((answer) => (isFailedAnswer(answer) ? [] : answer.records.map(({ data }) => data)));
  const addresses = interleaveAddresses(six ?? [], four ?? []);
  const step = { step: `addresses of ${host}`, rfc: 'RFC 5321 §5.2', dns };
  if (addresses.length > 0) return { status: 'ok', addresses, step: { ...step, outcome: addresses.slice(0, 16).join(', ') } };
  const failed = [ipv4, ipv6].find(isFailedAnswer);
  const status = failed ? 'failed' : 'none';
  const problem = failed ? `the addresses of ${host} could not be looked up: ${describeFailure(failed)}` : `${host} has no address`;
  return { status, addresses, problem, step: { ...step, outcome: status, detail: problem } };
}
