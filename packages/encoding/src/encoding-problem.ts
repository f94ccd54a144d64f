/**
 * What was wrong with the encoding of a body: `foreign-text`: text before, among or behind the encoded data was passed over;
 * `not-encoded`: nothing of it is encoded, it is given as it stands; `incomplete`: the end of the data is missing, or what is left is less
 * than a byte; `stray-character`: characters that no encoder writes were passed over.
 */
export interface EncodingProblem {
  readonly code: 'foreign-text' | 'not-encoded' | 'incomplete' | 'stray-character';
  /** Where it is, or the first of its kind: bytes of the encoded body. */
  readonly offset: number;
}

/** A body whose transfer encoding was undone, and what was wrong with it: one problem of a kind, in order of place. */
export interface DecodedBytes {
  readonly bytes: Uint8Array;
  readonly problems: readonly EncodingProblem[];
}

/** Collects the first problem of each kind. */
export class ProblemList {
  readonly #problems: EncodingProblem[] = [];

  add(code: EncodingProblem['code'], offset: number): void {
    if (!this.#problems.some((problem) => problem.code === code)) this.#problems.push({ code, offset });
  }

  /** The problems in order of place. */
  list(): EncodingProblem[] {
    return this.#problems.toSorted((a, b) => a.offset - b.offset);
  }
}

/** The longest stretch of a line that is looked at to tell what it is; what follows in the line is the same. */
export const longestLook = 1000;
/** Bytes at the start of a body among which the encoded data must begin. */
export const longestProlog = 4096;
