import { htmlToText } from './html-text.ts';
import type { Part } from './part.ts';

/** Which text of a message is wanted. */
export type TextKind = 'plain' | 'html';

/** The texts among the parts of a body, in order; none where no text of the kind is there. */
export function textParts(body: readonly Part[], kind: TextKind): Part[] {
  const texts = body.filter((part) => part.type === 'text');
  return texts.some((part) => part.subtype === kind) ? texts : [];
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** A text as the kind that is wanted: HTML in words, or plain text as HTML that looks like it. */
function convert(text: string, part: Part, kind: TextKind): string {
  if ((part.subtype === 'html') === (kind === 'html')) return text;
  if (kind === 'plain') return htmlToText(text);
  return `<div style="white-space: pre-wrap">${text.replace(/[&<>]/g, (character) => escapes[character] ?? '')}</div>`;
}

/**
 * Joins the texts of the parts that `textParts` gave, line ends between them. Where kinds are mixed, as by the plain footer that a
 * mailing list puts under an HTML message, each becomes the kind that is wanted: either body is the whole message (RFC 8621 §4.1.4).
 * Undefined where there is none.
 */
export function joinTexts(parts: readonly Part[], texts: readonly string[], kind: TextKind): string | undefined {
  const [first] = parts;
  if (!first) return undefined;
  const converted = texts.map((text, index) => convert(text, parts[index] ?? first, kind));
  if (converted.length === 1) return converted[0];
  return converted.map((text) => (text.endsWith('\n') ? text : `${text}\n`)).join('');
}
