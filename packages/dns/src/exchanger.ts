import type { DnsMessage } from './message.ts';
import type { DnsStatus } from './resolver.ts';

/** How an exchange went: the server's message, whatever its response code, or why there is none. */
export type ExchangeResult =
  | { readonly status: 'message'; readonly message: DnsMessage }
  | { readonly status: Exclude<DnsStatus, 'ok' | 'nodata' | 'nxdomain'>; readonly problem: string };

/** What may accompany an exchange. */
export interface ExchangeOptions {
  /** Gives up: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Asks a recursive resolver for everything it has on a question, signatures and proofs included, and without its judgement: DO and CD
 * set (RFC 4035 §4.9.1, §4.9.2), the message read with `canonical`. That the message answers this question is the exchanger's to see to;
 * whether it is true is not. Only an abort is an exception.
 */
export interface Exchanger {
  exchange(name: string, type: string, options?: ExchangeOptions): Promise<ExchangeResult>;
}
