import { type QueryOptions, traceDns } from '@mox/dns';
import type { Trace, TraceStep } from '@mox/runtime';
import { parseIp } from '@mox/syntax';
import { type DnsListDeps, entryLabels, judgeEntry } from './check-list.ts';

/** What a list lists. */
export type DnsListKind = 'ipv4' | 'ipv6' | 'domain';

/** What `checkDnsListHealth` found: `broken` lists are not to be used until somebody has looked. */
export interface DnsListHealth {
  readonly status: 'working' | 'broken' | 'temperror';
  readonly problem?: string;
  readonly trace: Trace;
}

function ipLabels(address: string): string {
  const parsed = parseIp(address);
  return parsed ? entryLabels(parsed) : address;
}

/** Entries that every list must have, and must not have (RFC 5782 §5). */
const testEntries: Readonly<Record<DnsListKind, readonly { readonly labels: string; readonly listed: boolean }[]>> = {
  ipv4: [
    { labels: /* @__PURE__ */ ipLabels('127.0.0.2'), listed: true },
    { labels: /* @__PURE__ */ ipLabels('127.0.0.1'), listed: false },
  ],
  ipv6: [
    { labels: /* @__PURE__ */ ipLabels('::ffff:127.0.0.2'), listed: true },
    { labels: /* @__PURE__ */ ipLabels('::ffff:127.0.0.1'), listed: false },
  ],
  domain: [
    { labels: 'test', listed: true },
    { labels: 'invalid', listed: false },
  ],
};

/**
 * Whether a list still is one, by the test entries of RFC 5782 §5: one that must be there and one that must not, for each kind. A zone that
 * lapsed often answers everything, or nothing. To be asked now and then, not for every message.
 */
export async function checkDnsListHealth(zone: string, kinds: readonly DnsListKind[], deps: DnsListDeps): Promise<DnsListHealth> {
  const options: QueryOptions = deps.signal ? { signal: deps.signal } : {};
  const tests = kinds.flatMap((kind) => testEntries[kind]);
  const steps = await Promise.all(
    tests.map(async ({ labels, listed }): Promise<TraceStep> => {
      const name = `${labels}.${zone.replace(/\.$/, '')}`;
      const answer = await deps.resolver.query(name, 'A', options);
      const { status, problem } = judgeEntry({ zone }, answer);
      const asWanted = status === (listed ? 'listed' : 'not-listed');
      const outcome = asWanted ? 'working' : status === 'temperror' ? 'temperror' : 'broken';
      const detail = problem ?? (asWanted ? undefined : `the entry ${labels} is ${status}`);
      return {
        step: `test entry ${labels} must ${listed ? '' : 'not '}be there`,
        rfc: 'RFC 5782 §5',
        outcome,
        ...(detail !== undefined && { detail }),
        dns: [traceDns(name, 'A', answer)],
      };
    }),
  );
  const fault = steps.find(({ outcome }) => outcome === 'broken') ?? steps.find(({ outcome }) => outcome === 'temperror');
  const status = fault === undefined ? 'working' : fault.outcome === 'broken' ? 'broken' : 'temperror';
  const problem = fault?.detail;
  return {
    status,
    ...(problem !== undefined && { problem }),
    trace: [{ step: `health of list ${zone}`, rfc: 'RFC 5782 §5', outcome: status, steps }],
  };
}
