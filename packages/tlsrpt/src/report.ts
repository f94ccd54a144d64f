import { compress, decompress } from '@mox/encoding';
import { fromUtf8, toUtf8Strict } from '@mox/runtime';
import { ok, parseError, present, type Result } from '@mox/syntax';
import { isObject, type Json, JsonReader, type TlsReportDefect } from './json-reader.ts';
import { findOtherPolicyType, type TlsResultType } from './result-type.ts';

/** The policy that sessions were judged by (RFC 8460 §4.4). */
export interface TlsReportPolicy {
  readonly type: 'tlsa' | 'sts' | 'no-policy-found' | (string & {});
  /** TLSA records in presentation form, or lines of the MTA-STS policy. */
  readonly policy: readonly string[];
  /** The policy domain, as A-labels. */
  readonly domain: string;
  /** Patterns of MX hosts of an MTA-STS policy; MX hosts with TLSA records. */
  readonly mxHosts: readonly string[];
}

/** Sessions that failed in one way (RFC 8460 §4.4). */
export interface TlsFailure {
  readonly resultType: TlsResultType | (string & {});
  readonly sendingMtaIp?: string;
  readonly receivingMxHostname?: string;
  readonly receivingMxHelo?: string;
  readonly receivingIp?: string;
  readonly failedSessions: number;
  readonly additionalInformation?: string;
  readonly failureReasonCode?: string;
}

/** What happened under one policy. */
export interface TlsPolicyResult {
  readonly policy: TlsReportPolicy;
  readonly successfulSessions: number;
  readonly failedSessions: number;
  readonly failures: readonly TlsFailure[];
}

/** A TLS report (RFC 8460 §4.4). */
export interface TlsReport {
  readonly organizationName: string;
  /** Start and end of the time reported about, in milliseconds: a day, from 0 to 24 hours UTC. */
  readonly start: number;
  readonly end: number;
  readonly contactInfo: string;
  readonly reportId: string;
  readonly policies: readonly TlsPolicyResult[];
}

/** A report that was read, with what was odd about it. */
export interface ParsedTlsReport {
  readonly report: TlsReport;
  readonly defects: readonly TlsReportDefect[];
}

const mostReportBytes = 64 << 20;
/** What is packed well by honest reporters too: beyond this, no more than so many times what was sent. */
const ratioFloorBytes = 4 << 20;
const mostRatio = 250;
const mostPolicies = 10_000;
const mostFailures = 100_000;

function readFailure(reader: JsonReader, json: Json, place: { readonly path: string; readonly policyType: string }): TlsFailure {
  const { path, policyType } = place;
  const resultType = reader.text(json, 'result-type', path);
  const other = findOtherPolicyType(resultType, policyType);
  if (other !== undefined) reader.defect(`${path}result-type`, `is ${resultType}, of policies of type ${other}, not ${policyType}`);
  const optional = {
    sendingMtaIp: reader.optionalText(json, 'sending-mta-ip', path),
    receivingMxHostname: reader.optionalText(json, 'receiving-mx-hostname', path),
    receivingMxHelo: reader.optionalText(json, 'receiving-mx-helo', path),
    receivingIp: reader.optionalText(json, 'receiving-ip', path),
    // The examples of RFC 8460 call it additional-info-uri in prose, additional-information in the schema.
    additionalInformation:
      reader.optionalText(json, 'additional-information', path) ?? reader.optionalText(json, 'additional-info-uri', path),
    // Drafts of RFC 8460 called it an error code.
    failureReasonCode: reader.optionalText(json, 'failure-reason-code', path) ?? reader.optionalText(json, 'failure-error-code', path),
  };
  return {
    resultType,
    failedSessions: reader.count(json, 'failed-session-count', path),
    ...present(optional),
  };
}

/** A domain in the one form that domains are compared in. */
function readDomain(reader: JsonReader, json: Json, path: string): string {
  const text = reader.text(json, 'policy-domain', path);
  const domain = text.trim().toLowerCase().replace(/\.$/, '');
  if (domain !== text) reader.defect(`${path}policy-domain`, 'is in upper case, or with a dot or blanks around it');
  return domain;
}

function readPolicy(reader: JsonReader, json: Json, path: string): TlsPolicyResult {
  const policy = reader.object(json, 'policy', path);
  const summary = reader.object(json, 'summary', path);
  const type = reader.text(policy, 'policy-type', `${path}policy.`);
  return {
    policy: {
      type,
      policy: reader.texts(policy, 'policy-string', `${path}policy.`),
      domain: readDomain(reader, policy, `${path}policy.`),
      mxHosts: reader.texts(policy, 'mx-host', `${path}policy.`),
    },
    successfulSessions: reader.count(summary, 'total-successful-session-count', `${path}summary.`),
    failedSessions: reader.count(summary, 'total-failure-session-count', `${path}summary.`),
    failures: reader
      .objects(json, 'failure-details', path, mostFailures)
      .map((failure, i) => readFailure(reader, failure, { path: `${path}failure-details[${i}].`, policyType: type })),
  };
}

/** Reads a TLS report in JSON (RFC 8460 §4.4). What reporters in the wild write otherwise is read all the same, and listed. */
export function parseTlsReport(text: string): Result<ParsedTlsReport> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return parseError(0, `not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(json)) return parseError(0, 'not a JSON object');
  if (!Array.isArray(json['policies'])) return parseError(0, '"policies" is missing: not a TLS report');
  const reader = new JsonReader();
  const range = reader.object(json, 'date-range', '');
  const report: TlsReport = {
    organizationName: reader.text(json, 'organization-name', ''),
    start: reader.time(range, 'start-datetime', 'date-range.'),
    end: reader.time(range, 'end-datetime', 'date-range.'),
    contactInfo: reader.text(json, 'contact-info', ''),
    reportId: reader.text(json, 'report-id', ''),
    policies: reader.objects(json, 'policies', '', mostPolicies).map((policy, i) => readPolicy(reader, policy, `policies[${i}].`)),
  };
  return ok({ report, defects: reader.defects });
}

/** Bounds on a report. */
export interface TlsReportLimits {
  /** Bytes once unpacked: 64 MiB, and 250 times what was sent beyond the first 4 MiB. */
  readonly mostBytes?: number;
}

/** Reads a report as it was sent: JSON, or JSON in gzip (RFC 8460 §5.2). */
export async function readTlsReport(bytes: Uint8Array, limits: TlsReportLimits = {}): Promise<Result<ParsedTlsReport>> {
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const mostUnpacked = packed ? Math.max(ratioFloorBytes, bytes.length * mostRatio) : mostReportBytes;
  const mostBytes = Math.min(limits.mostBytes ?? mostReportBytes, mostUnpacked);
  const plain = packed ? await decompress('gzip', bytes, { mostBytes }) : ok(bytes);
  if (!plain.ok) return plain;
  if (plain.value.length > mostBytes) return parseError(0, `a report of more than ${mostBytes} bytes`);
  const text = toUtf8Strict(plain.value);
  return text === undefined ? parseError(0, 'a report that is not UTF-8') : parseTlsReport(text.replace(/^\ufeff/, ''));
}

/** A failure of the other type of policy is a general one, its kind being the reason (RFC 8460 §4.3.3). */
function fitToPolicy(failure: TlsFailure, policyType: string): TlsFailure {
  const { resultType, failureReasonCode } = failure;
  if (findOtherPolicyType(resultType, policyType) === undefined) return failure;
  const reason = failureReasonCode === undefined ? resultType : `${resultType}: ${failureReasonCode}`;
  return { ...failure, resultType: 'validation-failure', failureReasonCode: reason };
}

function failureJson(failure: TlsFailure): Json {
  return {
    'result-type': failure.resultType,
    'sending-mta-ip': failure.sendingMtaIp,
    'receiving-mx-hostname': failure.receivingMxHostname,
    'receiving-mx-helo': failure.receivingMxHelo,
    'receiving-ip': failure.receivingIp,
    'failed-session-count': failure.failedSessions,
    'additional-information': failure.additionalInformation,
    'failure-reason-code': failure.failureReasonCode,
  };
}

function policyJson(result: TlsPolicyResult): Json {
  const { policy } = result;
  return {
    policy: {
      'policy-type': policy.type,
      'policy-string': policy.policy.length > 0 ? policy.policy : undefined,
      'policy-domain': policy.domain,
      'mx-host': policy.mxHosts.length > 0 ? policy.mxHosts : undefined,
    },
    summary: { 'total-successful-session-count': result.successfulSessions, 'total-failure-session-count': result.failedSessions },
    'failure-details':
      result.failures.length > 0 ? result.failures.map((failure) => failureJson(fitToPolicy(failure, policy.type))) : undefined,
  };
}

function formatTime(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

/** Writes a TLS report as JSON (RFC 8460 §4.4). A failure that is of the other type of policy (RFC 8460 §4.3.2) becomes a general one. */
export function formatTlsReport(report: TlsReport): string {
  return JSON.stringify({
    'organization-name': report.organizationName,
    'date-range': { 'start-datetime': formatTime(report.start), 'end-datetime': formatTime(report.end) },
    'contact-info': report.contactInfo,
    'report-id': report.reportId,
    policies: report.policies.map(policyJson),
  });
}

/** A report ready to be sent (RFC 8460 §5). */
export interface PackedTlsReport {
  /** JSON in gzip. */
  readonly bytes: Uint8Array;
  readonly mediaType: 'application/tlsrpt+gzip';
  readonly filename: string;
  /** Subject field of a mail. */
  readonly subject: string;
  /** The two fields that a mail must have (RFC 8460 §5.3). Its DKIM signature should cover them, and must not use `l`. */
  readonly fields: readonly (readonly [name: 'TLS-Report-Domain' | 'TLS-Report-Submitter', value: string])[];
}

const domainName = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?$/;

function requireDomain(domain: string): string {
  if (!domainName.test(domain)) throw new TypeError(`not a domain name in A-labels: ${JSON.stringify(domain)}`);
  return domain;
}

/** Writes a report identifier as a message identifier; characters that those do not have are left out (RFC 8460 §5.3). */
function formatSubjectId(reportId: string, submitter: string): string {
  const at = reportId.lastIndexOf('@');
  const [left, right] = at < 0 ? [reportId, submitter] : [reportId.slice(0, at), reportId.slice(at + 1)];
  const clean = (text: string): string => text.replace(/[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]/g, '').replace(/^\.+|\.+$|\.(?=\.)/g, '');
  return `${clean(left) || '0'}@${clean(right) || submitter}`;
}

/**
 * Packs a report for the policy domain it is about. The submitter is the domain of `contactInfo` (RFC 8460 §5.3). Throws a TypeError
 * where one of them is no domain name in A-labels.
 */
export async function packTlsReport(report: TlsReport, policyDomain: string): Promise<PackedTlsReport> {
  const submitter = requireDomain(report.contactInfo.slice(report.contactInfo.lastIndexOf('@') + 1));
  const domain = requireDomain(policyDomain);
  const uniqueId = report.reportId.replace(/[^A-Za-z0-9]/g, '').slice(0, 64);
  const times = `${Math.floor(report.start / 1000)}!${Math.floor(report.end / 1000)}`;
  return {
    bytes: await compress('gzip', fromUtf8(formatTlsReport(report))),
    mediaType: 'application/tlsrpt+gzip',
    filename: `${submitter}!${domain}!${times}${uniqueId === '' ? '' : `!${uniqueId}`}.json.gz`,
    subject: `Report Domain: ${domain} Submitter: ${submitter} Report-ID: <${formatSubjectId(report.reportId, submitter)}>`,
    fields: [
      ['TLS-Report-Domain', domain],
      ['TLS-Report-Submitter', submitter],
    ],
  };
}
