import { compress } from '@mox/encoding';
import {
  type ComposedMessage,
  type ComposeMailbox,
  type ComposeOptions,
  composeMessage,
  decodeBody,
  type Part,
  parseStructure,
  partFilename,
} from '@mox/message-format';
import { fromUtf8, toLatin1 } from '@mox/runtime';
import { ok, parseError, type Result } from '@mox/syntax';
import type { AggregateForm, AggregateReport, ParsedAggregateReport } from './aggregate-report.ts';
import { formatAggregateReport } from './format-aggregate-report.ts';
import type { AggregateLimits } from './parse-aggregate-report.ts';
import { readAggregateReports } from './read-aggregate-report.ts';
import {
  type AggregateFilename,
  type AggregateSubject,
  formatAggregateFilename,
  formatAggregateSubject,
  parseAggregateFilename,
  parseAggregateSubject,
} from './report-names.ts';

/** A report ready to be sent (RFC 9990 §3.5.2). */
export interface PackedAggregateReport {
  /** XML in gzip. */
  readonly bytes: Uint8Array;
  readonly mediaType: 'application/gzip';
  readonly filename: string;
  /** Subject field of a mail. */
  readonly subject: string;
}

/** Packs a report for its policy domain. The submitter is the domain of the receiver that reports. Throws a TypeError where it is none. */
export async function packAggregateReport(
  report: AggregateReport,
  options: { readonly submitter: string; readonly form?: AggregateForm },
): Promise<PackedAggregateReport> {
  const { policy, reportId, start, end } = report;
  // RFC 9990 §3.1.4: the unique identifier of the name is the report's or is left out; it may have less characters.
  const uniqueId = /^[A-Za-z0-9]+$/.test(reportId) ? { uniqueId: reportId } : {};
  return {
    bytes: await compress('gzip', fromUtf8(formatAggregateReport(report, options.form))),
    mediaType: 'application/gzip',
    filename: formatAggregateFilename({
      receiver: options.submitter,
      policyDomain: policy.domain,
      start,
      end,
      ...uniqueId,
      extension: 'xml.gz',
    }),
    subject: formatAggregateSubject({ policyDomain: policy.domain, submitter: options.submitter, reportId }),
  };
}

/** Makes the mail that brings a packed report (RFC 9990 §3.5.2). It must be sent so that it passes DMARC itself. */
export function composeAggregateMessage(
  packed: PackedAggregateReport,
  envelope: { readonly from: ComposeMailbox; readonly to: readonly ComposeMailbox[]; readonly text?: string },
  options: ComposeOptions,
): ComposedMessage {
  const { bytes, mediaType, filename, subject } = packed;
  const text = envelope.text ?? `This is a DMARC aggregate report.\r\n${subject}\r\n`;
  return composeMessage(
    {
      from: envelope.from,
      to: envelope.to,
      subject,
      text,
      attachments: [{ content: bytes, filename, contentType: mediaType }],
      // Nobody wants a vacation notice back (RFC 3834 §5).
      headers: [['Auto-Submitted', 'auto-generated']],
    },
    options,
  );
}

/** A report out of a mail, with what the mail says of it. */
export interface ReceivedAggregateReport extends ParsedAggregateReport {
  readonly filename?: AggregateFilename;
  readonly subject?: AggregateSubject;
  /** Reports that came in one archive with it, which is seldom: reports are sent one by one (RFC 9990 §3.5.2). */
  readonly others: readonly ParsedAggregateReport[];
}

/** Media types that reports come as; the two of RFC 9990 §3.5.2 are the last of each line. */
const reportTypes: ReadonlySet<string> = new Set([
  ...['application/zip', 'application/x-zip', 'application/x-zip-compressed', 'application/x-gzip', 'application/gzip'],
  ...['application/octet-stream', 'application/xml', 'text/xml'],
]);
const reportName = /\.(?:xml|gz|zip)$/i;
/** Parts that are tried, of a mail that has many. */
const mostCandidates = 5;

/** The parts of a message that hold something, those of messages inside among them: reports are forwarded. */
function* walkLeaves(part: Part): Generator<Part> {
  const inside = part.parts ?? (part.message ? [part.message.part] : undefined);
  if (inside) for (const inner of inside) yield* walkLeaves(inner);
  else yield part;
}

/** Whether the content begins as a report does, plain or packed, whatever it is called. */
function looksLikeReport(leaf: Part, message: Uint8Array): boolean {
  const start = toLatin1(decodeBody({ ...leaf, bodyEnd: Math.min(leaf.bodyEnd, leaf.bodyStart + 400) }, message));
  return /^(?:\x1f\x8b|PK\x03\x04|(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?<(?:\w+:)?feedback[\s>])/i.test(start);
}

/**
 * Finds and reads the report in a mail: the first part that is one, by media type or name (RFC 9990 §3.5.2), or else by how it begins.
 * Whether the mail can be trusted, which is by DMARC, is the caller's to see to.
 */
export async function readAggregateMessage(
  message: Uint8Array,
  limits: Partial<AggregateLimits> = {},
): Promise<Result<ReceivedAggregateReport>> {
  const { part, envelope } = parseStructure(message);
  const all = [...walkLeaves(part)];
  const named = all.filter((leaf) => reportTypes.has(`${leaf.type}/${leaf.subtype}`) || reportName.test(partFilename(leaf) ?? ''));
  const others = all.filter((leaf) => !named.includes(leaf) && looksLikeReport(leaf, message));
  const candidates = [...named.slice(0, mostCandidates), ...others.slice(0, mostCandidates)];
  let failure: Result<never> = parseError(0, 'no part of the message is of a kind that reports come as');
  for (const leaf of candidates) {
    const read = await readAggregateReports(decodeBody(leaf, message), limits);
    if (!read.ok) {
      failure = read;
      continue;
    }
    const [report, ...others] = read.value;
    if (!report) continue;
    const filename = parseAggregateFilename(partFilename(leaf) ?? '');
    const subject = parseAggregateSubject(envelope.subject ?? '');
    return ok({ ...report, others, ...(filename && { filename }), ...(subject && { subject }) });
  }
  return failure;
}
