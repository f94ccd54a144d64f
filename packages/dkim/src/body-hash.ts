import { createHash, type Hash } from '@mox/runtime';
import { type BodyCanonicalizer, canonicalizeBody } from './canonicalize-body.ts';
import type { Canonicalization } from './canonicalize-header.ts';

/** Hash algorithms of signatures (RFC 6376 §3.3, RFC 8301 §3.1). */
export type BodyHashAlgorithm = 'sha1' | 'sha256';

/** Which hash of the body a signature needs. */
export interface BodyHashRequest {
  readonly canonicalization: Canonicalization;
  readonly algorithm: BodyHashAlgorithm;
  /** The tag `l`: bytes of the canonical body that are hashed; all without it. */
  readonly lengthBytes?: number;
}

/** A hash of a body. */
export interface BodyHash {
  readonly digest: Uint8Array;
  /** Length of the whole canonical body. */
  readonly canonicalBytes: number;
}

/** One hash that is fed until its length is reached. */
class LimitedHash {
  readonly #hash: Hash;
  readonly #lengthBytes: number;
  #canonicalBytes = 0;
  #result: BodyHash | undefined;

  constructor(algorithm: BodyHashAlgorithm, lengthBytes: number) {
    this.#hash = createHash(algorithm);
    this.#lengthBytes = lengthBytes;
  }

  update(bytes: Uint8Array): void {
    const left = this.#lengthBytes - this.#canonicalBytes;
    this.#canonicalBytes += bytes.length;
    if (left > 0) this.#hash.update(left < bytes.length ? bytes.subarray(0, left) : bytes);
  }

  result(): BodyHash {
    this.#result ??= { digest: this.#hash.digest(), canonicalBytes: this.#canonicalBytes };
    return this.#result;
  }
}

/** All the hashes of a body that the signatures of a message need, in one pass: each kind is computed once. */
export class BodyHashes {
  readonly #hashes = new Map<string, LimitedHash>();
  readonly #canonicalizers: BodyCanonicalizer[] = [];

  constructor(requests: readonly BodyHashRequest[]) {
    for (const canonicalization of ['simple', 'relaxed'] as const) {
      const hashes: LimitedHash[] = [];
      for (const request of requests) {
        const key = bodyHashKey(request);
        if (request.canonicalization !== canonicalization || this.#hashes.has(key)) continue;
        const hash = new LimitedHash(request.algorithm, request.lengthBytes ?? Number.POSITIVE_INFINITY);
        this.#hashes.set(key, hash);
        hashes.push(hash);
      }
      if (hashes.length === 0) continue;
      this.#canonicalizers.push(
        canonicalizeBody(canonicalization, (bytes) => {
          for (const hash of hashes) hash.update(bytes);
        }),
      );
    }
  }

  write(bytes: Uint8Array): void {
    for (const canonicalizer of this.#canonicalizers) canonicalizer.write(bytes);
  }

  end(): void {
    for (const canonicalizer of this.#canonicalizers) canonicalizer.end();
  }

  /** The hash asked for at the start, after `end`. Throws a TypeError for one that was not asked for. */
  get(request: BodyHashRequest): BodyHash {
    const hash = this.#hashes.get(bodyHashKey(request));
    if (!hash) throw new TypeError('this hash of the body was not asked for');
    return hash.result();
  }
}

function bodyHashKey(request: BodyHashRequest): string {
  return `${request.canonicalization} ${request.algorithm} ${request.lengthBytes ?? ''}`;
}
