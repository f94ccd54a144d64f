import { formatDate, parseDate } from '@mox/message-format';
import { fromUtf8 } from '@mox/runtime';
import { present } from '@mox/syntax';
import { withoutComments } from './comments.ts';
import { fieldValue, formatField, type ReportField, readFieldGroups } from './report-fields.ts';
import { formatStatusCode, parseStatusCode, type StatusCode } from './status-code.ts';
import { escapeBeyondAscii, formatTypedAddress, parseTypedAddress, splitTyped, type TypedAddress } from './typed-address.ts';

/** What became of a recipient (RFC 3464 §2.3.3). */
export type DeliveryAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';

/** A name of a mail system with its type (RFC 3464 §2.1.2), e.g. `dns; mx.example.org`. */
export interface MtaName {
  readonly type: string;
  readonly name: string;
}

/** What is told of one recipient (RFC 3464 §2.3). Times are in milliseconds. */
export interface RecipientStatus {
  readonly originalRecipient?: TypedAddress;
  readonly finalRecipient: TypedAddress;
  readonly action: DeliveryAction;
  readonly status: StatusCode;
  readonly remoteMta?: MtaName;
  /** Type and text, e.g. `smtp` and `550 5.1.1 no such user`. */
  readonly diagnosticCode?: { readonly type: string; readonly text: string };
  readonly lastAttemptAt?: number;
  readonly finalLogId?: string;
  readonly willRetryUntil?: number;
  /** Fields that RFC 3464 does not know, of the recipient, e.g. `x-actual-recipient`; absent where there are none. */
  readonly extensions?: readonly (readonly [name: string, value: string])[];
}

/** A delivery status (RFC 3464 §2): the body of message/delivery-status or message/global-delivery-status. Times are in milliseconds. */
export interface DeliveryStatus {
  readonly originalEnvelopeId?: string;
  readonly reportingMta: MtaName;
  readonly dsnGateway?: MtaName;
  readonly receivedFromMta?: MtaName;
  readonly arrivalAt?: number;
  readonly recipients: readonly RecipientStatus[];
  /** Fields that RFC 3464 does not know, of the message. */
  readonly extensions: readonly (readonly [name: string, value: string])[];
}

/** Something in a report that its RFC does not allow, and that the parser coped with. */
export interface ReportDefect {
  /** Which field, or part. */
  readonly field: string;
  readonly problem: string;
}

const mostRecipients = 10_000;
const actions: ReadonlySet<string> = new Set<DeliveryAction>(['failed', 'delayed', 'delivered', 'relayed', 'expanded']);
const recipientFields: ReadonlySet<string> = new Set([
  ...['original-recipient', 'final-recipient', 'action', 'status', 'remote-mta', 'diagnostic-code', 'last-attempt-date'],
  ...['final-log-id', 'will-retry-until'],
]);
const messageFields: ReadonlySet<string> = new Set([
  'original-envelope-id',
  'reporting-mta',
  'dsn-gateway',
  'received-from-mta',
  'arrival-date',
]);

function isAction(text: string): text is DeliveryAction {
  return actions.has(text);
}

/** Reads `type; name`, without comments. Where there is no type, `dns` is meant. */
export function parseMtaName(text: string): MtaName {
  const [type, name] = splitTyped(text, 'dns');
  return { type, name: withoutComments(name) };
}

function formatMtaName({ type, name }: MtaName): string {
  return `${type}; ${name}`;
}

function readTime(fields: readonly ReportField[], name: string, defects: ReportDefect[]): number | undefined {
  const value = fieldValue(fields, name);
  if (value === undefined) return undefined;
  const date = parseDate(value);
  if (!date) defects.push({ field: name, problem: `not a date: ${value}` });
  return date?.instant;
}

function optional<T>(value: string | undefined, parse: (text: string) => T): T | undefined {
  return value === undefined ? undefined : parse(value);
}

function parseDiagnostic(typed: string): { readonly type: string; readonly text: string } {
  const [type, text] = splitTyped(typed, 'smtp');
  // What was folded is indented, and replies of several lines are made one.
  return { type, text: text.replace(/\s+/g, ' ') };
}

/** The action of a recipient, by its status where the field is missing or unknown. */
function readAction(fields: readonly ReportField[], status: StatusCode | undefined, defects: ReportDefect[]): DeliveryAction {
  const action = fieldValue(fields, 'action')?.trim().split(/[\s(]/, 1)[0]?.toLowerCase() ?? '';
  if (isAction(action)) return action;
  defects.push({ field: 'action', problem: action === '' ? 'is missing' : `unknown: ${action}` });
  return status?.class === 2 ? 'delivered' : status?.class === 4 ? 'delayed' : 'failed';
}

function readRecipient(fields: readonly ReportField[], defects: ReportDefect[]): RecipientStatus {
  const get = (name: string): string | undefined => fieldValue(fields, name);
  const final = get('final-recipient');
  const original = get('original-recipient');
  if (final === undefined) defects.push({ field: 'final-recipient', problem: 'is missing' });
  const status = parseStatusCode(get('status') ?? '');
  if (!status)
    defects.push({ field: 'status', problem: get('status') === undefined ? 'is missing' : `not a status code: ${get('status')}` });
  const action = readAction(fields, status, defects);
  const extensions = fields.filter(([name]) => !recipientFields.has(name));
  return {
    finalRecipient: parseTypedAddress(final ?? original ?? ''),
    action,
    status: status ?? { class: action === 'failed' ? 5 : action === 'delayed' ? 4 : 2, subject: 0, detail: 0 },
    ...present({
      originalRecipient: optional(original, parseTypedAddress),
      remoteMta: optional(get('remote-mta'), parseMtaName),
      diagnosticCode: optional(get('diagnostic-code'), parseDiagnostic),
      lastAttemptAt: readTime(fields, 'last-attempt-date', defects),
      finalLogId: get('final-log-id'),
      willRetryUntil: readTime(fields, 'will-retry-until', defects),
      extensions: extensions.length > 0 ? extensions : undefined,
    }),
  };
}

function isRecipientGroup(fields: readonly ReportField[]): boolean {
  return fields.some(([name]) => name === 'final-recipient' || name === 'original-recipient' || name === 'action');
}

/** Reads the body of a message/delivery-status, decoded (RFC 3464 §2). What is missing or wrong is told, never fatal. */
export function parseDeliveryStatus(body: Uint8Array): { readonly status: DeliveryStatus; readonly defects: readonly ReportDefect[] } {
  const defects: ReportDefect[] = [];
  const { groups, cut } = readFieldGroups(body, mostRecipients + 1);
  if (cut) defects.push({ field: 'final-recipient', problem: `more than ${mostRecipients} recipients` });
  // Some senders leave the fields of the message away.
  const first = groups[0] ?? [];
  const message = isRecipientGroup(first) ? [] : first;
  const recipients = (message.length > 0 ? groups.slice(1) : groups).filter(isRecipientGroup);
  const get = (name: string): string | undefined => fieldValue(message, name);
  if (get('reporting-mta') === undefined) defects.push({ field: 'reporting-mta', problem: 'is missing' });
  if (recipients.length === 0) defects.push({ field: 'final-recipient', problem: 'no recipient is told of' });
  const status: DeliveryStatus = {
    reportingMta: parseMtaName(get('reporting-mta') ?? ''),
    recipients: recipients.map((fields) => readRecipient(fields, defects)),
    extensions: message.filter(([name]) => !messageFields.has(name)),
    ...present({
      originalEnvelopeId: get('original-envelope-id'),
      dsnGateway: optional(get('dsn-gateway'), parseMtaName),
      receivedFromMta: optional(get('received-from-mta'), parseMtaName),
      arrivalAt: readTime(message, 'arrival-date', defects),
    }),
  };
  return { status, defects };
}

function optionalField(name: string, value: string | undefined): string {
  return value === undefined ? '' : formatField(name, value);
}

function formatTime(time: number | undefined): string | undefined {
  return time === undefined ? undefined : formatDate(time);
}

function formatRecipient(recipient: RecipientStatus, options: { readonly utf8?: boolean }): string {
  const { diagnosticCode: diagnostic } = recipient;
  return [
    optionalField('Original-Recipient', recipient.originalRecipient && formatTypedAddress(recipient.originalRecipient, options)),
    formatField('Final-Recipient', formatTypedAddress(recipient.finalRecipient, options)),
    formatField('Action', recipient.action),
    formatField('Status', formatStatusCode(recipient.status)),
    optionalField('Remote-MTA', recipient.remoteMta && formatMtaName(recipient.remoteMta)),
    optionalField('Diagnostic-Code', diagnostic && `${diagnostic.type}; ${diagnostic.text}`),
    optionalField('Last-Attempt-Date', formatTime(recipient.lastAttemptAt)),
    optionalField('Final-Log-ID', recipient.finalLogId),
    optionalField('Will-Retry-Until', formatTime(recipient.willRetryUntil)),
    ...(recipient.extensions ?? []).map(([name, value]) => formatField(name, value)),
  ].join('');
}

/** Writes the body of a message/delivery-status (RFC 3464 §2), in ASCII, or with `utf8` of a message/global-delivery-status (RFC 6533 §4). */
export function formatDeliveryStatus(status: DeliveryStatus, options: { readonly utf8?: boolean } = {}): Uint8Array {
  const message = [
    optionalField('Original-Envelope-Id', status.originalEnvelopeId),
    formatField('Reporting-MTA', formatMtaName(status.reportingMta)),
    optionalField('DSN-Gateway', status.dsnGateway && formatMtaName(status.dsnGateway)),
    optionalField('Received-From-MTA', status.receivedFromMta && formatMtaName(status.receivedFromMta)),
    optionalField('Arrival-Date', formatTime(status.arrivalAt)),
    ...status.extensions.map(([name, value]) => formatField(name, value)),
  ].join('');
  const text = [message, ...status.recipients.map((recipient) => formatRecipient(recipient, options))].join('\r\n');
  return fromUtf8(options.utf8 ? text : escapeBeyondAscii(text));
}
