import { type ComposedMessage, type ComposeInput, type ComposeOptions, composeMessage, type HeaderField } from '@mox/message-format';
import { fromUtf8 } from '@mox/runtime';
import { type MtaName, parseMtaName, type ReportDefect } from './delivery-status.ts';
import { makeOriginalPart } from './original-part.ts';
import { fieldValue, formatField, readFieldGroups } from './report-fields.ts';
import { readReportMessage } from './report-message.ts';
import { formatTypedAddress, parseTypedAddress, type TypedAddress } from './typed-address.ts';

/** What a user agent did with a message (RFC 8098 §3.2.6). */
export interface Disposition {
  readonly actionMode: 'manual-action' | 'automatic-action';
  readonly sendingMode: 'MDN-sent-manually' | 'MDN-sent-automatically';
  /** `displayed`, `deleted`, `dispatched`, `processed`, in lower case. */
  readonly type: string;
  /** In lower case, e.g. `error`. */
  readonly modifiers: readonly string[];
}

/** The body of a message/disposition-notification (RFC 8098 §3.1). */
export interface DispositionNotification {
  readonly reportingUa?: string;
  readonly mdnGateway?: MtaName;
  readonly originalRecipient?: TypedAddress;
  readonly finalRecipient: TypedAddress;
  /** Without angle brackets. */
  readonly originalMessageId?: string;
  readonly disposition: Disposition;
  readonly errors: readonly string[];
}

/** A message disposition notification (RFC 8098), read. */
export interface Mdn {
  readonly notification: DispositionNotification;
  readonly originalHeaders: readonly HeaderField[];
  readonly original?: Uint8Array;
  readonly defects: readonly ReportDefect[];
}

const defaultDisposition: Disposition = { actionMode: 'manual-action', sendingMode: 'MDN-sent-manually', type: 'displayed', modifiers: [] };

function parseDisposition(text: string): Disposition | undefined {
  const match = /^\s*(manual|automatic)-action\s*\/\s*MDN-sent-(manually|automatically)\s*;\s*([a-z-]+)\s*(?:\/(.*))?$/is.exec(text);
  if (!match) return undefined;
  const [, action = '', sending = '', type = '', modifiers = ''] = match;
  return {
    actionMode: action.toLowerCase() === 'manual' ? 'manual-action' : 'automatic-action',
    sendingMode: sending.toLowerCase() === 'manually' ? 'MDN-sent-manually' : 'MDN-sent-automatically',
    type: type.toLowerCase(),
    modifiers: modifiers
      .split(',')
      .map((modifier) => modifier.trim().toLowerCase())
      .filter((modifier) => modifier !== ''),
  };
}

function formatDisposition({ actionMode, sendingMode, type, modifiers }: Disposition): string {
  return `${actionMode}/${sendingMode}; ${type}${modifiers.length > 0 ? `/${modifiers.join(',')}` : ''}`;
}

/** Reads the body of a message/disposition-notification, decoded (RFC 8098 §3.1). */
export function parseDispositionNotification(body: Uint8Array): {
  readonly notification: DispositionNotification;
  readonly defects: readonly ReportDefect[];
} {
  const defects: ReportDefect[] = [];
  // Empty lines do not belong here: what they part is one notification all the same.
  const fields = readFieldGroups(body, 10).groups.flat();
  const get = (name: string): string | undefined => fieldValue(fields, name);
  const final = get('final-recipient');
  if (final === undefined) defects.push({ field: 'final-recipient', problem: 'is missing' });
  const text = get('disposition');
  const disposition = text === undefined ? undefined : parseDisposition(text);
  if (!disposition) defects.push({ field: 'disposition', problem: text === undefined ? 'is missing' : `cannot be read: ${text}` });
  const [reportingUa, gateway, original, messageId] = [
    get('reporting-ua'),
    get('mdn-gateway'),
    get('original-recipient'),
    get('original-message-id'),
  ];
  const notification: DispositionNotification = {
    finalRecipient: parseTypedAddress(final ?? original ?? ''),
    disposition: disposition ?? defaultDisposition,
    errors: fields.filter(([name]) => name === 'error').map(([, value]) => value),
    ...(reportingUa !== undefined && { reportingUa }),
    ...(gateway !== undefined && { mdnGateway: parseMtaName(gateway) }),
    ...(original !== undefined && { originalRecipient: parseTypedAddress(original) }),
    ...(messageId !== undefined && { originalMessageId: messageId.replace(/^\s*<|>\s*$/g, '') }),
  };
  return { notification, defects };
}

/** Writes the body of a message/disposition-notification (RFC 8098 §3.1), in ASCII. */
export function formatDispositionNotification(notification: DispositionNotification): Uint8Array {
  const { reportingUa, mdnGateway, originalRecipient, originalMessageId } = notification;
  return fromUtf8(
    [
      reportingUa === undefined ? '' : formatField('Reporting-UA', reportingUa),
      mdnGateway === undefined ? '' : formatField('MDN-Gateway', `${mdnGateway.type}; ${mdnGateway.name}`),
      originalRecipient === undefined ? '' : formatField('Original-Recipient', formatTypedAddress(originalRecipient)),
      formatField('Final-Recipient', formatTypedAddress(notification.finalRecipient)),
      originalMessageId === undefined ? '' : formatField('Original-Message-ID', `<${originalMessageId}>`),
      formatField('Disposition', formatDisposition(notification.disposition)),
      ...notification.errors.map((error) => formatField('Error', error)),
    ].join(''),
  );
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
  /** The recipient of the message: who read it. */
  readonly from: ComposeInput['from'];
  /** The addresses of the field Disposition-Notification-To. */
  readonly to: readonly string[];
  readonly subject?: string;
  readonly text?: string;
  /** The message: its header section is given back. */
  readonly original?: Uint8Array;
}

/** Makes a message disposition notification (RFC 8098 §3). It must be sent with the null reverse-path; ask the user first (RFC 8098 §2.1). */
export function makeMdn(input: MdnInput, options: ComposeOptions): ComposedMessage {
  const { notification, original } = input;
  const recipient = notification.finalRecipient.address;
  const parts = [
    { content: formatDispositionNotification(notification), contentType: 'message/disposition-notification' },
    ...(original ? [makeOriginalPart({ message: original, give: 'headers' })] : []),
  ];
  return composeMessage(
    {
      from: input.from,
      to: input.to,
      subject: input.subject ?? `Disposition notification: ${notification.disposition.type}`,
      text:
        input.text ??
        `Your message to <${recipient}> was ${notification.disposition.type}. This does not say that it was read or understood.\n`,
      headers: [['Auto-Submitted', 'auto-replied']],
      ...(notification.originalMessageId !== undefined && { references: [notification.originalMessageId] }),
      report: { type: 'disposition-notification', parts },
    },
    options,
  );
}
