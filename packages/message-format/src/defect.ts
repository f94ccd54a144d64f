/** Something in a message that the RFCs do not allow, and that the parser coped with. */
export interface Defect {
  /** What it is, e.g. `missing-closing-boundary`. */
  readonly code: string;
  /** Where it is: bytes from the start of the message. */
  readonly offset: number;
  /** The rule that is broken, e.g. `RFC 2046 §5.1.1`. */
  readonly rfc: string;
}

/** The rule behind each defect that the structure parser finds. */
export const defectRules = {
  'bare-cr': 'RFC 5322 §2.3',
  'bare-lf': 'RFC 5322 §2.3',
  nul: 'RFC 5322 §4.1',
  'line-too-long': 'RFC 5322 §2.1.1',
  'no-header-field': 'RFC 5322 §2.2',
  'duplicate-field': 'RFC 5322 §3.6',
  'missing-empty-line': 'RFC 2046 §5.1.1',
  'invalid-content-type': 'RFC 2045 §5.1',
  'invalid-content-disposition': 'RFC 2183 §2',
  'missing-boundary': 'RFC 2046 §5.1.1',
  'missing-closing-boundary': 'RFC 2046 §5.1.1',
  'multipart-without-parts': 'RFC 2046 §5.1.1',
  'unknown-encoding': 'RFC 2045 §6.4',
  'encoded-multipart': 'RFC 2045 §6.4',
  'encoded-message': 'RFC 2046 §5.2.1',
  'header-fields-limit': 'RFC 5322 §2.2',
  'header-bytes-limit': 'RFC 5322 §2.2',
  'parts-limit': 'RFC 2046 §5.1',
  'depth-limit': 'RFC 2046 §5.1',
  'addresses-limit': 'RFC 5322 §3.4',
} as const;

/** Codes of the defects that the structure parser finds. */
export type StructureDefectCode = keyof typeof defectRules;

/** Collects defects up to a limit, a code that is a habit of the writer only once. */
export class DefectList {
  readonly #limit: number;
  readonly #defects: Defect[] = [];
  readonly #once = new Set<StructureDefectCode>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(code: StructureDefectCode, offset: number): void {
    if (this.#defects.length < this.#limit) this.#defects.push({ code, offset, rfc: defectRules[code] });
  }

  /** Adds the first of its code, and leaves the later ones away. */
  addOnce(code: StructureDefectCode, offset: number): void {
    if (this.#once.has(code)) return;
    this.#once.add(code);
    this.add(code, offset);
  }

  /** The defects in order of place. */
  list(): Defect[] {
    return this.#defects.sort((a, b) => a.offset - b.offset);
  }
}
