import {
  type Address,
  formatAddress,
  formatAddressDomain,
  formatAddressList,
  listMailboxes,
  mailboxAddress,
  needsSmtputf8,
  parseAddress,
  parseAddressList,
} from '@mox/address';
import { ComposeError } from './compose-error.ts';
import { encodedWordLength, writeField } from './field-writer.ts';

/**
 * A mailbox to write to or from: an address, or an address with the name of whom it belongs to. As text, `Jane <jane@example.org>` is the
 * latter; where the name comes from others give it as `name`, for as text it might say another address.
 */
export type ComposeMailbox = string | { readonly name?: string; readonly address: string };

/** A recipient: a mailbox, or a group of them, which may be empty (RFC 5322 §3.4). */
export type ComposeRecipient = ComposeMailbox | { readonly group: string; readonly members: readonly ComposeMailbox[] };

/** A mailbox as the address package writes it. */
interface Mailbox {
  readonly name: string;
  readonly localpart: string;
  readonly domain: string;
}

/** A mailbox read. */
interface NamedAddress {
  readonly name: string;
  readonly address: Address;
}

/** Reads `Jane <jane@example.org>`: one mailbox, and nothing wrong with it. */
function readNamedAddress(text: string): NamedAddress | undefined {
  if (!text.endsWith('>') || /[\x00-\x1f\x7f]/.test(text)) return undefined;
  const list = parseAddressList(text);
  const [mailbox, ...more] = listMailboxes(list);
  const address = mailbox && mailboxAddress(mailbox);
  return address && more.length === 0 && list.defects.length === 0 ? { name: mailbox.name, address } : undefined;
}

function readMailboxText(mailbox: ComposeMailbox): NamedAddress {
  const { name = '', address: text } = typeof mailbox === 'string' ? { address: mailbox } : mailbox;
  const parsed = parseAddress(text, { smtputf8: true });
  if (parsed.ok) return { name, address: parsed.value };
  const named = typeof mailbox === 'string' ? readNamedAddress(text) : undefined;
  if (named) return named;
  throw new ComposeError('invalid-address', `${JSON.stringify(text)} is no address: ${parsed.error.message}`);
}

function readMailbox(mailbox: ComposeMailbox, utf8: boolean): Mailbox {
  const { name, address } = readMailboxText(mailbox);
  if (!utf8 && needsSmtputf8(address))
    throw new ComposeError('needs-smtputf8', `${JSON.stringify(formatAddress(address))} can only be written with SMTPUTF8`);
  return { name, localpart: address.localpart, domain: formatAddressDomain(address.domain, { smtputf8: utf8 }) };
}

/** The domain of a mailbox in ASCII: identifiers had better be so, whatever the message may hold (RFC 6532 §3.3). */
export function mailboxDomain(mailbox: ComposeMailbox): string {
  return formatAddressDomain(readMailboxText(mailbox).address.domain);
}

/** A mailbox and its comma in pieces between which a line may be broken: its name is not to be broken by itself. */
function mailboxPieces(text: string): readonly string[] {
  const angle = text.endsWith('>,') ? text.lastIndexOf(' <') : -1;
  return angle < 0 ? [text] : [text.slice(0, angle), text.slice(angle + 1)];
}

/** Writes an address field (RFC 5322 §3.6.2, RFC 5322 §3.6.3), a name or an address a piece; nothing where there is none. */
export function writeAddresses(name: string, recipients: readonly ComposeRecipient[], options: { readonly utf8: boolean }): string {
  const { utf8 } = options;
  if (recipients.length === 0) return '';
  const format = { utf8, wordLength: encodedWordLength(name) };
  const pieces = recipients.flatMap((recipient) => {
    // Not by `group`: an address that was read out of a group has one.
    if (!(typeof recipient === 'object' && 'members' in recipient))
      return mailboxPieces(`${formatAddressList([readMailbox(recipient, utf8)], format)},`);
    const [mark = ''] = formatAddressList([{ name: recipient.group, members: [] }], format).split(/;$/);
    const members = recipient.members.map((member) => `${formatAddressList([readMailbox(member, utf8)], format)},`);
    const inside = [mark, ...members.flatMap(mailboxPieces)];
    const last = inside.pop() ?? '';
    return [...inside, `${members.length === 0 ? last : last.slice(0, -1)};,`];
  });
  pieces.push((pieces.pop() ?? '').slice(0, -1));
  return writeField(name, pieces);
}
