import {
  type Address,
  equalAddresses,
  formatAddress,
  listMailboxes,
  mailboxAddress,
  parseAddressList,
  parseReversePath,
} from '@mox/address';
import { findFields, type HeaderField } from '@mox/message-format';
import { withoutComments } from './comments.ts';
import type { ReportDefect } from './delivery-status.ts';
import { formatNotificationOptions, type NotificationOption, parseNotificationOptions } from './notification-options.ts';

/** What a sender asks for (RFC 8098 §2). */
export interface MdnRequest {
  /** Where notifications are to go: addresses that differ, in their order. */
  readonly to: readonly Address[];
  /** Undefined where the field cannot be read. */
  readonly options: readonly NotificationOption[] | undefined;
  readonly defects: readonly ReportDefect[];
}

const requestField = 'disposition-notification-to';
const optionsField = 'disposition-notification-options';
const mostAddresses = 100;

/** Names of the fields of a request, in lower case: what systems that pass a message on take out or keep, as `passMdnRequest` says. */
export const mdnRequestFields: readonly string[] = [requestField, optionsField];

function distinct(addresses: readonly Address[]): readonly Address[] {
  const found: Address[] = [];
  for (const address of addresses) if (!found.some((other) => equalAddresses(other, address))) found.push(address);
  return found;
}

function readOptions(fields: readonly HeaderField[], defects: ReportDefect[]): readonly NotificationOption[] | undefined {
  if (fields.length === 0) return [];
  const options = fields.map(({ value }) => parseNotificationOptions(value));
  if (fields.length > 1) defects.push({ field: optionsField, problem: 'is there more than once' });
  if (options.every((list) => list !== undefined)) return options.flat();
  defects.push({ field: optionsField, problem: 'cannot be read' });
  return undefined;
}

/** Reads what the sender of a message asks for (RFC 8098 §2.1, §2.2). Undefined where he asks for nothing. */
export function readMdnRequest(headers: readonly HeaderField[]): MdnRequest | undefined {
  const fields = findFields(headers, requestField);
  if (fields.length === 0) return undefined;
  const defects: ReportDefect[] = [];
  const mailboxes = fields.flatMap(({ value }) => listMailboxes(parseAddressList(value, { entries: mostAddresses })));
  const addresses = mailboxes.slice(0, mostAddresses).map(mailboxAddress);
  if (fields.length > 1) defects.push({ field: requestField, problem: 'is there more than once' });
  if (addresses.length === 0 || addresses.includes(undefined)) defects.push({ field: requestField, problem: 'has what is no address' });
  const to = distinct(addresses.filter((address) => address !== undefined));
  return { to, options: readOptions(findFields(headers, optionsField), defects), defects };
}

/** Fields of a message that asks for notifications (RFC 8098 §2), as `composeMessage` takes them. Give the message a Message-ID too. */
export function formatMdnRequest(request: {
  readonly to: readonly Address[];
  readonly options?: readonly NotificationOption[];
}): readonly (readonly [name: string, value: string])[] {
  const { to, options = [] } = request;
  return [
    ['Disposition-Notification-To', to.map((address) => formatAddress(address, { smtputf8: true })).join(', ')],
    ...(options.length > 0 ? [['Disposition-Notification-Options', formatNotificationOptions(options)] as const] : []),
  ];
}

/** The reverse-path by the Return-Path field, null for `<>`; undefined where there is none that can be read. The first counts (RFC 8098 §2.1). */
export function readReturnPath(headers: readonly HeaderField[]): Address | null | undefined {
  const [field] = findFields(headers, 'return-path');
  if (!field) return undefined;
  const text = withoutComments(field.value);
  const parsed = parseReversePath(text.startsWith('<') ? text : `<${text}>`, { smtputf8: true, lenient: true });
  return parsed.ok ? parsed.value : undefined;
}

/** Whether all notifications asked for go to the reverse-path (RFC 8098 §2.1). */
export function goesToSender(
  request: MdnRequest,
  returnPath: Address | null | undefined,
  equal: typeof equalAddresses = equalAddresses,
): boolean {
  return Boolean(returnPath) && request.to.length > 0 && request.to.every((address) => returnPath && equal(address, returnPath));
}

/** Where a message with a request is passed on to. */
export type MdnPassing =
  /** The subscribers of a list: notifications would tell the sender who they are, and be many. */
  | 'list'
  | 'newsgroup'
  /** Another mail system whose notifications go to the sender, whoever asked. */
  | 'gateway'
  /** Somebody else's mailbox, by an alias or a forwarding user: his notification is wanted as well. */
  | 'forward';

/** Whether a request stays in a message that is passed on, or is taken out (RFC 8098 §2.1, §5, §8.3). */
export function passMdnRequest(
  headers: readonly HeaderField[],
  to: MdnPassing,
  returnPath: Address | null | undefined = readReturnPath(headers),
): boolean {
  const request = readMdnRequest(headers);
  if (!request || to === 'list' || to === 'newsgroup') return false;
  return to === 'forward' || goesToSender(request, returnPath);
}
