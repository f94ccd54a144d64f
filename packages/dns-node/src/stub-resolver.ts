import {
  type DnsAnswer,
  type DnsStatus,
  defaultAliasLimit,
  type ExchangeResult,
  type Exchanger,
  formatQuery,
  interpretAnswer,
  joinAnswers,
  normalizeName,
  type QueryOptions,
  type RecordType,
  type Resolver,
} from '@mox/dns';
import { type Clock, type Random, systemRandom } from '@mox/runtime';
import { ConcurrencyLimit } from './concurrency-limit.ts';
import type { Exchange, ExchangeOptions } from './exchange.ts';
import { mixCase } from './mix-case.ts';
import { checkServer, isTrusted, type NameServer } from './name-server.ts';
import { StreamConnections } from './stream-connection.ts';
import { systemClock } from './system-clock.ts';
import { exchangeUdp } from './udp-exchange.ts';

/** What a `StubResolver` is made with. */
export interface StubOptions {
  /** Resolvers to ask, the first first. At least one. */
  readonly servers: readonly NameServer[];
  /** How long one server is waited for; doubled with every round. 2,500 unless told. */
  readonly timeoutMilliseconds?: number;
  /** How often the list of servers is gone through; 2 unless told. */
  readonly rounds?: number;
  /** How large a datagram we take (RFC 6891 §6.2.3); 1232 unless told, which no network cuts in pieces. */
  readonly udpPayloadSizeBytes?: number;
  /** Whether letters of names go out in random case, to make forging harder. True unless told. */
  readonly mixedCase?: boolean;
  /** Names that one question may be led through; 16 unless told. */
  readonly aliasLimit?: number;
  /** Questions under way at once; 256 unless told. The others wait. */
  readonly concurrency?: number;
  readonly random?: Random;
  readonly clock?: Clock;
}

interface Asked<T extends RecordType> {
  readonly answer: DnsAnswer<T>;
  readonly next?: string;
}

/** What is to be asked of one server, and how. */
interface Ask<T extends string = string> extends ExchangeOptions {
  readonly name: string;
  readonly type: T;
  readonly server: NameServer;
}

/** How a query is written. */
interface How {
  readonly checkingDisabled?: boolean;
  /** Without EDNS. */
  readonly plain?: boolean;
  /** Whether signatures are wanted; where the server is trusted unless told. With it, records are read with what signatures cover. */
  readonly dnssec?: boolean;
}

/** How long a server that did not answer is asked after the one that did. */
const preferenceMilliseconds = 30_000;

const settled: ReadonlySet<DnsStatus> = new Set(['ok', 'nodata', 'nxdomain']);

function failure<T extends RecordType>(status: DnsStatus, problem?: string): Asked<T> {
  const answer = { status, security: 'indeterminate' as const, records: [], aliases: [], ttlSeconds: 0 };
  return { answer: problem === undefined ? answer : { ...answer, problem } };
}

/** What an exchange that told nothing comes to. */
function exchangeFailure(exchange: Exchange): ExchangeResult {
  if (exchange.status === 'message') return exchange;
  if (exchange.status === 'unreachable') return { status: 'timeout', problem: exchange.problem };
  return { status: exchange.status === 'suspicious' ? 'servfail' : exchange.status, problem: exchange.problem };
}

/**
 * Asks recursive resolvers over the network (RFC 1035 §7), with nothing kept: see `CachingResolver`. A trusted server's AD makes
 * answers `secure`, a validation that failed makes them `bogus`, and then no other server is asked. `exchange` gives what servers send
 * as it is, for who validates it here: see `@mox/dnssec`.
 */
export class StubResolver implements Resolver, Exchanger {
  readonly #options: Required<StubOptions>;
  readonly #connections: StreamConnections;
  readonly #limit: ConcurrencyLimit;
  /** Servers that were seen to change the case of letters. */
  readonly #folding = new Set<NameServer>();
  /** Who is asked first, in place of the first of the list, and until when. */
  #preferred = { index: 0, until: 0 };

  /** Throws a TypeError without servers, or for one whose address is none. */
  constructor(options: StubOptions) {
    if (options.servers.length === 0) throw new TypeError('a name server expected');
    for (const server of options.servers) checkServer(server);
    this.#options = {
      timeoutMilliseconds: 2500,
      rounds: 2,
      udpPayloadSizeBytes: 1232,
      mixedCase: true,
      aliasLimit: defaultAliasLimit,
      concurrency: 256,
      random: systemRandom,
      clock: systemClock,
      ...options,
    };
    this.#connections = new StreamConnections(this.#options.random);
    this.#limit = new ConcurrencyLimit(this.#options.concurrency);
  }

  /** Closes connections that are kept. The resolver can still be used. */
  close(): void {
    this.#connections.close();
  }

  async query<T extends RecordType>(question: string, type: T, options: QueryOptions = {}): Promise<DnsAnswer<T>> {
    options.signal?.throwIfAborted();
    const name = normalizeName(question);
    if (name === undefined) return failure<T>('malformed-name').answer;
    return this.#limit.run(() => this.#follow(name, type, options.signal), options.signal);
  }

  /** Asks for everything there is on a question, signatures included and not judged: DO and CD set. It goes on to the next server as `query` does. */
  async exchange(question: string, type: string, options: QueryOptions = {}): Promise<ExchangeResult> {
    options.signal?.throwIfAborted();
    const name = normalizeName(question);
    if (name === undefined) return { status: 'malformed-name', problem: 'no domain name' };
    return this.#limit.run(() => this.#exchangeAnywhere(name, type, options.signal), options.signal);
  }

  /** Goes round the servers until one has something to say. */
  async #exchangeAnywhere(name: string, type: string, signal: AbortSignal | undefined): Promise<ExchangeResult> {
    const { servers, rounds } = this.#options;
    let { timeoutMilliseconds } = this.#options;
    let worst: ExchangeResult = { status: 'timeout', problem: 'no answer' };
    const first = this.#firstServer();
    for (let round = 0; round < rounds; round++, timeoutMilliseconds *= 2) {
      for (let i = 0; i < servers.length; i++) {
        const index = (first + i) % servers.length;
        const server = servers[index];
        if (!server) continue;
        const ask = { name, type, server, timeoutMilliseconds, ...(signal && { signal }) };
        const exchange = await this.#exchange(ask, { checkingDisabled: true, dnssec: true });
        if (exchange.status === 'message' && (exchange.message.rcode === 0 || exchange.message.rcode === 3)) {
          if (index !== first) this.#prefer(index);
          return exchange;
        }
        if (worst.status === 'timeout') worst = exchangeFailure(exchange);
      }
      if (worst.status !== 'timeout') return worst;
    }
    return worst;
  }

  #firstServer(): number {
    return this.#preferred.until > this.#options.clock.now() ? this.#preferred.index : 0;
  }

  /** Asks until the chain of aliases is at its end: resolvers send it whole, but some leave it to us. */
  async #follow<T extends RecordType>(name: string, type: T, signal: AbortSignal | undefined): Promise<DnsAnswer<T>> {
    let { answer, next } = await this.#askServers(name, type, signal);
    while (next !== undefined) {
      if (answer.aliases.length > this.#options.aliasLimit || answer.aliases.indexOf(next) < answer.aliases.length - 1) {
        return { ...answer, status: 'servfail', records: [], ttlSeconds: 0, problem: 'aliases without end' };
      }
      const following: Asked<T> = await this.#askServers(next, type, signal);
      answer = joinAnswers(answer, following.answer);
      next = following.next;
    }
    return answer;
  }

  async #askServers<T extends RecordType>(name: string, type: T, signal: AbortSignal | undefined): Promise<Asked<T>> {
    const { servers, rounds } = this.#options;
    let worst: Asked<T> | undefined;
    let { timeoutMilliseconds } = this.#options;
    let refusedByTrusted = false;
    const first = this.#firstServer();
    for (let round = 0; round < rounds; round++, timeoutMilliseconds *= 2) {
      for (let i = 0; i < servers.length; i++) {
        const index = (first + i) % servers.length;
        const server = servers[index];
        // What a trusted server could not answer may be bogus: the word of one that nobody trusts is no way round it.
        if (!server || (refusedByTrusted && !isTrusted(server))) continue;
        const asked = await this.#askServer({ name, type, server, timeoutMilliseconds, ...(signal && { signal }) });
        if (settled.has(asked.answer.status) || asked.answer.security === 'bogus') {
          if (index !== first) this.#prefer(index);
          return asked;
        }
        refusedByTrusted ||= asked.answer.status === 'servfail' && isTrusted(server);
        // What a server said tells more than that another was silent.
        if (worst === undefined || worst.answer.status === 'timeout') worst = asked;
      }
      if (worst && worst.answer.status !== 'timeout') return worst;
    }
    return worst ?? failure('timeout');
  }

  /** Who answers where others did not is asked first for a while; but one that is not trusted never before one that is. */
  #prefer(index: number): void {
    const { servers, clock } = this.#options;
    const candidate = servers[index];
    if (!candidate || (servers.some(isTrusted) && !isTrusted(candidate))) return;
    this.#preferred = { index, until: clock.now() + preferenceMilliseconds };
  }

  async #askServer<T extends RecordType>(ask: Ask<T>): Promise<Asked<T>> {
    const asked = this.#interpret(ask, await this.#exchange(ask, {}));
    const { status, security, problem } = asked.answer;
    if (status !== 'servfail' || security === 'bogus' || problem !== undefined || !isTrusted(ask.server)) return asked;
    // RFC 4035 §5.5: a validating server that answers once it is told not to check, and only then, found the answer bogus.
    const unchecked = await this.#exchange(ask, { checkingDisabled: true });
    if (unchecked.status !== 'message' || (unchecked.message.rcode !== 0 && unchecked.message.rcode !== 3)) return asked;
    const again = this.#interpret(ask, await this.#exchange(ask, {}));
    if (again.answer.status !== 'servfail') return again;
    return { answer: { ...asked.answer, security: 'bogus', problem: 'DNSSEC validation failed' } };
  }

  #interpret<T extends RecordType>(ask: Ask<T>, exchange: Exchange): Asked<T> {
    if (exchange.status === 'unreachable') return failure('timeout', exchange.problem);
    if (exchange.status === 'suspicious') return failure('servfail', exchange.problem);
    if (exchange.status !== 'message') return failure(exchange.status, exchange.problem);
    const { name, type, server } = ask;
    return interpretAnswer(exchange.message, type, { name, trusted: isTrusted(server), aliasLimit: this.#options.aliasLimit });
  }

  async #exchange(ask: Ask, how: How): Promise<Exchange> {
    const { server } = ask;
    const query = this.#formatQuery(ask, how);
    const exchange = await this.#exchangeAnyhow(server, query, { ...ask, canonical: how.dnssec === true });
    if (exchange.status !== 'message') return exchange;
    if (exchange.folded) this.#folding.add(server);
    // RFC 6891 §7: a server that does not know EDNS says FORMERR or NOTIMP, and is asked without.
    const { rcode, edns } = exchange.message;
    if ((rcode === 1 || rcode === 4) && !edns && !how.plain) return this.#exchange(ask, { ...how, plain: true });
    return exchange;
  }

  #formatQuery(ask: Ask, how: How): Uint8Array {
    const { random, mixedCase, udpPayloadSizeBytes } = this.#options;
    const [high = 0, low = 0] = random.bytes(2);
    return formatQuery(mixedCase && !this.#folding.has(ask.server) ? mixCase(ask.name, random) : ask.name, ask.type, {
      id: high * 256 + low,
      udpPayloadSizeBytes: how.plain ? 0 : udpPayloadSizeBytes,
      // Without EDNS too: else who forges a FORMERR could make a secure answer look insecure (RFC 6840 §5.7).
      dnssec: how.dnssec ?? isTrusted(ask.server),
      checkingDisabled: how.checkingDisabled ?? false,
    });
  }

  /** By datagram; over a connection where the server wants it, where the answer did not fit, or where somebody seems to guess. */
  async #exchangeAnyhow(server: NameServer, query: Uint8Array, options: ExchangeOptions): Promise<Exchange> {
    if (server.transport === 'tcp' || server.transport === 'tls') return this.#connections.exchange(server, query, options);
    const exchange = await exchangeUdp(server, query, options);
    const isWhole = exchange.status === 'message' ? !exchange.message.truncated : exchange.status !== 'suspicious';
    return isWhole ? exchange : this.#connections.exchange(server, query, options);
  }
}
