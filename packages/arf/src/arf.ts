import { type GivenMessage, makeOriginalPart, type ReportDefect, readReportMessage } from '@mox/dsn';
import { type ComposedMessage, type ComposeInput, type ComposeOptions, composeMessage, type HeaderField } from '@mox/message-format';
import { fromUtf8 } from '@mox/runtime';
import { parseComplaint } from './complaint-message.ts';
import { type FeedbackReport, formatFeedbackFields, parseFeedbackFields } from './feedback-report.ts';
import { formatXarf, parseXarf, type XarfReport, type XarfReporter } from './xarf.ts';

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

/** Reads a feedback report (RFC 5965, RFC 6591), in XARF too, or a complaint as Microsoft sends them. Undefined where the message is none. */
export function parseFeedbackReport(message: Uint8Array): ReceivedFeedback | undefined {
  const found = readReportMessage(message, ['feedback-report']);
  if (!found) return parseComplaint(message);
  const { report, defects } = parseFeedbackFields(found.body);
  const all = [...defects];
  const xarf = report.feedbackType === 'xarf' ? parseXarf(found.structure, message, report) : undefined;
  if (xarf) return { ...xarf, defects: all };
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
}

/** All that programs read, for people whose program does not (RFC 6650 §5.4). */
function describe(report: FeedbackReport): string {
  const what = report.feedbackType === 'auth-failure' ? 'whose authentication failed' : `reported as ${report.feedbackType}`;
  const facts: readonly (readonly [name: string, value: string | number | undefined])[] = [
    ['received from the address', report.sourceIp],
    ['on', report.arrivalAt === undefined ? undefined : new Date(report.arrivalAt).toUTCString()],
    ['from the envelope sender', report.originalMailFrom === '' ? '<>' : report.originalMailFrom],
    ...report.originalRcptTo.map((address) => ['for', address] as const),
    ['by', report.reportingMta?.name],
    ['such messages since the last report', report.incidents],
    ...report.reportedDomains.map((domain) => ['about the domain', domain] as const),
    ...report.reportedUris.map((uri) => ['with the link', uri] as const),
  ];
  const known = facts.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name}: ${value}`]));
  const end = known.length > 0 ? [':', '', ...known, ''].join('\n') : '.';
  return `This is a report about a message ${what}${end}\nIt is meant for programs (RFC 5965); the message, or its header, is attached.\n`;
}

/** Makes a message with a feedback report (RFC 5965 §2). */
export function makeFeedbackReport(input: FeedbackInput, options: ComposeOptions): ComposedMessage {
  return composeMessage(
    {
      from: input.from,
      to: input.to,
      subject: input.subject ?? `Feedback report: ${input.report.feedbackType}`,
      text: input.text ?? describe(input.report),
      headers: [['Auto-Submitted', 'auto-generated']],
      report: {
        type: 'feedback-report',
        parts: [{ content: formatFeedbackFields(input.report), contentType: 'message/feedback-report' }, makeOriginalPart(input.original)],
      },
    },
    options,
  );
}

/** What a feedback message in XARF is made of. */
export interface XarfInput extends Omit<FeedbackInput, 'report'> {
  readonly report: XarfReport;
  readonly reporter: XarfReporter;
}

/** Makes a message with a report in XARF, version 3, for a sender that asked for it (RFC 9477 §3.5.1). */
export function makeXarfReport(input: XarfInput, options: ComposeOptions): ComposedMessage {
  const { report, reporter, original } = input;
  const json = fromUtf8(JSON.stringify(formatXarf(report, reporter, original), undefined, 2));
  return composeMessage(
    {
      from: input.from,
      to: input.to,
      subject: input.subject ?? `Feedback report: ${report.feedbackType}`,
      text: input.text ?? describe(report),
      headers: [['Auto-Submitted', 'auto-generated']],
      report: {
        type: 'feedback-report',
        parts: [
          { content: formatFeedbackFields({ ...report, feedbackType: 'xarf' }), contentType: 'message/feedback-report' },
          { content: json, contentType: 'application/json', filename: 'xarf.json', disposition: 'attachment' },
        ],
      },
    },
    options,
  );
}
