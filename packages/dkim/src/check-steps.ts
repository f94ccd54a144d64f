import { encodeBase64 } from '@mox/encoding';
import { equalBytes, hash, type TraceStep } from '@mox/runtime';
import type { BodyHash } from './body-hash.ts';
import type { Canonicalization } from './canonicalize-header.ts';
import type { RawField } from './header-fields.ts';
import type { KeyLookup } from './lookup-key.ts';
import type { MessageSignatureTags, SigningTags } from './signature.ts';

/** The step of a trace that tells how the look-up of a key went (RFC 6376 §6.1.2). */
export function keyStep({ status, problem, dns }: KeyLookup): TraceStep {
  const step = { step: 'key', rfc: 'RFC 6376 §6.1.2', outcome: status };
  return problem === undefined ? { ...step, dns } : { ...step, detail: problem, dns };
}

/**
 * Compares the hash of a body with the one that was signed (RFC 6376 §6.1.3): the step of a trace, whose `detail` says what is wrong,
 * if anything is. Then it has both hashes too, in base64.
 */
export function bodyHashStep(signature: MessageSignatureTags, { canonicalBytes, digest }: BodyHash): TraceStep {
  const { bodyCanonicalization: canonicalization, lengthBytes } = signature;
  const common = lengthBytes === undefined ? { canonicalization, canonicalBytes } : { canonicalization, canonicalBytes, lengthBytes };
  let detail: string | undefined;
  if (lengthBytes !== undefined && lengthBytes > canonicalBytes) detail = 'the body is shorter than what was signed';
  else if (!equalBytes(digest, signature.bodyHash)) detail = 'body hash did not verify';
  const step = { step: 'body hash', rfc: 'RFC 6376 §6.1.3' };
  if (detail === undefined) return { ...step, inputs: common, outcome: 'right' };
  const inputs = { ...common, bodyHash: encodeBase64(digest), signed: encodeBase64(signature.bodyHash) };
  return { ...step, inputs, outcome: 'wrong', detail };
}

/** What a signature is over: the fields, as they are hashed. */
export interface SignedData {
  readonly canonicalization: Canonicalization;
  /** The names that the tag `h` has; absent for a signature that has none. */
  readonly headers?: readonly string[];
  readonly fields: readonly RawField[];
  readonly data: Uint8Array;
}

/**
 * The step of a trace for a signature that is right or wrong (RFC 6376 §6.1.3). Of a wrong one it tells what an operator compares with
 * the signer's: which fields were signed, which of them are absent, and what they hash to.
 */
export function signatureStep(signature: SigningTags, { canonicalization, headers, fields, data }: SignedData, right: boolean): TraceStep {
  const step = { step: 'signature', rfc: 'RFC 6376 §6.1.3' };
  const names = headers && { headers: headers.join(':') };
  if (right) return { ...step, ...(names && { inputs: names }), outcome: 'right' };
  const present = new Set(fields.map((field) => field.nameLower));
  const absent = [...new Set(headers?.map((name) => name.toLowerCase()))].filter((name) => !present.has(name));
  const inputs = {
    canonicalization,
    ...names,
    ...(absent.length > 0 && { absent: absent.join(':') }),
    headerHash: encodeBase64(hash(signature.algorithm === 'rsa-sha1' ? 'sha1' : 'sha256', data)),
  };
  return { ...step, inputs, outcome: 'wrong', detail: 'signature did not verify' };
}
