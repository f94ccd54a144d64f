import { selectBodyParts } from './body-parts.ts';
import { decodeText } from './decode-body.ts';
import { htmlToFirstText } from './html-text.ts';
import type { Part } from './part.ts';

/** How much of a part is looked at for a preview: of HTML more, where the start is all style sheets. */
const longestSource = 65_536;
const longestHtml = 1_048_576;
/** Tags among which to look for the first words: style sheets are long, not many. */
const mostTags = 10_000;
/** RFC 8970 §3.3: 200 characters should be enough. */
const previewLength = 200;
const quotedLine = /^\s*>/;
const signatureLine = /^-- ?$/;
// Zero-width characters and soft hyphens that senders fill the preview of other programs with.
const fillers = /[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\ufeff]+/g;

/** Cuts by characters, not by halves of them. */
function firstCharacters(text: string, count: number): string {
  if (text.length <= count) return text;
  const cut = Array.from(text.slice(0, count * 2))
    .slice(0, count)
    .join('');
  return cut.length < text.length ? cut.replace(/[\ud800-\udbff]$/, '') : cut;
}

/** A preview out of plain text: quotes and signature left away, blanks made single spaces (RFC 8970 §3.3). */
export function textPreview(text: string, characters: number = previewLength): string {
  const lines = text.slice(0, longestSource).split('\n');
  const end = lines.findIndex((line) => signatureLine.test(line.replace(/\r$/, '')));
  const own = end > 0 ? lines.slice(0, end) : lines;
  const said = own.filter((line) => !quotedLine.test(line));
  // A message that is all quotes is shown with them.
  const chosen = said.some((line) => line.trim() !== '') ? said : own;
  const joined = chosen
    .join(' ')
    .replace(fillers, '')
    .replace(/[\s\u0000-\u001f\u007f]+/g, ' ')
    .trim();
  return firstCharacters(joined, characters).trimEnd();
}

/** The preview of a part out of its first bytes. Only those are decoded; four and more of them may stand for one character. */
function partPreview(part: Part, message: Uint8Array, options: { readonly characters: number; readonly sourceBytes: number }): string {
  const { characters, sourceBytes } = options;
  const text = decodeText({ ...part, bodyEnd: Math.min(part.bodyEnd, part.bodyStart + sourceBytes) }, message);
  const isHtml = part.subtype === 'html';
  const plain = isHtml ? htmlToFirstText(text, { links: false, hidden: true, maxLength: 16 * characters, maxTags: mostTags }) : text;
  const preview = textPreview(plain, characters);
  if (preview !== '' || !isHtml || sourceBytes >= longestHtml || part.bodyEnd - part.bodyStart <= sourceBytes) return preview;
  return partPreview(part, message, { characters, sourceBytes: longestHtml });
}

/**
 * The first words of a message, for lists of messages (RFC 8970 §3.3): out of its plain text, else out of its HTML. Empty where it
 * has neither. At most 200 characters unless said otherwise.
 */
export function previewText(root: Part, message: Uint8Array, characters: number = previewLength): string {
  for (const part of selectBodyParts(root).textBody) {
    if (part.type !== 'text') continue;
    const preview = partPreview(part, message, { characters, sourceBytes: longestSource });
    if (preview !== '') return preview;
  }
  return '';
}
