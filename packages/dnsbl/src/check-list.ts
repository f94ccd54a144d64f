import {
  type DnsAnswer,
  type DnssecStatus,
  isFailedAnswer,
  isNegativeAnswer,
  type QueryOptions,
  type Resolver,
  reportedStatus,
  reverseLabels,
  traceDns,
} from '@mox/dns';
import { parseDomain } from '@mox/idna';
import { concatBytes, type Trace, type TraceDns, toUtf8 } from '@mox/runtime';
import { formatIp, type IpAddress, parseIp, unmapIp } from '@mox/syntax';
import { classifyValue, compileSelection, type DnsList } from './dns-list.ts';

/**
 * - `listed`: there is an entry that counts.
 * - `not-listed`: there is none, or none that counts.
 * - `temperror`: the list could not be asked; a later attempt may do better.
 * - `permerror`: the list does not answer us, or answers as no list does; somebody has to look.
 */
export type DnsListStatus = 'listed' | 'not-listed' | 'temperror' | 'permerror';

/** What `checkDnsList` found. */
export interface DnsListResult {
  readonly status: DnsListStatus;
  /** Zone of the list. */
  readonly zone: string;
  /** Values of the A records of the entry, those that do not count among them. */
  readonly values: readonly string[];
  /** Texts of the TXT records of the entry, each cut at 500 characters, no more than five; for people (RFC 5782 §2.1). */
  readonly reasons: readonly string[];
  /** What DNSSEC says of the answer that the status rests on. */
  readonly security: DnssecStatus;
  readonly problem?: string;
  readonly trace: Trace;
}

/** What is looked for in a list: an address (RFC 5782 §2.1, §2.4) or a domain (RFC 5782 §3). */
export type DnsListSubject = { readonly ip: string } | { readonly domain: string };

/** What `checkDnsList` is handed. */
export interface DnsListDeps {
  readonly resolver: Resolver;
  readonly signal?: AbortSignal;
}

const longestReason = 500;
const reasonLimit = 5;

/** The labels of an address as entries have them; of an IPv4-mapped address too, which the tests of RFC 5782 §5 need. */
export function entryLabels(address: IpAddress): string {
  return reverseLabels(address);
}

function subjectLabels(subject: DnsListSubject): string {
  if ('ip' in subject) {
    const address = parseIp(subject.ip);
    if (!address) throw new TypeError(`no IP address: ${subject.ip}`);
    return entryLabels(unmapIp(address));
  }
  const domain = parseDomain(subject.domain, { underscore: true, trailingDot: true });
  if (!domain.ok) throw new TypeError(`no domain: ${subject.domain}`);
  return domain.value.ascii;
}

/** The name of the entry for an address or a domain in a list (RFC 5782 §2.1, §2.4, §3). A TypeError where it is neither. */
export function dnsListName(subject: DnsListSubject, zone: string): string {
  return `${subjectLabels(subject)}.${zone.replace(/\.$/, '')}`;
}

type Judged = Pick<DnsListResult, 'status'> & Partial<Pick<DnsListResult, 'problem'>>;

/** The status by the answer for A records (RFC 5782 §2.1, RFC 8904 §2). */
export function judgeEntry(list: DnsList, answer: DnsAnswer<'A'>): Judged {
  const status = reportedStatus(answer);
  if (status === 'refused') return { status: 'permerror', problem: 'the list refuses to answer' };
  if (isFailedAnswer(answer)) {
    const words = answer.problem === undefined ? '' : ` (${answer.problem})`;
    return { status: 'temperror', problem: `the look-up failed: ${status}${words}` };
  }
  if (status === 'malformed-name') return { status: 'not-listed', problem: 'the name would be too long for DNS' };
  if (isNegativeAnswer(answer)) return { status: 'not-listed' };
  const values = answer.records.flatMap(({ data }) => parseIp(data) ?? []);
  const kinds = values.map((value) => classifyValue(value, list));
  if (kinds.includes('foreign')) return { status: 'permerror', problem: 'the values of the entry are none of a list' };
  if (kinds.includes('refusal')) return { status: 'permerror', problem: 'the list refuses to answer' };
  if (values.some(compileSelection(list))) return { status: 'listed' };
  return { status: 'not-listed', problem: 'no entry that counts' };
}

async function lookupReasons(name: string, resolver: Resolver, options: QueryOptions): Promise<{ reasons: string[]; dns: TraceDns }> {
  const answer = await resolver.query(name, 'TXT', options);
  // RFC 8904 §3: these texts may be UTF-8. What somebody forged is shown to nobody.
  const texts = isFailedAnswer(answer) ? [] : answer.records;
  const reasons = texts.slice(0, reasonLimit).map(({ data }) => toUtf8(concatBytes(data)).slice(0, longestReason));
  return { reasons, dns: traceDns(name, 'TXT', answer) };
}

/**
 * Whether a list has an entry for an address or a domain, and why (RFC 5782 §2, §3). IPv4-mapped addresses are looked up as IPv4.
 * Throws a TypeError for a subject that is neither address nor domain, and rejects with the reason of an aborted signal.
 */
export async function checkDnsList(subject: DnsListSubject, list: DnsList, deps: DnsListDeps): Promise<DnsListResult> {
  const options: QueryOptions = deps.signal ? { signal: deps.signal } : {};
  const name = dnsListName(subject, list.zone);
  const answer = await deps.resolver.query(name, 'A', options);
  const judged = judgeEntry(list, answer);
  // RFC 5782 §2.1: TXT records are there where A records are; asking for them first would double the questions.
  const told = judged.status === 'listed' ? await lookupReasons(name, deps.resolver, options) : undefined;
  const shown =
    'ip' in subject
      ? { ip: formatIp(unmapIp(parseIp(subject.ip) ?? { version: 4, bytes: new Uint8Array(4) })) }
      : { domain: subject.domain };
  return {
    ...judged,
    zone: list.zone,
    values: answer.records.map(({ data }) => data),
    reasons: told?.reasons ?? [],
    security: answer.security,
    trace: [
      {
        step: `list ${list.zone}`,
        rfc: 'domain' in subject ? 'RFC 5782 §3' : 'RFC 5782 §2.1',
        inputs: shown,
        outcome: judged.status,
        ...(judged.problem !== undefined && { detail: judged.problem }),
        dns: [traceDns(name, 'A', answer), ...(told ? [told.dns] : [])],
      },
    ],
  };
}

/** Asks several lists at once; results in the order of the lists. */
export function checkDnsLists(subject: DnsListSubject, lists: readonly DnsList[], deps: DnsListDeps): Promise<readonly DnsListResult[]> {
  return Promise.all(lists.map((list) => checkDnsList(subject, list, deps)));
}
