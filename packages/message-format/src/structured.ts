import { type CharClass, charClass, type TextCursor } from '@mox/syntax';
import { isBlank } from './blank.ts';

/** Characters of a MIME token: ASCII but controls, space and tspecials (RFC 2045 §5.1). Beyond ASCII is let through. */
export const isToken: CharClass = /* @__PURE__ */ charClass(['#', "'"], '!*+-.', ['0', '9'], ['A', 'Z'], ['^', '~'], ['\x80', '\xff']);

const ends = /[()\\]/g;

/** Goes past a comment that starts here, inner comments included (RFC 5322 §3.2.2). False, and no move, where it never ends. */
export function skipComment(cursor: TextCursor): boolean {
  ends.lastIndex = cursor.at;
  let depth = 0;
  for (let match = ends.exec(cursor.text); match && match.index < cursor.end; match = ends.exec(cursor.text)) {
    if (match[0] === '\\') {
      ends.lastIndex = match.index + 2;
      continue;
    }
    depth += match[0] === '(' ? 1 : -1;
    if (depth > 0) continue;
    cursor.at = match.index + 1;
    return true;
  }
  return false;
}

/** Goes past white space and comments (CFWS, RFC 5322 §3.2.2). An unended comment takes all that is left. */
export function skipCfws(cursor: TextCursor): void {
  for (;;) {
    cursor.skipWhile(isBlank);
    if (cursor.peek() !== 40) return;
    if (!skipComment(cursor)) cursor.at = cursor.end;
  }
}

const pairs = /\\([\s\S])/g;

/** Takes backslashes of quoted pairs off (RFC 5322 §3.2.1). */
export function unquotePairs(text: string): string {
  return text.includes('\\') ? text.replace(pairs, '$1') : text;
}

/** Index of the quote that ends the quoted string whose content starts at `start`, or -1 where it never ends. */
export function quoteEnd(text: string, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) return at;
    if (code === 92) at++;
  }
  return -1;
}

/** Reads the quoted string that starts here (RFC 5322 §3.2.4), without its quotes. One that never ends takes all that is left. */
export function readQuotedString(cursor: TextCursor): string {
  const start = cursor.at + 1;
  const found = quoteEnd(cursor.text, start, cursor.end);
  const end = found < 0 ? cursor.end : found;
  cursor.at = Math.min(cursor.end, end + 1);
  return unquotePairs(cursor.text.slice(start, end));
}
