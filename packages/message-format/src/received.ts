import { parseIp, TextCursor } from '@mox/syntax';
import { isBlank } from './blank.ts';
import { formatDate, type MessageDate, parseDate } from './date.ts';
import { quoteEnd, skipComment, unquotePairs } from './structured.ts';

/** A host in a Received field (RFC 5321 §4.4): what it said it was, and what the connection showed. */
export interface ReceivedHost {
  /** Domain or address literal as it was said, in EHLO for `from`. */
  readonly name: string;
  /** Name found for the address, by reverse DNS as a rule. */
  readonly tcpName?: string;
  /** Address of the connection, without brackets and `IPv6:`. */
  readonly tcpAddress?: string;
  /** The comments behind the name as they stood, without parentheses. */
  readonly comment?: string;
}

/** What a Received field says (RFC 5321 §4.4). */
export interface Received {
  readonly from?: ReceivedHost;
  readonly by?: ReceivedHost;
  /** Link, e.g. `TCP`. */
  readonly via?: string;
  /** Protocol of the registry, e.g. `ESMTPS` (RFC 3848). */
  readonly with?: string;
  readonly id?: string;
  /** Recipient without angle brackets. */
  readonly for?: string;
  /** Further clauses, e.g. `tls` (RFC 8314 §4.3): names in lower case. */
  readonly clauses: readonly (readonly [name: string, value: string])[];
  readonly date?: MessageDate;
}

const longest = 20_000;
const mostClauses = 50;
const clauseNames: ReadonlySet<string> = new Set(['from', 'by', 'via', 'with', 'id', 'for', 'tls']);

/** Words and comments of the field, in order, up to the semicolon before the date. */
function readTokens(cursor: TextCursor): { readonly text: string; readonly isComment: boolean }[] {
  const tokens: { text: string; isComment: boolean }[] = [];
  for (cursor.skipWhile(isBlank); !cursor.done && cursor.peek() !== 59; cursor.skipWhile(isBlank)) {
    const start = cursor.at;
    if (cursor.peek() === 40) {
      if (!skipComment(cursor)) cursor.at = cursor.end;
      tokens.push({ text: unquotePairs(cursor.text.slice(start + 1, cursor.at - 1)), isComment: true });
    } else tokens.push({ text: takeWord(cursor), isComment: false });
  }
  return tokens;
}

function takeWord(cursor: TextCursor): string {
  const start = cursor.at;
  for (; !cursor.done; cursor.at++) {
    const code = cursor.peek();
    if (code === 34) {
      const close = quoteEnd(cursor.text, cursor.at + 1, cursor.end);
      cursor.at = close < 0 ? cursor.end - 1 : close;
    } else if (isBlank(code) || code === 59 || code === 40) break;
  }
  return cursor.text.slice(start, cursor.at);
}

const addressInBrackets = /\[(?:IPv6:)?([0-9A-Fa-f:.]+)\]/i;
const tcpNameFirst = /^([0-9A-Za-z._\-\u0080-\uffff]+)\s*\[/;

function readHost(name: string, comments: readonly string[]): ReceivedHost {
  const comment = comments.join(' ');
  // Exchange and qmail write the address without brackets, alone in a comment.
  const bare = comments.find((text) => text.length < 60 && parseIp(text.trim()) !== undefined);
  const address = addressInBrackets.exec(comment)?.[1] ?? bare?.trim() ?? addressInBrackets.exec(name)?.[1];
  const tcpName = tcpNameFirst.exec(comment)?.[1];
  return {
    name,
    ...(tcpName !== undefined && tcpName.toLowerCase() !== 'unknown' ? { tcpName } : undefined),
    ...(address === undefined ? undefined : { tcpAddress: address }),
    ...(comment === '' ? undefined : { comment }),
  };
}

/** Reads the value of a Received field (RFC 5321 §4.4), and the many that look only a little like it. Never fails. */
export function parseReceived(text: string): Received {
  const cursor = new TextCursor(text, 0, Math.min(text.length, longest));
  const tokens = readTokens(cursor);
  const date = parseDate(text.slice(cursor.at + 1, cursor.at + 201));
  const values = new Map<string, { words: string[]; comments: string[] }>();
  let current: { words: string[]; comments: string[] } | undefined;
  for (const { text: word, isComment } of tokens) {
    const name = word.toLowerCase();
    if (isComment) current?.comments.push(word);
    // A clause has a value of one word: only behind it can the next one start.
    else if (clauseNames.has(name) && current?.words.length !== 0 && !values.has(name) && values.size < mostClauses) {
      current = { words: [], comments: [] };
      values.set(name, current);
    } else current?.words.push(word);
  }
  const value = (name: string): string | undefined => values.get(name)?.words.join(' ');
  const host = (name: string): ReceivedHost | undefined => {
    const clause = values.get(name);
    return clause && readHost(clause.words.join(' '), clause.comments);
  };
  const from = host('from');
  const by = host('by');
  const tls = value('tls');
  const recipient = value('for')?.replace(/^<|>$/g, '');
  return {
    ...(from && { from }),
    ...(by && { by }),
    ...omitUndefined({ via: value('via'), with: value('with'), id: value('id'), for: recipient }),
    clauses: tls === undefined ? [] : [['tls', tls]],
    ...(date && { date }),
  };
}

function omitUndefined<K extends string>(record: Readonly<Record<K, string | undefined>>): Partial<Record<K, string>> {
  const entries = Object.entries<string | undefined>(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<Record<K, string>>;
}

/** What a Received field is to say. */
export interface ReceivedToFormat {
  readonly from: ReceivedHost;
  readonly by: ReceivedHost;
  readonly via?: string;
  readonly with?: string;
  readonly id?: string;
  /** Recipient without angle brackets. Only for a message with one recipient (RFC 5321 §7.6). */
  readonly for?: string;
  readonly clauses?: readonly (readonly [name: string, value: string])[];
  readonly date: MessageDate;
}

/** Nothing that a peer said may end a clause, start a comment or break the line. */
function clean(text: string): string {
  return text.replace(/[\u0000-\u0020\u007f()\\";,<>]+/g, '_');
}

function formatHost(host: ReceivedHost): string {
  const address = host.tcpAddress === undefined ? '' : `[${host.tcpAddress.includes(':') ? 'IPv6:' : ''}${clean(host.tcpAddress)}]`;
  const tcp = [host.tcpName === undefined ? '' : clean(host.tcpName), address].filter((word) => word !== '').join(' ');
  const comment = host.comment?.replace(/[\u0000-\u001f\u007f]+/g, ' ').replace(/[()\\]/g, '\\$&');
  const name = host.name === '' ? 'unknown' : clean(host.name);
  return [name, tcp === '' ? '' : `(${tcp})`, comment === undefined ? '' : `(${comment})`].filter((word) => word !== '').join(' ');
}

/** Writes the value of a Received field (RFC 5321 §4.4), a clause a piece: for `writeField`, or to be joined by spaces. */
export function formatReceived(received: ReceivedToFormat): string[] {
  const pieces = [`from ${formatHost(received.from)}`, `by ${formatHost(received.by)}`];
  if (received.via !== undefined) pieces.push(`via ${clean(received.via)}`);
  if (received.with !== undefined) pieces.push(`with ${clean(received.with)}`);
  if (received.id !== undefined) pieces.push(`id ${clean(received.id)}`);
  if (received.for !== undefined) pieces.push(`for <${received.for.replace(/[\u0000-\u001f\u007f<>]+/g, '_')}>`);
  for (const [name, value] of received.clauses ?? []) pieces.push(`${clean(name)} ${clean(value)}`);
  const last = pieces.pop() ?? '';
  return [...pieces, `${last};`, formatDate(received.date.instant, received.date.offsetMinutes)];
}
