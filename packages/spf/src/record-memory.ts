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

const generationSize = 128;
const longestText = 2048;
const mostMechanisms = 100;
/** Records by the names they were found at: those used lately, and those used in the time before. */
let young = new Map<string, ReadTxt>();
let old = new Map<string, ReadTxt>();

/** Whether a record may be remembered: what is read of a short text can take a hundred times its room. */
function isModest({ text, spf }: ReadTxt): boolean {
  return text.length <= longestText && spf !== undefined && (!spf.ok || spf.value.mechanisms.length <= mostMechanisms);
}

function remember(name: string, txt: ReadTxt): void {
  young.set(name, txt);
  if (young.size < generationSize) return;
  old = young;
  young = new Map();
}

/**
 * Reads a TXT record, or gives what was read before in the same text at this name: a few records, those of the big providers, are
 * in most of the checks a server makes. Bounded in number and size; what is remembered depends on the text alone.
 */
export function readTxtAt(name: string, strings: readonly Uint8Array[]): ReadTxt {
  const text = joinTxt(strings);
  const recent = young.get(name);
  if (recent?.text === text) return recent;
  const earlier = old.get(name);
  const known = earlier?.text === text ? earlier : undefined;
  const txt = known ?? { text, formatted: formatTxt(text), spf: isSpfRecord(text) ? readSpfRecord(text) : undefined };
  if (isModest(txt)) remember(name, txt);
  return txt;
}
