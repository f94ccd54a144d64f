import { encodeName, type RecordData } from '@mox/dns';
import { type BarePublicKey, concatBytes, equalBytes, hash, importBarePublicKey, type PublicKey } from '@mox/runtime';
import { algorithms, digests } from './algorithm.ts';

/** A key of a zone (RFC 4034 §2.1). */
export interface ZoneKey {
  readonly tag: number;
  readonly data: RecordData['DNSKEY'];
  /** The data as bytes. */
  readonly bytes: Uint8Array;
  /** The key ready for use, made when it is first wanted; undefined where it is none. */
  readonly publicKey: () => Promise<PublicKey | undefined>;
}

const zoneKeyFlag = 0x0100;
const revokeFlag = 0x0080;

/** The tag of a key: a checksum of the data of its DNSKEY record (RFC 4034 appendix B). Not unique. */
export function keyTag(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum += i & 1 ? (bytes[i] ?? 0) : (bytes[i] ?? 0) << 8;
  return (sum + (sum >>> 16)) & 0xffff;
}

/** Lengths of RSA keys that are taken: keys of RSA in the DNS end at 4096 bits; longer exponents than this are only there to cost time. */
const longestModulusBytes = 512;
const longestExponentBytes = 8;

/** Modulus and exponent of an RSA key: the exponent comes first, behind its length in one byte, or in two behind a 0 (RFC 5702 §2). */
function readRsaKey(bytes: Uint8Array): BarePublicKey | undefined {
  const [first = 0, second = 0, third = 0] = bytes;
  const at = first === 0 ? 3 : 1;
  const end = at + (first === 0 ? second * 256 + third : first);
  const exponent = bytes.slice(at, end);
  const modulus = bytes.slice(end);
  if (exponent.length === 0 || exponent.length > longestExponentBytes) return undefined;
  return modulus.length > 0 && modulus.length <= longestModulusBytes ? { type: 'rsa', modulus, exponent } : undefined;
}

/** The public key in the data of a DNSKEY record: of RSA (RFC 5702 §2), ECDSA (RFC 6605 §4) or EdDSA (RFC 8080 §3). Undefined where it is none. */
export async function importZoneKey(data: RecordData['DNSKEY']): Promise<PublicKey | undefined> {
  const type = algorithms.get(data.algorithm)?.keyType;
  if (!type) return undefined;
  const bare = type === 'rsa' ? readRsaKey(data.key) : { type, bytes: data.key };
  return bare && importBarePublicKey(bare);
}

/** Makes a key of the data of a DNSKEY record. */
export function createZoneKey(data: RecordData['DNSKEY']): ZoneKey {
  const bytes = concatBytes([Uint8Array.of(data.flags >>> 8, data.flags & 0xff, data.protocol, data.algorithm), data.key]);
  let loading: Promise<PublicKey | undefined> | undefined;
  const publicKey = (): Promise<PublicKey | undefined> => {
    loading ??= importZoneKey(data);
    return loading;
  };
  return { tag: keyTag(bytes), data, bytes, publicKey };
}

/** Whether a key may sign records of its zone (RFC 4034 §2.1.1, §2.1.2), and was not revoked by its owner. */
export function isZoneKey({ data }: ZoneKey): boolean {
  return (data.flags & zoneKeyFlag) !== 0 && (data.flags & revokeFlag) === 0 && data.protocol === 3;
}

/** Whether a DS record is for a key of a zone (RFC 4034 §5.1.4, RFC 4509 §2.1, RFC 6605 §5). */
export function matchesDs(ds: RecordData['DS'], zone: string, key: ZoneKey): boolean {
  const algorithm = digests.get(ds.digestType);
  if (!algorithm || ds.keyTag !== key.tag || ds.algorithm !== key.data.algorithm) return false;
  return equalBytes(hash(algorithm, concatBytes([encodeName(zone), key.bytes])), ds.digest);
}
