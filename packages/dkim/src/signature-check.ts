import { hash, type PublicKey } from '@mox/runtime';
import type { BodyHashRequest } from './body-hash.ts';
import type { DkimKeyRecord } from './key-record.ts';
import type { MessageSignatureTags, SigningTags } from './signature.ts';

/** The hash of the body that a signature was made with. */
export function bodyHashRequest(
  signature: Pick<MessageSignatureTags, 'algorithm' | 'bodyCanonicalization' | 'lengthBytes'>,
): BodyHashRequest {
  const { bodyCanonicalization: canonicalization, lengthBytes } = signature;
  const algorithm = signature.algorithm === 'rsa-sha1' ? 'sha1' : 'sha256';
  return lengthBytes === undefined ? { canonicalization, algorithm } : { canonicalization, algorithm, lengthBytes };
}

/** Why a key may not be used for a signature (RFC 6376 §6.1.2); undefined where it may. */
export function checkKeyUse(signature: SigningTags, key: PublicKey, record: DkimKeyRecord): string | undefined {
  const { algorithm } = signature;
  if (key.type !== (algorithm === 'ed25519-sha256' ? 'ed25519' : 'rsa')) return 'inappropriate key algorithm';
  if (record.hashAlgorithms && !record.hashAlgorithms.includes(algorithm === 'rsa-sha1' ? 'sha1' : 'sha256'))
    return 'inappropriate hash algorithm';
  return undefined;
}

/** Whether a signature is that of the data (RFC 6376 §3.7). */
export function verifySignature(signature: SigningTags, key: PublicKey, data: Uint8Array): Promise<boolean> {
  // RFC 8463 §3: Ed25519 signs the hash.
  if (signature.algorithm === 'ed25519-sha256') return key.verify('ed25519', hash('sha256', data), signature.signature);
  return key.verify(signature.algorithm, data, signature.signature);
}
