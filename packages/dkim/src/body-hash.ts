import { createHash, emptyBytes, type Hash, hash } from '@mox/runtime';
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
  readonly algorithm: BodyHashAlgorithm;
  readonly lengthBytes: number | undefined;
  readonly #most: number;
  #hash: Hash | undefined;
  #canonicalBytes = 0;
  #result: BodyHash | undefined;

  constructor(algorithm: BodyHashAlgorithm, lengthBytes: number | undefined) {
    this.algorithm = algorithm;
    this.lengthBytes = lengthBytes;
    this.#most = lengthBytes ?? Number.POSITIVE_INFINITY;
  }

  update(bytes: Uint8Array): void {
    const left = this.#most - this.#canonicalBytes;
    this.#canonicalBytes += bytes.length;
    if (left <= 0) return;
    this.#hash ??= createHash(this.algorithm);
    this.#hash.update(left < bytes.length ? bytes.subarray(0, left) : bytes);
  }

  /** Takes all the canonical body at once, which is cheaper for what is small. */
  updateAll(body: Uint8Array): void {
    const signed = this.#most < body.length ? body.subarray(0, this.#most) : body;
    this.#result = { digest: hash(this.algorithm, signed), canonicalBytes: body.length };
  }

  result(): BodyHash {
    this.#result ??= { digest: this.#hash?.digest() ?? hash(this.algorithm, emptyBytes), canonicalBytes: this.#canonicalBytes };
    return this.#result;
  }
}

/** A body of at most so many bytes, if it is there at once, is canonicalized as a whole before it is hashed. */
const wholeBytes = 32_768;
/** Where that is done, shared by all: it is over before anything else can happen. No canonical form is longer than two bytes more. */
const wholeBody: Uint8Array = /* @__PURE__ */ new Uint8Array(wholeBytes + 2);

/** The hashes of one canonical form. */
class FormHashes {
  readonly canonicalization: Canonicalization;
  readonly hashes: LimitedHash[] = [];
  #canonicalizer: BodyCanonicalizer | undefined;

  constructor(canonicalization: Canonicalization) {
    this.canonicalization = canonicalization;
  }

  /** Signatures with a length of their own are few: whoever asks for these hashes bounds them. */
  find(algorithm: BodyHashAlgorithm, lengthBytes: number | undefined): LimitedHash | undefined {
    return this.hashes.find((one) => one.algorithm === algorithm && one.lengthBytes === lengthBytes);
  }

  write(bytes: Uint8Array): void {
    this.#canonicalizer ??= canonicalizeBody(this.canonicalization, (canonical) => {
      for (const one of this.hashes) one.update(canonical);
    });
    this.#canonicalizer.write(bytes);
  }

  end(last: Uint8Array): void {
    if (!this.#canonicalizer && last.length <= wholeBytes) {
      this.#hashWhole(last);
      return;
    }
    this.write(last);
    this.#canonicalizer?.end();
  }

  #hashWhole(body: Uint8Array): void {
    let length = 0;
    const canonicalizer = canonicalizeBody(this.canonicalization, (canonical) => {
      wholeBody.set(canonical, length);
      length += canonical.length;
    });
    canonicalizer.write(body);
    canonicalizer.end();
    for (const one of this.hashes) one.updateAll(wholeBody.subarray(0, length));
  }
}

/** All the hashes of a body that the signatures of a message need, in one pass: each kind is computed once. */
export class BodyHashes {
  readonly #forms: FormHashes[] = [];

  constructor(requests: readonly BodyHashRequest[]) {
    for (const { canonicalization, algorithm, lengthBytes } of requests) {
      let form = this.#forms.find((one) => one.canonicalization === canonicalization);
      if (!form) {
        form = new FormHashes(canonicalization);
        this.#forms.push(form);
      }
      if (!form.find(algorithm, lengthBytes)) form.hashes.push(new LimitedHash(algorithm, lengthBytes));
    }
  }

  write(bytes: Uint8Array): void {
    for (const form of this.#forms) form.write(bytes);
  }

  /** The body is over, with these bytes. */
  end(last: Uint8Array = emptyBytes): void {
    for (const form of this.#forms) form.end(last);
  }

  /** The hash asked for at the start, after `end`. Throws a TypeError for one that was not asked for. */
  get({ canonicalization, algorithm, lengthBytes }: BodyHashRequest): BodyHash {
    const known = this.#forms.find((form) => form.canonicalization === canonicalization)?.find(algorithm, lengthBytes);
    if (!known) throw new TypeError('this hash of the body was not asked for');
    return known.result();
  }
}
