import { isWhitespace } from './char-class.ts';
import { ok, parseError, type Result } from './result.ts';

/** A field of a TXT record, `name=value`, and where its text begins. */
export interface RecordField {
  readonly name: string;
  readonly value: string;
  readonly offset: number;
}

const extensionName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/;
const extensionValue = /^[\x21-\x3a\x3c\x3e-\x7e]+$/;

/** A text, or what of it is between two offsets, without the spaces and tabs at both ends: other white space than these (WSP) stays. */
export function trimBlanks(text: string, start = 0, end: number = text.length): string {
  let [from, to] = [start, end];
  while (from < to && isWhitespace(text.charCodeAt(from))) from++;
  while (to > from && isWhitespace(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/**
 * Reads a TXT record of the form that RFC 8461 §3.1 and RFC 8460 §3 share: `v=<version>; name=value; ...`, in linear time.
 * Gives the fields behind the version in their order. Those that are not `known` must be extensions by the grammar; the
 * values of those that are, are for the caller to judge, and so is a field that stands twice.
 */
export function parseRecordFields(text: string, version: string, known: ReadonlySet<string>): Result<readonly RecordField[]> {
  const first = text.indexOf(';');
  const start = trimBlanks(text, 0, first < 0 ? text.length : first);
  if (start !== `v=${version}` || !text.startsWith('v=')) return parseError(0, `"v=${version}" expected`);
  const fields: RecordField[] = [];
  for (let at = first; at >= 0 && at < text.length; ) {
    const semicolon = text.indexOf(';', at + 1);
    const end = semicolon < 0 ? text.length : semicolon;
    const field = trimBlanks(text, at + 1, end);
    if (field === '' && semicolon < 0) break;
    const equals = field.indexOf('=');
    const name = field.slice(0, Math.max(equals, 0));
    const value = field.slice(equals + 1);
    if (!known.has(name) && !(extensionName.test(name) && extensionValue.test(value)))
      return parseError(at + 1, 'a field that is no name and value');
    fields.push({ name, value, offset: at + 1 });
    at = end;
  }
  return ok(fields);
}
