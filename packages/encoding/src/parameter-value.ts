import { concatBytes, fromLatin1, fromUtf8 } from '@mox/runtime';
import { type CharClass, charClass, hexValue } from '@mox/syntax';
import { decodeCharset } from './charset.ts';
import { decodeEncodedWords } from './encoded-word.ts';

/** A parameter of a header field as it stood: its name with RFC 2231's marks, its value unquoted. */
export type RawParameter = readonly [name: string, value: string];

/** A piece of a parameter that was written in several, or with a charset. */
interface Section {
  readonly number: number;
  /** Whether the value is percent-encoded (RFC 2231 §4). */
  readonly encoded: boolean;
  readonly value: string;
}

/** What is known of one parameter. */
interface Collected {
  plain?: string;
  readonly sections: Section[];
}

/** Pieces of one parameter beyond this many are passed over. */
const sectionLimit = 1000;

/** Takes a name of RFC 2231 §3 and §4 apart: `name*1*` is section 1, encoded; `name*` is section 0, encoded. */
function splitName(name: string): { readonly base: string; readonly number: number; readonly encoded: boolean } | undefined {
  const match = /^([^*]+)(?:\*(\d{1,4}))?(\*)?$/.exec(name);
  if (!match || (match[2] === undefined && match[3] === undefined)) return undefined;
  return { base: match[1] ?? '', number: Number(match[2] ?? 0), encoded: match[3] !== undefined };
}

/** Bytes of a percent-encoded text (RFC 2231 §7 ext-octet); a `%` that starts nothing stands for itself. */
function percentBytes(text: string): Uint8Array {
  const raw = /[^\0-\x7f]/.test(text) ? fromUtf8(text) : fromLatin1(text);
  const bytes = new Uint8Array(raw.length);
  let length = 0;
  for (let i = 0; i < raw.length; i++) {
    const code = raw[i] ?? 0;
    const high = code === 0x25 ? hexValue(raw[i + 1] ?? 0) : -1;
    const low = high >= 0 ? hexValue(raw[i + 2] ?? 0) : -1;
    if (low >= 0) i += 2;
    bytes[length++] = low >= 0 ? (high << 4) | low : code;
  }
  return bytes.subarray(0, length);
}

/** Takes charset and language off the first section. Without both marks the whole is the value, as some senders leave them out. */
function splitCharset(value: string): { readonly charset?: string; readonly text: string } {
  const first = value.indexOf("'");
  const second = value.indexOf("'", first + 1);
  if (first < 0 || second < 0) return { text: value };
  return { charset: value.slice(0, first), text: value.slice(second + 1) };
}

/**
 * Joins the sections in order (RFC 2231 §3). Encoded words are decoded where no charset is named in the extended form.
 *
 * deviates RFC 2231 §3: sections may count from 1, as some senders have it, and some may be missing: what a name ends with matters most.
 */
function joinSections({ sections, plain }: Collected): string | undefined {
  const byNumber = new Map<number, Section>();
  for (const section of sections) if (!byNumber.has(section.number)) byNumber.set(section.number, section);
  const first = byNumber.get(0) ?? (plain === undefined ? byNumber.get(1) : undefined);
  if (!first) return undefined;
  const start: { readonly charset?: string; readonly text: string } = first.encoded ? splitCharset(first.value) : { text: first.value };
  let decoded = '';
  let pending: Uint8Array[] = [];
  // Percent-encoded text of adjacent sections: senders cut it anywhere, even within an octet.
  let percent = '';
  const endPercent = (): void => {
    if (percent !== '') pending.push(percentBytes(percent));
    percent = '';
  };
  const flush = (): void => {
    endPercent();
    if (pending.length > 0) decoded += decodeCharset(concatBytes(pending), start.charset || 'utf-8').text;
    pending = [];
  };
  byNumber.set(first.number, { ...first, value: start.text });
  for (const section of [...byNumber.values()].sort((a, b) => a.number - b.number)) {
    // A character may be split over sections: bytes are joined before they are decoded.
    if (section.encoded) {
      percent += section.value;
      continue;
    }
    endPercent();
    if (/^[\0-\x7f]*$/.test(section.value)) pending.push(fromLatin1(section.value));
    else {
      flush();
      decoded += section.value;
    }
  }
  flush();
  return start.charset === undefined ? decodeEncodedWords(decoded) : decoded;
}

/**
 * Undoes RFC 2231 in the parameters of a header field: names in lower case without marks, values whole and decoded. Of parameters
 * given twice the first counts; a value in the extended form comes before a plain one. Encoded words in a plain value, which RFC
 * 2047 §5 forbids and many senders write, are decoded. Never fails.
 */
export function decodeParameters(parameters: readonly RawParameter[]): ReadonlyMap<string, string> {
  const collected = new Map<string, Collected>();
  for (const [name, value] of parameters) {
    const lower = name.toLowerCase();
    const split = splitName(lower);
    const base = split?.base ?? lower;
    let entry = collected.get(base);
    if (!entry) {
      entry = { sections: [] };
      collected.set(base, entry);
    }
    if (!split) entry.plain ??= value;
    else if (entry.sections.length < sectionLimit) entry.sections.push({ number: split.number, encoded: split.encoded, value });
  }
  const decoded = new Map<string, string>();
  for (const [name, entry] of collected) {
    const extended = entry.sections.length > 0 ? joinSections(entry) : undefined;
    const value = extended ?? (entry.plain === undefined ? undefined : decodeEncodedWords(entry.plain));
    if (value !== undefined) decoded.set(name, value);
  }
  return decoded;
}

/** Percent-encoded text that ends in the middle of an octet. */
const cutOctet = /%[0-9A-Fa-f]?$/;
const charsetMarks = /'[^']*'/;

/**
 * The one parameter that sections of another say together, in the extended form where one of them is; undefined where they cannot be joined
 * as they stand: one is missing or is there twice, or an octet is cut by the border to one that is not encoded.
 */
function writeAsOne(base: string, sections: readonly Section[]): RawParameter | undefined {
  const ordered = sections.toSorted((a, b) => a.number - b.number);
  if (ordered.some(({ number }, index) => number !== index)) return undefined;
  if (!ordered.some(({ encoded }) => encoded)) return [base, ordered.map(({ value }) => value).join('')];
  let joined = '';
  for (const [index, { encoded, value }] of ordered.entries()) {
    if (!encoded && (/[^\0-\x7f]/.test(value) || (ordered[index - 1]?.encoded && cutOctet.test(joined)))) return undefined;
    // A percent sign that stood for itself must not begin an octet.
    joined += encoded ? value : value.replaceAll('%', '%25');
  }
  // Without a charset, marks of one must not come about.
  const [first] = ordered;
  const named = first?.encoded === true && charsetMarks.test(first.value);
  return named || !charsetMarks.test(joined) ? [`${base}*`, joined] : undefined;
}

/**
 * Joins the sections in which parameters were written (RFC 2231 §3), as IMAP shows them (RFC 2231 §6): `name*0`, `name*1` become `name`, and
 * `name*0*`, `name*1*` become `name*`, still percent-encoded, where the first of them stood. All else is given as it stood, sections that do
 * not fit together among it: `decodeParameters` says of the result what it says of the parameters.
 */
export function joinParameterSections(parameters: readonly RawParameter[]): readonly RawParameter[] {
  if (!parameters.some(([name]) => name.includes('*'))) return parameters;
  const sections = new Map<string, Section[]>();
  const whole = new Set<string>();
  for (const [name, value] of parameters) {
    const lower = name.toLowerCase();
    const split = splitName(lower);
    if (!split || lower === `${split.base}*`) {
      whole.add(lower);
      continue;
    }
    const list = sections.get(split.base);
    if (list) list.push({ number: split.number, encoded: split.encoded, value });
    else sections.set(split.base, [{ number: split.number, encoded: split.encoded, value }]);
  }
  const joined = new Map<string, RawParameter>();
  for (const [base, list] of sections) {
    const one = list.length > sectionLimit ? undefined : writeAsOne(base, list);
    // Beside one of the same name it could not be told from it.
    if (one && !whole.has(one[0]) && !whole.has(`${base}*`)) joined.set(base, one);
  }
  const given = new Set<string>();
  return parameters.flatMap((parameter) => {
    const base = splitName(parameter[0].toLowerCase())?.base;
    const one = base === undefined ? undefined : joined.get(base);
    if (!one || base === undefined) return [parameter];
    if (given.has(base)) return [];
    given.add(base);
    return [one];
  });
}

/** Characters of a token (RFC 2045 §5.1). */
const isToken: CharClass = /* @__PURE__ */ charClass(['A', 'Z'], ['a', 'z'], ['0', '9'], "!#$%&'*+-.^_`{|}~");
/** attribute-char of RFC 2231 §7. */
const isAttributeChar: CharClass = /* @__PURE__ */ charClass(['A', 'Z'], ['a', 'z'], ['0', '9'], '!#$&+-.^_`{|}~');

function every(text: string, isMember: CharClass): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255 || !isMember(code)) return false;
  }
  return text !== '';
}

/** The octets of each character in percent-encoded form, where they need it (RFC 2231 §4). */
function percentCharacters(text: string): string[] {
  return Array.from(text, (character) => {
    let encoded = '';
    for (const byte of fromUtf8(character)) {
      encoded += isAttributeChar(byte) ? String.fromCharCode(byte) : `%${byte < 16 ? '0' : ''}${byte.toString(16).toUpperCase()}`;
    }
    return encoded;
  });
}

/** How to write a parameter. */
export interface EncodeParameterOptions {
  /** Longest piece, the `;` behind it not counted; 75 unless said otherwise, so that a folded line stays within 78 characters. */
  readonly pieceLength?: number;
}

/** Cuts a value into pieces that fit behind `name*N` (RFC 2231 §3). */
function cutSections(name: string, units: readonly string[], options: { mark: string; first: string; limit: number }): string[] {
  const pieces: string[] = [];
  let current = options.first;
  for (const unit of units) {
    const room = options.limit - `${name}*${pieces.length}${options.mark}=`.length;
    if (current.length + unit.length > Math.max(room, 1) && current !== '') {
      pieces.push(current);
      current = '';
    }
    current += unit;
  }
  pieces.push(current);
  if (pieces.length === 1) return [`${name}${options.mark}=${current}`];
  return pieces.map((piece, i) => `${name}*${i}${options.mark}=${piece}`);
}

/**
 * Writes a parameter, in as many pieces as it needs, to be joined by `;` and white space: a token or quoted string where the value
 * is ASCII, otherwise in UTF-8 by RFC 2231 §4, long values in sections (RFC 2231 §3). Controls are percent-encoded.
 */
export function encodeParameter(name: string, value: string, options: EncodeParameterOptions = {}): readonly string[] {
  const limit = options.pieceLength ?? 75;
  // What looks like an encoded word would be read as one, though it has no place in a quoted string (RFC 2047 §5).
  if (/^[ -~]*$/.test(value) && !value.includes('=?')) {
    const written = every(value, isToken) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
    if (name.length + 1 + written.length <= limit) return [`${name}=${written}`];
  }
  return cutSections(name, percentCharacters(value), { mark: '*', first: "utf-8''", limit });
}
