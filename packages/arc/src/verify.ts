import { MessageSplitter } from '@mox/dkim';
import { type ArcResult, ArcVerification, type VerifyArcDeps } from './verification.ts';

/** Verifies the chain of a message that comes in pieces, in one pass (RFC 8617 §5.2). */
export class ArcVerifier {
  readonly #verification: ArcVerification;
  readonly #splitter: MessageSplitter;

  constructor(deps: VerifyArcDeps) {
    this.#verification = new ArcVerification(deps);
    this.#splitter = new MessageSplitter(this.#verification, this.#verification.mostHeaderBytes);
  }

  /** Takes the next bytes of the message. */
  write(bytes: Uint8Array): void {
    this.#splitter.write(bytes);
  }

  /**
   * The message is over, with these bytes: what became of the chain. A message that is there as a whole is best given here.
   * Rejects as the signal wants.
   */
  end(last?: Uint8Array): Promise<ArcResult> {
    this.#splitter.end(last);
    return this.#verification.result();
  }
}

/** Verifies the Authenticated Received Chain of a message (RFC 8617 §5.2). */
export async function verifyArc(message: Uint8Array | AsyncIterable<Uint8Array>, deps: VerifyArcDeps): Promise<ArcResult> {
  const verifier = new ArcVerifier(deps);
  if (message instanceof Uint8Array) return verifier.end(message);
  for await (const bytes of message) verifier.write(bytes);
  return verifier.end();
}
