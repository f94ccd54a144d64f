import { encodeBase64 } from '@mox/encoding';
import { ok, type ParseError, parseError, type Result } from '@mox/syntax';
import { decodeBase64Tag } from './base64-tag.ts';
import { parseTagList, splitColons } from './tag-list.ts';

/** A key record (RFC 6376 §3.6.1), read. */
export interface DkimKeyRecord {
  /** `rsa`, `ed25519` (RFC 8463 §4.2), or one that is not known. */
  readonly keyType: string;
  /** The tag `p`, decoded: for `rsa` DER of SubjectPublicKeyInfo or RSAPublicKey, for `ed25519` 32 bytes. Empty: the key is revoked. */
  readonly publicKey: Uint8Array;
  /** Hash algorithms that may be used; absent for all. */
  readonly hashAlgorithms?: readonly string[];
  /** Services that the key is for; absent for all. */
  readonly serviceTypes?: readonly string[];
  /** `y`: the domain is testing; `s`: no subdomains in the tag `i`. */
  readonly flags: readonly string[];
  readonly notes?: string;
}

/** Reads a key record (RFC 6376 §3.6.1). */
export function parseKeyRecord(text: string): Result<DkimKeyRecord, ParseError> {
  const parsed = parseTagList(text);
  if (!parsed.ok) return parsed;
  const tags = parsed.value;
  const version = tags.get('v');
  if (version !== undefined && (version !== 'DKIM1' || tags.keys().next().value !== 'v')) {
    return parseError(0, 'tag "v" must come first and be "DKIM1"');
  }
  const data = tags.get('p');
  if (data === undefined) return parseError(0, 'required tag "p" is missing');
  const publicKey = decodeBase64Tag(data);
  if (!publicKey) return parseError(0, 'tag "p" is not base64');
  const hashAlgorithms = tags.get('h');
  const serviceTypes = tags.get('s');
  const notes = tags.get('n');
  return ok({
    keyType: (tags.get('k') ?? 'rsa').toLowerCase(),
    publicKey,
    ...(hashAlgorithms !== undefined && { hashAlgorithms: splitColons(hashAlgorithms).map((name) => name.toLowerCase()) }),
    ...(serviceTypes !== undefined && { serviceTypes: splitColons(serviceTypes).map((name) => name.toLowerCase()) }),
    flags: splitColons((tags.get('t') ?? '').toLowerCase()).filter((flag) => flag !== ''),
    ...(notes !== undefined && { notes }),
  });
}

/** Writes a key record as the text of a TXT record (RFC 6376 §3.6.1). */
export function formatKeyRecord(record: DkimKeyRecord): string {
  const tags = ['v=DKIM1'];
  if (record.hashAlgorithms) tags.push(`h=${record.hashAlgorithms.join(':')}`);
  tags.push(`k=${record.keyType}`);
  if (record.notes !== undefined) tags.push(`n=${record.notes}`);
  if (record.serviceTypes) tags.push(`s=${record.serviceTypes.join(':')}`);
  if (record.flags.length > 0) tags.push(`t=${record.flags.join(':')}`);
  return [...tags, `p=${encodeBase64(record.publicKey)}`].join('; ');
}

/**
 * The key record for a public key in DER of SubjectPublicKeyInfo. For `rsa` that is what is published, as everyone
 * does; for `ed25519` it is the key alone, the last 32 bytes (RFC 8463 §4.2).
 */
export function makeKeyRecord(
  type: 'rsa' | 'ed25519',
  publicKey: Uint8Array,
  options: { readonly flags?: readonly string[]; readonly notes?: string } = {},
): DkimKeyRecord {
  return {
    keyType: type,
    publicKey: type === 'rsa' ? publicKey : publicKey.slice(-32),
    flags: options.flags ?? [],
    ...(options.notes !== undefined && { notes: options.notes }),
  };
}
