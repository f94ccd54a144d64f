import { type CharClass, charClass, ok, parseError, type Result, TextCursor } from '@mox/syntax';
import { isBlank } from './blank.ts';
import { readQuotedString, skipCfws, skipComment } from './structured.ts';

/** A property of the message that a result was reported of: `ptype.property=value` (RFC 8601 §2.2). */
export interface AuthenticationProperty {
  /** `smtp`, `header`, `body` or `policy`, in lower case. */
  readonly type: string;
  /** In lower case, e.g. `mailfrom`, `d`. */
  readonly property: string;
  readonly value: string;
}

/** What one method of authentication found (RFC 8601 §2.2). */
export interface AuthenticationResult {
  /** In lower case, e.g. `spf`. */
  readonly method: string;
  /** Version of the method, where it is given. */
  readonly version?: number;
  /** In lower case, e.g. `pass`. */
  readonly result: string;
  readonly reason?: string;
  /** The comment behind the result, without its parentheses; most writers explain the result there. */
  readonly comment?: string;
  readonly properties: readonly AuthenticationProperty[];
}

/** An Authentication-Results field (RFC 8601 §2.2). No results stands for `none`. */
export interface AuthenticationResults {
  /** Who checked (RFC 8601 §2.5). Only the receiver's own may be trusted (RFC 8601 §5). Empty where the field does not say, as Microsoft's. */
  readonly authservId: string;
  /** 1 unless given. */
  readonly version?: number;
  readonly results: readonly AuthenticationResult[];
}

const isKeyword: CharClass = /* @__PURE__ */ charClass(['0', '9'], ['A', 'Z'], ['a', 'z'], '-_');
/** What a value may be made of without quotes: tokens of MIME, and what addresses and the wild add. */
const isValue: CharClass = /* @__PURE__ */ charClass(['!', '~']);
const endsValue: CharClass = /* @__PURE__ */ charClass(';()"');
const mostResults = 200;

/** Skips CFWS, and gives the text of the first comment in it. */
function takeCfws(cursor: TextCursor): string | undefined {
  let comment: string | undefined;
  for (;;) {
    cursor.skipWhile(isBlank);
    if (cursor.peek() !== 40) return comment;
    const start = cursor.at;
    if (!skipComment(cursor)) cursor.at = cursor.end;
    comment ??= cursor.text.slice(start + 1, cursor.at - 1).trim();
  }
}

function takeValue(cursor: TextCursor): string {
  if (cursor.peek() === 34) {
    const quoted = readQuotedString(cursor);
    // "a b"@example.org: a localpart in quotes goes on.
    return cursor.peek() === 64 ? quoted + cursor.takeWhile((code) => (code > 126 || isValue(code)) && !endsValue(code)) : quoted;
  }
  return cursor.takeWhile((code) => (code > 126 || isValue(code)) && !endsValue(code));
}

function takeNumber(cursor: TextCursor): number | undefined {
  const digits = cursor.takeWhile((code) => code >= 48 && code <= 57);
  return digits === '' ? undefined : Number(digits.slice(0, 9));
}

function readMethod(cursor: TextCursor): Pick<AuthenticationResult, 'method' | 'version' | 'result'> | undefined {
  const method = cursor.takeWhile(isKeyword).toLowerCase();
  skipCfws(cursor);
  let version: number | undefined;
  if (cursor.take('/')) {
    skipCfws(cursor);
    version = takeNumber(cursor);
    skipCfws(cursor);
  }
  if (method === '' || !cursor.take('=')) return undefined;
  skipCfws(cursor);
  const result = cursor.takeWhile(isKeyword).toLowerCase();
  return result === '' ? undefined : { method, result, ...(version === undefined ? undefined : { version }) };
}

/** Reads `reason=value` and `ptype.property=value`; undefined where neither comes next. */
function readSpec(cursor: TextCursor): AuthenticationProperty | string | undefined {
  const start = cursor.at;
  const type = cursor.takeWhile(isKeyword).toLowerCase();
  skipCfws(cursor);
  const dotted = cursor.take('.');
  if (dotted) skipCfws(cursor);
  const property = dotted ? cursor.takeWhile(isKeyword).toLowerCase() : '';
  skipCfws(cursor);
  if (type === '' || (dotted ? property === '' : type !== 'reason') || !cursor.take('=')) {
    cursor.at = start;
    return undefined;
  }
  skipCfws(cursor);
  const value = takeValue(cursor);
  return dotted ? { type, property, value } : value;
}

/** Passes over a word that is no property, as `action=none` of Microsoft's, as long as the result goes on. */
function skipWord(cursor: TextCursor): boolean {
  const start = cursor.at;
  takeValue(cursor);
  return cursor.at > start;
}

function readResult(cursor: TextCursor): AuthenticationResult | undefined {
  skipCfws(cursor);
  const method = readMethod(cursor);
  if (!method) return undefined;
  const comment = takeCfws(cursor);
  const properties: AuthenticationProperty[] = [];
  let reason: string | undefined;
  while (properties.length < mostResults) {
    const spec = readSpec(cursor);
    if (spec === undefined && !skipWord(cursor)) break;
    if (typeof spec === 'string') reason ??= spec;
    else if (spec) properties.push(spec);
    skipCfws(cursor);
  }
  return {
    ...method,
    ...(reason === undefined ? undefined : { reason }),
    ...(comment === undefined ? undefined : { comment }),
    properties,
  };
}

/** Reads `; result` again and again; with `atResult` no semicolon stands before the first. */
function readResults(cursor: TextCursor, options: { readonly atResult: boolean }): AuthenticationResult[] {
  const results: AuthenticationResult[] = [];
  for (let { atResult } = options; results.length < mostResults && !cursor.done; atResult = false) {
    const next = cursor.text.indexOf(';', cursor.at);
    skipCfws(cursor);
    if (!atResult && !cursor.take(';')) cursor.at = next < 0 || next >= cursor.end ? cursor.end : Math.max(next + 1, cursor.at);
    if (cursor.done) break;
    const result = readResult(cursor);
    if (result) results.push(result);
  }
  return results;
}

/** An instance of ARC before the rest (RFC 8617 §4.1.1), or a result where the authserv-id should be. */
const instance = /^[ \t\r\n]*i[ \t\r\n]*=[ \t\r\n]*\d{1,4}[ \t\r\n]*;/;
const startsWithName = /^[ \t\r\n]*(?:arc-)?authentication-results[ \t]*:/i;
const startsWithResult = /^[ \t\r\n]*[A-Za-z0-9-]{1,50}[ \t\r\n]*=/;

/**
 * Reads the value of an Authentication-Results field (RFC 8601 §2.2), or of one of ARC. Results that cannot be read are passed over; it fails where
 * there is no authserv-id, or a version that is not known (RFC 8601 §2.6).
 */
export function parseAuthenticationResults(text: string): Result<AuthenticationResults> {
  if (startsWithName.test(text)) return parseError(0, 'the name of the field stands before its value');
  const start = instance.exec(text)?.[0].length ?? 0;
  const cursor = new TextCursor(text, start, Math.min(text.length, 65_536));
  skipCfws(cursor);
  if (startsWithResult.test(text.slice(start, start + 200)))
    return ok({ authservId: '', results: readResults(cursor, { atResult: true }) });
  const authservId = takeValue(cursor);
  if (authservId === '') return parseError(cursor.at, 'no authserv-id');
  skipCfws(cursor);
  const versionAt = cursor.at;
  const version = takeNumber(cursor);
  if (version !== undefined && version !== 1) return parseError(versionAt, `version ${version} is not known`);
  return ok({ authservId, ...(version === undefined ? undefined : { version }), results: readResults(cursor, { atResult: false }) });
}

/** Writes a value (RFC 2045 §5.1): a token, an address, or a quoted string. Controls become spaces. */
function formatValue(value: string): string {
  const clean = value.replace(/[\u0000-\u001f\u007f]+/g, ' ');
  if (/^[!#$%&'*+\-.0-9A-Z^_`a-z{|}~\u0080-\uffff]+$/.test(clean)) return clean;
  if (/^[!#$%&'*+\-./0-9=?A-Z^_`a-z{|}~\u0080-\uffff]*@[0-9A-Za-z.\-\u0080-\uffff]+$/.test(clean)) return clean;
  return `"${clean.replace(/["\\]/g, '\\$&')}"`;
}

/** One with `=` in it would be taken for a result. */
function formatAuthservId(id: string): string {
  const value = formatValue(id);
  return value.includes('=') && !value.startsWith('"') ? `"${value}"` : value;
}

function formatComment(text: string): string {
  return `(${text.replace(/[\u0000-\u001f\u007f]+/g, ' ').replace(/[()\\]/g, '\\$&')})`;
}

function formatResult(result: AuthenticationResult): string {
  const version = result.version === undefined ? '' : `/${result.version}`;
  const words = [`${result.method}${version}=${result.result}`];
  if (result.comment !== undefined) words.push(formatComment(result.comment));
  if (result.reason !== undefined) words.push(`reason=${formatValue(result.reason)}`);
  for (const { type, property, value } of result.properties) words.push(`${type}.${property}=${formatValue(value)}`);
  return words.join(' ');
}

/**
 * Writes the value of an Authentication-Results field (RFC 8601 §2.2), a result a piece: for `writeField`, which folds between them, or
 * to be joined by spaces.
 */
export function formatAuthenticationResults(results: AuthenticationResults): string[] {
  const head = `${formatAuthservId(results.authservId)}${results.version === undefined ? '' : ` ${results.version}`};`;
  if (results.results.length === 0) return [head, 'none'];
  return [head, ...results.results.map((result, index) => formatResult(result) + (index < results.results.length - 1 ? ';' : ''))];
}
