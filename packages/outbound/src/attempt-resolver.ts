import type { DnsAnswer, QueryOptions, RecordType, Resolver } from '@mox/dns';

/**
 * Asks each question once in an attempt: the addresses that are connected to are those whose security was looked at, whatever the
 * resolver would say a moment later.
 */
export class AttemptResolver implements Resolver {
  readonly #resolver: Resolver;
  readonly #answers = new Map<string, Promise<DnsAnswer>>();

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  query<T extends RecordType>(name: string, type: T, options?: QueryOptions): Promise<DnsAnswer<T>> {
    const key = `${type} ${name.toLowerCase()}`;
    const answer = this.#answers.get(key) ?? this.#resolver.query(name, type, options);
    this.#answers.set(key, answer);
    return answer as Promise<DnsAnswer<T>>;
  }
}
