import { type PropertyLookup, propertyTable } from './property-table.ts';
import { bidiClasses } from './tables/bidi.ts';
import { idna2008Categories } from './tables/idna2008.ts';
import { joiningTypes, marks } from './tables/joining.ts';
import { mappingExceptions, mappingStatus } from './tables/mapping.ts';

// JavaScript's own properties are of the engine's Unicode version, and some it does not have: these are of one version everywhere.

/** Bidi_Class: the letters of `bidiClass`. */
export const bidiClassOf: PropertyLookup = /* @__PURE__ */ propertyTable(bidiClasses);
/** Joining_Type: the letters of `joiningType`. */
export const joiningTypeOf: PropertyLookup = /* @__PURE__ */ propertyTable(joiningTypes);
/** Derived property of RFC 5892 §3: the letters of `idna2008Category`. */
export const idna2008CategoryOf: PropertyLookup = /* @__PURE__ */ propertyTable(idna2008Categories);
/** Status of UTS 46 §5: the letters of `mappingClass`. */
export const mappingStatusOf: PropertyLookup = /* @__PURE__ */ propertyTable(mappingStatus);

const markOf: PropertyLookup = /* @__PURE__ */ propertyTable(marks);

/** Classes of Bidi_Class. */
export const bidiClass = {
  L: 0x42,
  R: 0x43,
  AL: 0x44,
  AN: 0x45,
  EN: 0x46,
  ES: 0x47,
  CS: 0x48,
  ET: 0x49,
  ON: 0x4a,
  BN: 0x4b,
  NSM: 0x4c,
} as const;
/** Classes of Joining_Type. */
export const joiningType = { L: 0x42, R: 0x43, D: 0x44, T: 0x45 } as const;
/** Categories of RFC 5892 §3. */
export const idna2008Category = { DISALLOWED: 0x41, PVALID: 0x42, CONTEXTJ: 0x43, CONTEXTO: 0x44, UNASSIGNED: 0x45 } as const;
/** Statuses of UTS 46 §5. */
export const mappingClass = { valid: 0x41, mapped: 0x42, ignored: 0x43, disallowed: 0x44 } as const;

/** Whether a code point is a combining mark, General_Category M. */
export function isMark(codePoint: number): boolean {
  return markOf(codePoint) !== 0x41;
}

/** Whether a code point has Canonical_Combining_Class Virama. */
export function isVirama(codePoint: number): boolean {
  return markOf(codePoint) === 0x43;
}

let exceptions: Map<number, string> | undefined;

function readExceptions(): Map<number, string> {
  const map = new Map<number, string>();
  const pieces = mappingExceptions.split('|');
  let codePoint = 0;
  for (let i = 0; i + 1 < pieces.length; i += 2) {
    codePoint += Number.parseInt(pieces[i] ?? '', 36);
    map.set(codePoint, pieces[i + 1] ?? '');
  }
  return map;
}

/** What a mapped code point is mapped to (UTS 46 §5). */
export function mappingOf(codePoint: number): string {
  exceptions ??= readExceptions();
  return exceptions.get(codePoint) ?? String.fromCodePoint(codePoint).normalize('NFKC').toLowerCase().normalize('NFKC');
}
