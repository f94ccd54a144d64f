import type { HashAlgorithm } from '@mox/runtime';
import { type DerReader, derTags } from './der-reader.ts';

/** How a certificate is signed (RFC 5280 §4.1.1.2). */
export interface SignatureAlgorithm {
  readonly oid: string;
  /** Family of the key; undefined for an algorithm that is not known here. */
  readonly key?: 'rsa' | 'rsa-pss' | 'ecdsa' | 'ed25519';
  /** Hash of the signed bytes; undefined where the algorithm has none of its own, or one that is not known here. */
  readonly hash?: HashAlgorithm;
  /** Length of the salt, for RSASSA-PSS alone. */
  readonly saltLengthBytes?: number;
}

const rsaPss = '1.2.840.113549.1.1.10';
const mgf1 = '1.2.840.113549.1.1.8';

const algorithms: Readonly<Record<string, Omit<SignatureAlgorithm, 'oid'>>> = {
  '1.2.840.113549.1.1.4': { key: 'rsa', hash: 'md5' },
  '1.2.840.113549.1.1.5': { key: 'rsa', hash: 'sha1' },
  '1.2.840.113549.1.1.11': { key: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { key: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { key: 'rsa', hash: 'sha512' },
  '1.2.840.10045.4.1': { key: 'ecdsa', hash: 'sha1' },
  '1.2.840.10045.4.3.2': { key: 'ecdsa', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { key: 'ecdsa', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { key: 'ecdsa', hash: 'sha512' },
  '1.3.101.112': { key: 'ed25519' },
};

const hashes: Readonly<Record<string, HashAlgorithm>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

function readHash(reader: DerReader | undefined): HashAlgorithm | undefined {
  return reader === undefined ? 'sha1' : hashes[reader.sequence('a hash algorithm').objectIdentifier('a hash algorithm')];
}

/** Parameters of RSASSA-PSS (RFC 5280 §4.1.1.2): explicitly tagged, each with a default. */
function readPssParameters(reader: DerReader): Omit<SignatureAlgorithm, 'oid'> {
  const parameters = reader.sequence('parameters of RSASSA-PSS');
  const hash = readHash(parameters.optional(0xa0)?.contents);
  const mask = parameters.optional(0xa1)?.contents.sequence('a mask generation function');
  const maskFunction = mask?.objectIdentifier('a mask generation function') ?? mgf1;
  const maskHash = readHash(mask);
  const salt = parameters.optional(0xa2)?.contents;
  const saltLengthBytes = salt ? salt.smallInteger('a salt length') : 20;
  // Web Crypto, as most, uses one hash for both.
  return hash && hash === maskHash && maskFunction === mgf1 ? { key: 'rsa-pss', hash, saltLengthBytes } : {};
}

/** Reads an AlgorithmIdentifier of a signature. */
export function readSignatureAlgorithm(reader: DerReader): SignatureAlgorithm {
  const identifier = reader.sequence('a signature algorithm');
  const oid = identifier.objectIdentifier('a signature algorithm');
  if (oid === rsaPss && identifier.peek() === derTags.sequence) return { oid, ...readPssParameters(identifier) };
  return { oid, ...algorithms[oid] };
}
