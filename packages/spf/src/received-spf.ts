import { isControl } from '@mox/syntax';
import type { CheckSpfResult } from './check-host.ts';
import type { SpfStatus } from './evaluation.ts';

/** What a Received-SPF field says (RFC 7208 §9.1). */
export interface ReceivedSpf {
  readonly status: SpfStatus;
  /** For people. */
  readonly comment?: string;
  /** Key-value pairs: `client-ip`, `envelope-from`, `helo`, `problem`, `receiver`, `identity`, `mechanism` and others, keys in lower case. */
  readonly values: Readonly<Record<string, string>>;
}

const dotAtom = /^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const longestValue = 400;

/** Takes out what a sender may have put in to break the field: controls, and more than a line holds (RFC 7208 §9.1). */
function harmless(text: string): string {
  let result = '';
  for (const character of text.slice(0, longestValue)) {
    const code = character.codePointAt(0) ?? 0;
    result += isControl(code) || code > 126 ? '?' : character;
  }
  return result;
}

function formatValue(value: string): string {
  const clean = harmless(value);
  return dotAtom.test(clean) ? clean : `"${clean.replace(/["\\]/g, '\\$&')}"`;
}

/** Writes a Received-SPF field, folded, with its name and its last CRLF (RFC 7208 §9.1). */
export function formatReceivedSpf(field: ReceivedSpf): string {
  const comment = field.comment === undefined ? '' : ` (${harmless(field.comment).replace(/[()\\]/g, '\\$&')})`;
  const pairs = Object.entries(field.values).map(([key, value]) => `${key}=${formatValue(value)};`);
  return `Received-SPF: ${[`${field.status}${comment}`, ...pairs].join('\r\n ')}\r\n`;
}

const phrases: Readonly<Record<SpfStatus, string>> = {
  pass: 'designates %i as permitted sender',
  fail: 'does not designate %i as permitted sender',
  softfail: 'does not designate %i as permitted sender, though not firmly',
  neutral: 'neither permits nor denies %i',
  none: 'says nothing about who may send',
  temperror: 'could not be looked up',
  permerror: 'has an invalid SPF record',
};

/** The field for the result of a check: `receiver` is the name of the server that made it. */
export function receivedSpf(
  result: CheckSpfResult,
  facts: { readonly ip: string; readonly mailFrom: string; readonly helo: string; readonly receiver: string },
): ReceivedSpf {
  return {
    status: result.status,
    comment: `${facts.receiver}: domain ${result.domain} ${phrases[result.status].replace('%i', facts.ip)}`,
    values: {
      receiver: facts.receiver,
      identity: result.identity,
      'client-ip': facts.ip,
      ...(facts.mailFrom !== '' && { 'envelope-from': facts.mailFrom }),
      helo: facts.helo,
      ...(result.mechanism !== undefined && { mechanism: result.mechanism }),
      ...(result.problem !== undefined && { problem: result.problem }),
    },
  };
}

const statuses: ReadonlySet<string> = new Set<SpfStatus>(['none', 'neutral', 'pass', 'fail', 'softfail', 'temperror', 'permerror']);

function isStatus(text: string): text is SpfStatus {
  return statuses.has(text);
}

/** A comment, nested ones included: where it ends and what it says. */
function readComment(text: string, start: number): { readonly comment: string; readonly end: number } {
  let depth = 0;
  let comment = '';
  for (let at = start; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '\\') comment += text[++at] ?? '';
    else if (character === '(' && depth++ === 0) continue;
    else if (character === ')' && --depth === 0) return { comment, end: at + 1 };
    else comment += character;
  }
  return { comment, end: text.length };
}

/** Where white space and comments end (CFWS of RFC 5322 §3.2.2). */
function skipCfws(text: string, start: number): number {
  let at = start;
  for (;;) {
    if (text[at] === '(') at = readComment(text, at).end;
    else if (/[ \t\r\n]/.test(text.charAt(at))) at++;
    else return at;
  }
}

/** The characters at an offset that a sticky pattern takes. */
function take(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

const resultPattern = /[a-z]+(?=[\s(]|$)/iy;
const keyPattern = /[a-z][a-z0-9_.-]*/iy;
const quotedPattern = /"(?:[^"\\]|\\.)*"/y;
// More than a dot-atom: addresses with colons and mechanisms stand unquoted in the examples of RFC 7208 §9.1 too.
const plainPattern = /[^\s;"()]*/y;

/** One key-value pair, with the ";" behind it; undefined where there is none. */
function readPair(text: string, start: number): { readonly key: string; readonly value: string; readonly end: number } | undefined {
  const keyAt = skipCfws(text, start);
  const key = take(keyPattern, text, keyAt);
  const equals = skipCfws(text, keyAt + key.length);
  if (key === '' || text[equals] !== '=') return undefined;
  const valueAt = skipCfws(text, equals + 1);
  const quoted = take(quotedPattern, text, valueAt);
  const plain = quoted === '' ? take(plainPattern, text, valueAt) : '';
  const end = skipCfws(text, valueAt + quoted.length + plain.length);
  const value = quoted === '' ? plain : quoted.slice(1, -1).replace(/\\(.)/g, '$1');
  return { key: key.toLowerCase(), value, end: text[end] === ';' ? end + 1 : end };
}

/**
 * Reads the body of a Received-SPF field (RFC 7208 §9.1 with erratum 5436), without its name; undefined where it is none. It stops
 * at what is no key-value pair.
 */
export function parseReceivedSpf(body: string): ReceivedSpf | undefined {
  const text = body.replace(/\r?\n(?=[ \t])/g, '').trim();
  const start = skipCfws(text, 0);
  const status = take(resultPattern, text, start).toLowerCase();
  if (!isStatus(status)) return undefined;
  let at = start + status.length;
  while (text[at] === ' ' || text[at] === '\t') at++;
  const commented = text[at] === '(' ? readComment(text, at) : undefined;
  const values: Record<string, string> = {};
  for (let pair = readPair(text, commented?.end ?? at); pair; pair = readPair(text, pair.end)) values[pair.key] = pair.value;
  return { status, ...(commented && { comment: commented.comment }), values };
}
