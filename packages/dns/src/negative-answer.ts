import type { RecordType } from './record.ts';
import type { DnsAnswer, DnsStatus } from './resolver.ts';

const negative: ReadonlySet<DnsStatus> = new Set(['nodata', 'nxdomain', 'malformed-name']);

/** A status, with what DNSSEC says against the answer in its place. */
export type ReportedStatus = DnsStatus | 'bogus';

/** The status of an answer for people and traces: `bogus` where validation failed, whatever the server said. */
export function reportedStatus(answer: Pick<DnsAnswer<RecordType>, 'status' | 'security'>): ReportedStatus {
  return answer.security === 'bogus' ? 'bogus' : answer.status;
}

/**
 * Whether the DNS says that there is nothing (RFC 2308 §2): no such name, none of the type, or a name that nobody can have; an `ok`
 * without records too. A forged "no such name" is no such answer: `isFailedAnswer` has it.
 */
export function isNegativeAnswer(answer: DnsAnswer<RecordType>): boolean {
  if (answer.security === 'bogus') return false;
  return answer.status === 'ok' ? answer.records.length === 0 : negative.has(answer.status);
}

/**
 * Whether the answer could not be had, so that nothing is known and a later attempt may do better: the servers failed, or what they
 * said is bogus (RFC 4035 §5.5), be it records or that there are none. What is neither this nor `isNegativeAnswer` has records.
 */
export function isFailedAnswer(answer: DnsAnswer<RecordType>): boolean {
  return answer.security === 'bogus' || !(answer.status === 'ok' || negative.has(answer.status));
}

/** Why an answer could not be had: the words that came with it, else `reportedStatus`. For an answer that failed. */
export function describeFailure(answer: DnsAnswer<RecordType>): string {
  return answer.problem ?? reportedStatus(answer);
}
