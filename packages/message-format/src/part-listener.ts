import { concatBytes, emptyBytes } from '@mox/runtime';
import type { HeaderField } from './header-field.ts';
import type { Part } from './part.ts';

/** What is known of a part when its header section is whole and its body is still to come. */
export type PartHead = Omit<Part, 'bodyEnd' | 'bodyLines' | 'parts' | 'message'> & {
  /** Fields of its header section, in order; their offsets count from `headerStart`. */
  readonly fields: readonly HeaderField[];
  /** How many multiparts and messages it is in. */
  readonly depth: number;
};

/** Is told of the parts of a message as they pass by, as far as it wants to be. */
export interface PartListener {
  /** A header section is whole. For a multipart, or a message inside, parts follow and no body. */
  opened?(head: PartHead): void;
  /** More of the raw body of the part opened last. Views of what was written: good until the call returns. */
  body?(bytes: Uint8Array): void;
  /** A part has ended; `part` is whole. */
  closed?(part: Part): void;
}

function lineEndLength(bytes: Uint8Array): number {
  const last = bytes[bytes.length - 1];
  if (last === 13) return 1;
  if (last !== 10) return 0;
  return bytes[bytes.length - 2] === 13 ? 2 : 1;
}

/** Hands the body of a part on, but for a last line end, which may belong to a boundary line (RFC 2046 §5.1.1). */
export class BodyTap {
  readonly #listener: PartListener;
  #held: Uint8Array = emptyBytes;
  #handedOn = 0;

  constructor(listener: PartListener) {
    this.#listener = listener;
  }

  begin(): void {
    this.#held = emptyBytes;
    this.#handedOn = 0;
  }

  feed(bytes: Uint8Array): void {
    const all = this.#held.length === 0 ? bytes : concatBytes([this.#held, bytes]);
    const end = all.length - lineEndLength(all);
    this.#handOn(all.subarray(0, end));
    this.#held = end < all.length ? new Uint8Array(all.subarray(end)) : emptyBytes;
  }

  /** The body turned out to have so many bytes. */
  finish(sizeBytes: number): void {
    this.#handOn(this.#held.subarray(0, Math.max(0, sizeBytes - this.#handedOn)));
  }

  #handOn(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#handedOn += bytes.length;
    this.#listener.body?.(bytes);
  }
}
