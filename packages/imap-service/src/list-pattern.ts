/** Characters of all patterns of a command together: a match costs the pattern's length times the name's. */
export const maximumPatternLength = 2000;

const percent = 37;
const star = 42;
const delimiter = 47;

/**
 * Whether a name matches a pattern: `*` stands for anything, `%` for anything without the delimiter `/` (RFC 9051 §6.3.9).
 * Costs at most the product of both lengths, whatever the pattern.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  // reachable[i]: the pattern read so far matches the first i characters of the name
  let reachable = new Uint8Array(name.length + 1);
  reachable[0] = 1;
  for (let at = 0; at < pattern.length; at++) {
    const code = pattern.charCodeAt(at);
    const next = new Uint8Array(name.length + 1);
    if (code === star || code === percent) {
      let carries = false;
      for (let i = 0; i <= name.length; i++) {
        if (reachable[i] === 1) carries = true;
        else if (code === percent && name.charCodeAt(i - 1) === delimiter) carries = false;
        if (carries) next[i] = 1;
      }
    } else {
      for (let i = 0; i < name.length; i++) if (reachable[i] === 1 && name.charCodeAt(i) === code) next[i + 1] = 1;
    }
    reachable = next;
  }
  return reachable[name.length] === 1;
}
