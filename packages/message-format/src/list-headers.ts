import { formatDisplayName } from '@mox/address';
import { decodeEncodedWords } from '@mox/encoding';
import { encodedWordLength, writeField } from './field-writer.ts';
import { findField, type HeaderField } from './header-field.ts';
import { unquotePairs } from './structured.ts';

/** What a list says of itself in a message's header (RFC 2369 §3, RFC 2919 §3, RFC 8058 §3). */
export interface ListHeaders {
  /** Identifier without angle brackets, and the words before it (RFC 2919 §3). */
  readonly id?: { readonly identifier: string; readonly description: string };
  /** Addresses of the commands (RFC 2369 §3), best first. Empty where the field is absent. */
  readonly help: readonly string[];
  readonly unsubscribe: readonly string[];
  readonly subscribe: readonly string[];
  readonly post: readonly string[];
  readonly owner: readonly string[];
  readonly archive: readonly string[];
  /** Where this message is archived (RFC 5064 §2). */
  readonly archivedAt?: string;
  /** Whether the list takes no posts: `List-Post: NO` (RFC 2369 §3.4). */
  readonly closed: boolean;
  /** Where a POST of `List-Unsubscribe=One-Click` unsubscribes (RFC 8058 §3). Only to be used where a DKIM signature covers both fields (RFC 8058 §4). */
  readonly oneClick?: string;
}

const mostUris = 50;

/**
 * Reads `<uri>, <uri> (comment), ...` (RFC 2369 §2); what stands behind the first that is no address in brackets is ignored.
 * Encoded words, which have no place there (RFC 2047 §5) and which some senders make of long addresses, are decoded.
 */
export function parseListUris(text: string): string[] {
  const uris: string[] = [];
  const value = text.includes('=?') ? decodeEncodedWords(text) : text;
  const item = /\s*(?:\([^()]*\)\s*)*<([^<>]*)>\s*(?:\([^()]*\)\s*)?(,|$)?/y;
  for (let match = item.exec(value); match && uris.length < mostUris; match = item.exec(value)) {
    // RFC 2369 §2: white space inside the brackets is to be ignored.
    const uri = (match[1] ?? '').replace(/\s+/g, '');
    if (uri !== '') uris.push(uri);
    if (match[2] !== ',') break;
  }
  return uris;
}

/** Reads the value of a List-Id field (RFC 2919 §2), its description decoded; without brackets the last word counts. Undefined where there is none. */
export function parseListId(text: string): { readonly identifier: string; readonly description: string } | undefined {
  const open = text.lastIndexOf('<');
  const close = open < 0 ? -1 : text.indexOf('>', open);
  const words = text.trim();
  const start = open >= 0 ? open : words.lastIndexOf(' ');
  const identifier = (open < 0 ? words.slice(start + 1) : text.slice(open + 1, close < 0 ? undefined : close)).replace(/\s+/g, '');
  if (identifier === '') return undefined;
  const description = (open < 0 ? words : text).slice(0, Math.max(0, start)).trim();
  const unquoted = /^".*"$/.test(description) ? unquotePairs(description.slice(1, -1)) : description;
  return { identifier, description: decodeEncodedWords(unquoted) };
}

/** Reads the fields that a list puts into its messages. */
export function parseListHeaders(fields: readonly HeaderField[]): ListHeaders {
  const value = (name: string): string => findField(fields, `list-${name}`)?.value ?? '';
  const unsubscribe = parseListUris(value('unsubscribe'));
  const id = parseListId(value('id'));
  const archivedAt = parseListUris(findField(fields, 'archived-at')?.value ?? '')[0];
  const post = value('post');
  const asksForOneClick = value('unsubscribe-post').trim().toLowerCase() === 'list-unsubscribe=one-click';
  const oneClick = asksForOneClick ? unsubscribe.find((uri) => /^https:/i.test(uri)) : undefined;
  return {
    ...(id && { id }),
    ...(archivedAt === undefined ? undefined : { archivedAt }),
    help: parseListUris(value('help')),
    unsubscribe,
    subscribe: parseListUris(value('subscribe')),
    post: parseListUris(post),
    owner: parseListUris(value('owner')),
    archive: parseListUris(value('archive')),
    closed: /^no\b/i.test(post.trim()),
    ...(oneClick === undefined ? undefined : { oneClick }),
  };
}

/** Longest address that is written whole: with what stands around it, it fits on a line (RFC 5322 §2.1.1). */
const longestUri = 900;

/** An address without what RFC 3986 does not let stand in one. A very long one gets a space, which readers ignore (RFC 2369 §2). */
function cleanUri(uri: string): string {
  const clean = uri.replace(/[\s<>\u0000-\u001f\u007f]+/g, '').toWellFormed();
  const ascii = clean.replace(/[^!-~]+/g, (characters) => encodeURIComponent(characters));
  return ascii.length <= longestUri ? ascii : (ascii.match(/.{1,900}/g) ?? []).join(' ');
}

/** Writes addresses of a list's commands (RFC 2369 §2). */
export function formatListUris(uris: readonly string[]): string {
  return uris.map((uri) => `<${cleanUri(uri)}>`).join(', ');
}

function writeUris(name: string, uris: readonly string[]): string {
  return uris.length === 0 ? '' : writeField(name, formatListUris(uris).split(' '));
}

/**
 * Writes the fields of a list's message that `parseListHeaders` reads, folded, each with its CRLF. `oneClick` is an `https:` address; it
 * is named in List-Unsubscribe too, and both fields are to be signed (RFC 8058 §4).
 */
export function writeListHeaders(list: Partial<ListHeaders>): string {
  const { id, oneClick, unsubscribe = [] } = list;
  const description = id ? formatDisplayName(id.description, { wordLength: encodedWordLength('List-Id') }) : '';
  const ways = oneClick === undefined || unsubscribe.includes(oneClick) ? unsubscribe : [oneClick, ...unsubscribe];
  return [
    id ? writeField('List-Id', [...(description === '""' ? [] : [description]), `<${cleanUri(id.identifier)}>`]) : '',
    writeUris('List-Help', list.help ?? []),
    writeUris('List-Unsubscribe', ways),
    oneClick === undefined ? '' : writeField('List-Unsubscribe-Post', ['List-Unsubscribe=One-Click']),
    writeUris('List-Subscribe', list.subscribe ?? []),
    list.closed ? writeField('List-Post', ['NO']) : writeUris('List-Post', list.post ?? []),
    writeUris('List-Owner', list.owner ?? []),
    writeUris('List-Archive', list.archive ?? []),
    writeUris('Archived-At', list.archivedAt === undefined ? [] : [list.archivedAt]),
  ].join('');
}
