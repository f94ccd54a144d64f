import { toLatin1 } from '@mox/runtime';
import { isDigit } from '@mox/syntax';
import type { ByteQueue } from './byte-queue.ts';
import type { ImapLimits } from './limits.ts';

/** What the framer found in the bytes of a client. */
export type Frame =
  /** A whole command, one character for each byte, literals in place. */
  | { readonly type: 'command'; readonly text: string }
  /** A synchronizing literal was announced and may come. */
  | { readonly type: 'continue' }
  /** The text announces a literal that is not to be held in memory. The caller reads it by `stream` or `discard`. */
  | { readonly type: 'stream'; readonly text: string }
  /** A command was too large. It is gone; `text` is its beginning. */
  | { readonly type: 'refused'; readonly text: string; readonly problem: string }
  /** What comes is too large even to be thrown away: only closing helps. */
  | { readonly type: 'overflow'; readonly problem: string };

/** Bytes of a command thrown away before the connection is given up. */
const discardLimitBytes = 1_048_576;

/** The literal that a line announces at its end (RFC 9051 §4.3, RFC 7888 §4). */
export function announcedLiteral(line: string): { readonly sizeBytes: number; readonly nonSynchronizing: boolean } | undefined {
  const end = line.length - 1;
  if (line.charCodeAt(end) !== 125) return undefined;
  const nonSynchronizing = line.charCodeAt(end - 1) === 43;
  const last = nonSynchronizing ? end - 2 : end - 1;
  let at = last;
  // However many zeros stand in front: what is taken for text here would be read as commands.
  while (at >= 0 && isDigit(line.charCodeAt(at))) at--;
  return at < last && line.charCodeAt(at) === 123 ? { sizeBytes: Number(line.slice(at + 1, last + 1)), nonSynchronizing } : undefined;
}

/** Cuts a client's bytes into commands: lines with their literals, within bounds. */
export class CommandFramer {
  readonly #queue: ByteQueue;
  readonly #limits: ImapLimits;
  /** Whether the literal announced at the end of a text is to be streamed. */
  readonly #streams: (text: string) => boolean;
  #text = '';
  /** Bytes of a literal to hold, -1 where none is awaited. */
  #literalBytes = -1;
  #discardBytes = 0;
  #discarded = 0;
  /** The line in progress is too long: it is thrown away as it comes. */
  #skipping = false;
  #problem = '';

  constructor(queue: ByteQueue, limits: ImapLimits, streams: (text: string) => boolean) {
    this.#queue = queue;
    this.#limits = limits;
    this.#streams = streams;
  }

  /** The next frame, or undefined where more bytes are needed. */
  next(): Frame | undefined {
    for (;;) {
      if (!this.#literal()) return undefined;
      const line = this.#queue.takeLine();
      if (line === undefined) return this.#longLine();
      const frame = this.#line(line);
      if (frame) return frame;
    }
  }

  /** A line by itself, outside of a command: undefined where more is needed, a frame where it is too long. */
  line(): string | Frame | undefined {
    const line = this.#queue.takeLine();
    if (line === undefined)
      return this.#queue.length > this.#limits.lineBytes ? { type: 'overflow', problem: 'the line is too long' } : undefined;
    return line.length > this.#limits.lineBytes ? { type: 'overflow', problem: 'the line is too long' } : line;
  }

  /** Goes past a literal. False where more bytes are needed. */
  #literal(): boolean {
    if (this.#discardBytes > 0) {
      this.#discardBytes -= this.#queue.take(this.#discardBytes).length;
      if (this.#discardBytes > 0) return false;
    }
    if (this.#literalBytes < 0) return true;
    if (this.#queue.length < this.#literalBytes) return false;
    this.#text += toLatin1(this.#queue.take(this.#literalBytes));
    this.#literalBytes = -1;
    return true;
  }

  #longLine(): Frame | undefined {
    const { length } = this.#queue;
    if (!this.#skipping && length <= this.#limits.lineBytes) return undefined;
    if (!this.#skipping) this.#refuse('the line is too long', this.#queue.peekText(64));
    this.#skipping = true;
    this.#discarded += this.#queue.take(length).length;
    return this.#discarded > discardLimitBytes ? { type: 'overflow', problem: this.#problem } : undefined;
  }

  #refuse(problem: string, beginning: string): void {
    if (this.#problem !== '') return;
    this.#problem = problem;
    if (this.#text === '') this.#text = beginning.slice(0, 64);
  }

  #line(line: string): Frame | undefined {
    if (line.length > this.#limits.lineBytes) this.#refuse('the line is too long', line);
    this.#skipping = false;
    if (this.#problem === '') this.#text += line;
    const literal = announcedLiteral(line);
    if (!literal) return this.#finish();
    if (this.#problem === '' && this.#streams(this.#text)) {
      const text = this.#text;
      this.#reset();
      return { type: 'stream', text };
    }
    if (literal.sizeBytes > this.#limits.literalBytes) this.#refuse('the literal is too large', line);
    if (this.#text.length + literal.sizeBytes > this.#limits.commandBytes) this.#refuse('the command is too large', line);
    return this.#expectLiteral(literal.sizeBytes, literal.nonSynchronizing);
  }

  #expectLiteral(sizeBytes: number, nonSynchronizing: boolean): Frame | undefined {
    if (this.#problem === '') {
      this.#text += '\r\n';
      this.#literalBytes = sizeBytes;
      return nonSynchronizing ? undefined : { type: 'continue' };
    }
    // RFC 9051 §4.3: the client sends nothing more of the command when it sees the tagged reply
    if (!nonSynchronizing) return this.#finish();
    this.#discarded += sizeBytes;
    if (this.#discarded > discardLimitBytes) return { type: 'overflow', problem: this.#problem };
    this.#discardBytes = sizeBytes;
    return undefined;
  }

  #finish(): Frame {
    const text = this.#text;
    const problem = this.#problem;
    this.#reset();
    return problem === '' ? { type: 'command', text } : { type: 'refused', text, problem };
  }

  #reset(): void {
    this.#text = '';
    this.#problem = '';
    this.#discarded = 0;
  }
}
