import {
  BodyHashes,
  bodyHashRequest,
  checkKeyUse,
  type DkimKeyCache,
  type HeaderFields,
  type KeyLookup,
  KeyLookups,
  type RawField,
  SignedHeader,
  type SigningTags,
  type SplitTarget,
  verifySignature,
} from '@mox/dkim';
import type { Resolver } from '@mox/dns';
import { equalBytes, type Trace, type TraceStep } from '@mox/runtime';
import {
  type ArcFields,
  type ArcSet,
  type ArcStatus,
  hasArcFields,
  hasTooManySets,
  highestInstance,
  mostArcSets,
  newestChainValidation,
  readArcSets,
} from './arc-set.ts';

/** What verifying a chain needs. */
export interface VerifyArcDeps {
  readonly resolver: Resolver;
  readonly keyCache?: DkimKeyCache;
  readonly signal?: AbortSignal;
  /** Bytes of a header section; 1 MiB unless told. */
  readonly mostHeaderBytes?: number;
  /** Smallest RSA key in bits; 1024 unless told, and never less (RFC 8301 §3.2). */
  readonly fewestKeyBits?: number;
}

/** What became of a chain, and why. */
export interface ArcResult {
  readonly status: ArcStatus;
  /** What is wrong, for `fail`. */
  readonly problem?: string;
  /** The sets, from the first custodian to the last; empty where the structure is broken. */
  readonly sets: readonly ArcSet[];
  /** The oldest set whose message signature still holds; 0 where all do (RFC 8617 §5.2 step 5). Only for `pass`. */
  readonly oldestPass?: number;
  /** The instance that the next set would have; undefined where there may be none. */
  readonly nextInstance?: number;
  readonly trace: Trace;
}

const defaultHeaderBytes = 1 << 20;

/** Signatures and keys of a set: the keys are asked for as soon as the header section is known. */
interface SetLookups {
  readonly seal: Promise<KeyLookup>;
  readonly messageSignature: Promise<KeyLookup>;
}

/** The fields that a seal signs before its own (RFC 8617 §5.1.1): the sets up to its own in order, each of its seal last. */
export function sealedFields(sets: readonly ArcFields[]): RawField[] {
  const fields = sets.flatMap((set) => [set.authenticationResults, set.messageSignature, set.seal]);
  fields.pop();
  return fields;
}

/**
 * Verifies the chain of a message that a `MessageSplitter` of `@mox/dkim` parts: for one that serves several checks. `ArcVerifier` is
 * this with a splitter of its own.
 */
export class ArcVerification implements SplitTarget {
  readonly #deps: VerifyArcDeps;
  readonly #trace: TraceStep[] = [];
  /** For as many signatures as there may be: each field is written many times. */
  readonly #signedHeader = new SignedHeader(2 * mostArcSets);
  readonly #keyLookups: KeyLookups;
  #fields: HeaderFields | undefined;
  #sets: readonly ArcSet[] = [];
  #lookups: readonly SetLookups[] = [];
  #bodyHashes: BodyHashes | undefined;
  #problem: string | undefined;
  /** Whether the newest seal says that the chain was broken when it was made. */
  #saysBroken = false;

  constructor(deps: VerifyArcDeps) {
    this.#deps = deps;
    this.#keyLookups = new KeyLookups(deps);
  }

  /** Most bytes of a header section that its splitter is to let through. */
  get mostHeaderBytes(): number {
    return this.#deps.mostHeaderBytes ?? defaultHeaderBytes;
  }

  /** The header section is there: the keys are looked up while the body comes in. */
  header(fields: HeaderFields): void {
    this.#fields = fields;
    if (!hasArcFields(fields)) return;
    if (hasTooManySets(fields)) {
      this.#fail('structure', 'RFC 8617 §5.2', `more than ${mostArcSets} sets`);
      return;
    }
    const newest = newestChainValidation(fields);
    this.#saysBroken = newest?.chainValidation === 'fail';
    if (newest?.chainValidation === 'fail') {
      this.#fail('newest seal', 'RFC 8617 §5.2', `ARC-Seal ${newest.instance} says that the chain is broken`);
      return;
    }
    if (fields.malformed) {
      this.#fail('header section', 'RFC 6376 §3.8', 'the header section has a line that is no field');
      return;
    }
    const sets = readArcSets(fields);
    if (!sets.ok) {
      this.#fail('structure', 'RFC 8617 §5.2', sets.error.message);
      return;
    }
    this.#trace.push({ step: 'structure', rfc: 'RFC 8617 §5.2', outcome: 'valid', inputs: { sets: sets.value.length } });
    this.#sets = sets.value;
    this.#lookups = sets.value.map((set) => ({
      seal: this.#keyLookups.lookup(set.seal),
      messageSignature: this.#keyLookups.lookup(set.messageSignature),
    }));
    this.#bodyHashes = new BodyHashes(sets.value.map((set) => bodyHashRequest(set.messageSignature)));
  }

  /** The next bytes of the body. */
  body(bytes: Uint8Array): void {
    this.#bodyHashes?.write(bytes);
  }

  /** The message is over, with these bytes of the body. */
  end(last?: Uint8Array): void {
    this.#bodyHashes?.end(last);
  }

  #fail(step: string, rfc: string, problem: string, dns?: KeyLookup['dns']): void {
    this.#problem = problem;
    this.#trace.push({ step, rfc, outcome: 'fail', detail: problem, ...(dns && { dns }) });
  }

  /** What became of the chain, once the message is over. Rejects as the signal wants. */
  async result(): Promise<ArcResult> {
    if (!this.#fields) this.#fail('message', 'RFC 8617 §5.2', 'a header section that is too long');
    if (this.#problem === undefined && this.#sets.length === 0) {
      this.#trace.push({ step: 'chain', rfc: 'RFC 8617 §5.2', outcome: 'none' });
      return { status: 'none', sets: [], nextInstance: 1, trace: this.#trace };
    }
    const oldestPass = this.#problem === undefined ? await this.#checkMessageSignatures() : undefined;
    if (this.#problem === undefined) await this.#checkSeals();
    return this.#makeResult(oldestPass);
  }

  #makeResult(oldestPass: number | undefined): ArcResult {
    const facts = { sets: this.#sets, trace: this.#trace };
    if (this.#problem === undefined) {
      const next = this.#sets.length < mostArcSets ? { nextInstance: this.#sets.length + 1 } : {};
      return { status: 'pass', ...facts, ...(oldestPass !== undefined && { oldestPass }), ...next };
    }
    // A chain whose newest seal says that it is broken is not sealed again (RFC 8617 §5.1 step 2).
    const highest = !this.#fields || this.#saysBroken || hasTooManySets(this.#fields) ? mostArcSets : highestInstance(this.#fields);
    const sealable = highest < mostArcSets;
    return { status: 'fail', problem: this.#problem, ...facts, ...(sealable && { nextInstance: highest + 1 }) };
  }

  /** RFC 8617 §5.2 steps 4 and 5: the newest must hold; of the others it is only told how far back they do. */
  async #checkMessageSignatures(): Promise<number | undefined> {
    for (let i = this.#sets.length - 1; i >= 0; i--) {
      const set = this.#sets[i];
      if (!set) continue;
      const step = `ARC-Message-Signature i=${set.instance} d=${set.messageSignature.domain}`;
      const { problem, dns } = await this.#checkMessageSignature(set, i);
      if (problem === undefined) {
        this.#trace.push({ step, rfc: 'RFC 8617 §5.2', outcome: 'pass', dns });
      } else if (i === this.#sets.length - 1) {
        this.#fail(step, 'RFC 8617 §5.2', problem, dns);
        return undefined;
      } else {
        this.#trace.push({ step, rfc: 'RFC 8617 §5.2', outcome: 'no longer holds', detail: problem, dns });
        return set.instance + 1;
      }
    }
    return 0;
  }

  async #checkMessageSignature(set: ArcSet, index: number): Promise<{ problem?: string; dns: KeyLookup['dns'] }> {
    const { messageSignature: signature } = set;
    const lookup = await this.#lookups[index]?.messageSignature;
    if (!lookup || !this.#bodyHashes || !this.#fields) return { problem: 'nothing to check', dns: [] };
    const { dns } = lookup;
    const bodyHash = this.#bodyHashes.get(bodyHashRequest(signature));
    if (signature.lengthBytes !== undefined && signature.lengthBytes > bodyHash.canonicalBytes)
      return { problem: 'the body is shorter than what was signed', dns };
    if (!equalBytes(bodyHash.digest, signature.bodyHash)) return { problem: 'body hash did not verify', dns };
    // deviates RFC 8617 §4.1.2: without the tag `c` sealers in the wild, and ARC's own test suite, mean "relaxed", not DKIM's default.
    const canonicalizations = set.defaultCanonicalization ? (['simple', 'relaxed'] as const) : [signature.headerCanonicalization];
    let problem: string | undefined;
    for (const canonicalization of canonicalizations) {
      const own = set.fields.messageSignature;
      const data = this.#signedHeader.write(this.#fields.select(signature.headers, own), own, canonicalization);
      problem = await this.#checkSignature(signature, lookup, data);
      if (problem === undefined) return { dns };
    }
    return { dns, ...(problem !== undefined && { problem }) };
  }

  /** RFC 8617 §5.2 step 6. */
  async #checkSeals(): Promise<void> {
    for (let i = this.#sets.length - 1; i >= 0; i--) {
      const set = this.#sets[i];
      const lookup = await this.#lookups[i]?.seal;
      if (!set || !lookup) continue;
      const step = `ARC-Seal i=${set.instance} d=${set.seal.domain}`;
      const before = sealedFields(this.#sets.slice(0, i + 1).map((one) => one.fields));
      const problem = await this.#checkSignature(set.seal, lookup, this.#signedHeader.write(before, set.fields.seal, 'relaxed'));
      if (problem !== undefined) {
        this.#fail(step, 'RFC 8617 §5.2', problem, lookup.dns);
        return;
      }
      this.#trace.push({ step, rfc: 'RFC 8617 §5.2', outcome: 'pass', dns: lookup.dns });
    }
  }

  async #checkSignature(signing: SigningTags, lookup: KeyLookup, data: Uint8Array): Promise<string | undefined> {
    // All failures are permanent, those of DNS too (RFC 8617 §5.2.1).
    if (lookup.status !== 'ok') return lookup.problem ?? lookup.status;
    if (signing.algorithm === 'rsa-sha1') return 'rsa-sha1 must not be used (RFC 8301 §3.1)';
    const fewest = Math.max(1024, this.#deps.fewestKeyBits ?? 1024);
    let problem: string | undefined;
    for (const { key, record } of lookup.keys) {
      problem = checkKeyUse(signing, key, record);
      if (problem === undefined && key.type === 'rsa' && key.bits < fewest) problem = `a key of ${key.bits} bits, fewer than ${fewest}`;
      if (problem === undefined && !(await verifySignature(signing, key, data))) problem = 'signature did not verify';
      if (problem === undefined) return undefined;
    }
    return problem;
  }
}
