import { parameterCursor, parseParameterized, readParameters } from './parameters.ts';
import type { Parameter } from './part.ts';
import { isToken, skipCfws } from './structured.ts';

/** A media type with its parameters (RFC 2045 §5.1). */
export interface ContentType {
  /** In lower case. */
  readonly type: string;
  /** In lower case. */
  readonly subtype: string;
  readonly parameters: readonly Parameter[];
}

/** A Content-Disposition (RFC 2183 §2): type in lower case, parameters with RFC 2231 not undone. */
export interface ContentDisposition {
  readonly type: string;
  readonly parameters: readonly Parameter[];
}

/** What a Content-Type says, and whether all of it could be read. `value` is undefined where there is no `type/subtype`. */
export interface ContentTypeReading {
  readonly value: ContentType | undefined;
  readonly complete: boolean;
}

/**
 * Reads the value of a Content-Type field leniently.
 *
 * deviates RFC 2045 §5.1: the media type may stand in quotes.
 */
export function readContentType(text: string, mostParameters: number): ContentTypeReading {
  const cursor = parameterCursor(text);
  skipCfws(cursor);
  const quoted = cursor.take('"');
  const type = cursor.takeWhile(isToken).toLowerCase();
  skipCfws(cursor);
  if (type === '' || !cursor.take('/')) return { value: undefined, complete: false };
  skipCfws(cursor);
  const subtype = cursor.takeWhile(isToken).toLowerCase();
  if (subtype === '') return { value: undefined, complete: false };
  if (quoted) cursor.take('"');
  const { parameters, complete } = readParameters(cursor, mostParameters);
  return { value: { type, subtype, parameters }, complete: complete && !quoted };
}

/** Reads the value of a Content-Type field; undefined where it has no `type/subtype` (RFC 2045 §5.1). */
export function parseContentType(text: string): ContentType | undefined {
  return readContentType(text, 200).value;
}

/**
 * Reads the value of a Content-Disposition field (RFC 2183 §2); undefined where it names no disposition.
 *
 * deviates RFC 2183 §2: the disposition may be missing before its parameters, and a colon may stand for the semicolon behind it.
 */
export function parseContentDisposition(text: string): ContentDisposition | undefined {
  const typeMissing = /^\s*[^\s=;:"()]+\s*=/.test(text);
  const { value, parameters } = parseParameterized(typeMissing ? `;${text}` : text.replace(/^(\s*[A-Za-z-]+\s*):/, '$1;'));
  return value === '' && parameters.length === 0 ? undefined : { type: value === '' ? 'attachment' : value, parameters };
}
