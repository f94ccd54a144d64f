import type { Random, Secret, TlsInfo } from '@mox/runtime';
import type { OauthError } from './lookup.ts';
import type { ScramHash } from './scram-credentials.ts';

/**
 * One authentication exchange on the client's side, as a machine without I/O (RFC 4422 §3).
 *
 * `start` gives the initial response, undefined for a mechanism in which the server speaks first. `step` takes each challenge.
 * A `lookup` is work to be done outside the machine: see `answerSaslClientLookup`. When the server reports success, `finish` says
 * whether that may be believed: a mechanism that authenticates the server too has its last word there.
 */
export interface SaslClient {
  /** IANA name of the mechanism. */
  readonly mechanism: string;
  /** The initial response (RFC 4422 §3.3); where the protocol cannot carry one it answers the server's empty challenge. */
  start(): Uint8Array | undefined;
  /** @throws SaslError `out-of-turn` where an answer is due, or the exchange is over. */
  step(challenge: Uint8Array): SaslClientStep;
  /** @throws SaslError `out-of-turn` where nothing was asked. */
  answer(answer: SaslClientAnswer): SaslClientStep;
  /** The server says success, with data where the protocol carries them. A `failure` means that the server is not to be trusted. */
  finish(data?: Uint8Array): SaslClientOutcome;
}

/** What a client machine wants next. */
export type SaslClientStep =
  /**
   * To be sent. `problem` is why the server is about to refuse, where it said so, and `oauth` which token would do (RFC 7628 §3.2.2): get
   * one and log in anew, on the same connection if the protocol allows it.
   */
  | { readonly type: 'response'; readonly data: Uint8Array; readonly problem?: string; readonly oauth?: OauthError }
  | { readonly type: 'lookup'; readonly lookup: SaslClientLookup }
  | SaslClientFailure;

/** How an exchange ended for a client. */
export type SaslClientOutcome = { readonly type: 'success' } | SaslClientFailure;

/** The client gives up: the protocol's way to cancel is to be used (RFC 4422 §3.5). */
export interface SaslClientFailure {
  readonly type: 'failure';
  readonly reason: /** The server's challenge is not in the mechanism's syntax. */
    | 'malformed'
    /** The server refused, and said why. */
    | 'refused'
    /** The server could not prove that it knows the password, or claimed success too early. */
    | 'server-not-authenticated'
    /** The server asks for more work, or for less protection, than this client agrees to. */
    | 'unacceptable-parameters';
  readonly problem: string;
  /** Which token would do, where an OAuth mechanism was told (RFC 7628 §3.2.2). */
  readonly oauth?: OauthError;
}

/** Work of a client machine: PBKDF2 (RFC 5802 §2.2), which takes long enough to be done elsewhere, or be remembered. */
export interface SaslClientLookup {
  readonly type: 'salted-password';
  readonly hash: ScramHash;
  /** As prepared by SASLprep, UTF-8. */
  readonly password: Secret<Uint8Array>;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

/** The salted password. */
export interface SaslClientAnswer {
  readonly type: 'salted-password';
  readonly key: Uint8Array;
}

/** What a client may prove who it is with. */
export interface SaslClientCredentials {
  readonly username?: string;
  readonly password?: Secret;
  /** OAuth bearer token. An empty one asks the server which would do (RFC 7628 §4.3): by OAUTHBEARER, the login fails and tells. */
  readonly token?: Secret;
  /** The TLS connection carries a client certificate, or the server knows the peer by other means: EXTERNAL may be used. */
  readonly external?: boolean;
  /** What to say as a visitor: an address or a name (RFC 4505 §2). ANONYMOUS may be used. */
  readonly anonymous?: string;
  /** As whom to act, where that is somebody else. */
  readonly authzid?: string;
}

/** What the machine of a client needs. */
export interface SaslClientOptions {
  readonly credentials: SaslClientCredentials;
  /** Mechanisms that the server announced: SCRAM tells from them whether it was deprived of channel binding (RFC 5802 §6). */
  readonly announced: readonly string[];
  readonly tls?: TlsInfo;
  /** Lets mechanisms that show a password or token be used without TLS. Default: false. */
  readonly plaintextWithoutTls?: boolean;
  /** Where the connection leads to, for OAUTHBEARER (RFC 7628 §3.1). */
  readonly host?: string;
  readonly port?: number;
  readonly random?: Random;
  /** Fewest SCRAM iterations agreed to: fewer make a stolen exchange cheap to guess from. Default: 4096 (RFC 5802 §5.1). */
  readonly minIterations?: number;
  /** Most SCRAM iterations agreed to: more are an attack on this machine. Default: 1,000,000. */
  readonly maxIterations?: number;
}
