import { findField, type HeaderField, parseMessageId } from '@mox/message-format';
import { fromUtf8 } from '@mox/runtime';
import { present } from '@mox/syntax';
import { withoutComments } from './comments.ts';
import { type MtaName, parseMtaName, type ReportDefect } from './delivery-status.ts';
import { type Disposition, formatDisposition, parseDisposition } from './disposition.ts';
import { fieldValue, formatField, type ReportField, readFieldGroups } from './report-fields.ts';
import { escapeBeyondAscii, formatTypedAddress, parseTypedAddress, type TypedAddress } from './typed-address.ts';

/** The body of a message/disposition-notification (RFC 8098 §3.1). */
export interface DispositionNotification {
  /** Name of the user agent, after a semicolon its product; no more than is needed to know it (RFC 8098 §3.2.1). */
  readonly reportingUa?: string;
  /** Who made it out of a notification of another kind; only then (RFC 8098 §3.2.2). */
  readonly mdnGateway?: MtaName;
  /** As the sender wrote it; only where that is known (RFC 8098 §3.2.3). */
  readonly originalRecipient?: TypedAddress;
  readonly finalRecipient: TypedAddress;
  /** Without angle brackets. */
  readonly originalMessageId?: string;
  readonly disposition: Disposition;
  readonly errors: readonly string[];
  /** Fields that RFC 8098 does not know (§3.3), names in lower case; absent where there are none. */
  readonly extensions?: readonly (readonly [name: string, value: string])[];
}

const defaultDisposition: Disposition = { actionMode: 'manual-action', sendingMode: 'MDN-sent-manually', type: 'displayed', modifiers: [] };

/** Fields that are there at most once. */
const singleFields = ['reporting-ua', 'mdn-gateway', 'original-recipient', 'final-recipient', 'original-message-id', 'disposition'];
const knownFields: ReadonlySet<string> = new Set([...singleFields, 'error']);

function readDisposition(text: string | undefined, defects: ReportDefect[]): Disposition {
  const parsed = text === undefined ? undefined : parseDisposition(text);
  if (!parsed) defects.push({ field: 'disposition', problem: text === undefined ? 'is missing' : `cannot be read: ${text}` });
  else if (!parsed.complete) defects.push({ field: 'disposition', problem: `does not say how it came about: ${text}` });
  return parsed?.disposition ?? defaultDisposition;
}

function readMessageId(value: string | undefined): string | undefined {
  return value === undefined ? undefined : (parseMessageId(value) ?? value.replace(/^\s*<|>\s*$/g, ''));
}

function checkFields(fields: readonly ReportField[], defects: ReportDefect[]): void {
  if (fieldValue(fields, 'final-recipient') === undefined) defects.push({ field: 'final-recipient', problem: 'is missing' });
  const seen = new Set<string>();
  for (const [name] of fields) {
    if (seen.has(name) && singleFields.includes(name)) defects.push({ field: name, problem: 'is there more than once' });
    seen.add(name);
  }
}

/** Reads the body of a message/disposition-notification, decoded (RFC 8098 §3.1). What is missing or wrong is told, never fatal. */
export function parseDispositionNotification(body: Uint8Array): {
  readonly notification: DispositionNotification;
  readonly defects: readonly ReportDefect[];
} {
  const defects: ReportDefect[] = [];
  // Empty lines do not belong here: what they part is one notification all the same.
  const fields = readFieldGroups(body, 10).groups.flat();
  const get = (name: string): string | undefined => fieldValue(fields, name);
  checkFields(fields, defects);
  const [gateway, original] = [get('mdn-gateway'), get('original-recipient')];
  const reportingUa = get('reporting-ua');
  const extensions = fields.filter(([name]) => !knownFields.has(name));
  const notification: DispositionNotification = {
    finalRecipient: parseTypedAddress(get('final-recipient') ?? original ?? ''),
    disposition: readDisposition(get('disposition'), defects),
    errors: fields.filter(([name]) => name === 'error').map(([, value]) => value),
    ...present({
      reportingUa: reportingUa === undefined ? undefined : withoutComments(reportingUa),
      mdnGateway: gateway === undefined ? undefined : parseMtaName(gateway),
      originalRecipient: original === undefined ? undefined : parseTypedAddress(original),
      originalMessageId: readMessageId(get('original-message-id')),
      extensions: extensions.length > 0 ? extensions : undefined,
    }),
  };
  return { notification, defects };
}

/**
 * Writes the body of a message/disposition-notification (RFC 8098 §3.1), in ASCII, or with `utf8` of a message/global-disposition-notification
 * (RFC 6533 §5).
 */
export function formatDispositionNotification(
  notification: DispositionNotification,
  options: { readonly utf8?: boolean } = {},
): Uint8Array {
  const { reportingUa, mdnGateway, originalRecipient, originalMessageId } = notification;
  const text = [
    reportingUa === undefined ? '' : formatField('Reporting-UA', reportingUa),
    mdnGateway === undefined ? '' : formatField('MDN-Gateway', `${mdnGateway.type}; ${mdnGateway.name}`),
    originalRecipient === undefined ? '' : formatField('Original-Recipient', formatTypedAddress(originalRecipient, options)),
    formatField('Final-Recipient', formatTypedAddress(notification.finalRecipient, options)),
    originalMessageId === undefined ? '' : formatField('Original-Message-ID', `<${originalMessageId}>`),
    formatField('Disposition', formatDisposition(notification.disposition)),
    ...notification.errors.map((error) => formatField('Error', error)),
    ...(notification.extensions ?? []).map(([name, value]) => formatField(name, value)),
  ].join('');
  return fromUtf8(options.utf8 ? text : escapeBeyondAscii(text));
}

/** What a notification about a message is made from. */
export interface NotificationInput {
  /** Header section of the message. */
  readonly headers: readonly HeaderField[];
  /** For whom it is issued, `localpart@domain`: the From of the notification (RFC 8098 §3.2.4). */
  readonly recipient: string;
  readonly disposition: Disposition;
  readonly reportingUa?: string;
  readonly errors?: readonly string[];
}

/**
 * Fills in a notification about a message: what it must say of the message, and must not where the message has it not (RFC 8098 §3.2.3,
 * §3.2.5, §5). Of several Original-Recipient fields the first counts, which the last system wrote.
 */
export function makeNotification({
  headers,
  recipient,
  disposition,
  reportingUa,
  errors = [],
}: NotificationInput): DispositionNotification {
  const original = findField(headers, 'original-recipient')?.value;
  return {
    finalRecipient: { type: /^[\x20-\x7e]*$/.test(recipient) ? 'rfc822' : 'utf-8', address: recipient },
    disposition,
    errors,
    ...present({
      reportingUa,
      originalRecipient: original === undefined ? undefined : parseTypedAddress(original),
      originalMessageId: readMessageId(findField(headers, 'message-id')?.value),
    }),
  };
}
