/** System flags that a client may set, in the case of RFC 9051 §2.3.2. */
export const systemFlags: readonly string[] = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'];

/** The flag of RFC 3501 §2.3.2 that only a server sets. */
export const recentFlag = '\\Recent';

const byLowerCase = /* @__PURE__ */ new Map(/* @__PURE__ */ [...systemFlags, recentFlag].map((flag) => [flag.toLowerCase(), flag]));

/** A flag as written, with the case of RFC 9051 §2.3.2 where it is a system flag. Undefined for a system flag that nobody knows. */
export function normalizeFlag(text: string): string | undefined {
  return text.startsWith('\\') ? byLowerCase.get(text.toLowerCase()) : text;
}
