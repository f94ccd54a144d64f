import { concatBytes, emptyBytes } from '@mox/runtime';

const cr = 13;
const lf = 10;
const space = 32;
const tab = 9;
const equals = 61;

/** Longest line in characters, a soft line break's `=` counted (RFC 2045 §6.7 rule 5). */
const lineLimit = 76;

/** How to write quoted-printable. */
export interface QuotedPrintableOptions {
  /**
   * The bytes are text in lines that end in CRLF or LF, which stay line ends, written as CRLF (RFC 2045 §6.7 rule 4).
   * Without it every CR and LF is escaped, and what is decoded is the same bytes.
   */
  readonly text?: boolean;
}

const hexDigits: Uint8Array = /* @__PURE__ */ Uint8Array.from('0123456789ABCDEF', (digit) => digit.charCodeAt(0));
/** 1 for bytes that stand for themselves (RFC 2045 §6.7 rule 2). */
const literal: Uint8Array = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, code) =>
  Number(code >= 33 && code <= 126 && code !== equals),
);

/** Encodes bytes that come in pieces as quoted-printable (RFC 2045 §6.7). */
export class QuotedPrintableEncoder {
  readonly #text: boolean;
  /** Characters on the current line. */
  #column = 0;
  /** A byte that can be told only with the next: a blank or a CR. */
  #held = -1;
  #output = emptyBytes;
  #length = 0;

  constructor(options: QuotedPrintableOptions = {}) {
    this.#text = options.text === true;
  }

  /** Encoded bytes; one blank or CR may be held back until the next piece. */
  push(bytes: Uint8Array): Uint8Array {
    // At most three characters a byte, and a soft line break of three for each 75 of them.
    this.#output = new Uint8Array(Math.ceil((bytes.length + 2) * 3.15) + 8);
    this.#length = 0;
    for (let i = 0; i < bytes.length; i++) this.#put(bytes[i] as number);
    return this.#take();
  }

  /** What was held back. */
  end(): Uint8Array {
    this.#output = new Uint8Array(8);
    this.#length = 0;
    if (this.#held >= 0) this.#escape(this.#held);
    this.#held = -1;
    this.#column = 0;
    return this.#take();
  }

  #take(): Uint8Array {
    const output = this.#output.subarray(0, this.#length);
    this.#output = emptyBytes;
    return output;
  }

  #put(code: number): void {
    if (this.#held >= 0) {
      const held = this.#held;
      this.#held = -1;
      if (this.#text && code === lf) {
        if (held !== cr) this.#escape(held);
        this.#lineEnd();
        return;
      }
      if (held === cr) this.#escape(held);
      else if (this.#text && code === cr) {
        // A blank before CR may be at a line's end: it is escaped, which is right in both cases.
        this.#escape(held);
      } else this.#literal(held);
    }
    if (literal[code] === 1) this.#literal(code);
    else if (code === space || code === tab || (this.#text && code === cr)) this.#held = code;
    else if (this.#text && code === lf) this.#lineEnd();
    else this.#escape(code);
  }

  #lineEnd(): void {
    this.#output[this.#length++] = cr;
    this.#output[this.#length++] = lf;
    this.#column = 0;
  }

  /** Makes room on the line for so many characters, and for the `=` of a soft line break behind them. */
  #room(characters: number): void {
    if (this.#column + characters < lineLimit) return;
    this.#output[this.#length++] = equals;
    this.#lineEnd();
  }

  #literal(code: number): void {
    this.#room(1);
    this.#output[this.#length++] = code;
    this.#column++;
  }

  #escape(code: number): void {
    this.#room(3);
    this.#output[this.#length++] = equals;
    this.#output[this.#length++] = hexDigits[code >>> 4] as number;
    this.#output[this.#length++] = hexDigits[code & 15] as number;
    this.#column += 3;
  }
}

/** Writes bytes as quoted-printable (RFC 2045 §6.7): no line longer than 76 characters, no blank at a line's end. */
export function encodeQuotedPrintable(bytes: Uint8Array, options: QuotedPrintableOptions = {}): Uint8Array {
  const encoder = new QuotedPrintableEncoder(options);
  return concatBytes([encoder.push(bytes), encoder.end()]);
}
