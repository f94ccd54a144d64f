import type { Account, FlagSet } from '@mox/store';

/** A flag set and the text that FETCH shows for it. */
export interface FlagText {
  readonly flags: readonly string[];
  /** `\Seen $Forwarded`, without parentheses. */
  readonly text: string;
  readonly seen: boolean;
}

/** The flag sets of an account, each formatted once: many thousands of messages share a few of them. */
export class FlagTexts {
  readonly #account: Account;
  readonly #texts = new Map<number, FlagText>();

  constructor(account: Account) {
    this.#account = account;
  }

  add(sets: readonly FlagSet[]): void {
    for (const { id, flags } of sets) {
      if (!this.#texts.has(id)) this.#texts.set(id, { flags, text: flags.join(' '), seen: flags.includes('\\Seen') });
    }
  }

  /** A set that is known: see `load`. */
  get(id: number): FlagText {
    return this.#texts.get(id) ?? noFlags;
  }

  /** Makes sure that sets are known. */
  async load(ids: Iterable<number>): Promise<void> {
    for (const id of ids) {
      if (this.#texts.has(id)) continue;
      // A set that the store does not know would be asked for again and again.
      this.add([(await this.#account.flagSet(id)) ?? { id, flags: [] }]);
    }
  }

  /** Ids among those given that are not known. */
  missing(ids: ArrayLike<number>): ReadonlySet<number> {
    const missing = new Set<number>();
    let known = -1;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] ?? 0;
      // Neighbours often have the same.
      if (id === known) continue;
      if (this.#texts.has(id)) known = id;
      else missing.add(id);
    }
    return missing;
  }
}

const noFlags: FlagText = { flags: [], text: '', seen: false };
