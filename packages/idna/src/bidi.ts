import { bidiClass, bidiClassOf } from './properties.ts';

const { L, R, AL, AN, EN, ES, CS, ET, ON, BN, NSM } = bidiClass;
const allowedRtl: ReadonlySet<number> = new Set([R, AL, AN, EN, ES, CS, ET, ON, BN, NSM]);
const allowedLtr: ReadonlySet<number> = new Set([L, EN, ES, CS, ET, ON, BN, NSM]);

/** Whether a text has characters that are written from right to left (RFC 5893 §1.4): a domain with such a label is a Bidi domain. */
export function hasRtl(codePoints: readonly number[]): boolean {
  return codePoints.some((codePoint) => {
    // Below U+0590 all is written from left to right.
    if (codePoint < 0x590) return false;
    const name = bidiClassOf(codePoint);
    return name === R || name === AL || name === AN;
  });
}

/** Whether a label of a Bidi domain satisfies the Bidi Rule (RFC 5893 §2). */
export function satisfiesBidiRule(codePoints: readonly number[]): boolean {
  const classes = codePoints.map(bidiClassOf);
  const first = classes[0];
  const rtl = first === R || first === AL;
  if (!rtl && first !== L) return false;
  const allowed = rtl ? allowedRtl : allowedLtr;
  if (!classes.every((name) => allowed.has(name))) return false;
  const last = classes.findLast((name) => name !== NSM);
  if (!rtl) return last === L || last === EN;
  if (last !== R && last !== AL && last !== EN && last !== AN) return false;
  return !(classes.includes(EN) && classes.includes(AN));
}
