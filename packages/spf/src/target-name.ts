/**
 * Labels of a name that DNS can be asked for: of ASCII, none empty or longer than 63 characters, 253 in all (RFC 7208 §4.3, §4.8);
 * 0 for anything else. A dot at the end is for the caller to cut off. The name is a text, or the part of it from `from` to before `end`.
 */
export function countLabels(text: string, from = 0, end: number = text.length): number {
  if (end - from > 253) return 0;
  let labels = 1;
  let start = from;
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) return 0;
    if (code !== 0x2e) continue;
    if (at === start || at - start > 63) return 0;
    labels++;
    start = at + 1;
  }
  return end === start || end - start > 63 ? 0 : labels;
}

/** Whether a name is a domain or below it; both in lower case. */
export function isWithin(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

/** Whether a text has characters of ASCII alone. */
export function isAscii(text: string): boolean {
  return !/[^\x00-\x7f]/.test(text);
}
