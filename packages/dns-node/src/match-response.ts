const headerLength = 12;

/** Where the first question of a query that we wrote ends: no pointers in it. */
function questionEnd(query: Uint8Array): number {
  let at = headerLength;
  while (at < query.length && query[at] !== 0) at += 1 + (query[at] ?? 0);
  return at + 5;
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/**
 * Whether bytes are the response to a query (RFC 5452 §9.1): same ID, same question. `folded` where the question came back with
 * its letters in another case: from a server that changes it, or from somebody who guesses. `none` is not ours.
 */
export function matchResponse(query: Uint8Array, response: Uint8Array): 'exact' | 'folded' | 'none' {
  if (response.length < headerLength || response[0] !== query[0] || response[1] !== query[1]) return 'none';
  const isResponse = ((response[2] ?? 0) & 0x80) !== 0;
  if (!isResponse) return 'none';
  const questions = ((response[4] ?? 0) << 8) | (response[5] ?? 0);
  // A server that does not even read EDNS may send FORMERR without the question (RFC 6891 §7).
  if (questions === 0 && ((response[3] ?? 0) & 15) === 1) return 'exact';
  const end = questionEnd(query);
  if (questions !== 1 || response.length < end) return 'none';
  let exact = true;
  for (let i = headerLength; i < end; i++) {
    const ours = query[i] ?? 0;
    const theirs = response[i] ?? 0;
    if (ours === theirs) continue;
    if (i >= end - 5 || lower(ours) !== lower(theirs)) return 'none';
    exact = false;
  }
  return exact ? 'exact' : 'folded';
}
