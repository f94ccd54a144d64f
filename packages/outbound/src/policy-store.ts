import type { PolicyMemory } from '@mox/mtasts';

/** Where what is known of MTA-STS policies is kept between attempts (RFC 8461 §3.3), by policy domain in A-labels. */
export interface PolicyStore {
  get(domain: string): Promise<PolicyMemory | undefined>;
  set(domain: string, memory: PolicyMemory): Promise<void>;
}

/** A store in memory, of so many domains: beyond, those go first that were written longest ago. Policies do not outlive the process. */
export class MemoryPolicyStore implements PolicyStore {
  readonly #memories = new Map<string, PolicyMemory>();
  readonly #mostDomains: number;

  constructor(options: { readonly mostDomains?: number } = {}) {
    this.#mostDomains = options.mostDomains ?? 10_000;
  }

  get size(): number {
    return this.#memories.size;
  }

  async get(domain: string): Promise<PolicyMemory | undefined> {
    return this.#memories.get(domain);
  }

  async set(domain: string, memory: PolicyMemory): Promise<void> {
    this.#memories.delete(domain);
    this.#memories.set(domain, memory);
    for (const oldest of this.#memories.keys()) {
      if (this.#memories.size <= this.#mostDomains) return;
      this.#memories.delete(oldest);
    }
  }
}
