import { ok, type ParseError, type Result } from '@mox/syntax';
import type { RecordType } from './record.ts';
import { readRecordData } from './record-codec.ts';
import { isRecordType, parseRecordType, recordTypeOf } from './record-type.ts';
import type { DnsRecord } from './resolver.ts';
import { WireError, WireReader } from './wire.ts';
import { absoluteName, Fields, parseSeconds, readZoneData, type Word, ZoneError } from './zone-data.ts';

/** A record of a zone text, of any type that a resolver answers. */
export type ZoneRecord = { [T in RecordType]: DnsRecord<T> }[RecordType];

const defaultTtlSeconds = 3600;

interface Line {
  readonly words: readonly Word[];
  /** Whether the line begins with white space: its records belong to the last owner. */
  readonly continued: boolean;
  readonly offset: number;
}

function readEscape(text: string, at: number): { character: string; end: number } {
  const digits = /^\d{1,3}/.exec(text.slice(at + 1, at + 4))?.[0];
  if (digits === undefined && at + 1 < text.length) return { character: text[at + 1] ?? '', end: at + 2 };
  if (digits?.length !== 3 || Number(digits) > 255) throw new ZoneError(at, 'a character, or three digits of a byte, expected');
  return { character: String.fromCharCode(Number(digits)), end: at + 4 };
}

function readWord(text: string, start: number): { word: Word; end: number } {
  const quoted = text[start] === '"';
  let at = quoted ? start + 1 : start;
  let value = '';
  for (; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '\\') {
      const escape = readEscape(text, at);
      value += escape.character;
      at = escape.end - 1;
      continue;
    }
    if (quoted ? character === '"' : /[\s;()"]/.test(character)) break;
    value += character;
  }
  if (quoted && text[at] !== '"') throw new ZoneError(start, 'a quoted string without an end');
  const source = quoted ? text.slice(start + 1, at) : text.slice(start, at);
  return { word: { text: value, source, offset: start, quoted }, end: quoted ? at + 1 : at };
}

/** Lines of a master file (RFC 1035 §5.1): comments taken off, lines in parentheses joined. */
function* readLines(text: string): Generator<Line> {
  let words: Word[] = [];
  let depth = 0;
  let lineStart = 0;
  let continued = /^[ \t]/.test(text);
  for (let at = 0; at <= text.length; ) {
    const character = text[at] ?? '\n';
    if (character === '\n' && depth === 0) {
      if (words.length > 0) yield { words, continued, offset: lineStart };
      words = [];
      lineStart = ++at;
      continued = text[at] === ' ' || text[at] === '\t';
    } else if (character === ';') {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else if (character === '(' || character === ')') {
      depth += character === '(' ? 1 : -1;
      if (depth < 0) throw new ZoneError(at, 'a parenthesis without a beginning');
      at++;
    } else if (/\s/.test(character)) {
      if (at >= text.length) break;
      at++;
    } else {
      const { word, end } = readWord(text, at);
      words.push(word);
      at = end;
    }
  }
  if (depth > 0) throw new ZoneError(text.length, 'a parenthesis without an end');
}

/** Reads data that is given as bytes (RFC 3597 §5). Names in it are whole, whatever the origin. */
function readGeneric<T extends RecordType>(type: T, bytes: Uint8Array, offset: number): DnsRecord<T>['data'] {
  const reader = new WireReader(bytes);
  try {
    const data = readRecordData[type](reader);
    if (reader.at === reader.end) return data;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  throw new ZoneError(offset, `these bytes are no data of type ${type}`);
}

/** What a record is read from. */
interface RecordSource {
  readonly name: string;
  readonly ttlSeconds: number;
  readonly fields: Fields;
  readonly offset: number;
}

function zoneRecord<T extends RecordType>(type: T, { name, ttlSeconds, fields, offset }: RecordSource): DnsRecord<T> {
  const bytes = fields.generic();
  const data = bytes ? readGeneric(type, bytes, offset) : readZoneData[type](fields);
  fields.end();
  return { name, type, ttlSeconds, data };
}

/** The type that a word names, by its number too (RFC 3597 §5); `other` for one that no resolver here answers. */
function typeOf(text: string): RecordType | 'other' | undefined {
  if (isRecordType(text)) return text;
  const number = text.startsWith('TYPE') ? parseRecordType(text) : undefined;
  return number === undefined ? undefined : (recordTypeOf(number) ?? 'other');
}

/** Whether a word is the name of a type that no resolver here answers, and that a zone may have all the same. */
function isOtherType(text: string): boolean {
  const number = text.startsWith('TYPE') ? undefined : parseRecordType(text);
  return number !== undefined && number !== 41 && (number < 128 || number > 255);
}

/** The class of the Internet, by its number too (RFC 3597 §5). */
function isClass(text: string): boolean {
  return text === 'IN' || text === 'CLASS1';
}

interface State {
  origin: string;
  owner: string;
  ttlSeconds: number;
}

const nothing: Word = { text: '', source: '', offset: 0, quoted: false };

function readDirective(line: Line, state: State): boolean {
  const [first, second] = line.words;
  if (!first?.text.startsWith('$') || first.quoted) return false;
  if (first.text === '$ORIGIN') {
    if (!second) throw new ZoneError(first.offset, 'a name expected');
    state.origin = absoluteName(second, state.origin);
  } else if (first.text === '$TTL') {
    const seconds = second && parseSeconds(second.text);
    if (seconds === undefined) throw new ZoneError(second?.offset ?? first.offset, 'seconds expected');
    state.ttlSeconds = seconds;
    // todo RFC 1035 §5.1: $INCLUDE. Nothing that reads zone text here has files.
  } else throw new ZoneError(first.offset, `${first.text} is not supported`);
  return true;
}

function beginsData(text: string): boolean {
  return typeOf(text) !== undefined || isClass(text) || parseSeconds(text) !== undefined;
}

/** Whether a type comes next, perhaps behind a class and a time to live. */
function leadsToType(words: readonly Word[]): boolean {
  const next = words.find(({ text }) => !isClass(text.toUpperCase()) && parseSeconds(text) === undefined);
  if (!next || next.quoted) return false;
  const text = next.text.toUpperCase();
  return typeOf(text) !== undefined || isOtherType(text);
}

/**
 * Whether a line begins with its owner. Zone text in a program is often indented: what cannot begin the data of the last owner is a
 * new one.
 */
function beginsWithOwner({ continued, words }: Line): boolean {
  const [first, ...rest] = words;
  if (!continued || !first) return true;
  const text = first.text.toUpperCase();
  return !beginsData(text) && !(isOtherType(text) && !leadsToType(rest));
}

/** Undefined for a record that no resolver here answers: it is passed over. */
function readRecord(line: Line, state: State): ZoneRecord | undefined {
  const words = line.words.slice();
  if (beginsWithOwner(line)) state.owner = absoluteName(words.shift() ?? nothing, state.origin);
  let ttlSeconds = state.ttlSeconds;
  for (;;) {
    const word = words.shift();
    if (!word) throw new ZoneError(line.offset, 'a record type expected');
    const text = word.text.toUpperCase();
    const type = typeOf(text);
    if (type !== undefined) {
      const fields = new Fields(words, state.origin, word.offset);
      if (type !== 'other') return zoneRecord(type, { name: state.owner, ttlSeconds, fields, offset: word.offset }) as ZoneRecord;
      if (fields.generic()) return undefined;
    }
    if (isOtherType(text)) return undefined;
    const seconds = parseSeconds(text);
    if (seconds !== undefined) ttlSeconds = seconds;
    else if (!isClass(text)) throw new ZoneError(word.offset, `unknown record type ${word.text}`);
  }
}

/** Reads zone text: the master file format of RFC 1035 §5.1 with `$ORIGIN` and `$TTL`, for the types of `RecordData`. */
export function parseZone(text: string, options: { readonly origin?: string } = {}): Result<readonly ZoneRecord[], ParseError> {
  const origin = options.origin ?? '.';
  const records: ZoneRecord[] = [];
  try {
    const whole = absoluteName({ ...nothing, source: origin }, '');
    const state: State = { origin: whole, owner: whole, ttlSeconds: defaultTtlSeconds };
    for (const line of readLines(text)) {
      const record = readDirective(line, state) ? undefined : readRecord(line, state);
      if (record) records.push(record);
    }
  } catch (error) {
    if (error instanceof ZoneError) return { ok: false, error: { offset: error.offset, message: error.message } };
    throw error;
  }
  return ok(records);
}
