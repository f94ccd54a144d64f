import type { Envelope, EnvelopeAddress } from '@mox/message-format';
import { formatNstring } from './format-string.ts';

function formatAddress(address: EnvelopeAddress, utf8: boolean): string {
  const { name, route, mailbox, host } = address;
  return `(${formatNstring(name, utf8)} ${formatNstring(route, utf8)} ${formatNstring(mailbox, utf8)} ${formatNstring(host, utf8)})`;
}

function formatAddresses(addresses: readonly EnvelopeAddress[] | null, utf8: boolean): string {
  if (addresses === null || addresses.length === 0) return 'NIL';
  let text = '(';
  for (const address of addresses) text += formatAddress(address, utf8);
  return `${text})`;
}

/**
 * An envelope (RFC 9051 §7.5.2), one character for each byte. Sender and Reply-To are From where the message has none of its own.
 * `utf8`: the client takes UTF-8 in quotes.
 *
 * deviates RFC 6855 §4: a client without UTF8=ACCEPT gets international headers as literals, not downgraded.
 */
export function formatEnvelope(envelope: Envelope, utf8: boolean): string {
  const from = formatAddresses(envelope.from, utf8);
  const sender = envelope.sender?.length ? formatAddresses(envelope.sender, utf8) : from;
  const replyTo = envelope.replyTo?.length ? formatAddresses(envelope.replyTo, utf8) : from;
  const to = formatAddresses(envelope.to, utf8);
  const rest = `${to} ${formatAddresses(envelope.cc, utf8)} ${formatAddresses(envelope.bcc, utf8)}`;
  const ids = `${formatNstring(envelope.inReplyTo, utf8)} ${formatNstring(envelope.messageId, utf8)}`;
  return `(${formatNstring(envelope.date, utf8)} ${formatNstring(envelope.subject, utf8)} ${from} ${sender} ${replyTo} ${rest} ${ids})`;
}
