/**
 * Takes the comments out of a value, as fields of reports may have them wherever white space may stand (RFC 3464 §2.1.1, RFC 8098 §3.1.1);
 * in quoted strings parentheses mean nothing. A value that is nothing else, or whose parentheses do not match, stays as it is.
 */
export function withoutComments(text: string): string {
  if (!text.includes('(')) return text;
  let kept = '';
  let from = 0;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '"' && depth === 0) quoted = !quoted;
    else if (character === '(' && !quoted) {
      if (depth++ === 0) kept += text.slice(from, at);
    } else if (character === ')' && !quoted) {
      if (depth === 0) return text;
      if (--depth === 0) from = at + 1;
    }
  }
  const rest = depth === 0 && !quoted ? `${kept}${text.slice(from)}`.trim() : '';
  return rest === '' ? text : rest;
}
