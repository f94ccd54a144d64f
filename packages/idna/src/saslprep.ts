import { ok, parseError, type Result } from '@mox/syntax';
import { type PropertyLookup, propertyTable } from './property-table.ts';
import { saslprepClasses } from './tables/saslprep.ts';

const classOf: PropertyLookup = /* @__PURE__ */ propertyTable(saslprepClasses);
const unassigned = 0x42;
const toNothing = 0x43;
const toSpace = 0x44;
const prohibited = 0x45;
const randAl = 0x46;
const lCat = 0x47;

/** How strings are prepared. */
export interface SaslprepOptions {
  /** The string is a query (RFC 3454 §7), in which characters that Unicode 3.2 does not know are let through. */
  readonly allowUnassigned?: boolean;
}

/**
 * Mapping, then normalization as of Unicode 3.2 (RFC 4013 §2.1, §2.2): characters that it does not know have no form but their own, so
 * that a password comes out the same whatever Unicode version the platform has.
 */
function mapAndNormalize(text: string): string {
  let prepared = '';
  let known = '';
  for (const character of text) {
    const name = classOf(character.codePointAt(0) ?? 0);
    if (name === unassigned) {
      prepared += known.normalize('NFKC') + character;
      known = '';
    } else if (name === toSpace) known += ' ';
    else if (name !== toNothing) known += character;
  }
  return prepared + known.normalize('NFKC');
}

/** Requirements of RFC 3454 §6: no mix of directions; what is written from right to left starts and ends so. */
function isBidiFine(classes: readonly number[]): boolean {
  if (!classes.includes(randAl)) return true;
  return !classes.includes(lCat) && classes[0] === randAl && classes.at(-1) === randAl;
}

/**
 * Prepares a user name or password by SASLprep (RFC 4013 §2): mapping, normalization form KC, prohibited characters, directions.
 * Strings are stored strings unless said otherwise (RFC 4013 §2.5). The empty string is let through.
 */
export function saslprep(text: string, options: SaslprepOptions = {}): Result<string> {
  if (/^[ -~]*$/.test(text)) return ok(text);
  if (!text.isWellFormed()) return parseError(0, 'not well-formed Unicode');
  const prepared = mapAndNormalize(text);
  const classes = Array.from(prepared, (character) => classOf(character.codePointAt(0) ?? 0));
  const bad = classes.findIndex((name) => name === prohibited || (name === unassigned && !options.allowUnassigned));
  if (bad >= 0) return parseError(0, `a character that SASLprep ${classes[bad] === prohibited ? 'prohibits' : 'does not know'}`);
  return isBidiFine(classes) ? ok(prepared) : parseError(0, 'characters of both directions of writing');
}
