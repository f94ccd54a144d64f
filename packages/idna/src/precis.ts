import { ok, parseError, type Result } from '@mox/syntax';
import { hasRtl, satisfiesBidiRule } from './bidi.ts';
import { satisfiesContextJ, satisfiesContextO } from './context.ts';

/** Derived property of a code point (RFC 8264 §8). `freeform` is ID_DIS or FREE_PVAL. */
type PrecisProperty = 'pvalid' | 'freeform' | 'context' | 'disallowed';

// RFC 8264 §9.6, which is RFC 5892 §2.6.
const exceptionsValid = /^[\u00df\u03c2\u06fd\u06fe\u0f0b\u3007]$/;
const exceptionsContext = /^[\u00b7\u0375\u05f3\u05f4\u30fb\u0660-\u0669\u06f0-\u06f9]$/;
const exceptionsDisallowed = /^[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]$/;
/** RFC 8264 §9.9: the Hangul syllable types L, V and T. */
const oldHangulJamo = /^[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7c6\ud7cb-\ud7fb]$/;
const ignorable = /^[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]$/u;
const letterDigits = /^[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]$/u;
const otherwiseFreeform = /^[\p{Lt}\p{Nl}\p{No}\p{Me}\p{Zs}\p{S}\p{P}]$/u;
const noncharacter = /^\p{Noncharacter_Code_Point}$/u;

/** The algorithm of RFC 8264 §8, its order kept. Properties are those of the engine's Unicode version, as the RFC means it. */
function precisProperty(character: string): PrecisProperty {
  if (exceptionsValid.test(character)) return 'pvalid';
  if (exceptionsContext.test(character)) return 'context';
  if (exceptionsDisallowed.test(character)) return 'disallowed';
  if (/^\p{Cn}$/u.test(character) && !noncharacter.test(character)) return 'disallowed';
  if (/^[!-~]$/.test(character)) return 'pvalid';
  if (character === '\u200c' || character === '\u200d') return 'context';
  if (oldHangulJamo.test(character) || ignorable.test(character) || /^\p{Cc}$/u.test(character)) return 'disallowed';
  if (character.normalize('NFKC') !== character) return 'freeform';
  if (letterDigits.test(character)) return 'pvalid';
  return otherwiseFreeform.test(character) ? 'freeform' : 'disallowed';
}

function codePointsOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

/** Whether all characters of a text belong to a string class (RFC 8264 §4.2, §4.3), those that need a context in theirs. */
function isInClass(text: string, freeform: boolean): boolean {
  if (!text.isWellFormed()) return false;
  let context = false;
  for (const character of text) {
    const property = precisProperty(character);
    if (property === 'disallowed' || (property === 'freeform' && !freeform)) return false;
    context ||= property === 'context';
  }
  if (!context) return true;
  const codePoints = codePointsOf(text);
  return satisfiesContextJ(codePoints) && satisfiesContextO(codePoints);
}

/** Width Mapping Rule (RFC 8264 §5.2.1): fullwidth and halfwidth characters, which are of one block, and the ideographic space. */
function mapWidth(text: string): string {
  return text.replace(/[\u3000\uff01-\uffee]/g, (character) => character.normalize('NFKC'));
}

function mapSpaces(text: string): string {
  return text.replace(/\p{Zs}/gu, ' ');
}

/** A profile of PRECIS: its rules in the order of RFC 8264 §7. */
export interface PrecisProfile {
  readonly name: string;
  readonly freeform: boolean;
  readonly mapWidth: boolean;
  readonly additionalMapping: 'none' | 'spaces' | 'nickname';
  readonly mapCase: boolean;
  readonly normalization: 'NFC' | 'NFKC';
  readonly bidiRule: boolean;
}

/** User names without regard to case (RFC 8265 §3.3). */
export const usernameCaseMapped: PrecisProfile = {
  name: 'UsernameCaseMapped',
  freeform: false,
  mapWidth: true,
  additionalMapping: 'none',
  mapCase: true,
  normalization: 'NFC',
  bidiRule: true,
};

/** User names with regard to case (RFC 8265 §3.4). */
export const usernameCasePreserved: PrecisProfile = { ...usernameCaseMapped, name: 'UsernameCasePreserved', mapCase: false };

/** Passwords (RFC 8265 §4.2). */
export const opaqueString: PrecisProfile = {
  name: 'OpaqueString',
  freeform: true,
  mapWidth: false,
  additionalMapping: 'spaces',
  mapCase: false,
  normalization: 'NFC',
  bidiRule: false,
};

/** Names to show (RFC 8266 §2). For comparing, case is mapped too: `comparePrecis` does that. */
export const nickname: PrecisProfile = { ...opaqueString, name: 'Nickname', additionalMapping: 'nickname', normalization: 'NFKC' };

function applyMapping(text: string, profile: PrecisProfile): string {
  if (profile.additionalMapping === 'none') return text;
  const mapped = mapSpaces(text);
  return profile.additionalMapping === 'spaces' ? mapped : mapped.replace(/^ +/, '').replace(/ {2,}/g, ' ').replace(/ $/, '');
}

function applyRules(text: string, profile: PrecisProfile): string {
  const mapped = applyMapping(profile.mapWidth ? mapWidth(text) : text, profile);
  return (profile.mapCase ? mapped.toLowerCase() : mapped).normalize(profile.normalization);
}

/** Applies the rules until they change nothing, three more times at most (RFC 8264 §7, RFC 8266 §2.1). */
function applyUntilStable(text: string, profile: PrecisProfile): string | undefined {
  let current = applyRules(text, profile);
  for (let times = 0; times < 3; times++) {
    const next = applyRules(current, profile);
    if (next === current) return current;
    current = next;
  }
  return undefined;
}

/**
 * Enforces a profile on a string (RFC 8264 §7, RFC 8265, RFC 8266 §2.3): the string to store or to compare, or why there is none.
 * An empty result is an error.
 */
export function enforcePrecis(profile: PrecisProfile, text: string): Result<string> {
  const prepared = profile.mapWidth ? mapWidth(text) : text;
  if (!isInClass(prepared, profile.freeform)) return parseError(0, `a character that ${profile.name} does not allow`);
  const enforced = applyUntilStable(prepared, profile);
  if (enforced === undefined) return parseError(0, 'a string that does not come to rest under the rules');
  if (enforced === '') return parseError(0, 'an empty string');
  if (!isInClass(enforced, profile.freeform)) return parseError(0, `a character that ${profile.name} does not allow`);
  if (profile.bidiRule) {
    const codePoints = codePointsOf(enforced);
    if (hasRtl(codePoints) && !satisfiesBidiRule(codePoints)) return parseError(0, 'a string against the Bidi Rule');
  }
  return ok(enforced);
}

/** Whether two strings are the same under a profile; false where one of them is not allowed. Nicknames are compared in lower case. */
export function comparePrecis(profile: PrecisProfile, a: string, b: string): boolean {
  const comparing = profile.additionalMapping === 'nickname' ? { ...profile, mapCase: true } : profile;
  const first = enforcePrecis(comparing, a);
  const second = enforcePrecis(comparing, b);
  return first.ok && second.ok && first.value === second.value;
}
