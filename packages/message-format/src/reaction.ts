import { partCharset } from './body-parts.ts';
import { decodeText } from './decode-body.ts';
import type { Part } from './part.ts';

/** Bytes beyond which a part is no line of emoji. */
const longestReaction = 10_000;
const emoji = /^\p{RGI_Emoji}$/v;

/** Reads the content of a reaction: emoji with white space between (RFC 9078 §3). What is no emoji is left away. */
export function parseReaction(content: string): string[] {
  const [line = ''] = content.split(/\r?\n/, 1);
  return line.split(/[ \t]+/).filter((candidate) => candidate.length < 100 && isEmoji(candidate));
}

/** Whether a text is one emoji; a lone sign that is text unless told otherwise counts too, as U+2639 in RFC 9078 §3. */
function isEmoji(text: string): boolean {
  return emoji.test(text) || emoji.test(`${text}\ufe0f`);
}

/** Writes the content of a reaction (RFC 9078 §3). */
export function formatReaction(emojis: readonly string[]): string {
  return `${emojis.join(' ')}\r\n`;
}

/**
 * Finds the reaction in a message: its body, or the first member of its outermost multipart (RFC 9078 §3, RFC 9078 §4). Undefined where there
 * is none. It says something only of the message that In-Reply-To names.
 */
export function findReaction(root: Part, message: Uint8Array): { readonly part: Part; readonly emojis: readonly string[] } | undefined {
  const candidates = root.parts ?? [root];
  const part = candidates.find((candidate) => candidate.disposition?.type === 'reaction');
  if (!part || part.type !== 'text' || part.subtype !== 'plain' || part.bodyEnd - part.bodyStart > longestReaction) return undefined;
  if (!/^(?:utf-?8|us-ascii)$/i.test(partCharset(part))) return undefined;
  const emojis = parseReaction(decodeText(part, message));
  return emojis.length === 0 ? undefined : { part, emojis };
}
