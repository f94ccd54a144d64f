import { addressKey } from '@mox/net-node';
import type { Clock } from '@mox/runtime';

/** Wrong logins from one address that cost nothing: people mistype, and programs keep an old password. */
const freeFailures = 5;
const forgottenAfterMilliseconds = 10 * 60_000;
const mostAddresses = 10_000;
const longestDelayMilliseconds = 10_000;
const longestLoopbackDelayMilliseconds = 200;

interface Failures {
  count: number;
  lastAt: number;
}

/** Whether an address is of this machine alone. */
export function isLoopback(address: string): boolean {
  return addressKey(address).startsWith('127.') || address === '::1';
}

/** Slows down guessing of passwords: each wrong login from an address beyond the first few makes its next ones wait longer. */
export class LoginThrottle {
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long an address's next login has to wait. */
  delayMilliseconds(address: string): number {
    const failures = this.#recent(addressKey(address));
    if (!failures || failures.count <= freeFailures) return 0;
    const longest = isLoopback(address) ? longestLoopbackDelayMilliseconds : longestDelayMilliseconds;
    return Math.min(longest, 250 * 2 ** Math.min(20, failures.count - freeFailures));
  }

  /** Notes a wrong login; gives how many there were of late. */
  failed(address: string): number {
    const key = addressKey(address);
    const count = (this.#recent(key)?.count ?? 0) + 1;
    this.#failures.delete(key);
    this.#failures.set(key, { count, lastAt: this.#clock.now() });
    if (this.#failures.size > mostAddresses) this.#dropOldest();
    return count;
  }

  /** Notes a login that went well: what went wrong before is forgiven. */
  succeeded(address: string): void {
    this.#failures.delete(addressKey(address));
  }

  #recent(key: string): Failures | undefined {
    const failures = this.#failures.get(key);
    return failures && this.#clock.now() - failures.lastAt < forgottenAfterMilliseconds ? failures : undefined;
  }

  #dropOldest(): void {
    const [oldest] = this.#failures.keys();
    if (oldest !== undefined) this.#failures.delete(oldest);
  }
}
