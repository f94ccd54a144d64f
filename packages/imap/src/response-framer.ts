import type { ByteQueue } from './byte-queue.ts';
import { announcedLiteral } from './command-framer.ts';

/** A whole response. */
export interface WholeResponse {
  readonly type: 'response';
  /** One character for each byte, and of literals only their `{n}` and CRLF. */
  readonly text: string;
  readonly literals: readonly Uint8Array[];
  /** The same as the text, where it is long and one line: many numbers are read faster from bytes. Good until more is received. */
  readonly bytes?: Uint8Array;
}

/** What the framer found in the bytes of a server. */
export type ResponseFrame = WholeResponse | { readonly type: 'overflow'; readonly problem: string };

/** Bounds on a response. */
export interface ResponseLimits {
  /** Bytes of one response with all its lines, literals apart. */
  readonly lineBytes: number;
  /** Bytes of all literals of one response. */
  readonly literalBytes: number;
}

/** Length from which a line is also given as bytes. */
const longLine = 512;

/** Cuts a server's bytes into responses. Literals are views, not copies, where they came in one piece. */
export class ResponseFramer {
  readonly #queue: ByteQueue;
  readonly #limits: ResponseLimits;
  #text = '';
  #literals: Uint8Array[] = [];
  #literalBytes = -1;
  #held = 0;

  constructor(queue: ByteQueue, limits: ResponseLimits) {
    this.#queue = queue;
    this.#limits = limits;
  }

  /** The next response, or undefined where more bytes are needed. */
  next(): ResponseFrame | undefined {
    for (;;) {
      if (this.#literalBytes >= 0) {
        if (this.#queue.length < this.#literalBytes) return undefined;
        this.#literals.push(this.#queue.take(this.#literalBytes));
        this.#literalBytes = -1;
      }
      const line = this.#queue.takeLine();
      const tooLong = (line === undefined ? this.#queue.length : line.length) + this.#text.length > this.#limits.lineBytes;
      if (tooLong) return { type: 'overflow', problem: 'the response is too long' };
      if (line === undefined) return undefined;
      const frame = this.#line(line);
      if (frame) return frame;
    }
  }

  #line(line: string): ResponseFrame | undefined {
    this.#text += line;
    const literal = announcedLiteral(line);
    if (literal) {
      this.#held += literal.sizeBytes;
      if (this.#held > this.#limits.literalBytes) return { type: 'overflow', problem: 'the literals of a response are too large' };
      this.#text += '\r\n';
      this.#literalBytes = literal.sizeBytes;
      return undefined;
    }
    const whole = { type: 'response', text: this.#text, literals: this.#literals } as const;
    this.#text = '';
    this.#literals = [];
    this.#held = 0;
    const isLong = line.length >= longLine && whole.text.length === line.length;
    return isLong ? { ...whole, bytes: this.#queue.lineBytes(line.length) } : whole;
  }
}
