import type { ArcOverride, MessageAuthentication } from '@mox/message-authentication';
import type { TraceStep } from '@mox/runtime';
import type { SmtpContent, SmtpMode, SmtpOddity } from '@mox/smtp';
import type { HeaderFacts } from './header-section.ts';

/** The session, as far as it bears on a decision. Plain data. */
export interface SessionEvidence {
  readonly mode: SmtpMode;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly hello?: { readonly verb: 'EHLO' | 'HELO' | 'LHLO'; readonly name: string; readonly valid: boolean };
  readonly tls?: { readonly protocol: string; readonly cipher: string };
  readonly login?: { readonly accountId: string; readonly name: string; readonly mechanism: string };
}

/** The sender. */
export interface SenderEvidence {
  /** Canonical address; empty for the null reverse-path. */
  readonly address: string;
  /** Account that the address belongs to. */
  readonly accountId?: string;
  /** Octets that the client announced (RFC 1870). */
  readonly declaredBytes?: number;
}

/** One recipient. */
export interface RecipientEvidence {
  /** Canonical address. */
  readonly address: string;
  /** Account that the address leads to. */
  readonly accountId?: string;
  /** Octets left to the account; undefined for no limit. */
  readonly roomBytes?: number;
}

/** What the checks of iprev, SPF, DKIM, ARC and DMARC found, or why they were not made. */
export type AuthenticationEvidence =
  | {
      readonly status: 'done';
      readonly result: MessageAuthentication;
      /** A trusted forwarder's word for a message that fails DMARC. */
      readonly arcOverride?: ArcOverride;
    }
  /** Mail of this client is not checked. */
  | { readonly status: 'exempt' }
  /** A fault of this machine. */
  | { readonly status: 'fault'; readonly problem: string };

/** The message, once it is here. */
export interface MessageEvidence {
  readonly content: SmtpContent;
  readonly oddities: readonly SmtpOddity[];
  readonly header: HeaderFacts;
  /** The header section was larger than allowed: it was not read. */
  readonly headerTooLarge: boolean;
  /** Addresses of From, canonical, and whose they are; for submission. */
  readonly authors: readonly { readonly address: string; readonly accountId?: string }[];
  /** For mail from other hosts, where this server asks who it is from. */
  readonly authentication?: AuthenticationEvidence;
}

/** Everything that a transaction is judged by. */
export interface Evidence {
  readonly session: SessionEvidence;
  readonly sender: SenderEvidence;
  readonly recipients: readonly RecipientEvidence[];
  readonly message: MessageEvidence;
  /** What the checks found, in the order of their table. */
  readonly checks: readonly TraceStep[];
}
