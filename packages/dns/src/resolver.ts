import type { Trace } from '@mox/runtime';
import type { ExtendedError } from './extended-error.ts';
import type { RecordData, RecordType } from './record.ts';

/**
 * How a question ended. `ok` has records; `nodata` means the name is there but has none of the type (RFC 2308 §2.2);
 * `nxdomain` that the name is not there (RFC 8020). The others are failures: a check treats them as temporary, except
 * `malformed-name`, which no resolver can ask.
 */
export type DnsStatus = 'ok' | 'nodata' | 'nxdomain' | 'servfail' | 'timeout' | 'refused' | 'malformed-answer' | 'malformed-name';

/**
 * DNSSEC status of an answer (RFC 4033 §5): `secure` when it was validated, here or by a resolver we trust, `insecure` when it is
 * known that there need be no signature, `bogus` when validation failed, `indeterminate` when nobody we trust has looked.
 * A bogus answer comes as `servfail` from most resolvers; it is never to be taken for `insecure`.
 */
export type DnssecStatus = 'secure' | 'insecure' | 'bogus' | 'indeterminate';

/** A record of an answer, with its time to live. */
export interface DnsRecord<T extends RecordType = RecordType> {
  /** Owner name as A-labels in lower case, without the last dot. */
  readonly name: string;
  readonly type: T;
  readonly ttlSeconds: number;
  readonly data: RecordData[T];
}

/** What came back for a question. Plain data: it can be recorded and replayed. */
export interface DnsAnswer<T extends RecordType = RecordType> {
  readonly status: DnsStatus;
  readonly security: DnssecStatus;
  /** Records of the type asked for, at the end of the chain of aliases; empty unless `ok`. */
  readonly records: readonly DnsRecord<T>[];
  /** Names that the question was led through by CNAME, in order; empty where there was no alias. */
  readonly aliases: readonly string[];
  /** How long the answer may be kept, failures included; 0 for not at all. */
  readonly ttlSeconds: number;
  /** What the resolver said about a failure (RFC 8914), or what went wrong on the way. */
  readonly problem?: string;
  /** The reasons as numbers with words (RFC 8914 §2), where a server gave them, or who validated. */
  readonly extendedErrors?: readonly ExtendedError[];
  /** How the DNSSEC status came about, where it was found here and not taken from a server: each zone of the chain, then the answer. */
  readonly trace?: Trace;
}

/** What may accompany a question. */
export interface QueryOptions {
  /** Gives up: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Answers DNS questions. Whatever a server, a zone or the network does wrong is a status; only an abort is an exception. */
export interface Resolver {
  /** Asks for records of a type. The name is A-labels or `_service` labels, with or without the last dot. */
  query<T extends RecordType>(name: string, type: T, options?: QueryOptions): Promise<DnsAnswer<T>>;
}
