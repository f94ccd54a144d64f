import type { ExchangeOptions, ExchangeResult, Exchanger } from './exchanger.ts';
import { formatQuery } from './format-message.ts';
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
  /** Where the server answers, e.g. `https://dns.example/dns-query`. */
  readonly url: string;
  /** The platform's `fetch`, or one with a limit of time. */
  readonly fetch: HttpsFetch;
}

const mediaType = 'application/dns-message';
const longestMessage = 65_535;

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

  async #post(query: Uint8Array, signal: AbortSignal | undefined): Promise<Uint8Array | string> {
    const { url, fetch } = this.#options;
    const headers = { 'content-type': mediaType, accept: mediaType };
    const request = { method: 'POST', headers, body: new Uint8Array(query), redirect: 'error', ...(signal && { signal }) } as const;
    const response = await fetch(url, request);
    if (response.status !== 200) return `status ${response.status}`;
    const received = response.headers.get('content-type') ?? '';
    if (received.split(';')[0]?.trim().toLowerCase() !== mediaType) return `not ${mediaType}: ${received}`;
    if (Number(response.headers.get('content-length') ?? 0) > longestMessage) return 'longer than a message can be';
    return new Uint8Array(await response.arrayBuffer());
  }

  #read(body: Uint8Array | string, name: string, type: string): ExchangeResult {
    const fault = (problem: string): ExchangeResult => ({ status: 'malformed-answer', problem: `${this.#options.url}: ${problem}` });
    if (typeof body === 'string') return { status: 'servfail', problem: `${this.#options.url}: ${body}` };
    const parsed = parseMessage(body.subarray(0, longestMessage), { canonical: true });
    if (!parsed.ok) return fault(`${parsed.error.message} at byte ${parsed.error.offset}`);
    const [question, ...others] = parsed.value.questions;
    const isOurs = question?.name === name && question.type === type && others.length === 0;
    return isOurs && parsed.value.response ? { status: 'message', message: parsed.value } : fault('the answer to another question');
  }
}
