import { toLatin1 } from '@mox/runtime';
import { ByteQueue } from './byte-queue.ts';
import { CommandProblem, decodeText } from './command-cursor.ts';
import { decodeMailboxName } from './mailbox-name.ts';
import { parseFetchData } from './parse-fetch-data.ts';
import type { ImapResponse, Namespace, ResponseCode, StatusText } from './response.ts';
import { parseAcl, parseListRights, parseMyRights } from './response-acl.ts';
import { ResponseCursor } from './response-cursor.ts';
import { ResponseFramer, type WholeResponse } from './response-framer.ts';
import { parseMetadata } from './response-metadata.ts';
import { parseQuota, parseQuotaRoot } from './response-quota.ts';
import { parseThread } from './response-thread.ts';

/** What a parser of responses is told; all of it has defaults. */
export interface ParseResponseOptions {
  /** Whether mailbox names are UTF-8: after ENABLE IMAP4rev2 or UTF8=ACCEPT. */
  readonly utf8?: boolean;
  /** Parentheses inside each other. */
  readonly nesting?: number;
}

const statuses = ['OK', 'NO', 'BAD', 'BYE', 'PREAUTH'] as const;

function parseCode(cursor: ResponseCursor): ResponseCode | undefined {
  if (!cursor.take('[')) return undefined;
  const start = cursor.at;
  // A code may hold brackets in strings and in flags; the first one that a space or the end follows is the last.
  for (let at = cursor.text.indexOf(']', start); at >= 0; at = cursor.text.indexOf(']', at + 1)) {
    if (at + 1 < cursor.text.length && cursor.text[at + 1] !== ' ') continue;
    const code = cursor.text.slice(start, at);
    cursor.at = at + 1;
    const space = code.indexOf(' ');
    return space < 0
      ? { name: code.toUpperCase(), argument: '' }
      : { name: code.slice(0, space).toUpperCase(), argument: code.slice(space + 1) };
  }
  // Words that begin with a bracket: a tagged response must not be lost for that.
  cursor.at = start - 1;
  return undefined;
}

function parseStatusText(cursor: ResponseCursor, status: StatusText['status']): StatusText {
  cursor.take(' ');
  const code = parseCode(cursor);
  if (code) cursor.take(' ');
  return { status, ...(code ? { code } : {}), text: decodeText(rest(cursor)) };
}

function rest(cursor: ResponseCursor): string {
  const text = cursor.text.slice(cursor.at);
  cursor.at = cursor.text.length;
  return text;
}

function mailbox(cursor: ResponseCursor): string {
  return decodeMailboxName(cursor.astring(), cursor.options);
}

function words(cursor: ResponseCursor): readonly string[] {
  const names: string[] = [];
  while (cursor.take(' ')) if (!cursor.done) names.push(cursor.responseFlag());
  return names;
}

function parseListExtension(cursor: ResponseCursor): { oldName?: string; childInfo?: readonly string[] } {
  const found: { oldName?: string; childInfo?: readonly string[] } = {};
  cursor.enter();
  while (cursor.peek() !== 41) {
    const tag = cursor.string8().toUpperCase();
    cursor.space();
    if (tag === 'OLDNAME') [found.oldName = ''] = cursor.list(() => mailbox(cursor));
    else if (tag === 'CHILDINFO') found.childInfo = cursor.list(() => cursor.string8());
    else cursor.skipValue();
    if (!cursor.take(' ')) break;
  }
  cursor.leave();
  return found;
}

function parseList(cursor: ResponseCursor, type: 'list' | 'lsub'): ImapResponse {
  cursor.space();
  const attributes = cursor.responseFlags();
  cursor.space();
  const delimiter = cursor.ntext();
  cursor.space();
  const name = mailbox(cursor);
  const extension = cursor.take(' ') && !cursor.done ? parseListExtension(cursor) : {};
  return { type, attributes, delimiter, mailbox: name, ...extension };
}

function parseMailboxStatus(cursor: ResponseCursor): ImapResponse {
  cursor.space();
  const name = mailbox(cursor);
  const items = new Map<string, number | string | null>();
  cursor.space();
  cursor.expect('(');
  while (!cursor.take(')')) {
    const item = cursor.itemName();
    cursor.space();
    items.set(item, parseStatusValue(cursor));
    cursor.spaces();
  }
  return { type: 'mailbox-status', mailbox: name, items };
}

function parseStatusValue(cursor: ResponseCursor): number | string | null {
  if (cursor.peek() === 40) return cursor.list(() => cursor.string8())[0] ?? '';
  return cursor.takeNil() ? null : cursor.number64();
}

function parseModseq(cursor: ResponseCursor): number {
  cursor.expect('(');
  if (!cursor.takeKeyword('MODSEQ')) cursor.fail('MODSEQ is missing');
  cursor.space();
  const modseq = cursor.number64();
  cursor.expect(')');
  return modseq;
}

function parseNumbers(cursor: ResponseCursor, type: 'search' | 'sort'): ImapResponse {
  const numbers = cursor.spacedNumbers();
  return cursor.spaces() && cursor.peek() === 40 ? { type, numbers, modseq: parseModseq(cursor) } : { type, numbers };
}

type Esearch = Omit<Extract<ImapResponse, { readonly type: 'esearch' }>, 'type' | 'uid'>;

/** PARTIAL (RFC 9394): a range that may count from the end, and what was found. */
function parsePartial(cursor: ResponseCursor): NonNullable<Esearch['partial']> {
  cursor.expect('(');
  const signed = (): number => (cursor.take('-') ? -cursor.nzNumber() : cursor.nzNumber());
  const from = signed();
  cursor.expect(':');
  const to = signed();
  cursor.space();
  const numbers = cursor.takeNil() ? [] : cursor.ranges();
  cursor.expect(')');
  return { from, to, numbers };
}

function parseEsearch(cursor: ResponseCursor): ImapResponse {
  const found: { -readonly [K in keyof Esearch]?: Esearch[K] } = {};
  let uid = false;
  while (cursor.take(' ') && !cursor.done) {
    if (cursor.peek() === 40) {
      cursor.expect('(');
      if (!cursor.takeKeyword('TAG')) cursor.fail('TAG is missing');
      cursor.space();
      found.tag = cursor.string8();
      cursor.expect(')');
      continue;
    }
    const name = cursor.keyword();
    if (name === 'UID') {
      uid = true;
      continue;
    }
    cursor.space();
    if (name === 'ALL') found.all = cursor.ranges();
    else if (name === 'PARTIAL') found.partial = parsePartial(cursor);
    else if (name === 'MIN' || name === 'MAX' || name === 'COUNT' || name === 'MODSEQ') {
      found[name.toLowerCase() as 'min' | 'max' | 'count' | 'modseq'] = cursor.number64();
    } else cursor.skipValue();
  }
  return { type: 'esearch', uid, ...found };
}

function parseNamespaces(cursor: ResponseCursor): readonly Namespace[] {
  cursor.space();
  if (cursor.takeNil()) return [];
  const namespaces: Namespace[] = [];
  cursor.enter();
  while (cursor.peek() === 40) {
    cursor.enter();
    const prefix = decodeMailboxName(cursor.string(), cursor.options);
    cursor.space();
    namespaces.push({ prefix, delimiter: cursor.ntext() });
    while (cursor.take(' ')) cursor.skipValue();
    cursor.leave();
    cursor.spaces();
  }
  cursor.leave();
  return namespaces;
}

function parseId(cursor: ResponseCursor): ImapResponse {
  cursor.space();
  if (cursor.takeNil()) return { type: 'id', parameters: null };
  const parameters = new Map<string, string | null>();
  cursor.expect('(');
  while (!cursor.take(')')) {
    const field = cursor.string8();
    cursor.space();
    parameters.set(field.toLowerCase(), cursor.ntext());
    cursor.take(' ');
  }
  return { type: 'id', parameters };
}

function parseVanished(cursor: ResponseCursor): ImapResponse {
  cursor.space();
  const earlier = cursor.take('(');
  if (earlier && !(cursor.takeKeyword('EARLIER') && cursor.take(')') && cursor.take(' '))) cursor.fail('EARLIER is missing');
  return { type: 'vanished', earlier, uids: cursor.ranges() };
}

/* @__NO_SIDE_EFFECTS__ */
function statusReader(status: StatusText['status']): (cursor: ResponseCursor) => ImapResponse {
  return (cursor) => ({ type: 'status', ...parseStatusText(cursor, status) });
}

const untagged: ReadonlyMap<string, (cursor: ResponseCursor) => ImapResponse> = new Map<string, (cursor: ResponseCursor) => ImapResponse>([
  ['OK', statusReader('OK')],
  ['NO', statusReader('NO')],
  ['BAD', statusReader('BAD')],
  ['BYE', statusReader('BYE')],
  ['PREAUTH', statusReader('PREAUTH')],
  ['CAPABILITY', (cursor) => ({ type: 'capability', capabilities: words(cursor) })],
  ['ENABLED', (cursor) => ({ type: 'enabled', capabilities: words(cursor) })],
  [
    'FLAGS',
    (cursor) => {
      cursor.space();
      return { type: 'flags', flags: cursor.responseFlags() };
    },
  ],
  ['LIST', (cursor) => parseList(cursor, 'list')],
  ['LSUB', (cursor) => parseList(cursor, 'lsub')],
  ['STATUS', parseMailboxStatus],
  ['SEARCH', (cursor) => parseNumbers(cursor, 'search')],
  ['SORT', (cursor) => parseNumbers(cursor, 'sort')],
  ['THREAD', parseThread],
  ['ESEARCH', parseEsearch],
  [
    'NAMESPACE',
    (cursor) => ({
      type: 'namespace',
      personal: parseNamespaces(cursor),
      others: parseNamespaces(cursor),
      shared: parseNamespaces(cursor),
    }),
  ],
  ['QUOTA', parseQuota],
  ['QUOTAROOT', parseQuotaRoot],
  ['ACL', parseAcl],
  ['LISTRIGHTS', parseListRights],
  ['MYRIGHTS', parseMyRights],
  ['METADATA', parseMetadata],
  ['ID', parseId],
  ['VANISHED', parseVanished],
]);

function parseNumbered(cursor: ResponseCursor): ImapResponse {
  const number = cursor.number();
  cursor.space();
  const name = cursor.keyword();
  if (name === 'FETCH') {
    cursor.space();
    return { type: 'fetch', number, data: parseFetchData(cursor) };
  }
  if (name === 'EXISTS' || name === 'RECENT' || name === 'EXPUNGE') return { type: name.toLowerCase() as 'exists', number };
  return cursor.fail('this response is not known');
}

function parseUntagged(cursor: ResponseCursor): ImapResponse {
  const next = cursor.peek();
  if (next >= 48 && next <= 57) return parseNumbered(cursor);
  return untagged.get(cursor.keyword())?.(cursor) ?? cursor.fail('this response is not known');
}

function parseTagged(cursor: ResponseCursor): ImapResponse {
  const end = cursor.text.indexOf(' ');
  const tag = cursor.text.slice(0, end < 0 ? undefined : end);
  cursor.at = tag.length;
  cursor.space();
  const word = cursor.keyword();
  const status = statuses.find((known) => known === word) ?? cursor.fail('a status is missing');
  return { type: 'tagged', tag, ...parseStatusText(cursor, status) };
}

/** What was wrong, or the error itself where it is none of the parser's. */
function problemOf(text: string, error: unknown): ImapResponse {
  if (!(error instanceof CommandProblem)) throw error;
  return { type: 'unknown', text, problem: `${error.message} (at ${error.offset})` };
}

/** Parses a response as the framer has cut it out. Never throws for bad input: it is then `unknown`. */
export function parseFrame(frame: Omit<WholeResponse, 'type'>, options: ParseResponseOptions): ImapResponse {
  const { utf8 = false, nesting = 100 } = options;
  const { text } = frame;
  const cursor = new ResponseCursor(text, { utf8, nesting }, frame);
  try {
    if (text.startsWith('* ')) {
      cursor.at = 2;
      return parseUntagged(cursor);
    }
    if (text.startsWith('+')) return { type: 'continue', text: text.slice(text[1] === ' ' ? 2 : 1) };
    return parseTagged(cursor);
  } catch (error) {
    return problemOf(text, error);
  }
}

/**
 * Parses a response whose literals stand aside, in order: the text has their `{n}` and CRLF only.
 * Never throws for bad input: it is then `unknown`.
 */
export function parseFramedResponse(text: string, literals: readonly Uint8Array[], options: ParseResponseOptions = {}): ImapResponse {
  return parseFrame({ text, literals }, options);
}

/** Parses the bytes of one whole response with its literals in place (RFC 9051 §7). Never throws for bad input: it is then `unknown`. */
export function parseResponse(bytes: Uint8Array, options: ParseResponseOptions = {}): ImapResponse {
  const queue = new ByteQueue();
  queue.push(bytes);
  const frame = new ResponseFramer(queue, { lineBytes: bytes.length + 1, literalBytes: bytes.length }).next();
  if (frame?.type === 'response') return parseFrame(frame, options);
  return { type: 'unknown', text: toLatin1(bytes.subarray(0, 256)), problem: frame?.problem ?? 'the response is cut short' };
}
