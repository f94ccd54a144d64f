import { formatAddress, listMailboxes, mailboxAddress, parseAddressList } from '@mox/address';
import { withoutComments } from '@mox/dsn';
import { findHeaderEnd, type HeaderField, parseHeaderFields } from '@mox/message-format';
import { concatBytes, fromUtf8, hmac, type Secret, timingSafeEqual, toHex } from '@mox/runtime';

/** A CFBL-Address field (RFC 9477 §5.1): where the sender of a message wants complaints about it. */
export interface CfblAddress {
  readonly address: string;
  readonly format: 'arf' | 'xarf';
}

/** Names of the fields, in lower case: the DKIM signature of a message must cover them (RFC 9477 §3.1.4). */
export const cfblFields: readonly string[] = ['cfbl-address', 'cfbl-feedback-id'];

/** Reads the value of a CFBL-Address field (RFC 9477 §5.1). Undefined where it is none, or wants a format that is not known. */
export function parseCfblAddress(value: string): CfblAddress | undefined {
  const semicolon = value.lastIndexOf(';');
  const [mailbox, parameter] = semicolon < 0 ? [value, 'report=arf'] : [value.slice(0, semicolon), value.slice(semicolon + 1)];
  const [first, second] = listMailboxes(parseAddressList(mailbox, { entries: 2 }));
  const address = first && !second ? mailboxAddress(first) : undefined;
  const format = /^\s*report\s*=\s*(x?arf)\s*$/i.exec(withoutComments(parameter))?.[1]?.toLowerCase();
  if (address === undefined || (format !== 'arf' && format !== 'xarf')) return undefined;
  return { address: formatAddress(address, { smtputf8: true }), format };
}

/** Writes the value of a CFBL-Address field. */
export function formatCfblAddress(cfbl: CfblAddress): string {
  return `${cfbl.address}; report=${cfbl.format}`;
}

/** Reads the value of a CFBL-Feedback-ID field: white space and comments were put in to fold it (RFC 9477 §5.2). */
export function parseCfblFeedbackId(value: string): string | undefined {
  const id = withoutComments(value).replace(/\s+/g, '');
  return id === '' || id.length > 10_000 ? undefined : id;
}

/** Where complaints about a message go, and what they must carry. Whether to send any, `decideCfblReport` tells. */
export interface CfblTarget extends CfblAddress {
  /** CFBL-Feedback-ID. */
  readonly feedbackId?: string;
}

/** The first CFBL-Address field of a message that can be read; all others are passed over (RFC 9477 §3.2). */
export function findCfblField(headers: readonly HeaderField[]): { readonly field: HeaderField; readonly cfbl: CfblAddress } | undefined {
  for (const field of headers) {
    const cfbl = field.nameLower === 'cfbl-address' ? parseCfblAddress(field.value) : undefined;
    if (cfbl) return { field, cfbl };
  }
  return undefined;
}

/** Finds the complaint address in the header section of a message (RFC 9477 §3). */
export function findCfblTarget(headers: readonly HeaderField[]): CfblTarget | undefined {
  const found = findCfblField(headers);
  const value = headers.find(({ nameLower }) => nameLower === 'cfbl-feedback-id')?.value;
  const feedbackId = value === undefined ? undefined : parseCfblFeedbackId(value);
  return found && { ...found.cfbl, ...(feedbackId !== undefined && { feedbackId }) };
}

/**
 * The header section of a message with no more in it than a complaint must give back: Message-ID and CFBL-Feedback-ID, as they stand
 * (RFC 9477 §3.5). Give it as the `original` of a report that tells nothing else of the message.
 */
export function keepIdentifiers(message: Uint8Array): Uint8Array {
  const header = message.subarray(0, findHeaderEnd(message));
  const kept = parseHeaderFields(header).filter(({ nameLower }) => nameLower === 'message-id' || nameLower === 'cfbl-feedback-id');
  return concatBytes([...kept.map(({ start, end }) => header.subarray(start, end)), fromUtf8('\r\n')]);
}

/** What is known of a message by a complaint about it: that of the `originalHeaders` of a report. */
export interface CfblIdentifiers {
  /** Without angle brackets. */
  readonly messageId?: string;
  readonly feedbackId?: string;
}

function mac(payload: string, key: Secret<Uint8Array>): string {
  return toHex(hmac('sha256', key.reveal(), fromUtf8(payload)));
}

/**
 * Makes a CFBL-Feedback-ID that nobody else can make (RFC 9477 §3.3): a payload and its HMAC under a key of the sender. A complaint that does
 * not carry one is forged, or about somebody else's mail (RFC 9477 §6.3).
 *
 * @param payload letters, digits, and what may stand in an atom or is a colon, e.g. `campaign7:recipient42`
 */
export function makeCfblFeedbackId(payload: string, key: Secret<Uint8Array>): string {
  if (!/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~:-]+$/.test(payload))
    throw new TypeError('a payload of other characters than those of atoms and colons');
  return `${payload}:${mac(payload, key)}`;
}

/** The payload of a CFBL-Feedback-ID that `makeCfblFeedbackId` made with this key; undefined for any other. */
export function openCfblFeedbackId(feedbackId: string, key: Secret<Uint8Array>): string | undefined {
  const colon = feedbackId.lastIndexOf(':');
  const payload = feedbackId.slice(0, Math.max(0, colon));
  const right = colon > 0 && timingSafeEqual(fromUtf8(mac(payload, key)), fromUtf8(feedbackId.slice(colon + 1)));
  return right ? payload : undefined;
}
