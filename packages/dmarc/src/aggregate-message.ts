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
import { fromUtf8 } from '@mox/runtime';
import { ok, parseError, type Result } from '@mox/syntax';
import type { AggregateForm, AggregateReport, ParsedAggregateReport } from './aggregate-report.ts';
import { formatAggregateReport } from './format-aggregate-report.ts';
import type { AggregateLimits } from './parse-aggregate-report.ts';
import { readAggregateReport } from './read-aggregate-report.ts';
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
}

/** Media types that reports come as; the two of RFC 9990 §3.5.2 are the last of each line. */
const reportTypes: ReadonlySet<string> = new Set([
  ...['application/zip', 'application/x-zip', 'application/x-zip-compressed', 'application/x-gzip', 'application/gzip'],
  ...['application/octet-stream', 'application/xml', 'text/xml'],
]);
const reportName = /\.(?:xml|gz|zip)$/i;
/** Parts that are tried, of a mail that has many. */
const mostCandidates = 5;

function* leaves(part: Part): Generator<Part> {
  if (part.parts) for (const inner of part.parts) yield* leaves(inner);
  else yield part;
}

/**
 * Finds and reads the report in a mail: the first part that is one, by media type or name (RFC 9990 §3.5.2). Whether the mail can be
 * trusted, which is by DMARC, is the caller's to see to.
 */
export async function readAggregateMessage(
  message: Uint8Array,
  limits: Partial<AggregateLimits> = {},
): Promise<Result<ReceivedAggregateReport>> {
  const { part, envelope } = parseStructure(message);
  const candidates = [...leaves(part)].filter(
    (leaf) => reportTypes.has(`${leaf.type}/${leaf.subtype}`) || reportName.test(partFilename(leaf) ?? ''),
  );
  let failure: Result<never> = parseError(0, 'no part of the message is of a kind that reports come as');
  for (const leaf of candidates.slice(0, mostCandidates)) {
    const report = await readAggregateReport(decodeBody(leaf, message), limits);
    if (!report.ok) {
      failure = report;
      continue;
    }
    const filename = parseAggregateFilename(partFilename(leaf) ?? '');
    const subject = parseAggregateSubject(envelope.subject ?? '');
    return ok({ ...report.value, ...(filename && { filename }), ...(subject && { subject }) });
  }
  return failure;
}
