import { type ComposedMessage, type ComposeInput, type ComposeOptions, composeMessage, type HeaderField } from '@mox/message-format';
import {
  type DeliveryStatus,
  formatDeliveryStatus,
  parseDeliveryStatus,
  type RecipientStatus,
  type ReportDefect,
} from './delivery-status.ts';
import { type GivenMessage, makeOriginalPart } from './original-part.ts';
import { parseQsbmf } from './qsbmf.ts';
import { readReportMessage } from './report-message.ts';
import { describeStatusCode, formatStatusCode } from './status-code.ts';

/** A delivery status notification (RFC 3464), read. */
export interface Dsn {
  readonly status: DeliveryStatus;
  /** Header fields of the message that could not be delivered, or was, as far as they came along. */
  readonly originalHeaders: readonly HeaderField[];
  /** That message, where it came along whole. */
  readonly original?: Uint8Array;
  readonly defects: readonly ReportDefect[];
}

/** Reads a delivery status notification (RFC 3464, RFC 6533), or a bounce of qmail, which has a form of its own. Undefined where the message is none. */
export function parseDsn(message: Uint8Array): Dsn | undefined {
  const report = readReportMessage(message, ['delivery-status', 'global-delivery-status']);
  if (!report) return parseQsbmf(message);
  const { status, defects } = parseDeliveryStatus(report.body);
  const { originalHeaders, original } = report;
  return { status, defects, originalHeaders, ...(original && { original }) };
}

/** What a notification is made of. */
export interface DsnInput {
  readonly status: DeliveryStatus;
  /** The system's own address, e.g. `postmaster@mx.example.org`. */
  readonly from: ComposeInput['from'];
  /** The reverse-path of the message reported about. */
  readonly to: string;
  /** For people; made from the status, in English, unless given. */
  readonly subject?: string;
  readonly text?: string;
  /** The message reported about, and how much of it is given back: RET of RFC 3461 §4.3; headers alone unless it failed and RET says FULL. */
  readonly original?: GivenMessage;
  /** Its Message-ID, without angle brackets: for References. */
  readonly originalMessageId?: string;
}

const subjects: Readonly<Record<RecipientStatus['action'], string>> = {
  failed: 'Undelivered mail returned to sender',
  delayed: 'Delivery of your mail is delayed',
  delivered: 'Your mail was delivered',
  relayed: 'Your mail was relayed',
  expanded: 'Your mail was delivered to a list',
};

const sentences: Readonly<Record<RecipientStatus['action'], string>> = {
  failed: 'could not be delivered',
  delayed: 'could not be delivered yet; it will be tried again',
  delivered: 'was delivered',
  relayed: 'was relayed to a system that does not send delivery reports',
  expanded: 'was delivered to a list, and by it to others',
};

/** The worst of what became of the recipients leads. */
const order: readonly RecipientStatus['action'][] = ['failed', 'delayed', 'relayed', 'expanded', 'delivered'];

function describeRecipient(recipient: RecipientStatus): string {
  const lines = [
    `<${recipient.finalRecipient.address}>: ${sentences[recipient.action]}.`,
    `    ${formatStatusCode(recipient.status)} (${describeStatusCode(recipient.status)})`,
  ];
  if (recipient.remoteMta) lines.push(`    reported by ${recipient.remoteMta.name}`);
  if (recipient.diagnosticCode) lines.push(`    ${recipient.diagnosticCode.text}`);
  if (recipient.willRetryUntil !== undefined) lines.push(`    tried until ${new Date(recipient.willRetryUntil).toUTCString()}`);
  return lines.join('\n');
}

function describe(status: DeliveryStatus): string {
  const recipients = status.recipients.map(describeRecipient).join('\n\n');
  return `This is the mail system at ${status.reportingMta.name}.\n\nYour message:\n\n${recipients}\n`;
}

/**
 * Makes a delivery status notification (RFC 3464 §2, RFC 6533 where addresses are beyond ASCII). It must be sent with the
 * null reverse-path, and without asking for notifications about itself (RFC 3461 §6.1).
 */
export function makeDsn(input: DsnInput, options: ComposeOptions): ComposedMessage {
  const { status, original } = input;
  const action = order.find((candidate) => status.recipients.some((recipient) => recipient.action === candidate)) ?? 'failed';
  const utf8 = options.smtputf8 === true && status.recipients.some((recipient) => recipient.finalRecipient.type === 'utf-8');
  const body = formatDeliveryStatus(status, { utf8 });
  const parts = [
    { content: body, contentType: utf8 ? 'message/global-delivery-status' : 'message/delivery-status' },
    ...(original ? [makeOriginalPart(original)] : []),
  ];
  return composeMessage(
    {
      from: input.from,
      to: [input.to],
      subject: input.subject ?? subjects[action],
      text: input.text ?? describe(status),
      // RFC 3834 §5: no automatic answers to automatic mail.
      headers: [['Auto-Submitted', 'auto-replied']],
      ...(input.originalMessageId !== undefined && { references: [input.originalMessageId] }),
      report: { type: 'delivery-status', parts },
    },
    options,
  );
}
