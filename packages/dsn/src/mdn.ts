import { type ComposedMessage, type ComposeInput, type ComposeOptions, composeMessage, type HeaderField } from '@mox/message-format';
import type { ReportDefect } from './delivery-status.ts';
import { type DispositionNotification, formatDispositionNotification, parseDispositionNotification } from './disposition-notification.ts';
import { makeOriginalPart } from './original-part.ts';
import { readReportMessage } from './report-message.ts';

/** A message disposition notification (RFC 8098), read. Anybody can write one: it proves nothing (RFC 8098 §6.1, §6.3). */
export interface Mdn {
  readonly notification: DispositionNotification;
  readonly originalHeaders: readonly HeaderField[];
  readonly original?: Uint8Array;
  readonly defects: readonly ReportDefect[];
}

/** Reads a message disposition notification (RFC 8098). Undefined where the message is none. */
export function parseMdn(message: Uint8Array): Mdn | undefined {
  const report = readReportMessage(message, ['disposition-notification', 'global-disposition-notification']);
  if (!report) return undefined;
  const { notification, defects } = parseDispositionNotification(report.body);
  return { notification, defects, originalHeaders: report.originalHeaders, ...(report.original && { original: report.original }) };
}

/** What a notification is made of. */
export interface MdnInput {
  readonly notification: DispositionNotification;
  /** The recipient of the message: for whom it is issued (RFC 8098 §3). */
  readonly from: ComposeInput['from'];
  /** The addresses of the field Disposition-Notification-To, in the envelope too: those of a `MdnDecision`. */
  readonly to: readonly string[];
  /** For people; made from the notification, in English, unless given. */
  readonly subject?: string;
  readonly text?: string;
  /** The message: its header section is given back, as it stands. */
  readonly original?: Uint8Array;
}

const sentences: Readonly<Record<string, string>> = {
  displayed: 'was displayed',
  dispatched: 'was sent on, printed or the like',
  processed: 'was processed by a program, without being displayed',
  deleted: 'was deleted',
};

function describe({ finalRecipient, disposition }: DispositionNotification): string {
  const done = sentences[disposition.type] ?? `was ${disposition.type}`;
  return `Your message to <${finalRecipient.address}> ${done}.\nThis does not say that it was read or understood.\n`;
}

/**
 * Makes a message disposition notification (RFC 8098 §3, RFC 6533 §5 where addresses are beyond ASCII). It must be sent with the null
 * reverse-path; whether it may be sent at all, `decideMdn` tells.
 */
export function makeMdn(input: MdnInput, options: ComposeOptions): ComposedMessage {
  const { notification, original } = input;
  const utf8 = options.smtputf8 === true && notification.finalRecipient.type === 'utf-8';
  const body = formatDispositionNotification(notification, { utf8 });
  const parts = [
    { content: body, contentType: utf8 ? 'message/global-disposition-notification' : 'message/disposition-notification' },
    ...(original ? [makeOriginalPart({ message: original, give: 'headers' })] : []),
  ];
  return composeMessage(
    {
      from: input.from,
      to: input.to,
      subject: input.subject ?? `Disposition notification: ${notification.disposition.type}`,
      text: input.text ?? describe(notification),
      headers: [['Auto-Submitted', 'auto-replied']],
      ...(notification.originalMessageId !== undefined && { references: [notification.originalMessageId] }),
      report: { type: 'disposition-notification', parts },
    },
    options,
  );
}
