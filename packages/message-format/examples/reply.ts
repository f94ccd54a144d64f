import { type ComposedMessage, composeMessage, type Message, messageText, parseBaseSubject, replyIdentifiers } from '@mox/message-format';
import { systemRandom } from '@mox/runtime';

/** Replies to a message: to whom it wants, under its subject, in its thread, its text quoted. */
export function reply(original: Message, from: string, text: string): ComposedMessage {
  const quoted = messageText(original).replace(/^(>*) ?/gm, '>$1 ');
  return composeMessage(
    {
      from,
      to: original.replyTo.length > 0 ? original.replyTo : original.from,
      subject: `Re: ${parseBaseSubject(original.subject).base}`,
      text: `${text}\n\n${quoted}`,
      ...replyIdentifiers(original),
    },
    { clock: Date, random: systemRandom, flowed: true },
  );
}
