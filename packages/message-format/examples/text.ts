import { htmlToText, type Message, messageText, previewText } from '@mox/message-format';

/** What a message says, in plain text: its own, else made of its HTML. */
export function readText(message: Message, bytes: Uint8Array): { readonly text: string; readonly preview: string } {
  return { text: messageText(message), preview: previewText(message.structure.part, bytes) };
}

console.log(htmlToText('<h1>News</h1><ul><li>One<li>Two</ul><p>More <a href="https://example.org/n">here</a>.</p>'));
// News
//
// - One
// - Two
//
// More here <https://example.org/n>.
