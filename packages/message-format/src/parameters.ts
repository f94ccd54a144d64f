import { type CharClass, charClass, TextCursor } from '@mox/syntax';
import { isBlank } from './blank.ts';
import type { Parameter } from './part.ts';
import { isToken, readQuotedString, skipCfws, skipComment } from './structured.ts';

const isNotSemicolon: CharClass = (code) => code !== 59;
const isName: CharClass = /* @__PURE__ */ charClass(isToken, '[]/');

/** Characters of one value that are read: comments that never end would cost too much in a longer one. */
const longestValue = 65_536;

/** A cursor over a value with parameters, over its start where it is too long to be honest. */
export function parameterCursor(text: string): TextCursor {
  return new TextCursor(text, 0, Math.min(text.length, longestValue));
}

function skipToSemicolon(cursor: TextCursor): void {
  const next = cursor.text.indexOf(';', cursor.at);
  cursor.at = next < 0 || next > cursor.end ? cursor.end : next;
}

/**
 * Goes past white space and comments before a parameter.
 *
 * deviates RFC 2045 §5.1: a first comment that never ends does so with the next semicolon, that a boundary behind it is not lost. To look
 * for the end of each would cost too much: a second one takes all that is left.
 */
function skipComments(cursor: TextCursor, seen: { unended: boolean }): void {
  for (;;) {
    cursor.skipWhile(isBlank);
    if (cursor.peek() !== 40) return;
    if (skipComment(cursor)) continue;
    if (seen.unended) cursor.at = cursor.end;
    else skipToSemicolon(cursor);
    seen.unended = true;
  }
}

/** Whether `name=` comes next: a parameter whose semicolon was forgotten. */
function parameterFollows(cursor: TextCursor): boolean {
  const start = cursor.at;
  const long = cursor.skipWhile(isToken);
  cursor.skipWhile(isBlank);
  const follows = long > 0 && cursor.peek() === 61;
  cursor.at = start;
  return follows;
}

function readUnquoted(cursor: TextCursor): string {
  const start = cursor.at;
  cursor.skipWhile(isToken);
  const tokenEnd = cursor.at;
  cursor.skipWhile(isBlank);
  if (cursor.peek() === 40 && skipComment(cursor)) cursor.skipWhile(isBlank);
  if (tokenEnd > start && (cursor.done || cursor.peek() === 59 || parameterFollows(cursor))) return cursor.text.slice(start, tokenEnd);
  // deviates RFC 2045 §5.1: a value with spaces or specials and no quotes is taken as far as the semicolon.
  cursor.at = tokenEnd;
  cursor.takeWhile(isNotSemicolon);
  let end = cursor.at;
  while (end > start && isBlank(cursor.text.charCodeAt(end - 1))) end--;
  // A quote that nothing opened.
  if (end > start + 1 && cursor.text.charCodeAt(end - 1) === 34) end--;
  return cursor.text.slice(start, end);
}

/** A path of Windows, whose backslashes some programs do not double. */
const windowsPath = /^(?:[A-Za-z]:\\|\\\\)/;

/**
 * Reads a quoted value (RFC 2045 §5.1).
 *
 * deviates RFC 5322 §3.2.1: in a path of Windows a backslash quotes only a quote and another backslash, that the file's name can be told.
 */
function readQuoted(cursor: TextCursor): string {
  const start = cursor.at + 1;
  const value = readQuotedString(cursor);
  const raw = cursor.text.slice(start, start + 3);
  if (!windowsPath.test(raw)) return value;
  const written = cursor.text.slice(start, cursor.at);
  return written.replace(/"$/, '').replace(/\\(["\\])/g, '$1');
}

function isTokenNext(cursor: TextCursor): boolean {
  const code = cursor.peek();
  return code >= 0 && code < 256 && isToken(code);
}

function readParameter(cursor: TextCursor): Parameter | undefined {
  const name = cursor.takeWhile(isName);
  if (name === '') return undefined;
  skipCfws(cursor);
  if (!cursor.take('=')) return undefined;
  skipCfws(cursor);
  if (cursor.peek() !== 34) return [name.toLowerCase(), readUnquoted(cursor)];
  const value = readQuoted(cursor);
  // Quotes within quotes: `""a.txt""`.
  if (value === '' && isTokenNext(cursor)) return [name.toLowerCase(), readUnquoted(cursor).replace(/"+$/, '')];
  skipCfws(cursor);
  return [name.toLowerCase(), value];
}

/**
 * Reads `; name=value` again and again (RFC 2045 §5.1): names in lower case, values unquoted, RFC 2231 not undone.
 * What is no parameter is passed over. `complete` is false where something was, or where the limit was reached.
 */
export function readParameters(cursor: TextCursor, most: number): { readonly parameters: Parameter[]; readonly complete: boolean } {
  const parameters: Parameter[] = [];
  const seen = { unended: false };
  let complete = true;
  for (;;) {
    skipComments(cursor, seen);
    for (let comma = cursor.take(','); comma || cursor.take(';'); comma = cursor.take(',')) {
      // deviates RFC 2045 §5.1: a comma may stand for the semicolon.
      if (comma) complete = false;
      skipComments(cursor, seen);
    }
    if (cursor.done) return { parameters, complete: complete && !seen.unended };
    if (parameters.length >= most) return { parameters, complete: false };
    const parameter = readParameter(cursor);
    if (parameter) parameters.push(parameter);
    else {
      complete = false;
      skipToSemicolon(cursor);
    }
  }
}

/** A structured value `word; name=value...` as Content-Disposition and others have it, read leniently. */
export function parseParameterized(
  text: string,
  most: number = 200,
): { readonly value: string; readonly parameters: Parameter[]; readonly complete: boolean } {
  const cursor = parameterCursor(text);
  skipCfws(cursor);
  const value = cursor.takeWhile(isToken).toLowerCase();
  return { value, ...readParameters(cursor, most) };
}

/** The value of the first parameter of a name, given in lower case. */
export function findParameter(parameters: readonly Parameter[], name: string): string | undefined {
  return parameters.find((parameter) => parameter[0] === name)?.[1];
}
