import { isVirama, joiningType, joiningTypeOf } from './properties.ts';

const { L, R, D, T } = joiningType;

function isScript(pattern: RegExp, codePoint: number | undefined): boolean {
  return codePoint !== undefined && pattern.test(String.fromCodePoint(codePoint));
}

/** The joining type next to `at` in a direction, transparent characters passed over. */
function joiningNeighbour(label: readonly number[], at: number, step: 1 | -1): number {
  let i = at + step;
  while (joiningTypeOf(label[i] ?? 0) === T) i += step;
  return joiningTypeOf(label[i] ?? 0);
}

/** ZERO WIDTH NON-JOINER behind a virama, or where it breaks a cursive connection (RFC 5892 appendix A.1). */
function mayNonJoin(label: readonly number[], at: number): boolean {
  if (isVirama(label[at - 1] ?? 0)) return true;
  const before = joiningNeighbour(label, at, -1);
  const after = joiningNeighbour(label, at, 1);
  return (before === L || before === D) && (after === R || after === D);
}

/** Whether the joiners in a label stand where they may: CONTEXTJ, RFC 5892 appendix A.1 and A.2. */
export function satisfiesContextJ(label: readonly number[]): boolean {
  return label.every((codePoint, at) => {
    if (codePoint === 0x200c) return mayNonJoin(label, at);
    return codePoint !== 0x200d || isVirama(label[at - 1] ?? 0);
  });
}

function within(first: number, last: number): (codePoint: number) => boolean {
  return (codePoint) => codePoint >= first && codePoint <= last;
}

const isArabicIndicDigit = within(0x660, 0x669);
const isExtendedArabicIndicDigit = within(0x6f0, 0x6f9);
const hebrew = /^\p{Script=Hebrew}$/u;
const greek = /^\p{Script=Greek}$/u;
const japanese = /^[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]$/u;

/** Whether the character at a place, which is CONTEXTO, may stand there (RFC 5892 appendix A.3 to A.9). */
function mayStand(label: readonly number[], at: number): boolean {
  const codePoint = label[at] ?? 0;
  switch (codePoint) {
    case 0xb7: // MIDDLE DOT, between two l
      return label[at - 1] === 0x6c && label[at + 1] === 0x6c;
    case 0x375: // GREEK LOWER NUMERAL SIGN
      return isScript(greek, label[at + 1]);
    case 0x5f3: // HEBREW PUNCTUATION GERESH and GERSHAYIM
    case 0x5f4:
      return isScript(hebrew, label[at - 1]);
    case 0x30fb: // KATAKANA MIDDLE DOT, which itself is of no script
      return label.some((other) => isScript(japanese, other));
    default:
      if (isArabicIndicDigit(codePoint)) return !label.some(isExtendedArabicIndicDigit);
      if (isExtendedArabicIndicDigit(codePoint)) return !label.some(isArabicIndicDigit);
      return true;
  }
}

const contextOPattern = /[\u00b7\u0375\u05f3\u05f4\u30fb\u0660-\u0669\u06f0-\u06f9]/;

/** Whether the characters of a label that need a context have it: CONTEXTO, RFC 5892 appendix A.3 to A.9. */
export function satisfiesContextO(label: readonly number[]): boolean {
  if (!contextOPattern.test(String.fromCodePoint(...label.slice(0, 1000)))) return true;
  return label.every((_, at) => mayStand(label, at));
}
