import type { DnsMessage } from '@mox/dns';
import type { NameServer } from './name-server.ts';

/** How one exchange of a query for a response ended. */
export type Exchange =
  | {
      readonly status: 'message';
      readonly message: DnsMessage;
      /** Whether the letters of the question came back in another case. */
      readonly folded: boolean;
    }
  | { readonly status: 'timeout' | 'unreachable' | 'malformed-answer'; readonly problem: string }
  /** Datagrams came that look forged: the question is to be asked over a connection (RFC 5452 §9.3). */
  | { readonly status: 'suspicious'; readonly problem: string };

/** What an exchange is done with. */
export interface ExchangeOptions {
  readonly timeoutMilliseconds: number;
  /** Whether records are read with what signatures cover. */
  readonly canonical?: boolean;
  readonly signal?: AbortSignal;
}

/** Sends a query, already written, and waits for its response. Rejects with the signal's reason alone. */
export type ExchangeFunction = (server: NameServer, query: Uint8Array, options: ExchangeOptions) => Promise<Exchange>;

/** What errors of sockets mean to whoever set the server's address. */
const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENETUNREACH: 'its network cannot be reached',
  EHOSTUNREACH: 'it cannot be reached',
};

/** The words of an error of Node's, for `problem`. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const meaning = 'code' in error ? meanings[String(error.code)] : undefined;
  return meaning === undefined ? error.message : `${meaning} (${error.message})`;
}
