import type { DiscoveryMethod } from './queries.ts';
import type { DmarcPolicy } from './record.ts';

/** The two forms of aggregate reports: that of RFC 9990 appendix A, with its namespace, and that of RFC 7489 appendix C. */
export type AggregateForm = 'rfc9990' | 'rfc7489';

/** The policy that a report is about, as it was found (RFC 9990 §3.1.1.5). */
export interface ReportedPolicy {
  /** The DMARC Policy Domain, as A-labels. */
  readonly domain: string;
  readonly discoveryMethod?: DiscoveryMethod;
  readonly p: DmarcPolicy;
  readonly sp?: DmarcPolicy;
  readonly np?: DmarcPolicy;
  readonly adkim?: 'r' | 's';
  readonly aspf?: 'r' | 's';
  readonly fo?: string;
  /** Whether the record has `t=y`. */
  readonly testing?: boolean;
  /** Of RFC 7489 only. */
  readonly pct?: number;
}

/** What was done with messages: `pass` is of RFC 9990 only, for those that pass DMARC under a policy other than `none`. */
export type ReportedDisposition = 'none' | 'pass' | 'quarantine' | 'reject';

/** Why the policy was not applied (RFC 9990 §3.1.6; `forwarded` and `sampled_out`: RFC 7489 appendix C). */
export type OverrideType =
  | 'local_policy'
  | 'mailing_list'
  | 'other'
  | 'policy_test_mode'
  | 'trusted_forwarder'
  | 'forwarded'
  | 'sampled_out';

/** A reason why the policy was not applied (RFC 9990 §3.1.1.14). */
export interface OverrideReason {
  readonly type: OverrideType | (string & {});
  readonly comment?: string;
}

/** A DKIM signature and what came of it (RFC 9990 §3.1.1.12). */
export interface ReportedDkim {
  readonly domain: string;
  /** RFC 9990 wants it always. */
  readonly selector?: string;
  /** As RFC 8601 §2.7.1 has them. */
  readonly result: string;
  readonly humanResult?: string;
}

/** What came of SPF (RFC 9990 §3.1.1.13). */
export interface ReportedSpf {
  readonly domain: string;
  /** RFC 9990 knows `mfrom` alone. */
  readonly scope?: 'mfrom' | 'helo';
  /** As RFC 8601 §2.7.2 has them. */
  readonly result: string;
  readonly humanResult?: string;
}

/** Messages alike in all that is reported (RFC 9990 §3.1.1.7). */
export interface AggregateRecord {
  /** In the form of RFC 5952, where it is an address. */
  readonly sourceIp: string;
  readonly count: number;
  readonly disposition: ReportedDisposition;
  /** Whether there was an aligned pass, by DKIM and by SPF. */
  readonly dkim: 'pass' | 'fail';
  readonly spf: 'pass' | 'fail';
  readonly reasons: readonly OverrideReason[];
  readonly headerFrom: string;
  /** Empty for the null reverse-path. */
  readonly envelopeFrom?: string;
  readonly envelopeTo?: string;
  readonly dkimResults: readonly ReportedDkim[];
  readonly spfResults: readonly ReportedSpf[];
}

/** An aggregate report: what a receiver saw of the mail of one policy domain (RFC 9990 §3.1). */
export interface AggregateReport {
  readonly organizationName: string;
  readonly email: string;
  readonly extraContactInfo?: string;
  /** Unique among the reports to a domain (RFC 9990 §3.5.1). */
  readonly reportId: string;
  /** Start and end of the time reported about, in milliseconds; written in whole seconds. */
  readonly start: number;
  readonly end: number;
  /** What was wrong with the domain's record (RFC 9990 §3.1.5). */
  readonly errors: readonly string[];
  /** Name and version of the program that made the report. */
  readonly generator?: string;
  readonly policy: ReportedPolicy;
  readonly records: readonly AggregateRecord[];
}

/** Something in a report that its RFC does not allow, and that the parser coped with. */
export interface AggregateReportDefect {
  /** Where it is, e.g. `record[0].row.count`; `xml` where the document is not well-formed. */
  readonly path: string;
  readonly problem: string;
}

/** A report that was read, with what was odd about it. */
export interface ParsedAggregateReport {
  readonly form: AggregateForm;
  readonly report: AggregateReport;
  readonly defects: readonly AggregateReportDefect[];
}

/** The namespace of RFC 9990 §6.1. */
export const aggregateNamespace = 'urn:ietf:params:xml:ns:dmarc-2.0';
