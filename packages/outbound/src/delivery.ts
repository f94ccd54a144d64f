import type { StatusCode } from '@mox/dsn';
import type { Trace } from '@mox/runtime';
import type { SmtpEnvelope, SmtpReply } from '@mox/smtp';
import type { TlsPolicyResult } from '@mox/tlsrpt';

/** A message on its way to one next hop. */
export interface OutgoingMessage {
  /** The domain of the recipients as A-labels, or an address literal such as `[192.0.2.1]` (RFC 5321 §4.1.3). */
  readonly nextHop: string;
  /** Sender, recipients of this next hop, and what the sender asked for. */
  readonly envelope: SmtpEnvelope;
  readonly sizeBytes: number;
  /** The message, from its first byte; it may be read once for each transaction, of which there may be one a host and more. */
  content(): Promise<AsyncIterable<Uint8Array>>;
  /** The message says `TLS-Required: No` (RFC 8689 §4): no policy of the receiver keeps it from being delivered. */
  readonly tlsNotRequired?: boolean;
}

/** What became of one recipient in one attempt. */
export interface RecipientOutcome {
  readonly address: string;
  /**
   * `relayed`: the next host took responsibility; `relayed-without-dsn`: so it did, but it knows nothing of DSN (RFC 3461 §5.2.2), so no further
   * report can be expected; `deferred`: to be tried again; `failed`: for good.
   */
  readonly status: 'relayed' | 'relayed-without-dsn' | 'deferred' | 'failed';
  /** RFC 3463. */
  readonly code: StatusCode;
  /** Why not, in one sentence for the sender; absent where it was relayed. */
  readonly problem?: string;
  /** The reply that decided, where a host gave one. */
  readonly reply?: SmtpReply;
  /** Name and address of the host that gave it, or of the last one that was tried. */
  readonly host?: string;
  readonly ip?: string;
}

/** One attempt to deliver a message to a next hop. */
export interface DeliveryAttempt {
  /** In the order of the envelope. */
  readonly recipients: readonly RecipientOutcome[];
  /** Sessions by the TLS policy that was applied, for the report to the receiver (RFC 8460 §4). */
  readonly tlsResults: readonly TlsPolicyResult[];
  /** Every step: MX look-up, policies, each host with its addresses, TLS and replies. */
  readonly trace: Trace;
}

/** Makes one attempt. Rejects as the signal wants, and for a fault of this machine. */
export type Deliver = (message: OutgoingMessage, options?: { readonly signal?: AbortSignal }) => Promise<DeliveryAttempt>;
