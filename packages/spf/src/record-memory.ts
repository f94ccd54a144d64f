import { formatTxt, joinTxt } from '@mox/dns';
import type { Result } from '@mox/syntax';
import { isSpfRecord, type ReadRecord, readSpfRecord } from './record.ts';

/** What there is to know of a TXT record. */
export interface ReadTxt {
  readonly text: string;
  /** In presentation form. */
  readonly formatted: string;
  /** Undefined where the text is no SPF record (RFC 7208 §4.5). */
  readonly spf: Result<ReadRecord> | undefined;
}

interface Remembered {
  /** The bytes that were read last: a resolver that caches gives the same again, and they need not be looked at. */
  strings: readonly Uint8Array[];
  readonly txt: ReadTxt;
}

const placeCount = 256;
const longestText = 2048;
const mostMechanisms = 100;
/** Records by a hash of the names they were found at: that used last at each place, and that used before. */
const recent: (Remembered | undefined)[] = /* @__PURE__ */ Array.from({ length: placeCount }, () => undefined);
const earlier: (Remembered | undefined)[] = /* @__PURE__ */ Array.from({ length: placeCount }, () => undefined);
/**
 * Hashes of names met lately: what is met once is not remembered. Records that are kept only to be thrown away, in Maps or here,
 * would cost the garbage collector more than all the rest of a check. Other bits of a hash choose the place here, so that two names
 * of one place above do not hide each other from being met again.
 */
const metBefore = /* @__PURE__ */ new Int32Array(2 * placeCount);

function hashOf(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
  return hash ^ (hash >>> 8);
}

/** What is remembered of a record: the same bytes, or the same text. */
function recall(remembered: Remembered | undefined, strings: readonly Uint8Array[], text: string): ReadTxt | undefined {
  if (remembered?.txt.text !== text) return undefined;
  remembered.strings = strings;
  return remembered.txt;
}

/** Whether a record may be remembered: what is read of a short text can take a hundred times its room. */
function isModest({ text, spf }: ReadTxt): boolean {
  return text.length <= longestText && spf !== undefined && (!spf.ok || spf.value.mechanisms.length <= mostMechanisms);
}

/**
 * Reads a TXT record, or gives what was read before in the same text at this name: a few records, those of the big providers, are
 * in most of the checks a server makes. Bounded in number and size; what is remembered depends on the text alone.
 */
export function readTxtAt(name: string, strings: readonly Uint8Array[]): ReadTxt {
  const hash = hashOf(name);
  const place = hash & (placeCount - 1);
  const last = recent[place];
  if (last?.strings === strings) return last.txt;
  const text = joinTxt(strings);
  const known = recall(last, strings, text);
  if (known) return known;
  const before = recall(earlier[place], strings, text);
  const txt = before ?? { text, formatted: formatTxt(text), spf: isSpfRecord(text) ? readSpfRecord(text) : undefined };
  const met = (hash >>> 12) & (metBefore.length - 1);
  if (before || (metBefore[met] === hash && isModest(txt))) {
    earlier[place] = last;
    recent[place] = { strings, txt };
  }
  metBefore[met] = hash;
  return txt;
}
