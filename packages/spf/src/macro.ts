import { ok, parseError, type Result } from '@mox/syntax';

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

const macroPattern = /%(?:([%_-])|\{([slodiphcrtvSLODIPHCRTV])(\d*)(r?)([-.+,/_=]*)\})/iy;
const literals: Readonly<Record<string, string>> = { '%': '%', _: ' ', '-': '%20' };

function isLetter(text: string): text is MacroLetter {
  return text.length === 1 && 'slodiphcrtv'.includes(text);
}

function readMacro(match: RegExpExecArray): string | Macro | undefined {
  const [, literal, letter = '', digits = '', reverse = '', delimiters = ''] = match;
  if (literal !== undefined) return literals[literal];
  const lower = letter.toLowerCase();
  // More than 127 parts no domain name has (RFC 7208 §7.3): a larger number keeps all just as well.
  const parts = digits === '' ? 0 : Math.min(Number(digits), 1000);
  if (!isLetter(lower) || (digits !== '' && parts === 0)) return undefined;
  return { letter: lower, escaped: letter !== lower, parts, reversed: reverse !== '', delimiters };
}

/**
 * Reads a macro-string or, where `explanation` is said, an explain-string, which may hold spaces and the
 * letters `c`, `r` and `t` (RFC 7208 §7.1, §7.2).
 */
export function parseMacroString(text: string, options: { readonly explanation?: boolean } = {}): Result<MacroString> {
  const invalid = options.explanation ? /[^\x20-\x7e]/ : /[^\x21-\x7e]/;
  const bad = invalid.exec(text);
  if (bad) return parseError(bad.index, 'a character that is not visible ASCII');
  const items: (string | Macro)[] = [];
  for (let at = 0; at < text.length; ) {
    const percent = text.indexOf('%', at);
    const end = percent < 0 ? text.length : percent;
    if (end > at) items.push(text.slice(at, end));
    if (percent < 0) break;
    macroPattern.lastIndex = percent;
    const match = macroPattern.exec(text);
    const item = match ? readMacro(match) : undefined;
    if (item === undefined) return parseError(percent, 'a "%" that begins no macro');
    if (typeof item !== 'string' && !options.explanation && 'crt'.includes(item.letter)) {
      return parseError(percent, `the macro letter "${item.letter}" is for explanations alone`);
    }
    items.push(item);
    at = macroPattern.lastIndex;
  }
  return ok({ text, items });
}

// toplabel of RFC 7208 §7.1: letters, digits and hyphens, not digits alone, no hyphen at an end.
const topLabel = /\.(?!\d+\.?$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?$/i;
const endsInMacro = /%(?:[%_-]|\{[^{}]*\})$/;

/** Reads a domain-spec: a macro-string that ends in a macro or in a dot and a top label (RFC 7208 §7.1). */
export function parseDomainSpec(text: string): Result<MacroString> {
  const parsed = parseMacroString(text);
  if (parsed.ok && !endsInMacro.test(text) && !topLabel.test(text)) {
    return parseError(0, 'a domain name that ends in a top label, or a macro, expected');
  }
  return parsed;
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

const longestDomainName = 253;

/** Cuts labels off the left of a domain name that is longer than DNS allows (RFC 7208 §7.3), and a dot off its end. */
export function truncateDomainName(name: string): string {
  let result = name.endsWith('.') ? name.slice(0, -1) : name;
  while (result.length > longestDomainName) {
    const dot = result.indexOf('.');
    if (dot < 0) return result;
    result = result.slice(dot + 1);
  }
  return result;
}
