import { canonicalAddress, parseAddress } from '@mox/address';
import { findFields, type HeaderField } from './header-field.ts';

/** The form in which two addresses are compared; the text itself where it is no address. */
function comparable(text: string): string {
  const bare = text.trim().replace(/^<|>$/g, '');
  const address = parseAddress(bare, { smtputf8: true });
  return address.ok ? canonicalAddress(address.value) : bare.toLowerCase();
}

/** The addresses that a message says it was delivered to, the last first (RFC 9228 §4). */
export function parseDeliveredTo(fields: readonly HeaderField[]): string[] {
  return findFields(fields, 'delivered-to').map((field) => field.value.trim().replace(/^<|>$/g, ''));
}

/** Whether a message was delivered to an address before: a sign of a loop (RFC 9228 §4). */
export function wasDeliveredTo(fields: readonly HeaderField[], address: string): boolean {
  const wanted = comparable(address);
  return parseDeliveredTo(fields).some((delivered) => comparable(delivered) === wanted);
}
