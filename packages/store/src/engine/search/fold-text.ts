const ascii = /^[\x00-\x7f]*$/;

/**
 * A text as it is compared: without regard to case, and to how its characters are composed. Full case mapping to upper case
 * joins what simple folding leaves apart, e.g. `ß` and `SS`, as i;unicode-casemap does (RFC 5051 §2).
 */
export function foldText(text: string): string {
  return ascii.test(text) ? text.toUpperCase() : text.normalize('NFC').toUpperCase();
}

/** Looks for a text in one that comes in pieces, also across their ends. */
export class PieceMatcher {
  readonly #wanted: string;
  #tail = '';
  #found: boolean;

  constructor(wanted: string) {
    this.#wanted = foldText(wanted);
    this.#found = this.#wanted === '';
  }

  get found(): boolean {
    return this.#found;
  }

  /** Takes the next piece, and says whether the text was found by now. */
  push(piece: string): boolean {
    if (this.#found) return true;
    const text = this.#tail + foldText(piece);
    this.#found = text.includes(this.#wanted);
    this.#tail = this.#wanted.length > 1 ? text.slice(-(this.#wanted.length - 1)) : '';
    return this.#found;
  }

  /** What follows does not belong to what came: another part, another field. */
  interrupt(): void {
    this.#tail = '';
  }
}
