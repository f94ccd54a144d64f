export { type BodyHash, type BodyHashAlgorithm, BodyHashes, type BodyHashRequest } from './body-hash.ts';
export { type BodyCanonicalizer, type BodySink, canonicalizeBody } from './canonicalize-body.ts';
export { type Canonicalization, canonicalizeField, SignedHeader } from './canonicalize-header.ts';
export { bodyHashStep, keyStep, type SignedData, signatureStep } from './check-steps.ts';
export type { DkimResult, DkimStatus } from './dkim-result.ts';
export { fieldValue, HeaderFields, type RawField, type RawText, readRawField, readRawFields } from './header-fields.ts';
export { type DkimKeyRecord, formatKeyRecord, makeKeyRecord, parseKeyRecord } from './key-record.ts';
export {
  createKeyCache,
  type DkimKeyCache,
  type KeyLookup,
  type KeyLookupDeps,
  KeyLookups,
  type KeyResult,
  lookupKey,
} from './lookup-key.ts';
export { MessageSplitter, type SplitTarget } from './message-splitter.ts';
export { DkimSignError, DkimSigner, type DkimSigning, oversignedHeaders, recommendedHeaders, signDkim } from './sign.ts';
export {
  type DkimAlgorithm,
  type DkimSignature,
  type MessageSignatureTags,
  parseDkimSignature,
  parseDkimSignatureField,
  parseFieldTags,
  parseMessageSignatureTags,
  parseSigningTags,
  type SignatureError,
  type SignatureFault,
  type SigningTags,
} from './signature.ts';
export { bodyHashRequest, checkKeyUse, verifySignature } from './signature-check.ts';
export { parseTagList, splitColons, type TagList, withoutBlanks } from './tag-list.ts';
export { DkimVerification, type DkimVerifyOptions, type VerifyDkimDeps } from './verification.ts';
export { DkimVerifier, verifyDkim } from './verify.ts';
