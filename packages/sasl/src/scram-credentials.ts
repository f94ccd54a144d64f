import { decodeBase64, encodeBase64 } from '@mox/encoding';
import { fromUtf8, hash, hmac, pbkdf2, type Random, type Secret, systemRandom } from '@mox/runtime';
import { SaslError } from './errors.ts';
import { prepare } from './prepare.ts';

/** Hash functions of SCRAM: SCRAM-SHA-1 (RFC 5802), SCRAM-SHA-256 (RFC 7677), SCRAM-SHA-512. */
export type ScramHash = 'sha1' | 'sha256' | 'sha512';

/** What a server keeps of a password for SCRAM (RFC 5802 §3): enough to check a client, not enough to be one. */
export interface ScramCredentials {
  readonly hash: ScramHash;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** Names of the mechanisms without channel binding, by hash. */
export const scramNames: Readonly<Record<ScramHash, string>> = {
  sha1: 'SCRAM-SHA-1',
  sha256: 'SCRAM-SHA-256',
  sha512: 'SCRAM-SHA-512',
};

/** Bytes of a digest, by hash. */
export const digestBytes: Readonly<Record<ScramHash, number>> = { sha1: 20, sha256: 32, sha512: 64 };

/** Iterations of new credentials: the smallest number that RFC 7677 §4 wants announced. */
export const defaultScramIterations = 4096;

/** Bytes of a new salt. */
export const defaultSaltBytes = 16;

/** The keys that a salted password leads to (RFC 5802 §3). */
export function deriveScramKeys(
  algorithm: ScramHash,
  saltedPassword: Uint8Array,
): { readonly clientKey: Uint8Array; readonly storedKey: Uint8Array; readonly serverKey: Uint8Array } {
  const clientKey = hmac(algorithm, saltedPassword, fromUtf8('Client Key'));
  return { clientKey, storedKey: hash(algorithm, clientKey), serverKey: hmac(algorithm, saltedPassword, fromUtf8('Server Key')) };
}

/**
 * Makes what a server keeps of a new password (RFC 5802 §3).
 * @throws SaslError `unusable-credentials` where SASLprep refuses the password or nothing is left of it;
 *   `bad-parameter` for an empty salt or fewer than one iteration.
 */
export async function makeScramCredentials(parameters: {
  readonly password: Secret;
  readonly hash: ScramHash;
  readonly iterations?: number;
  readonly salt?: Uint8Array;
  readonly random?: Random;
}): Promise<ScramCredentials> {
  const { password, hash: algorithm, iterations = defaultScramIterations, random = systemRandom } = parameters;
  const salt = parameters.salt ?? random.bytes(defaultSaltBytes);
  if (salt.length === 0 || !Number.isSafeInteger(iterations) || iterations < 1)
    throw new SaslError('bad-parameter', 'a salt of some bytes and a positive number of iterations are needed');
  const prepared = prepare(password.reveal());
  if (prepared === undefined) throw new SaslError('unusable-credentials', 'the password is empty or has characters that SASLprep refuses');
  const salted = await pbkdf2({ algorithm, password: fromUtf8(prepared), salt, iterations, lengthBytes: digestBytes[algorithm] });
  const { storedKey, serverKey } = deriveScramKeys(algorithm, salted);
  return { hash: algorithm, salt, iterations, storedKey, serverKey };
}

/**
 * Writes credentials as one line of text for keeping: `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`, the last three in
 * base64. It is the form that LDAP directories and PostgreSQL keep them in.
 */
export function formatScramCredentials(credentials: ScramCredentials): string {
  const { iterations, salt, storedKey, serverKey } = credentials;
  return `${scramNames[credentials.hash]}$${iterations}:${encodeBase64(salt)}$${encodeBase64(storedKey)}:${encodeBase64(serverKey)}`;
}

/** Reads what `formatScramCredentials` wrote; undefined for anything else. */
export function parseScramCredentials(text: string): ScramCredentials | undefined {
  const match = /^(SCRAM-SHA-(?:1|256|512))\$([1-9][0-9]{0,9}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/.exec(text);
  const algorithm = (['sha1', 'sha256', 'sha512'] as const).find((one) => scramNames[one] === match?.[1]);
  const [salt, storedKey, serverKey] = [match?.[3], match?.[4], match?.[5]].map((part) => decodeBase64(part ?? ''));
  if (!match || !algorithm || !salt?.ok || !storedKey?.ok || !serverKey?.ok) return undefined;
  if (storedKey.value.length !== digestBytes[algorithm] || serverKey.value.length !== digestBytes[algorithm]) return undefined;
  return { hash: algorithm, iterations: Number(match[2]), salt: salt.value, storedKey: storedKey.value, serverKey: serverKey.value };
}
