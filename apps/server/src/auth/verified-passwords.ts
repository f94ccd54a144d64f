import { type Clock, fromUtf8, hmac, type Random, type Secret, timingSafeEqual } from '@mox/runtime';

const rememberedMilliseconds = 10 * 60_000;
const mostRemembered = 10_000;

interface Verified {
  readonly mac: Uint8Array;
  readonly until: number;
}

/**
 * Passwords that were verified a short while ago, so that the many connections of one mail program cost one slow hash.
 * Kept as a keyed hash under a key of this process; a new password has a new stored hash, and is not known.
 */
export class VerifiedPasswords {
  readonly #clock: Clock;
  readonly #key: Uint8Array;
  readonly #byHash = new Map<string, Verified>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#key = random.bytes(32);
  }

  /** Whether this password was verified against this stored hash of late. */
  knows(password: Secret, storedHash: string): boolean {
    const verified = this.#byHash.get(storedHash);
    if (!verified || verified.until < this.#clock.now()) return false;
    return timingSafeEqual(verified.mac, this.#mac(password));
  }

  /** Notes that it was. */
  remember(password: Secret, storedHash: string): void {
    this.#byHash.delete(storedHash);
    this.#byHash.set(storedHash, { mac: this.#mac(password), until: this.#clock.now() + rememberedMilliseconds });
    if (this.#byHash.size <= mostRemembered) return;
    const [oldest] = this.#byHash.keys();
    if (oldest !== undefined) this.#byHash.delete(oldest);
  }

  #mac(password: Secret): Uint8Array {
    return hmac('sha256', this.#key, fromUtf8(password.reveal()));
  }
}
