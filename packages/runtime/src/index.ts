export {
  concatBytes,
  copyBytes,
  emptyBytes,
  equalBytes,
  fromBase64,
  fromLatin1,
  fromUtf8,
  timingSafeEqual,
  toBase64,
  toHex,
  toLatin1,
  toUtf8,
  toUtf8Strict,
} from './bytes.ts';
export { type Clock, ManualClock } from './clock.ts';
export {
  createHash,
  generateKeyPair,
  type Hash,
  type HashAlgorithm,
  hash,
  hmac,
  importPrivateKey,
  importPublicKey,
  type PrivateKey,
  type PublicKey,
  pbkdf2,
  type Random,
  randomBytes,
  type SignatureAlgorithm,
  systemRandom,
} from './crypto.ts';
export { type LogFields, type Logger, silentLogger } from './log.ts';
export { Secret } from './secret.ts';
export type { ChannelBindingType, Session, TlsInfo, TransportEvent } from './session.ts';
export { formatTrace, type Trace, type TraceDns, type TraceStep, type TraceValue } from './trace.ts';
