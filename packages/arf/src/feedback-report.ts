import { fieldValue, formatField, type MtaName, parseMtaName, type ReportDefect, type ReportField, readFieldGroups } from '@mox/dsn';
import { decodeBase64Lenient, encodeBase64 } from '@mox/encoding';
import {
  type AuthenticationResults,
  formatAuthenticationResults,
  formatDate,
  parseAuthenticationResults,
  parseDate,
} from '@mox/message-format';
import { fromLatin1, fromUtf8 } from '@mox/runtime';
import { formatIp, parseIp, present } from '@mox/syntax';

/** Kinds of feedback (RFC 5965 §7.3, RFC 6591 §3.1, and the registry). Others may come in time, and are read as well (RFC 6650 §4.5). */
export type FeedbackType = 'abuse' | 'auth-failure' | 'fraud' | 'not-spam' | 'other' | 'virus' | (string & {});

/** What an authentication failure report adds (RFC 6591 §3). */
export interface AuthFailure {
  /** `adsp`, `bodyhash`, `revoked`, `signature`, `spf`, `dmarc` (RFC 9991), in lower case. */
  readonly failure: string;
  /** `delivered`, `spam`, `policy`, `reject`, `other`, in lower case. */
  readonly deliveryResult?: string;
  /** Identifiers that were not aligned, by DMARC: `dkim`, `spf` (RFC 7489 §7.3.1), or `none`. */
  readonly identityAlignment?: readonly string[];
  readonly dkimDomain?: string;
  readonly dkimIdentity?: string;
  readonly dkimSelector?: string;
  readonly dkimSelectorDns?: string;
  readonly dkimCanonicalizedHeader?: Uint8Array;
  readonly dkimCanonicalizedBody?: Uint8Array;
  /** SPF records used, as published. */
  readonly spfDns: readonly string[];
}

/** The body of a message/feedback-report (RFC 5965 §3). Times are in milliseconds; addresses without angle brackets. */
export interface FeedbackReport {
  readonly feedbackType: FeedbackType;
  readonly userAgent: string;
  readonly version: number;
  readonly arrivalAt?: number;
  readonly incidents?: number;
  readonly originalEnvelopeId?: string;
  /** Empty for the null reverse-path. */
  readonly originalMailFrom?: string;
  readonly originalRcptTo: readonly string[];
  readonly reportingMta?: MtaName;
  /** In the form of RFC 5952. */
  readonly sourceIp?: string;
  /** Of the connection that the message came by (RFC 6692 §3). */
  readonly sourcePort?: number;
  readonly authenticationResults: readonly AuthenticationResults[];
  readonly reportedDomains: readonly string[];
  readonly reportedUris: readonly string[];
  readonly authFailure?: AuthFailure;
  /** Fields that are not known, in order, names in lower case. */
  readonly extensions: readonly (readonly [name: string, value: string])[];
}

const knownFields: ReadonlySet<string> = new Set([
  ...['feedback-type', 'user-agent', 'version', 'arrival-date', 'received-date', 'incidents', 'original-envelope-id', 'original-mail-from'],
  ...['original-rcpt-to', 'reporting-mta', 'source-ip', 'source-port', 'authentication-results', 'reported-domain', 'reported-uri'],
  ...['auth-failure', 'delivery-result', 'identity-alignment', 'dkim-domain', 'dkim-identity', 'dkim-selector', 'dkim-selector-dns'],
  ...['dkim-canonicalized-header', 'dkim-canonicalized-body', 'spf-dns'],
]);

/** Fields that must be there once, and those that may be there only once (RFC 5965 §3.1, §3.2). */
const requiredFields = ['feedback-type', 'user-agent', 'version'] as const;
const singleFields = [
  ...requiredFields,
  'arrival-date',
  'incidents',
  'original-envelope-id',
  'original-mail-from',
  'reporting-mta',
  'source-ip',
  // RFC 6692 §5.
  'source-port',
] as const;

function allValues(fields: readonly ReportField[], name: string): readonly string[] {
  return fields.filter(([field]) => field === name).map(([, value]) => value);
}

/** An address without its angle brackets. */
function bareAddress(text: string): string {
  return text.trim().replace(/^<(.*)>$/s, '$1');
}

/** The first word of a value, without a comment behind it, in lower case; of visible ASCII alone. */
function token(text: string): string {
  const [word = ''] = text.trim().split(/[\s(;]/, 1);
  return word.replace(/[^\x21-\x7e]/g, '').toLowerCase();
}

function readNumber(text: string | undefined, most: number, field: string, defects: ReportDefect[]): number | undefined {
  if (text === undefined) return undefined;
  const digits = /^(\d{1,10})(?:\s*\(.*\))?$/s.exec(text)?.[1];
  const value = digits === undefined ? Number.NaN : Number(digits);
  if (value <= most) return value;
  defects.push({ field, problem: `not a number up to ${most}: ${text}` });
  return undefined;
}

/** Addresses as RFC 5321 §4.1.3 has them, and as everyone writes them. */
function readIp(text: string | undefined, defects: ReportDefect[]): string | undefined {
  if (text === undefined) return undefined;
  const ip = parseIp((text.trim().split(/[\s(]/, 1)[0] ?? '').replace(/^\[|\]$/g, '').replace(/^IPv6:/i, ''));
  if (ip) return formatIp(ip);
  defects.push({ field: 'source-ip', problem: `not an IP address: ${text}` });
  return undefined;
}

function readTime(text: string | undefined, field: string, defects: ReportDefect[]): number | undefined {
  const date = text === undefined ? undefined : parseDate(text);
  if (text !== undefined && !date) defects.push({ field, problem: `not a date: ${text}` });
  return date?.instant;
}

function decodeField(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : decodeBase64Lenient(fromLatin1(text));
}

function readAuthFailure(fields: readonly ReportField[]): AuthFailure | undefined {
  const get = (name: string): string | undefined => fieldValue(fields, name)?.trim();
  const failure = get('auth-failure');
  if (failure === undefined) return undefined;
  const result = get('delivery-result');
  const alignment = get('identity-alignment');
  return {
    failure: token(failure),
    // `txt : "v=spf1 ..."`: the type, then the record in quotes.
    spfDns: allValues(fields, 'spf-dns').map((value) => value.replace(/^\s*(?:txt|spf)\s*:\s*/i, '').replace(/^"(.*)"$/s, '$1')),
    ...present({
      deliveryResult: result === undefined ? undefined : token(result),
      identityAlignment: alignment?.split(',').map(token),
      dkimDomain: get('dkim-domain'),
      dkimIdentity: get('dkim-identity'),
      dkimSelector: get('dkim-selector'),
      dkimSelectorDns: get('dkim-selector-dns')?.replace(/^"(.*)"$/s, '$1'),
      dkimCanonicalizedHeader: decodeField(get('dkim-canonicalized-header')),
      dkimCanonicalizedBody: decodeField(get('dkim-canonicalized-body')),
    }),
  };
}

function checkFields(fields: readonly ReportField[], defects: ReportDefect[]): void {
  for (const name of requiredFields) if (fieldValue(fields, name) === undefined) defects.push({ field: name, problem: 'is missing' });
  for (const name of singleFields)
    if (allValues(fields, name).length > 1) defects.push({ field: name, problem: 'is there more than once' });
  if (fieldValue(fields, 'arrival-date') !== undefined && fieldValue(fields, 'received-date') !== undefined) {
    defects.push({ field: 'received-date', problem: 'is there beside Arrival-Date' });
  }
}

function readResults(fields: readonly ReportField[], defects: ReportDefect[]): readonly AuthenticationResults[] {
  return allValues(fields, 'authentication-results').flatMap((value) => {
    const parsed = parseAuthenticationResults(value);
    if (parsed.ok) return [parsed.value];
    defects.push({ field: 'authentication-results', problem: parsed.error.message });
    return [];
  });
}

/** Reads the body of a message/feedback-report, decoded (RFC 5965 §3). What is missing or wrong is told, never fatal. */
export function parseFeedbackFields(body: Uint8Array): { readonly report: FeedbackReport; readonly defects: readonly ReportDefect[] } {
  const defects: ReportDefect[] = [];
  // Empty lines do not belong here: what they part is one report all the same.
  const fields = readFieldGroups(body, 20).groups.flat();
  checkFields(fields, defects);
  const get = (name: string): string | undefined => fieldValue(fields, name)?.trim();
  const mailFrom = get('original-mail-from');
  const mta = get('reporting-mta');
  const arrival = get('arrival-date') ?? get('received-date');
  const report: FeedbackReport = {
    feedbackType: token(get('feedback-type') ?? '') || 'other',
    userAgent: get('user-agent') ?? '',
    version: readNumber(get('version'), 1_000_000, 'version', defects) ?? 1,
    originalRcptTo: allValues(fields, 'original-rcpt-to').map(bareAddress),
    authenticationResults: readResults(fields, defects),
    reportedDomains: allValues(fields, 'reported-domain').map((value) => token(value)),
    reportedUris: allValues(fields, 'reported-uri').map((value) => value.trim()),
    extensions: fields.filter(([name]) => !knownFields.has(name)),
    ...present({
      arrivalAt: readTime(arrival, 'arrival-date', defects),
      incidents: readNumber(get('incidents'), 4_294_967_295, 'incidents', defects),
      originalEnvelopeId: get('original-envelope-id'),
      originalMailFrom: mailFrom === undefined ? undefined : bareAddress(mailFrom),
      reportingMta: mta === undefined ? undefined : parseMtaName(mta),
      sourceIp: readIp(get('source-ip'), defects),
      sourcePort: readNumber(get('source-port'), 65_535, 'source-port', defects),
      authFailure: readAuthFailure(fields),
    }),
  };
  return { report, defects };
}

function optional(name: string, value: string | number | undefined): string {
  return value === undefined ? '' : formatField(name, String(value));
}

/** Base64 in pieces that a folded line can hold. */
function base64Words(bytes: Uint8Array | undefined): string | undefined {
  return bytes && (encodeBase64(bytes).match(/.{1,70}/g) ?? []).join(' ');
}

function formatAuthFailure(failure: AuthFailure): string {
  return [
    formatField('Auth-Failure', failure.failure),
    optional('Delivery-Result', failure.deliveryResult),
    optional('Identity-Alignment', failure.identityAlignment?.join(', ')),
    optional('DKIM-Domain', failure.dkimDomain),
    optional('DKIM-Identity', failure.dkimIdentity),
    optional('DKIM-Selector', failure.dkimSelector),
    optional('DKIM-Selector-DNS', failure.dkimSelectorDns === undefined ? undefined : `"${failure.dkimSelectorDns}"`),
    optional('DKIM-Canonicalized-Header', base64Words(failure.dkimCanonicalizedHeader)),
    optional('DKIM-Canonicalized-Body', base64Words(failure.dkimCanonicalizedBody)),
    ...failure.spfDns.map((record) => formatField('SPF-DNS', `txt : "${record}"`)),
  ].join('');
}

/** Writes the body of a message/feedback-report (RFC 5965 §3), in ASCII where the report is. */
export function formatFeedbackFields(report: FeedbackReport): Uint8Array {
  return fromUtf8(
    [
      formatField('Feedback-Type', report.feedbackType),
      formatField('User-Agent', report.userAgent),
      formatField('Version', String(report.version)),
      optional('Original-Envelope-Id', report.originalEnvelopeId),
      optional('Original-Mail-From', report.originalMailFrom === undefined ? undefined : `<${report.originalMailFrom}>`),
      ...report.originalRcptTo.map((address) => formatField('Original-Rcpt-To', `<${address}>`)),
      optional('Arrival-Date', report.arrivalAt === undefined ? undefined : formatDate(report.arrivalAt)),
      optional('Reporting-MTA', report.reportingMta && `${report.reportingMta.type}; ${report.reportingMta.name}`),
      optional('Source-IP', report.sourceIp),
      // RFC 6692 §3.
      optional('Source-Port', report.sourcePort),
      optional('Incidents', report.incidents),
      ...report.authenticationResults.map((results) =>
        formatField('Authentication-Results', formatAuthenticationResults(results).join(' ')),
      ),
      ...report.reportedDomains.map((domain) => formatField('Reported-Domain', domain)),
      ...report.reportedUris.map((uri) => formatField('Reported-URI', uri)),
      report.authFailure ? formatAuthFailure(report.authFailure) : '',
      ...report.extensions.map(([name, value]) => formatField(name, value)),
    ].join(''),
  );
}
