import type { Trace } from '@mox/runtime';
import type { DkimKeyRecord } from './key-record.ts';
import type { DkimSignature } from './signature.ts';

/** Result of a signature in the words of RFC 8601 §2.7.1. */
export type DkimStatus = 'pass' | 'fail' | 'policy' | 'neutral' | 'temperror' | 'permerror';

/** What is known of one signature, and why. */
export interface DkimResult {
  readonly status: DkimStatus;
  /** What is wrong, unless it is `pass`. */
  readonly problem?: string;
  /** Whether body hash and signature are mathematically right, whatever the rules about algorithm, key and time say. */
  readonly verified: boolean;
  /** The signature field, read; absent where it could not be. */
  readonly signature?: DkimSignature;
  readonly keyBits?: number;
  readonly keyRecord?: DkimKeyRecord;
  /** The domain says that it is testing: treat the message as unsigned (RFC 6376 §3.6.1). */
  readonly testing: boolean;
  /** Bytes of the body that `l` leaves unsigned. */
  readonly unsignedBytes: number;
  /** Whether the key came DNSSEC-validated. */
  readonly authentic: boolean;
  readonly trace: Trace;
}
