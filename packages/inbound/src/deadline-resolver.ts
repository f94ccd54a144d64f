import type { DnsAnswer, QueryOptions, RecordType, Resolver } from '@mox/dns';
import type { Clock } from '@mox/runtime';

const tooLate: DnsAnswer<never> = { status: 'timeout', security: 'indeterminate', records: [], aliases: [], ttlSeconds: 0 };

/**
 * Asks no more once it is late: a message whose sender makes the DNS slow gets temporary errors for results, and its client an answer in
 * time (RFC 7208 §4.6.4). The last question may still take as long as the resolver lets it.
 */
export class DeadlineResolver implements Resolver {
  readonly #resolver: Resolver;
  readonly #clock: Clock;
  readonly #deadline: number;

  constructor(resolver: Resolver, clock: Clock, deadline: number) {
    this.#resolver = resolver;
    this.#clock = clock;
    this.#deadline = deadline;
  }

  async query<T extends RecordType>(name: string, type: T, options?: QueryOptions): Promise<DnsAnswer<T>> {
    return this.#clock.now() > this.#deadline ? tooLate : this.#resolver.query(name, type, options);
  }
}
