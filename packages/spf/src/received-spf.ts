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

const pairPattern = /\s*([a-z0-9_.-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"()]*))\s*(;|$)?/iy;

/** Reads the body of a Received-SPF field (RFC 7208 §9.1), without its name; undefined where it is none. */
export function parseReceivedSpf(body: string): ReceivedSpf | undefined {
  const text = body.replace(/\r?\n(?=[ \t])/g, '').trim();
  const word = /^[a-z]+/i.exec(text)?.[0].toLowerCase() ?? '';
  if (!isStatus(word)) return undefined;
  let at = word.length;
  while (text[at] === ' ' || text[at] === '\t') at++;
  const commented = text[at] === '(' ? readComment(text, at) : undefined;
  const values: Record<string, string> = {};
  pairPattern.lastIndex = commented?.end ?? at;
  for (let match = pairPattern.exec(text); match; match = pairPattern.exec(text)) {
    const [, key = '', quoted, plain = ''] = match;
    values[key.toLowerCase()] = quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1');
  }
  return { status: word, ...(commented && { comment: commented.comment }), values };
}
