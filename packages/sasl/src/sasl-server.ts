import type { ChannelBindingType, Random, Secret, TlsInfo } from '@mox/runtime';
import type { OauthError, SaslAnswer, SaslFailureReason, SaslLookup } from './lookup.ts';

/**
 * One authentication exchange on the server's side, as a machine without I/O (RFC 4422 §3).
 *
 * Call `step` with the client's initial response, or undefined where it sent none. A `challenge` is sent to the client
 * and its response given to `step`; a `lookup` is found out and given to `answer`; `success` and `failure` end it. Where
 * the client cancels the exchange the machine is dropped. Responses and challenges are raw bytes: base64 is the protocol's.
 */
export interface SaslServer {
  /** IANA name of the mechanism, e.g. `SCRAM-SHA-256-PLUS`. */
  readonly mechanism: string;
  /** @throws SaslError `out-of-turn` where an answer is due, or the exchange is over. */
  step(response: Uint8Array | undefined): SaslServerStep;
  /** @throws SaslError `out-of-turn` where nothing was asked; `wrong-answer` where the answer does not fit the question. */
  answer(answer: SaslAnswer): SaslServerStep;
}

/** What a server machine wants next. */
export type SaslServerStep =
  | { readonly type: 'challenge'; readonly data: Uint8Array }
  | { readonly type: 'lookup'; readonly lookup: SaslLookup }
  | SaslSuccess
  | SaslFailure;

/** The exchange ended well. `data` is there only with `successData`: it goes with the outcome (RFC 4422 §3.6). */
export interface SaslSuccess {
  readonly type: 'success';
  readonly identity: SaslIdentity;
  readonly data?: Uint8Array;
}

/** The exchange failed. `problem` is for the log: the peer is told no more than the reason. */
export interface SaslFailure {
  readonly type: 'failure';
  readonly reason: SaslFailureReason;
  readonly problem: string;
  /** Name that was tried, where it was read: for the log and for limits. */
  readonly authcid?: string;
}

/** Who was authenticated, and as whom he acts. */
export interface SaslIdentity {
  readonly mechanism: string;
  /** Whose credentials were checked. */
  readonly authcid: string;
  /** As whom he acts: `authcid` unless another identity was asked for and allowed. */
  readonly authzid: string;
  /** The type of channel binding that tied the exchange to its TLS connection. */
  readonly channelBinding?: ChannelBindingType;
}

/** What a server offers, and what its machines need. One value serves `offeredMechanisms` and `createSaslServer`. */
export interface SaslServerOptions {
  /** The connection's TLS, where it has one. */
  readonly tls?: TlsInfo;
  /** Names of the mechanisms that may be used. Default: `defaultServerMechanisms`. */
  readonly mechanisms?: readonly string[];
  /** Lets mechanisms that show a password or token be used without TLS: for a loopback connection. Default: false. */
  readonly plaintextWithoutTls?: boolean;
  /** The protocol can carry data with success (RFC 4422 §5); otherwise they go as one more challenge, as in SMTP and IMAP. Default: false. */
  readonly successData?: boolean;
  /** Name of this host, as in the challenges of CRAM-MD5. */
  readonly hostname?: string;
  readonly random?: Random;
  /**
   * Key that made-up SCRAM salts are derived from. To be kept over restarts and shared by servers of the same users, since a salt
   * that changes shows that there is no such user. Default: one made for this process.
   */
  readonly decoyKey?: Secret<Uint8Array>;
  /** Iterations that made-up SCRAM credentials claim: those that real ones have. Default: `defaultScramIterations`. */
  readonly decoyIterations?: number;
  /**
   * Under which names and port clients reach this service, as far as that is known: OAUTHBEARER refuses a client that believes to talk to
   * another (RFC 7628 §3.2), whose token somebody may be passing on. Names as A-labels, any case. Default: nothing is compared.
   */
  readonly endpoint?: { readonly hosts?: readonly string[]; readonly port?: number };
  /**
   * Which tokens would do (RFC 7628 §3.2.2), said to clients that come without one, or with one that will not do where the answer to the
   * look-up does not say it. `authzid` is as whom the client wants to act: the provider may be another for users of another domain.
   */
  readonly oauth?: (request: { readonly authzid?: string }) => Pick<OauthError, 'scope' | 'openidConfiguration'>;
  /** Largest response that is looked at. Default: 16384, as tokens are large. */
  readonly maxResponseBytes?: number;
}
