export {
  concatBytes,
  copyBytes,
  emptyBytes,
  equalBytes,
  fromBase64,
  fromLatin1,
  fromUtf8,
  indexOfByte,
  refuseText,
  timingSafeEqual,
  toBase64,
  toHex,
  toLatin1,
  toUtf8,
  toUtf8Strict,
  uninitializedBytes,
} from './bytes.ts';
export { type Clock, ManualClock } from './clock.ts';
export {
  type BarePublicKey,
  createHash,
  generateKeyPair,
  type Hash,
  type HashAlgorithm,
  hash,
  hmac,
  importBarePublicKey,
  importPrivateKey,
  importPublicKey,
  type KeyType,
  type PrivateKey,
  type PublicKey,
  pbkdf2,
  type Random,
  randomBytes,
  type SignatureAlgorithm,
  supportsKeyType,
  systemRandom,
} from './crypto.ts';
export { type LogFields, type Logger, silentLogger } from './log.ts';
export { Secret } from './secret.ts';
export type { ChannelBindingType, PeerCertificate, Session, TlsInfo, TransportEvent } from './session.ts';
export { formatTrace, type Trace, type TraceDns, type TraceStep, type TraceValue } from './trace.ts';
