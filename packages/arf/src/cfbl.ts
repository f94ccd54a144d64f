import { formatAddress, listMailboxes, mailboxAddress, parseAddressList } from '@mox/address';
import type { HeaderField } from '@mox/message-format';

/** A CFBL-Address field (RFC 9477 §5.1): where the sender of a message wants complaints about it. */
export interface CfblAddress {
  readonly address: string;
  readonly format: 'arf' | 'xarf';
}

/** Reads the value of a CFBL-Address field (RFC 9477 §5.1). Undefined where it is none, or wants a format that is not known. */
export function parseCfblAddress(value: string): CfblAddress | undefined {
  const [mailbox = '', ...parameters] = value.split(';');
  const [first, second] = listMailboxes(parseAddressList(mailbox, { entries: 2 }));
  const address = first && !second ? mailboxAddress(first) : undefined;
  if (address === undefined || parameters.length > 1) return undefined;
  const format = /^\s*report\s*=\s*(x?arf)\s*$/i.exec(parameters[0] ?? 'report=arf')?.[1]?.toLowerCase();
  return format === 'arf' || format === 'xarf' ? { address: formatAddress(address, { smtputf8: true }), format } : undefined;
}

/** Writes the value of a CFBL-Address field. */
export function formatCfblAddress(cfbl: CfblAddress): string {
  return `${cfbl.address}; report=${cfbl.format}`;
}

/** Where complaints about a message go, and what they must carry (RFC 9477 §3). Whether to send any, its DKIM signatures decide. */
export interface CfblTarget {
  readonly addresses: readonly CfblAddress[];
  /** CFBL-Feedback-ID, to be copied into the report. */
  readonly feedbackId?: string;
}

/** Finds the complaint addresses in the header section of a message (RFC 9477 §3). */
export function findCfblTarget(headers: readonly HeaderField[]): CfblTarget {
  const addresses = headers.filter(({ nameLower }) => nameLower === 'cfbl-address').flatMap(({ value }) => parseCfblAddress(value) ?? []);
  const feedbackId = headers.find(({ nameLower }) => nameLower === 'cfbl-feedback-id')?.value;
  return { addresses, ...(feedbackId !== undefined && { feedbackId }) };
}
