import { charClass, isAlpha, isDigit, ok, parseError, type Result } from '@mox/syntax';

/** Letters of macros (RFC 7208 §7.2), in lower case. `c`, `r` and `t` are for explanations alone. */
export type MacroLetter = 's' | 'l' | 'o' | 'd' | 'i' | 'p' | 'h' | 'c' | 'r' | 't' | 'v';

/** A macro of a macro-string: `%{` letter, digits, `r`, delimiters `}`. */
export interface Macro {
  readonly letter: MacroLetter;
  /** An upper-case letter: what it expands to is URL escaped. */
  readonly escaped: boolean;
  /** How many right-hand parts to keep; 0 where not given, which keeps all. */
  readonly parts: number;
  readonly reversed: boolean;
  /** Characters to split on; empty where not given, which means a dot. */
  readonly delimiters: string;
}

/** A macro-string (RFC 7208 §7.1), read: literal text, with `%%`, `%_` and `%-` undone, and macros in turn. */
export interface MacroString {
  /** As it is published. */
  readonly text: string;
  readonly items: readonly (string | Macro)[];
}

/** What macros expand to, by letter. */
export type MacroValues = (letter: MacroLetter) => string | Promise<string>;

/** What `%%`, `%_` and `%-` stand for, by the code behind the "%" (RFC 7208 §7.1). */
function macroLiteral(code: number): string | undefined {
  switch (code) {
    case 0x25:
      return '%';
    case 0x5f:
      return ' ';
    case 0x2d:
      return '%20';
    default:
      return undefined;
  }
}

const isDelimiter = /* @__PURE__ */ charClass('-.+,/_=');
/** More than 127 parts no domain name has (RFC 7208 §7.3): a larger number keeps all just as well. */
const mostParts = 1000;

function isLetter(text: string): text is MacroLetter {
  return text.length === 1 && 'slodiphcrtv'.includes(text);
}

/** Reads the macro that begins with the "%" at `start`, up to `end`; undefined where it is none. */
function readMacro(text: string, start: number): { readonly item: string | Macro; readonly end: number } | undefined {
  const literal = macroLiteral(text.charCodeAt(start + 1));
  if (literal !== undefined) return { item: literal, end: start + 2 };
  const letter = text.charAt(start + 2);
  const lower = letter.toLowerCase();
  if (text.charAt(start + 1) !== '{' || !isLetter(lower)) return undefined;
  const digits = start + 3;
  let at = digits;
  let parts = 0;
  for (; isDigit(text.charCodeAt(at)); at++) parts = Math.min(parts * 10 + text.charCodeAt(at) - 48, mostParts);
  if (at > digits && parts === 0) return undefined;
  const reversed = text.charAt(at) === 'r' || text.charAt(at) === 'R';
  if (reversed) at++;
  const delimiters = at;
  while (isDelimiter(text.charCodeAt(at))) at++;
  if (text.charAt(at) !== '}') return undefined;
  const item = { letter: lower, escaped: letter !== lower, parts, reversed, delimiters: text.slice(delimiters, at) };
  return { item, end: at + 1 };
}

const isMacroLiteral = /^[\x21-\x24\x26-\x7e]+$/;

/**
 * Reads a macro-string or, where `explanation` is said, an explain-string, which may hold spaces and the
 * letters `c`, `r` and `t` (RFC 7208 §7.1, §7.2).
 */
export function parseMacroString(text: string, options: { readonly explanation?: boolean } = {}): Result<MacroString> {
  if (isMacroLiteral.test(text)) return ok({ text, items: [text] });
  const invalid = options.explanation ? /[^\x20-\x7e]/ : /[^\x21-\x7e]/;
  const bad = invalid.exec(text);
  if (bad) return parseError(bad.index, 'a character that is not visible ASCII');
  const items: (string | Macro)[] = [];
  for (let at = 0; at < text.length; ) {
    const percent = text.indexOf('%', at);
    const end = percent < 0 ? text.length : percent;
    if (end > at) items.push(text.slice(at, end));
    if (percent < 0) break;
    const macro = readMacro(text, percent);
    if (!macro) return parseError(percent, 'a "%" that begins no macro');
    const { item } = macro;
    if (typeof item !== 'string' && !options.explanation && 'crt'.includes(item.letter)) {
      return parseError(percent, `the macro letter "${item.letter}" is for explanations alone`);
    }
    items.push(item);
    at = macro.end;
  }
  return ok({ text, items });
}

// toplabel of RFC 7208 §7.1: letters, digits and hyphens, not digits alone, no hyphen at an end.
const topLabel = /^(?!\d+$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i;

/** Whether a text, or its part from `start` to before `end`, ends in a dot and a top label, and maybe a dot. */
function endsInTopLabel(text: string, start = 0, end: number = text.length): boolean {
  const last = end > start && text.charCodeAt(end - 1) === 0x2e ? end - 1 : end;
  let at = last;
  while (at > start && isAlpha(text.charCodeAt(at - 1))) at--;
  if (at < last && at > start && text.charCodeAt(at - 1) === 0x2e) return true;
  const spec = text.slice(start, last);
  const dot = spec.lastIndexOf('.');
  return dot >= 0 && topLabel.test(spec.slice(dot + 1));
}

/** Whether the last item is a macro, `%%`, `%_` and `%-` among them: no literal text holds what these expand to. */
function endsInMacro(items: MacroString['items']): boolean {
  const last = items.at(-1) ?? '';
  return typeof last !== 'string' || last === ' ' || last.startsWith('%');
}

const noTopLabel = /* @__PURE__ */ parseError(0, 'a domain name that ends in a top label, or a macro, expected');

/** Reads a domain-spec: a macro-string that ends in a macro or in a dot and a top label (RFC 7208 §7.1). */
export function parseDomainSpec(text: string): Result<MacroString> {
  const parsed = parseMacroString(text);
  return parsed.ok && !endsInTopLabel(text) && !endsInMacro(parsed.value.items) ? noTopLabel : parsed;
}

/** Reads a domain-spec that is the text from `start` to before `end`, where that is known to be of visible ASCII without a "%". */
export function parseLiteralDomainSpec(text: string, start: number, end: number): Result<MacroString> {
  if (!endsInTopLabel(text, start, end)) return noTopLabel;
  const spec = text.slice(start, end);
  return ok({ text: spec, items: [spec] });
}

/** Whether a macro-string has a macro of one of these letters. */
export function usesMacro(string: MacroString, letters: string): boolean {
  for (const item of string.items) if (typeof item !== 'string' && letters.includes(item.letter)) return true;
  return false;
}

function splitAtDelimiters(value: string, delimiters: string): string[] {
  if (delimiters === '') return value.split('.');
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < value.length; at++) {
    if (!delimiters.includes(value.charAt(at))) continue;
    parts.push(value.slice(start, at));
    start = at + 1;
  }
  parts.push(value.slice(start));
  return parts;
}

/** URL escaping of all but the unreserved characters (RFC 7208 §7.3, RFC 3986 §2.3), which leaves more as it is than this. */
function escapeUrl(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function transform(macro: Macro, value: string): string {
  let result = value;
  if (macro.parts > 0 || macro.reversed || macro.delimiters !== '') {
    const parts = splitAtDelimiters(value, macro.delimiters);
    if (macro.reversed) parts.reverse();
    result = (macro.parts > 0 ? parts.slice(-macro.parts) : parts).join('.');
  }
  return macro.escaped ? escapeUrl(result) : result;
}

/** Expands a macro-string (RFC 7208 §7.3). */
export async function expandMacroString(string: MacroString, values: MacroValues): Promise<string> {
  let text = '';
  for (const item of string.items) text += typeof item === 'string' ? item : transform(item, await values(item.letter));
  return text;
}

/** What macros expand to, by letter, where all is known. */
export type KnownMacroValues = (letter: MacroLetter) => string;

const longestExplanation = 2048;

/** Expands an explain-string, as far as 2,048 characters (RFC 7208 §6.2): a zone can make macros come to megabytes. */
export function expandExplanation(string: MacroString, values: KnownMacroValues): string {
  let text = '';
  for (const item of string.items) {
    text += typeof item === 'string' ? item : transform(item, values(item.letter));
    if (text.length >= longestExplanation) return text.slice(0, longestExplanation);
  }
  return text;
}

const longestDomainName = 253;

/**
 * Expands a domain-spec to a domain name without a dot at its end, cut on its left to what DNS allows (RFC 7208 §7.3). It begins
 * at the end: what would be cut off is not expanded.
 */
export function expandDomainSpec(string: MacroString, values: KnownMacroValues): string {
  let name = '';
  for (let i = string.items.length - 1; i >= 0 && name.length <= longestDomainName + 1; i--) {
    const item = string.items[i] ?? '';
    name = (typeof item === 'string' ? item : transform(item, values(item.letter))) + name;
  }
  return truncateDomainName(name);
}

/** Cuts labels off the left of a domain name that is longer than DNS allows (RFC 7208 §7.3), and a dot off its end. */
export function truncateDomainName(name: string): string {
  const result = name.endsWith('.') ? name.slice(0, -1) : name;
  if (result.length <= longestDomainName) return result;
  const dot = result.indexOf('.', result.length - longestDomainName - 1);
  return dot < 0 ? result : result.slice(dot + 1);
}
