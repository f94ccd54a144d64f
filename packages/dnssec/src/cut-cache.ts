import type { Cut } from './zone-state.ts';

interface Entry {
  readonly cut: Cut;
  readonly storedAt: number;
  readonly expiresAt: number;
  readonly sizeBytes: number;
}

/** About what a state takes without its keys. */
const stateBytes = 1024;

function sizeOf({ state }: Cut): number {
  if (state?.status !== 'secure') return stateBytes;
  return state.zone.keys.reduce((sum, { bytes }) => sum + 2 * bytes.length, stateBytes);
}

/** Keeps what is known of borders between zones, bounded in number and memory; what was used least lately goes first. */
export class CutCache {
  readonly #entries = new Map<string, Entry>();
  readonly #limit: number;
  readonly #sizeLimitBytes: number;
  #sizeBytes = 0;

  constructor(limit: number, sizeLimitBytes: number = 16 * 1024 * 1024) {
    this.#limit = limit;
    this.#sizeLimitBytes = sizeLimitBytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  clear(): void {
    this.#entries.clear();
    this.#sizeBytes = 0;
  }

  get(name: string, now: number): Cut | undefined {
    const entry = this.#entries.get(name);
    if (!entry) return undefined;
    this.#remove(name, entry);
    // A clock that was set back must not make anything live longer.
    if (now >= entry.expiresAt || now < entry.storedAt) return undefined;
    this.#add(name, entry);
    return entry.cut;
  }

  set(name: string, cut: Cut, now: number): void {
    if (!(cut.ttlSeconds > 0)) return;
    const there = this.#entries.get(name);
    if (there) this.#remove(name, there);
    this.#add(name, { cut, storedAt: now, expiresAt: now + cut.ttlSeconds * 1000, sizeBytes: sizeOf(cut) });
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= this.#limit && this.#sizeBytes <= this.#sizeLimitBytes) return;
      this.#remove(oldest, entry);
    }
  }

  #add(name: string, entry: Entry): void {
    this.#entries.set(name, entry);
    this.#sizeBytes += entry.sizeBytes;
  }

  #remove(name: string, entry: Entry): void {
    this.#entries.delete(name);
    this.#sizeBytes -= entry.sizeBytes;
  }
}
