import type { DkimResult } from './dkim-result.ts';
import { MessageSplitter } from './message-splitter.ts';
import { DkimVerification, type VerifyDkimDeps } from './verification.ts';

/** Verifies all signatures of a message that comes in pieces, in one pass, with memory for the header section alone. */
export class DkimVerifier {
  readonly #verification: DkimVerification;
  readonly #splitter: MessageSplitter;

  constructor(deps: VerifyDkimDeps) {
    this.#verification = new DkimVerification(deps);
    this.#splitter = new MessageSplitter(this.#verification, this.#verification.mostHeaderBytes);
  }

  /** Takes the next bytes of the message. Lines end in CRLF; where the first ends in LF alone, all are read so. */
  write(bytes: Uint8Array): void {
    this.#splitter.write(bytes);
  }

  /**
   * The message is over, with these bytes: the result of each signature, in the order of the fields. A message that is there as a
   * whole is best given here. Rejects as the signal wants.
   */
  end(last?: Uint8Array): Promise<readonly DkimResult[]> {
    this.#splitter.end(last);
    return this.#verification.results();
  }
}

async function endStream(verifier: DkimVerifier, message: AsyncIterable<Uint8Array>): Promise<readonly DkimResult[]> {
  for await (const bytes of message) verifier.write(bytes);
  return verifier.end();
}

/** Verifies all signatures of a message (RFC 6376 §6). A message without signatures gives no results. */
export function verifyDkim(message: Uint8Array | AsyncIterable<Uint8Array>, deps: VerifyDkimDeps): Promise<readonly DkimResult[]> {
  const verifier = new DkimVerifier(deps);
  return message instanceof Uint8Array ? verifier.end(message) : endStream(verifier, message);
}
