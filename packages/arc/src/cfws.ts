/** Offset behind a comment (RFC 5322 §3.2.2), which may have others within; `start` where none begins there or it has no end. */
function skipComment(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === '\\') at++;
    if (depth === 0) return character === ')' ? at + 1 : start;
  }
  return start;
}

/** Offset behind the white space and the comments (CFWS, RFC 5322 §3.2.2) that begin at `start`. */
export function skipCfws(text: string, start: number): number {
  let at = start;
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t' || text[at] === '\r' || text[at] === '\n') at++;
    const end = text[at] === '(' ? skipComment(text, at) : at;
    if (end === at) return at;
    at = end;
  }
}
