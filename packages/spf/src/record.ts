import { ok, parseError, type Result } from '@mox/syntax';
import { type MacroString, parseDomainSpec, parseMacroString } from './macro.ts';
import { formatMechanism, type ReadMechanism, readTerm, type SpfMechanism, TermReader, toMechanism } from './mechanism.ts';

/** An SPF record (RFC 7208 §4.6.1), read. */
export interface SpfRecord {
  readonly mechanisms: readonly SpfMechanism[];
  readonly redirect?: MacroString;
  readonly explanation?: MacroString;
  /** Modifiers that RFC 7208 does not know, in order; they have no effect (§6). */
  readonly modifiers: readonly { readonly name: string; readonly value: MacroString }[];
}

/** A record as an evaluation needs it. */
export interface ReadRecord extends Omit<SpfRecord, 'mechanisms'> {
  readonly mechanisms: readonly ReadMechanism[];
}

/** Whether a TXT record is an SPF record: `v=spf1`, then a space or the end (RFC 7208 §4.5). */
export function isSpfRecord(text: string): boolean {
  const next = text.charCodeAt(6);
  if (next !== 0x20 && text.length !== 6) return false;
  return text.startsWith('v=spf1') || text.slice(0, 6).toLowerCase() === 'v=spf1';
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What `readSpfRecord` fills, term by term. */
interface Terms extends Mutable<Omit<SpfRecord, 'mechanisms'>> {
  readonly mechanisms: ReadMechanism[];
  readonly modifiers: SpfRecord['modifiers'][number][];
}

function readModifier(terms: Terms, name: string, value: string): string | undefined {
  const known = name === 'redirect' ? 'redirect' : name === 'exp' ? 'explanation' : undefined;
  const parsed = known ? parseDomainSpec(value) : parseMacroString(value);
  if (!parsed.ok) return parsed.error.message;
  if (!known) terms.modifiers.push({ name, value: parsed.value });
  else if (terms[known]) return `"${name}" a second time`;
  else terms[known] = parsed.value;
  return undefined;
}

/** Reads the term that a reader is at into `terms`; what is wrong with it otherwise. */
function addTerm(terms: Terms, reader: TermReader): string | undefined {
  const { text, at: start, end } = reader;
  const term = readTerm(reader);
  if (typeof term === 'string') return term;
  if (typeof term === 'number') return readModifier(terms, text.slice(start, term).toLowerCase(), text.slice(term + 1, end));
  terms.mechanisms.push(term);
  return undefined;
}

/** The most of a faulty term that an error repeats. */
const longestTermShown = 100;

function termError(offset: number, term: string, problem: string): Result<never> {
  const shown = term.length > longestTermShown ? `${term.slice(0, longestTermShown)}...` : term;
  return parseError(offset, `term "${shown}": ${problem}`);
}

/** `parseSpfRecord`, with mechanisms as an evaluation needs them. */
export function readSpfRecord(text: string): Result<ReadRecord> {
  if (!isSpfRecord(text)) return parseError(0, '"v=spf1" expected');
  const terms: Terms = { mechanisms: [], modifiers: [] };
  const reader = new TermReader(text);
  for (let at = 'v=spf1'.length; at < text.length; at++) {
    const space = text.indexOf(' ', at);
    const end = space < 0 ? text.length : space;
    if (end === at) continue;
    reader.at = at;
    reader.end = end;
    const problem = addTerm(terms, reader);
    if (problem !== undefined) return termError(at, text.slice(at, end), problem);
    at = end;
  }
  return ok(terms);
}

/**
 * Reads an SPF record (RFC 7208 §4.6.1, §12). Any error makes the whole record invalid (§4.6): the error names the
 * term and gives the offset where it begins.
 */
export function parseSpfRecord(text: string): Result<SpfRecord> {
  const read = readSpfRecord(text);
  return read.ok ? ok({ ...read.value, mechanisms: read.value.mechanisms.map(toMechanism) }) : read;
}

/** An SPF record as it is published: mechanisms, then modifiers. */
export function formatSpfRecord(record: SpfRecord): string {
  const terms = ['v=spf1', ...record.mechanisms.map(formatMechanism)];
  if (record.redirect) terms.push(`redirect=${record.redirect.text}`);
  if (record.explanation) terms.push(`exp=${record.explanation.text}`);
  for (const { name, value } of record.modifiers) terms.push(`${name}=${value.text}`);
  return terms.join(' ');
}
