export { chooseMechanism, createSaslClient, saslClientMechanisms } from './client-mechanisms.ts';
export { cramMd5Digest } from './cram-md5.ts';
export { SaslError, type SaslErrorCode } from './errors.ts';
export type { CredentialSource, OauthError, SaslAnswer, SaslFailureReason, SaslLookup } from './lookup.ts';
export type { SaslClientMechanism, SaslServerMechanism } from './mechanism.ts';
export { parseOauthError } from './oauth-error.ts';
export type {
  SaslClient,
  SaslClientAnswer,
  SaslClientCredentials,
  SaslClientFailure,
  SaslClientLookup,
  SaslClientOptions,
  SaslClientOutcome,
  SaslClientStep,
} from './sasl-client.ts';
export type { SaslFailure, SaslIdentity, SaslServer, SaslServerOptions, SaslServerStep, SaslSuccess } from './sasl-server.ts';
export { answerSaslClientLookup } from './scram-client.ts';
export {
  defaultScramIterations,
  formatScramCredentials,
  makeScramCredentials,
  parseScramCredentials,
  type ScramCredentials,
  type ScramHash,
} from './scram-credentials.ts';
export { createSaslServer, defaultServerMechanisms, offeredMechanisms, saslServerMechanisms } from './server-mechanisms.ts';
