import type { Trace } from '@mox/runtime';

/** What was decided about one message transaction, with everything it was decided from. Plain data, JSON-safe. */
export interface Decision {
  /** The transaction's id, as in the Received field, the reply and the log. */
  readonly id: string;
  /** When, in milliseconds. */
  readonly at: number;
  readonly direction: 'inbound' | 'submission' | 'append' | 'import' | 'outbound';
  readonly session: {
    readonly remoteAddress: string;
    readonly localAddress: string;
    readonly protocol: string;
    /** Name the client gave in EHLO, HELO or LHLO. */
    readonly greeting?: string;
    readonly tls?: { readonly protocol: string; readonly cipher: string };
    /** Account that logged in and by which mechanism. */
    readonly login?: { readonly account: string; readonly mechanism: string };
  };
  /** Id of the queued message, for an attempt to deliver it. */
  readonly queueId?: string;
  readonly envelope?: {
    readonly sender: string;
    readonly recipients: readonly string[];
    readonly parameters?: Readonly<Record<string, string>>;
  };
  readonly message?: { readonly messageId?: string; readonly from?: string; readonly subject?: string; readonly sizeBytes: number };
  /** Checks made, in order. */
  readonly checks: Trace;
  readonly outcome: 'delivered' | 'queued' | 'refused' | 'failed' | 'discarded' | 'relayed' | 'deferred';
  /** The reply that the peer got, e.g. `250 2.0.0 ...`. */
  readonly reply: string;
  /** The rule that decided, in one sentence for an operator. */
  readonly reason: string;
  /** Where it went. */
  readonly deliveries: readonly {
    readonly recipient: string;
    readonly accountId: string;
    readonly mailbox: string;
    readonly emailId?: string;
  }[];
}

/** Decisions of all accounts, refused transactions included. Kept for a bounded time. */
export interface Decisions {
  /** Keeps a decision that no message carries, or the transaction's copy of it. Not awaited by a reply. */
  record(decision: Decision): Promise<void>;
  /** By transaction id, queue id, Message-ID, address of sender or recipient, or remote address; newest first. */
  find(query: { readonly text?: string; readonly since?: number; readonly limit?: number }): Promise<readonly Decision[]>;
}
