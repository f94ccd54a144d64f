import { fromLatin1 } from '@mox/runtime';
import { ok, type ParseError, type Result } from '@mox/syntax';
import type { RecordData, RecordType } from './record.ts';
import type { DnsRecord } from './resolver.ts';

/** A record of a zone text, of any type that a resolver answers. */
export type ZoneRecord = { [T in RecordType]: DnsRecord<T> }[RecordType];

const defaultTtlSeconds = 3600;

/** A word of a zone text: quoted or bare, escapes of RFC 1035 §5.1 undone. */
interface Word {
  readonly text: string;
  readonly offset: number;
  readonly quoted: boolean;
}

interface Line {
  readonly words: readonly Word[];
  /** Whether the line begins with white space: its records belong to the last owner. */
  readonly continued: boolean;
  readonly offset: number;
}

class ZoneError extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

function readEscape(text: string, at: number): { character: string; end: number } {
  const digits = /^\d{3}/.exec(text.slice(at + 1, at + 4));
  if (digits) return { character: String.fromCharCode(Number(digits[0]) & 255), end: at + 4 };
  return { character: text[at + 1] ?? '', end: at + 2 };
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
  return { word: { text: value, offset: start, quoted }, end: quoted ? at + 1 : at };
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
      depth = Math.max(0, depth + (character === '(' ? 1 : -1));
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

/** Reads the words of one record's data. */
class Fields {
  readonly #words: readonly Word[];
  readonly #origin: string;
  readonly #offset: number;
  #at = 0;

  constructor(words: readonly Word[], origin: string, offset: number) {
    this.#words = words;
    this.#origin = origin;
    this.#offset = offset;
  }

  #next(what: string): Word {
    const word = this.#words[this.#at++];
    if (!word) throw new ZoneError(this.#offset, `${what} expected`);
    return word;
  }

  text(what: string): string {
    return this.#next(what).text;
  }

  name(): string {
    return absoluteName(this.#next('a name').text, this.#origin);
  }

  number(what: string): number {
    const word = this.#next(what);
    if (!/^\d{1,10}$/.test(word.text)) throw new ZoneError(word.offset, `${what} expected`);
    return Number(word.text);
  }

  rest(): readonly Word[] {
    return this.#words.slice(this.#at);
  }

  hex(): Uint8Array {
    const digits = this.rest()
      .map((word) => word.text)
      .join('');
    if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) throw new ZoneError(this.#offset, 'hexadecimal digits expected');
    return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  }

  base64(): Uint8Array {
    const digits = this.rest()
      .map((word) => word.text)
      .join('');
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) throw new ZoneError(this.#offset, 'base64 expected');
    return fromLatin1(atob(digits));
  }
}

function absoluteName(name: string, origin: string): string {
  const lower = name.toLowerCase();
  if (lower === '@') return origin;
  if (lower.endsWith('.')) return lower.slice(0, -1);
  return origin === '' ? lower : `${lower}.${origin}`;
}

/** A character string may be at most 255 bytes: a longer one is cut into several, as every provider's panel does. */
function characterStrings(words: readonly Word[]): readonly Uint8Array[] {
  return words.flatMap((word) => {
    const bytes = fromLatin1(word.text);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at === 0 || at < bytes.length; at += 255) pieces.push(bytes.slice(at, at + 255));
    return pieces;
  });
}

const readData: { readonly [T in RecordType]: (fields: Fields) => RecordData[T] } = {
  A: (fields) => fields.text('an address'),
  AAAA: (fields) => fields.text('an address').toLowerCase(),
  CNAME: (fields) => fields.name(),
  NS: (fields) => fields.name(),
  PTR: (fields) => fields.name(),
  MX: (fields) => ({ preference: fields.number('a preference'), exchange: fields.name() }),
  TXT: (fields) => characterStrings(fields.rest()),
  SOA: (fields) => ({
    primary: fields.name(),
    mailbox: fields.name(),
    serial: fields.number('a serial number'),
    refreshSeconds: fields.number('seconds'),
    retrySeconds: fields.number('seconds'),
    expireSeconds: fields.number('seconds'),
    minimumSeconds: fields.number('seconds'),
  }),
  SRV: (fields) => ({
    priority: fields.number('a priority'),
    weight: fields.number('a weight'),
    port: fields.number('a port'),
    target: fields.name(),
  }),
  TLSA: (fields) => ({
    usage: fields.number('a usage'),
    selector: fields.number('a selector'),
    matchingType: fields.number('a matching type'),
    association: fields.hex(),
  }),
  CAA: (fields) => ({
    critical: fields.number('flags') >= 128,
    tag: fields.text('a tag').toLowerCase(),
    value: fromLatin1(fields.text('a value')),
  }),
  DS: (fields) => ({
    keyTag: fields.number('a key tag'),
    algorithm: fields.number('an algorithm'),
    digestType: fields.number('a digest type'),
    digest: fields.hex(),
  }),
  DNSKEY: (fields) => ({
    flags: fields.number('flags'),
    protocol: fields.number('a protocol'),
    algorithm: fields.number('an algorithm'),
    key: fields.base64(),
  }),
};

function isRecordType(text: string): text is RecordType {
  return Object.hasOwn(readData, text);
}

function zoneRecord<T extends RecordType>(name: string, ttlSeconds: number, type: T, fields: Fields): DnsRecord<T> {
  return { name, type, ttlSeconds, data: readData[type](fields) };
}

interface State {
  origin: string;
  owner: string;
  ttlSeconds: number;
}

function readDirective(line: Line, state: State): boolean {
  const [first, second] = line.words;
  if (first?.text === '$ORIGIN') state.origin = absoluteName(second?.text ?? '', '');
  else if (first?.text === '$TTL') state.ttlSeconds = Number(second?.text);
  else return false;
  return true;
}

function beginsData(text: string): boolean {
  return isRecordType(text) || text === 'IN' || /^\d+$/.test(text);
}

function readRecord(line: Line, state: State): ZoneRecord {
  const words = line.words.slice();
  // Zone text in a program is often indented: what cannot begin the data of the last owner is a new one.
  const [first] = words;
  if (!line.continued || (first && !beginsData(first.text.toUpperCase())))
    state.owner = absoluteName(words.shift()?.text ?? '', state.origin);
  let ttlSeconds = state.ttlSeconds;
  for (;;) {
    const word = words.shift();
    if (!word) throw new ZoneError(line.offset, 'a record type expected');
    const text = word.text.toUpperCase();
    if (/^\d+$/.test(text)) ttlSeconds = Number(text);
    else if (isRecordType(text)) {
      return zoneRecord(state.owner, ttlSeconds, text, new Fields(words, state.origin, word.offset)) as ZoneRecord;
    } else if (text !== 'IN') throw new ZoneError(word.offset, `unknown record type ${word.text}`);
  }
}

/** Reads zone text: the master file format of RFC 1035 §5.1 with `$ORIGIN` and `$TTL`, for the types of `RecordData`. */
export function parseZone(text: string, options: { readonly origin?: string } = {}): Result<readonly ZoneRecord[], ParseError> {
  const state: State = { origin: absoluteName(options.origin ?? '.', ''), owner: '', ttlSeconds: defaultTtlSeconds };
  const records: ZoneRecord[] = [];
  try {
    for (const line of readLines(text)) if (!readDirective(line, state)) records.push(readRecord(line, state));
  } catch (error) {
    if (error instanceof ZoneError) return { ok: false, error: { offset: error.offset, message: error.message } };
    throw error;
  }
  return ok(records);
}
