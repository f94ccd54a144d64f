import type { StatusCode } from '@mox/dsn';
import type { RecipientOutcome } from '@mox/outbound';

/** Why a next hop is left alone for a while. */
export interface BackOff {
  readonly until: number;
  /** Attempts that did not reach it, one after the other. */
  readonly failures: number;
  readonly code: StatusCode;
  readonly problem: string;
}

interface NextHop {
  active: number;
  backOff?: BackOff;
}

/**
 * Whether an attempt says that no host of the next hop can be reached, rather than something about the message (RFC 5321 §4.5.4.1): nobody
 * answered (X.4.Z of RFC 3463 §3.5), or whoever did was closing (421, RFC 5321 §3.8).
 */
export function isUnreachable(outcomes: readonly RecipientOutcome[]): boolean {
  return outcomes.every(
    ({ status, code, reply }) => status === 'deferred' && (reply ? reply.code === 421 : code.class === 4 && code.subject === 4),
  );
}

/** What is known of the next hops: how many attempts are under way, and which cannot be reached (RFC 5321 §4.5.4.1). Bounded. */
export class NextHops {
  readonly #known = new Map<string, NextHop>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether another attempt may begin; where it could not be reached before, one at a time. */
  mayBegin(name: string, mostActive: number): boolean {
    const hop = this.#known.get(name);
    return !hop || hop.active < (hop.backOff ? 1 : mostActive);
  }

  begin(name: string): void {
    const hop = this.#known.get(name) ?? { active: 0 };
    hop.active++;
    this.#known.set(name, hop);
  }

  end(name: string): void {
    const hop = this.#known.get(name);
    if (!hop) return;
    hop.active--;
    if (hop.active === 0 && !hop.backOff) this.#known.delete(name);
  }

  /** Why it is not to be tried now, where it is so. */
  backOff(name: string, now: number): BackOff | undefined {
    const backOff = this.#known.get(name)?.backOff;
    return backOff && backOff.until > now ? backOff : undefined;
  }

  /** How often in a row it could not be reached. */
  failures(name: string): number {
    return this.#known.get(name)?.backOff?.failures ?? 0;
  }

  unreachable(name: string, backOff: BackOff): void {
    const active = this.#known.get(name)?.active ?? 0;
    this.#known.delete(name);
    this.#known.set(name, { active, backOff });
    if (this.#known.size > this.#most) this.#forgetOldest();
  }

  reached(name: string): void {
    const hop = this.#known.get(name);
    if (!hop) return;
    delete hop.backOff;
    if (hop.active === 0) this.#known.delete(name);
  }

  /** What is forgotten is found out anew. */
  #forgetOldest(): void {
    for (const [name, { active }] of this.#known) {
      if (active > 0) continue;
      this.#known.delete(name);
      return;
    }
  }
}
