import type { Secret, TlsInfo } from '@mox/runtime';
import type { ScramCredentials, ScramHash } from './scram-credentials.ts';

/**
 * What a server machine must be told before it can go on. `mechanism` is the IANA name in use. Names are as
 * prepared by SASLprep (RFC 4013) where the mechanism asks for it; nothing here was checked yet.
 */
export type SaslLookup =
  /** Whether the password is that of the user (RFC 4616 §2). Answer `accepted`, `refused` or `temporary`. */
  | { readonly type: 'password'; readonly mechanism: string; readonly authcid: string; readonly password: Secret }
  /**
   * The user's SCRAM credentials for a hash (RFC 5802 §5). Answer `scram`, or `refused` where there is no such user
   * or none for this hash: the machine then goes on with made-up ones, so that nobody learns which names exist.
   */
  | { readonly type: 'scram'; readonly mechanism: string; readonly authcid: string; readonly hash: ScramHash }
  /**
   * The user's password in clear, or what stands for it (RFC 2195 §2). Answer `shared-secret`, or `cram-md5` with the
   * digest wanted for this challenge where the password itself is not kept, or `refused` where there is no such user.
   */
  | { readonly type: 'cram-md5'; readonly mechanism: string; readonly authcid: string; readonly challenge: Uint8Array }
  /**
   * Whose an OAuth bearer token is (RFC 7628 §3.2). Answer `accepted` with `authcid`, or `refused` with `oauth` saying
   * what would do. `authzid` is what the client wrote beside it: a hint for the issuer, decided on by `authorize`.
   */
  | {
      readonly type: 'oauth';
      readonly mechanism: string;
      readonly token: Secret;
      readonly authzid?: string;
      /** Host and port that the client believes to talk to, compared with `SaslServerOptions.endpoint` (RFC 7628 §3.2). */
      readonly host?: string;
      readonly port?: number;
    }
  /** Whose the TLS client certificate is (RFC 4422 appendix A). Answer `accepted` with `authcid`, or `refused`. */
  | {
      readonly type: 'external';
      readonly mechanism: string;
      readonly authzid?: string;
      readonly certificate: NonNullable<TlsInfo['peerCertificate']>;
    }
  /** Whether a visitor may come in; `trace` is what he says of himself (RFC 4505 §2). Answer `accepted` or `refused`. */
  | { readonly type: 'anonymous'; readonly mechanism: string; readonly trace: string }
  /** Whether an authenticated user may act as another one (RFC 4422 §3.4.1), or whether that is another name of the same. Answer `accepted`, `refused` or `temporary`. */
  | { readonly type: 'authorize'; readonly mechanism: string; readonly authcid: string; readonly authzid: string };

/** What came out of a look-up. */
export type SaslAnswer =
  /** Yes. `authcid` where the service knows the user by a better name than the one given, e.g. the account's. */
  | { readonly type: 'accepted'; readonly authcid?: string }
  /**
   * No. `reason` is `invalid-credentials` where nothing is said (`not-authorized` for `authorize`). Another reason tells a
   * peer that the user exists: give one only where the credentials were right.
   */
  | { readonly type: 'refused'; readonly problem?: string; readonly reason?: SaslFailureReason; readonly oauth?: OauthError }
  /** It cannot be said now: a directory is down. The peer is asked to come again. */
  | { readonly type: 'temporary'; readonly problem?: string }
  | { readonly type: 'scram'; readonly credentials: ScramCredentials; readonly authcid?: string }
  | { readonly type: 'shared-secret'; readonly secret: Secret; readonly authcid?: string }
  | { readonly type: 'cram-md5'; readonly digest: Uint8Array; readonly authcid?: string };

/** What a client is told about a token that will not do (RFC 7628 §3.2.2). */
export interface OauthError {
  /** Error code, e.g. `invalid_token`; that is also the default. For XOAUTH2 the HTTP status, `401` by default. */
  readonly status?: string;
  /** Scope that a token must have. One alone: clients are known that cannot read several. */
  readonly scope?: string;
  /** URL of the OpenID Provider's configuration, `https:`. */
  readonly openidConfiguration?: string;
}

/** Why an authentication failed. */
export type SaslFailureReason =
  /** What the peer sent is not in the mechanism's syntax. */
  | 'malformed'
  /** No such user, or a wrong password, token or certificate: which of them is not said. */
  | 'invalid-credentials'
  /** The user may not act as the identity asked for, or may not come in this way. */
  | 'not-authorized'
  /** The right credentials, but they are no longer valid. */
  | 'expired'
  /** The right credentials of an account that is closed. */
  | 'disabled'
  /** The exchange was cancelled by the client (RFC 4422 §3.5). */
  | 'aborted'
  /** The channel was bound wrongly, or a downgrade was seen (RFC 5802 §6). */
  | 'channel-binding'
  /** The peer may try again later. */
  | 'temporary';

/** Who answers look-ups: the directory of a service. Its rejections are faults of this machine. */
export type CredentialSource = (lookup: SaslLookup) => Promise<SaslAnswer>;
