import {
  BodyHashes,
  type BodyHashRequest,
  bodyHashRequest,
  bodyHashStep,
  checkKeyUse,
  type DkimKeyCache,
  type HeaderFields,
  type KeyLookup,
  KeyLookups,
  keyStep,
  type MessageSignatureTags,
  type RawField,
  type SignedData,
  SignedHeader,
  type SigningTags,
  type SplitTarget,
  signatureStep,
  verifySignature,
} from '@mox/dkim';
import type { Resolver } from '@mox/dns';
import type { Trace, TraceStep } from '@mox/runtime';
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
  /** Time of the check in milliseconds, for the tags `x` and `t` of message signatures (RFC 6376 §3.5): without it they are not looked at. */
  readonly now?: number;
  readonly keyCache?: DkimKeyCache;
  readonly signal?: AbortSignal;
  /** Seconds that clocks may differ, for `x` and `t`; 300 unless told. */
  readonly clockSkewSeconds?: number;
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
  readonly messageSignature?: Promise<KeyLookup>;
}

/** What is looked at of a signature, and what is wrong with it, if anything is. */
interface Check {
  readonly problem?: string;
  readonly steps: readonly TraceStep[];
}

/** The two ways to canonicalize that a message signature without the tag `c` may mean. */
const unsaidCanonicalizations = ['simple', 'relaxed'] as const;

/**
 * A message signature as it says that it was made, or might have been.
 * deviates RFC 8617 §4.1.2: without the tag `c` sealers in the wild, and ARC's own test suite, mean "relaxed", not DKIM's default.
 */
function readings({ messageSignature, defaultCanonicalization }: ArcSet): readonly MessageSignatureTags[] {
  if (!messageSignature || !defaultCanonicalization) return messageSignature ? [messageSignature] : [];
  return unsaidCanonicalizations.map((one) => ({ ...messageSignature, headerCanonicalization: one, bodyCanonicalization: one }));
}

function bodyHashRequests(set: ArcSet): BodyHashRequest[] {
  return readings(set).map(bodyHashRequest);
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
    const line = fields.malformedLine;
    if (line !== undefined) {
      this.#fail('header section', 'RFC 6376 §3.8', 'the header section has a line that is no field', { inputs: { line } });
      return;
    }
    const sets = readArcSets(fields);
    if (!sets.ok) {
      this.#fail('structure', 'RFC 8617 §5.2', sets.error.message);
      return;
    }
    this.#trace.push({ step: 'structure', rfc: 'RFC 8617 §5.2', outcome: 'valid', inputs: { sets: sets.value.length } });
    this.#sets = sets.value;
    this.#lookups = sets.value.map(({ seal, messageSignature }) => ({
      seal: this.#keyLookups.lookup(seal),
      ...(messageSignature && { messageSignature: this.#keyLookups.lookup(messageSignature) }),
    }));
    this.#bodyHashes = new BodyHashes(sets.value.flatMap(bodyHashRequests));
  }

  /** The next bytes of the body. */
  body(bytes: Uint8Array): void {
    this.#bodyHashes?.write(bytes);
  }

  /** The message is over, with these bytes of the body. */
  end(last?: Uint8Array): void {
    this.#bodyHashes?.end(last);
  }

  #fail(step: string, rfc: string, problem: string, evidence: Pick<TraceStep, 'inputs' | 'steps'> = {}): void {
    this.#problem = problem;
    this.#trace.push({ step, rfc, outcome: 'fail', detail: problem, ...evidence });
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
      const step = title('ARC-Message-Signature', set.instance, set.messageSignature);
      const { problem, steps } = await this.#checkMessageSignature(set, await this.#lookups[i]?.messageSignature);
      if (problem === undefined) {
        this.#trace.push({ step, rfc: 'RFC 8617 §5.2', outcome: 'pass', steps });
      } else if (i === this.#sets.length - 1) {
        this.#fail(step, 'RFC 8617 §5.2', problem, { steps });
        return undefined;
      } else {
        this.#trace.push({ step, rfc: 'RFC 8617 §5.2', outcome: 'no longer holds', detail: problem, steps });
        return set.instance + 1;
      }
    }
    return 0;
  }

  async #checkMessageSignature(set: ArcSet, lookup: KeyLookup | undefined): Promise<Check> {
    if (!lookup) return { problem: set.messageSignatureProblem ?? 'nothing to check', steps: [] };
    const algorithmProblem = set.messageSignature && findAlgorithmProblem(set.messageSignature);
    if (algorithmProblem !== undefined) return { problem: algorithmProblem, steps: [] };
    const refusal = set.messageSignature && this.#timeStep(set.messageSignature);
    if (refusal?.detail !== undefined) return { problem: refusal.detail, steps: [refusal] };
    let check: Check | undefined;
    for (const reading of readings(set)) {
      const found = await this.#checkReading(set, reading, lookup);
      if (found.problem === undefined) return found;
      check ??= found;
    }
    return check ?? { problem: 'nothing to check', steps: [] };
  }

  async #checkReading(set: ArcSet, signature: MessageSignatureTags, lookup: KeyLookup): Promise<Check> {
    if (!this.#bodyHashes || !this.#fields) return { problem: 'nothing to check', steps: [] };
    const bodyStep = bodyHashStep(signature, this.#bodyHashes.get(bodyHashRequest(signature)));
    if (bodyStep.detail !== undefined) return { problem: bodyStep.detail, steps: [keyStep(lookup), bodyStep] };
    const own = set.fields.messageSignature;
    const { headers, headerCanonicalization: canonicalization } = signature;
    const fields = this.#fields.select(headers, own);
    const data = this.#signedHeader.write(fields, own, canonicalization);
    const { problem, steps } = await this.#checkSignature(signature, lookup, { canonicalization, headers, fields, data });
    return { ...(problem !== undefined && { problem }), steps: [...steps.slice(0, 1), bodyStep, ...steps.slice(1)] };
  }

  /** A signature that has expired, or was not made yet, need not be taken (RFC 6376 §3.5): it is not. */
  #timeStep({ expiresAtSeconds: x, signedAtSeconds: t }: MessageSignatureTags): TraceStep | undefined {
    const { now, clockSkewSeconds: skew = 300 } = this.#deps;
    if (now === undefined) return undefined;
    const nowSeconds = Math.floor(now / 1000);
    const step = { step: 'policy', rfc: 'RFC 6376 §3.5', outcome: 'refused' };
    if (x !== undefined && now / 1000 > x + skew) return { ...step, inputs: { x, nowSeconds }, detail: 'the signature has expired' };
    if (t !== undefined && now / 1000 + skew < t) return { ...step, inputs: { t, nowSeconds }, detail: 'the signature is from the future' };
    return undefined;
  }

  /** RFC 8617 §5.2 step 6. */
  async #checkSeals(): Promise<void> {
    for (let i = this.#sets.length - 1; i >= 0; i--) {
      const set = this.#sets[i];
      const lookup = await this.#lookups[i]?.seal;
      if (!set || !lookup) continue;
      const step = title('ARC-Seal', set.instance, set.seal);
      const fields = sealedFields(this.#sets.slice(0, i + 1).map((one) => one.fields));
      const data = this.#signedHeader.write(fields, set.fields.seal, 'relaxed');
      const { problem, steps } = await this.#checkSignature(set.seal, lookup, { canonicalization: 'relaxed', fields, data });
      if (problem !== undefined) {
        this.#fail(step, 'RFC 8617 §5.2', problem, { steps });
        return;
      }
      this.#trace.push({ step, rfc: 'RFC 8617 §5.2', outcome: 'pass', steps });
    }
  }

  /** The steps begin with that of the key. */
  async #checkSignature(signing: SigningTags, lookup: KeyLookup, signed: SignedData): Promise<Check> {
    const steps = [keyStep(lookup)];
    // All failures are permanent, those of DNS too (RFC 8617 §5.2.1).
    if (lookup.status !== 'ok') return { problem: lookup.problem ?? lookup.status, steps };
    const refusal = findAlgorithmProblem(signing);
    if (refusal !== undefined) return { problem: refusal, steps };
    const fewest = Math.max(1024, this.#deps.fewestKeyBits ?? 1024);
    let problem: string | undefined;
    for (const { key, record } of lookup.keys) {
      problem = checkKeyUse(signing, key, record);
      if (problem === undefined && key.type === 'rsa' && key.bits < fewest) problem = `a key of ${key.bits} bits, fewer than ${fewest}`;
      if (problem !== undefined) continue;
      const step = signatureStep(signing, signed, await verifySignature(signing, key, signed.data));
      steps.push(step);
      problem = step.detail;
      if (problem === undefined) return { steps };
    }
    return problem === undefined ? { steps } : { problem, steps };
  }
}

function findAlgorithmProblem({ algorithm }: SigningTags): string | undefined {
  return algorithm === 'rsa-sha1' ? 'rsa-sha1 must not be used (RFC 8301 §3.1)' : undefined;
}

function title(name: string, instance: number, signing: SigningTags | undefined): string {
  const by = signing ? ` d=${signing.domain} s=${signing.selector} a=${signing.algorithm}` : '';
  return `${name} i=${instance}${by}`;
}
