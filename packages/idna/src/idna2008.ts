import { hasRtl, satisfiesBidiRule } from './bidi.ts';
import { satisfiesContextJ, satisfiesContextO } from './context.ts';
import { idna2008Category, idna2008CategoryOf, isMark } from './properties.ts';
import { decodePunycode, encodePunycode } from './punycode.ts';

const { PVALID, CONTEXTJ, CONTEXTO } = idna2008Category;

function isAllowed(codePoint: number): boolean {
  const category = idna2008CategoryOf(codePoint);
  return category === PVALID || category === CONTEXTJ || category === CONTEXTO;
}

/** Checks a U-label, or undefined for a fine one. */
function findULabelFault(label: string): string | undefined {
  if (label.normalize('NFC') !== label) return 'not in normal form C (RFC 5891 §4.1)';
  if (label.startsWith('--', 2)) return 'hyphens at the third and fourth place (RFC 5891 §4.2.3.1)';
  if (label.startsWith('-') || label.endsWith('-')) return 'a hyphen at an edge (RFC 5891 §4.2.3.1)';
  const codePoints = Array.from(label, (character) => character.codePointAt(0) ?? 0);
  if (isMark(codePoints[0] ?? 0)) return 'a combining mark at the start (RFC 5891 §4.2.3.2)';
  if (!codePoints.every(isAllowed)) return 'a character that is not allowed (RFC 5892 §3)';
  if (!satisfiesContextJ(codePoints) || !satisfiesContextO(codePoints)) return 'a character out of its context (RFC 5891 §4.2.3.3)';
  if (hasRtl(codePoints) && !satisfiesBidiRule(codePoints)) return 'against the Bidi Rule (RFC 5891 §4.2.3.4)';
  return undefined;
}

/**
 * What keeps a label from being registered under IDNA2008 (RFC 5891 §4.2), in words; undefined where nothing does. Takes A-labels,
 * U-labels and labels of letters, digits and hyphens, in lower case: nothing is mapped.
 */
export function findIdna2008Fault(label: string): string | undefined {
  if (label === '' || label.length > 63) return 'too short or too long (RFC 5891 §4.4)';
  if (!label.isWellFormed()) return 'not well-formed Unicode';
  const encoded = label.startsWith('xn--');
  const uLabel = encoded ? decodePunycode(label.slice(4)) : label;
  if (uLabel === undefined) return 'not Punycode (RFC 5891 §4.2.1)';
  if (/^[\0-\x7f]*$/.test(uLabel)) {
    if (encoded) return 'Punycode of nothing but ASCII (RFC 5890 §2.3.2.1)';
    return /^(?!-)(?!..--)[a-z0-9-]+(?<!-)$/.test(uLabel) ? undefined : 'not letters, digits and hyphens (RFC 5890 §2.3.1)';
  }
  const aLabel = `xn--${encodePunycode(uLabel) ?? ''}`;
  if (aLabel.length > 63) return 'too long (RFC 5891 §4.4)';
  if (encoded && aLabel !== label) return 'not the Punycode of its own U-label (RFC 5891 §4.2.1)';
  return findULabelFault(uLabel);
}

/** Whether a label may be registered under IDNA2008 (RFC 5891 §4.2): see `findIdna2008Fault`. */
export function isIdna2008Valid(label: string): boolean {
  return findIdna2008Fault(label) === undefined;
}
