import { type GivenMessage, makeOriginalPart, type ReportDefect, readReportMessage } from '@mox/dsn';
import { type ComposedMessage, type ComposeInput, type ComposeOptions, composeMessage, type HeaderField } from '@mox/message-format';
import { parseComplaint } from './complaint-message.ts';
import { type FeedbackReport, formatFeedbackFields, parseFeedbackFields } from './feedback-report.ts';

/** A feedback report in its message (RFC 5965 §2), read. */
export interface ReceivedFeedback {
  readonly report: FeedbackReport;
  /** Header fields of the message that the feedback is about, as far as they came along. */
  readonly originalHeaders: readonly HeaderField[];
  /** That message, where it came along whole. */
  readonly original?: Uint8Array;
  /** RFC 5965 §4 wants reports with defects ignored or rejected; judge by which they are. */
  readonly defects: readonly ReportDefect[];
}

/** Reads a feedback report (RFC 5965, RFC 6591), or a complaint as Microsoft sends them. Undefined where the message is none. */
export function parseFeedbackReport(message: Uint8Array): ReceivedFeedback | undefined {
  const found = readReportMessage(message, ['feedback-report']);
  if (!found) return parseComplaint(message);
  const { report, defects } = parseFeedbackFields(found.body);
  const all = [...defects];
  if (found.originalHeaders.length === 0) all.push({ field: 'message', problem: 'the message that the feedback is about is missing' });
  return { report, originalHeaders: found.originalHeaders, ...(found.original && { original: found.original }), defects: all };
}

/** What a feedback message is made of. */
export interface FeedbackInput {
  readonly report: FeedbackReport;
  readonly from: ComposeInput['from'];
  readonly to: readonly string[];
  /** For people; made from the report, in English, unless given. `FW:` and the subject of the message, where that is known (RFC 5965 §2). */
  readonly subject?: string;
  readonly text?: string;
  /** The message that the feedback is about, whole or its header section alone. Take out what the reporter may not tell. */
  readonly original: GivenMessage;
  /** The field CFBL-Feedback-ID of that message, copied into the report (RFC 9477 §3.5). */
  readonly cfblFeedbackId?: string;
}

function describe(report: FeedbackReport): string {
  const what = report.feedbackType === 'auth-failure' ? 'whose authentication failed' : `reported as ${report.feedbackType}`;
  const from = report.sourceIp === undefined ? '' : ` received from IP ${report.sourceIp}`;
  const when = report.arrivalAt === undefined ? '' : ` on ${new Date(report.arrivalAt).toUTCString()}`;
  return `This is a report about a message ${what},${from}${when}.\nIt is meant for programs; see RFC 5965.\n`
    .replace(', ', ' ')
    .replace(',\n', '.\n');
}

/** Makes a message with a feedback report (RFC 5965 §2). */
export function makeFeedbackReport(input: FeedbackInput, options: ComposeOptions): ComposedMessage {
  return composeMessage(
    {
      from: input.from,
      to: input.to,
      subject: input.subject ?? `Feedback report: ${input.report.feedbackType}`,
      text: input.text ?? describe(input.report),
      headers: [
        ['Auto-Submitted', 'auto-generated'],
        ...(input.cfblFeedbackId === undefined ? [] : [['CFBL-Feedback-ID', input.cfblFeedbackId] as const]),
      ],
      report: {
        type: 'feedback-report',
        parts: [{ content: formatFeedbackFields(input.report), contentType: 'message/feedback-report' }, makeOriginalPart(input.original)],
      },
    },
    options,
  );
}
