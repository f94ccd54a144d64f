import type { FlagSet } from '../mailbox.ts';
import type { SqliteDatabase } from './sqlite.ts';

/** System flags in the case of RFC 9051 §2.3.2, by their lower case. */
const systemFlags: ReadonlyMap<string, string> = new Map(
  ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'].map((flag) => [flag.toLowerCase(), flag]),
);

/** A flag set with what the counts of a mailbox need to know. */
export interface StoredFlagSet extends FlagSet {
  readonly seen: boolean;
  readonly deleted: boolean;
}

/** Characters of a keyword (RFC 8621 §4.1.1), which are those of an IMAP atom without `]`. */
const keywordPattern = /^[!#$&'+-[^-z|}~]+$/;

/** The flag sets of an account, each stored once. */
export class FlagSets {
  readonly #database: SqliteDatabase;
  readonly #limits: { readonly keywordsPerAccount: number; readonly keywordLength: number };
  readonly #byId = new Map<number, StoredFlagSet>();
  readonly #byText = new Map<string, StoredFlagSet>();
  /** Keywords as first seen, by their lower case. */
  readonly #keywords = new Map<string, string>();
  /** Sets made since `takeNew` was last called. */
  #new: StoredFlagSet[] = [];

  constructor(database: SqliteDatabase, limits: { readonly keywordsPerAccount: number; readonly keywordLength: number }) {
    this.#database = database;
    this.#limits = limits;
    for (const [id, flags] of database.sql<[number, string]>('SELECT id, flags FROM flag_set ORDER BY id').all()) this.#enter(id, flags);
  }

  get(id: number): StoredFlagSet | undefined {
    return this.#byId.get(id);
  }

  /** The sets of some ids, each once. */
  among(ids: Iterable<number>): FlagSet[] {
    const sets: FlagSet[] = [];
    for (const id of new Set(ids)) {
      const set = this.#byId.get(id);
      if (set) sets.push({ id: set.id, flags: set.flags });
    }
    return sets;
  }

  /**
   * Flags as they are stored: system flags in their usual case, keywords as first seen, each once, sorted.
   * What cannot be stored is told as refused: no flag at all, `\Recent` (RFC 9051 §2.3.2), or one keyword too many.
   */
  canonical(flags: readonly string[]): { readonly flags: readonly string[]; readonly refused: readonly string[] } {
    const taken = new Set<string>();
    const refused: string[] = [];
    const fresh = new Set<string>();
    for (const flag of flags) {
      const lower = flag.toLowerCase();
      const known = systemFlags.get(lower) ?? this.#keywords.get(lower);
      if (known !== undefined) taken.add(known);
      else if (fresh.has(lower)) continue;
      else if (this.#canBeKeyword(flag, fresh.size)) {
        taken.add(flag);
        fresh.add(lower);
      } else refused.push(flag);
    }
    return { flags: [...taken].sort(), refused };
  }

  #canBeKeyword(flag: string, more: number): boolean {
    return (
      flag.length <= this.#limits.keywordLength && keywordPattern.test(flag) && this.#keywords.size + more < this.#limits.keywordsPerAccount
    );
  }

  /** The set of some flags as `canonical` gives them; made where it is new. */
  intern(flags: readonly string[]): StoredFlagSet {
    const text = flags.join(' ');
    const known = this.#byText.get(text);
    if (known) return known;
    const id = this.#database.sql<[number]>('INSERT INTO flag_set (flags) VALUES (?) RETURNING id').get(text)?.[0] ?? 0;
    const set = this.#enter(id, text);
    this.#new.push(set);
    return set;
  }

  /** Sets made since the last call. */
  takeNew(): FlagSet[] {
    const made = this.#new.map(({ id, flags }) => ({ id, flags }));
    this.#new = [];
    return made;
  }

  #enter(id: number, text: string): StoredFlagSet {
    const flags = text === '' ? [] : text.split(' ');
    const set: StoredFlagSet = { id, flags, seen: flags.includes('\\Seen'), deleted: flags.includes('\\Deleted') };
    this.#byId.set(id, set);
    this.#byText.set(text, set);
    for (const flag of flags) {
      if (flag.startsWith('\\') || this.#keywords.has(flag.toLowerCase())) continue;
      this.#keywords.set(flag.toLowerCase(), flag);
    }
    return set;
  }
}
