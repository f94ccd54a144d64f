/** Cuts a stream into messages, each behind its length in two bytes (RFC 1035 §4.2.2). Holds one message at most. */
export class FrameReader {
  #frame: Uint8Array = new Uint8Array(2);
  #filled = 0;
  #inLength = true;

  /** Messages that these bytes complete. */
  *push(bytes: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.subarray(at, at + this.#frame.length - this.#filled);
      this.#frame.set(piece, this.#filled);
      this.#filled += piece.length;
      at += piece.length;
      if (this.#filled < this.#frame.length) return;
      const whole = this.#frame;
      this.#inLength = !this.#inLength;
      this.#frame = new Uint8Array(this.#inLength ? 2 : ((whole[0] ?? 0) << 8) | (whole[1] ?? 0));
      this.#filled = 0;
      if (this.#inLength) yield whole;
      // A message of no bytes is none: on to the next length.
      else if (this.#frame.length === 0) {
        this.#inLength = true;
        this.#frame = new Uint8Array(2);
      }
    }
  }
}
