import type { DnsStatus, ExtendedError } from '@mox/dns';
import type { TraceStep } from '@mox/runtime';
import type { SecureZone } from './verify-rrset.ts';

/** What is known of the signatures of a zone and of all names below it (RFC 4033 §5). */
export type ZoneState = {
  /** Steps from the trust anchor to here. */
  readonly steps: readonly TraceStep[];
} & (
  | { readonly status: 'secure'; readonly zone: SecureZone }
  | { readonly status: 'insecure'; readonly error?: ExtendedError }
  | { readonly status: 'bogus'; readonly error: ExtendedError }
  /** No trust anchor is above it. */
  | { readonly status: 'indeterminate'; readonly error: ExtendedError }
  /** What would tell could not be had. */
  | { readonly status: 'failed'; readonly failure: Failure }
);

/** A question to the resolver behind that came to nothing. */
export interface Failure {
  readonly status: Exclude<DnsStatus, 'ok' | 'nodata' | 'nxdomain'>;
  readonly problem: string;
}

/** What a question for the DS records of a name told: another state from there on, no border there, or nothing below at all. */
export interface Cut {
  readonly kind: 'cut' | 'none' | 'end';
  /** The new state; absent unless a cut. */
  readonly state?: ZoneState;
  readonly ttlSeconds: number;
}
