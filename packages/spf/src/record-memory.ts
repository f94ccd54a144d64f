import type { Result } from '@mox/syntax';
import { formatMechanism, parseSpfRecord, type SpfRecord } from './record.ts';

/** A record as an evaluation needs it: read, and each mechanism as text for the trace. */
export interface ReadRecord {
  readonly parsed: Result<SpfRecord>;
  readonly mechanismTexts: readonly string[];
}

const mostRecords = 256;
const longestText = 2048;
/** Insertion order is order of use: the oldest goes first. */
const records = new Map<string, ReadRecord>();

function readRecord(text: string): ReadRecord {
  const parsed = parseSpfRecord(text);
  return { parsed, mechanismTexts: parsed.ok ? parsed.value.mechanisms.map(formatMechanism) : [] };
}

/**
 * `parseSpfRecord`, remembered: a few records, those of the big providers, are in most of the checks a server makes.
 * Bounded in number and size; what is remembered depends on the text alone.
 */
export function rememberRecord(text: string): ReadRecord {
  if (text.length > longestText) return readRecord(text);
  let record = records.get(text);
  if (record) records.delete(text);
  else record = readRecord(text);
  records.set(text, record);
  if (records.size > mostRecords) records.delete(records.keys().next().value ?? '');
  return record;
}
