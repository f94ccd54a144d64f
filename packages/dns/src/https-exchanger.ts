import type { ExchangeOptions, ExchangeResult, Exchanger } from './exchanger.ts';
import { formatQuery } from './format-message.ts';
import type { DnsMessage, MessageRecord } from './message.ts';
import { normalizeName } from './name.ts';
import { parseMessage } from './parse-message.ts';

/** The part of a Response that is used. The platform's own `fetch` fits, as does anything that acts like it. */
export interface HttpsResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Sends a request over HTTPS; it rejects where the connection or the certificate fails, and when it has taken too long. */
export type HttpsFetch = (
  url: string,
  init: {
    readonly method: 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Uint8Array<ArrayBuffer>;
    readonly redirect: 'error';
    readonly signal?: AbortSignal;
  },
) => Promise<HttpsResponse>;

/** What an `HttpsExchanger` is made with. */
export interface HttpsExchangerOptions {
  /** Where the server answers, e.g. `https://dns.example/dns-query`; the template `https://dns.example/dns-query{?dns}` says the same (RFC 8484 §4.1). */
  readonly url: string;
  /** The platform's `fetch`, or one with a limit of time. */
  readonly fetch: HttpsFetch;
}

const mediaType = 'application/dns-message';
const longestMessage = 65_535;

/** A message that a cache on the way has kept for a while: its records live that much shorter (RFC 8484 §5.1). */
function agedMessage(message: DnsMessage, ageSeconds: number): DnsMessage {
  const aged = (records: readonly MessageRecord[]): readonly MessageRecord[] =>
    records.map((record) => ({ ...record, ttlSeconds: Math.max(0, record.ttlSeconds - ageSeconds) }));
  return { ...message, answers: aged(message.answers), authorities: aged(message.authorities), additionals: aged(message.additionals) };
}

/** Seconds of an Age field; 0 without one, and for what is none. */
function parseAge(field: string | null): number {
  return field !== null && /^\d{1,10}$/.test(field.trim()) ? Number(field) : 0;
}

/** What a server sent: its message, and how old that is. */
interface Received {
  readonly body: Uint8Array;
  readonly ageSeconds: number;
}

/** Asks a resolver by DNS over HTTPS (RFC 8484 §4.1): for browsers and workers, which have no other way. Not believed: see `@mox/dnssec`. */
export class HttpsExchanger implements Exchanger {
  readonly #options: HttpsExchangerOptions;

  constructor(options: HttpsExchangerOptions) {
    this.#options = options;
  }

  async exchange(question: string, type: string, options: ExchangeOptions = {}): Promise<ExchangeResult> {
    const { signal } = options;
    signal?.throwIfAborted();
    const name = normalizeName(question);
    if (name === undefined) return { status: 'malformed-name', problem: 'no domain name' };
    // An ID of 0 lets caches on the way know equal questions (RFC 8484 §4.1).
    const query = formatQuery(name, type, { id: 0, dnssec: true, checkingDisabled: true });
    try {
      return this.#read(await this.#post(query, signal), name, type);
    } catch (error) {
      signal?.throwIfAborted();
      return { status: 'timeout', problem: `${this.#options.url}: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  async #post(query: Uint8Array, signal: AbortSignal | undefined): Promise<Received | string> {
    const { fetch } = this.#options;
    // RFC 8484 §4.1: with POST, a template is read without variables.
    const url = this.#options.url.replace(/\{[?&]dns\}$/, '');
    const headers = { 'content-type': mediaType, accept: mediaType };
    const request = { method: 'POST', headers, body: new Uint8Array(query), redirect: 'error', ...(signal && { signal }) } as const;
    const response = await fetch(url, request);
    // RFC 8484 §4.2.1: whatever the answer says, an HTTP status of success comes with it.
    if (response.status < 200 || response.status > 299) return `status ${response.status}`;
    const received = response.headers.get('content-type') ?? '';
    if (received.split(';')[0]?.trim().toLowerCase() !== mediaType) return `not ${mediaType}: ${received}`;
    if (Number(response.headers.get('content-length') ?? 0) > longestMessage) return 'longer than a message can be';
    return { body: new Uint8Array(await response.arrayBuffer()), ageSeconds: parseAge(response.headers.get('age')) };
  }

  #read(received: Received | string, name: string, type: string): ExchangeResult {
    const fault = (problem: string): ExchangeResult => ({ status: 'malformed-answer', problem: `${this.#options.url}: ${problem}` });
    if (typeof received === 'string') return { status: 'servfail', problem: `${this.#options.url}: ${received}` };
    const { body, ageSeconds } = received;
    const parsed = parseMessage(body.subarray(0, longestMessage), { canonical: true });
    if (!parsed.ok) return fault(`${parsed.error.message} at byte ${parsed.error.offset}`);
    const [question, ...others] = parsed.value.questions;
    const isOurs = question?.name === name && question.type === type && others.length === 0;
    if (!isOurs || !parsed.value.response) return fault('the answer to another question');
    return { status: 'message', message: ageSeconds > 0 ? agedMessage(parsed.value, ageSeconds) : parsed.value };
  }
}
