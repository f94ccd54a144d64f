/**
 * Prepares a name or a password as the mechanisms ask for, by SASLprep as a query string (RFC 4013 §2), so that unassigned
 * code points pass. Undefined where it has a prohibited character or nothing is left of it.
 */
export function prepare(text: string): string | undefined {
  const prepared = text.normalize('NFKC');
  return prepared === '' || /\p{Cc}/u.test(prepared) ? undefined : prepared;
}
