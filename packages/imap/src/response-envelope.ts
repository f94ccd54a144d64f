import type { Envelope, EnvelopeAddress } from '@mox/message-format';
import type { ResponseCursor } from './response-cursor.ts';

function parseAddress(cursor: ResponseCursor): EnvelopeAddress {
  cursor.expect('(');
  const name = cursor.ntext();
  cursor.space();
  const route = cursor.ntext();
  cursor.space();
  const mailbox = cursor.ntext();
  cursor.space();
  const host = cursor.ntext();
  cursor.expect(')');
  return { name, route, mailbox, host };
}

function parseAddresses(cursor: ResponseCursor): readonly EnvelopeAddress[] | null {
  if (cursor.takeNil()) return null;
  const addresses: EnvelopeAddress[] = [];
  cursor.expect('(');
  // A space between addresses is against the syntax, but sent by some.
  while (cursor.peek() === 40 || cursor.take(' ')) addresses.push(parseAddress(cursor));
  cursor.expect(')');
  return addresses;
}

/** An envelope with its parentheses (RFC 9051 §7.5.2). */
export function parseEnvelope(cursor: ResponseCursor): Envelope {
  const next = <T>(read: (cursor: ResponseCursor) => T): T => {
    cursor.space();
    return read(cursor);
  };
  const text = (): string | null => cursor.ntext();
  cursor.expect('(');
  const date = cursor.ntext();
  const subject = next(text);
  const from = next(parseAddresses);
  const sender = next(parseAddresses);
  const replyTo = next(parseAddresses);
  const to = next(parseAddresses);
  const cc = next(parseAddresses);
  const bcc = next(parseAddresses);
  const inReplyTo = next(text);
  const messageId = next(text);
  cursor.expect(')');
  return { date, subject, from, sender, replyTo, to, cc, bcc, inReplyTo, messageId };
}
