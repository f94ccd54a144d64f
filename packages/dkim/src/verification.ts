import type { Resolver } from '@mox/dns';
import type { PublicKey, TraceStep } from '@mox/runtime';
import { BodyHashes, type BodyHashRequest } from './body-hash.ts';
import { SignedHeader } from './canonicalize-header.ts';
import { bodyHashStep, keyStep, type SignedData, signatureStep } from './check-steps.ts';
import type { DkimResult } from './dkim-result.ts';
import { fieldValue, type HeaderFields, type RawField } from './header-fields.ts';
import type { DkimKeyRecord } from './key-record.ts';
import { type DkimKeyCache, type KeyLookup, KeyLookups } from './lookup-key.ts';
import type { SplitTarget } from './message-splitter.ts';
import { type DkimSignature, parseDkimSignatureField, type SignatureError } from './signature.ts';
import { bodyHashRequest, checkKeyUse, verifySignature } from './signature-check.ts';

/** Limits and choices of a verifier. */
export interface DkimVerifyOptions {
  /** Signatures that are looked at, from the top; 10 unless told. The others are `policy`. */
  readonly mostSignatures?: number;
  /** Bytes of a header section; 1 MiB unless told. */
  readonly mostHeaderBytes?: number;
  /** Smallest RSA key in bits; 1024 unless told, and never less (RFC 8301 §3.2). */
  readonly fewestKeyBits?: number;
  /** Seconds that clocks may differ, for `x` and `t`; 300 unless told. */
  readonly clockSkewSeconds?: number;
  /**
   * What the message is, in the words of the tag `s` of key records (RFC 6376 §3.6.1): `email` unless told, `tlsrpt` for a report about
   * TLS (RFC 8460 §3). A key that is for other services alone is not used.
   */
  readonly service?: 'email' | 'tlsrpt' | (string & {});
}

/** What verifying needs. */
export interface VerifyDkimDeps {
  readonly resolver: Resolver;
  /** Time of the check in milliseconds: for the expiry of signatures. */
  readonly now: number;
  readonly keyCache?: DkimKeyCache;
  readonly signal?: AbortSignal;
  readonly options?: DkimVerifyOptions;
}

const defaults: Required<DkimVerifyOptions> = {
  mostSignatures: 10,
  mostHeaderBytes: 1 << 20,
  fewestKeyBits: 1024,
  clockSkewSeconds: 300,
  service: 'email',
};

/** A signature that is being verified. */
interface Candidate {
  readonly field: RawField;
  readonly signature: DkimSignature;
  readonly lookup: Promise<KeyLookup>;
}

/** What the signatures of a message are over. */
interface SignedMessage {
  readonly fields: HeaderFields;
  readonly header: SignedHeader;
  readonly bodyHashes: BodyHashes;
}

type Verdict = Pick<DkimResult, 'status' | 'problem'>;

/** The fields that are signed, and what the hash function of the signature is fed with (RFC 6376 §3.7). */
function signedData({ fields, header }: SignedMessage, { field, signature }: Candidate): SignedData {
  const { headers, headerCanonicalization: canonicalization } = signature;
  const selected = fields.select(headers, field);
  return { canonicalization, headers, fields: selected, data: header.write(selected, field, canonicalization) };
}

function withTrace(steps: readonly TraceStep[], title: string, result: Omit<DkimResult, 'trace'>): DkimResult {
  const { status, problem } = result;
  const step: TraceStep =
    problem === undefined
      ? { step: title, rfc: 'RFC 6376 §6.1', outcome: status, steps }
      : { step: title, rfc: 'RFC 6376 §6.1', outcome: status, steps, detail: problem };
  return { ...result, trace: [step] };
}

const unusable = { verified: false, testing: false, unsignedBytes: 0, authentic: false } as const;

/** As much of a field that cannot be read is shown: enough to tell it from others. */
const shownCharacters = 200;

/** A field that is no usable signature: RFC 8601 §2.7.1 calls that neutral, unless a rule of RFC 6376 §6.1.1 is broken. */
function unreadable(field: RawField, error: SignatureError): DkimResult {
  const status = error.fault === 'from not signed' || error.fault === 'domain mismatch' ? 'permerror' : 'neutral';
  const inputs = { field: fieldValue(field).trim().slice(0, shownCharacters) };
  const steps = [{ step: 'signature field', rfc: 'RFC 6376 §6.1.1', inputs, outcome: error.fault, detail: error.message }];
  return withTrace(steps, 'signature', { ...unusable, status, problem: error.message });
}

/**
 * Verifies all signatures of a message that a `MessageSplitter` parts: for one that serves several checks. `DkimVerifier` is this with
 * a splitter of its own.
 */
export class DkimVerification implements SplitTarget {
  readonly #deps: VerifyDkimDeps;
  readonly #lookups: KeyLookups;
  readonly #options: Required<DkimVerifyOptions>;
  #hasHeader = false;
  /** There once the header section is, if it has signatures to verify. */
  #signed: SignedMessage | undefined;
  /** In the order of the fields: signatures to verify, and results that are known already. */
  readonly #found: (Candidate | DkimResult)[] = [];

  constructor(deps: VerifyDkimDeps) {
    this.#deps = deps;
    this.#options = deps.options ? { ...defaults, ...deps.options } : defaults;
    this.#lookups = new KeyLookups(deps.options?.service === undefined ? deps : { ...deps, service: deps.options.service });
  }

  /** Most bytes of a header section that its splitter is to let through. */
  get mostHeaderBytes(): number {
    return this.#options.mostHeaderBytes;
  }

  /** The header section is there: the keys are looked up while the body comes in. */
  header(fields: HeaderFields): void {
    this.#hasHeader = true;
    const requests: BodyHashRequest[] = [];
    for (const field of fields.named('dkim-signature')) {
      if (this.#found.length >= this.#options.mostSignatures) {
        const problem = `more than ${this.#options.mostSignatures} signatures`;
        this.#found.push(withTrace([], 'signature', { ...unusable, status: 'policy', problem }));
        break;
      }
      const parsed = parseDkimSignatureField(field);
      if (parsed.ok) {
        this.#found.push({ field, signature: parsed.value, lookup: this.#lookups.lookup(parsed.value) });
        requests.push(bodyHashRequest(parsed.value));
      } else {
        this.#found.push(unreadable(field, parsed.error));
      }
    }
    if (requests.length > 0) this.#signed = { fields, header: new SignedHeader(requests.length), bodyHashes: new BodyHashes(requests) };
  }

  /** The next bytes of the body. */
  body(bytes: Uint8Array): void {
    this.#signed?.bodyHashes.write(bytes);
  }

  /** The message is over, with these bytes of the body. */
  end(last?: Uint8Array): void {
    this.#signed?.bodyHashes.end(last);
  }

  /** The result of each signature, in the order of the fields, once the message is over. Rejects as the signal wants. */
  async results(): Promise<readonly DkimResult[]> {
    if (!this.#hasHeader) {
      const problem = `a header section of more than ${this.#options.mostHeaderBytes} bytes`;
      return [withTrace([], 'message', { ...unusable, status: 'policy', problem })];
    }
    const results: DkimResult[] = [];
    for (const found of this.#found) results.push('lookup' in found ? await this.#verify(found, await found.lookup) : found);
    return results;
  }

  async #verify(candidate: Candidate, lookup: KeyLookup): Promise<DkimResult> {
    const { signature } = candidate;
    const { authentic } = lookup;
    const title = `signature d=${signature.domain} s=${signature.selector} a=${signature.algorithm}`;
    const steps = [keyStep(lookup)];
    if (lookup.status !== 'ok' || !this.#signed) {
      const problem = lookup.problem ?? 'no key for signature';
      const status = lookup.status === 'temperror' ? 'temperror' : 'permerror';
      return withTrace(steps, title, { ...unusable, status, problem, signature, authentic });
    }
    const bodyHash = this.#signed.bodyHashes.get(bodyHashRequest(signature));
    const bodyStep = bodyHashStep(signature, bodyHash);
    const bodyVerdict: Verdict | undefined = bodyStep.detail === undefined ? undefined : { status: 'fail', problem: bodyStep.detail };
    steps.push(bodyStep);
    const unsignedBytes = signature.lengthBytes === undefined ? 0 : Math.max(0, bodyHash.canonicalBytes - signature.lengthBytes);
    let result: Omit<DkimResult, 'trace'> | undefined;
    for (const { key, record } of lookup.keys) {
      let verdict = checkKey(signature, key, record, steps) ?? bodyVerdict;
      if (!verdict) {
        const signed = signedData(this.#signed, candidate);
        const step = signatureStep(signature, signed, await verifySignature(signature, key, signed.data));
        steps.push(step);
        verdict = step.detail === undefined ? this.#judge(signature, key, steps) : { status: 'fail', problem: step.detail };
      }
      const { status, problem } = verdict;
      const verified = status === 'pass' || status === 'policy';
      const testing = record.flags.includes('y');
      const facts = { status, verified, signature, keyBits: key.bits, keyRecord: record, testing, unsignedBytes, authentic };
      // Of several records the one that comes nearest is told of.
      if (!result || verified || (result.status === 'permerror' && status === 'fail'))
        result = problem === undefined ? facts : { ...facts, problem };
      if (verified) break;
    }
    return withTrace(steps, title, result ?? { ...unusable, status: 'permerror', problem: 'no key for signature', signature, authentic });
  }

  /** A signature that is right may still be none to rely on. */
  #judge(signature: DkimSignature, key: PublicKey, steps: TraceStep[]): Verdict {
    const refuse = (rfc: string, problem: string, inputs?: NonNullable<TraceStep['inputs']>): Verdict => {
      steps.push({ step: 'policy', rfc, ...(inputs && { inputs }), outcome: 'refused', detail: problem });
      return { status: 'policy', problem };
    };
    const line = this.#signed?.fields.malformedLine;
    if (line !== undefined) return refuse('RFC 6376 §3.8', 'the header section has a line that is no field', { line });
    if (signature.version !== '1') return refuse('RFC 6376 §6.1.1', 'a version from before RFC 4871');
    if (signature.algorithm === 'rsa-sha1') return refuse('RFC 8301 §3.1', 'rsa-sha1 must not be used any more');
    const fewest = Math.max(1024, this.#options.fewestKeyBits);
    if (key.type === 'rsa' && key.bits < fewest) return refuse('RFC 8301 §3.2', `a key of ${key.bits} bits, fewer than ${fewest}`);
    const seconds = this.#deps.now / 1000;
    const skew = this.#options.clockSkewSeconds;
    const { expiresAtSeconds: x, signedAtSeconds: t } = signature;
    if (x !== undefined && seconds > x + skew)
      return refuse('RFC 6376 §6.1.1', 'the signature has expired', { x, nowSeconds: Math.floor(seconds) });
    if (t !== undefined && seconds + skew < t)
      return refuse('RFC 6376 §3.5', 'the signature is from the future', { t, nowSeconds: Math.floor(seconds) });
    return { status: 'pass' };
  }
}

function findKeyFault(signature: DkimSignature, key: PublicKey, record: DkimKeyRecord): string | undefined {
  const problem = checkKeyUse(signature, key, record);
  if (problem !== undefined || !record.flags.includes('s')) return problem;
  const identityDomain = signature.identity.slice(signature.identity.lastIndexOf('@') + 1);
  return identityDomain === signature.domain ? undefined : 'the key does not allow an identity in a subdomain';
}

/** Whether a key may be used for a signature (RFC 6376 §3.6.1). */
function checkKey(signature: DkimSignature, key: PublicKey, record: DkimKeyRecord, steps: TraceStep[]): Verdict | undefined {
  const problem = findKeyFault(signature, key, record);
  if (problem === undefined) return undefined;
  const inputs = {
    algorithm: signature.algorithm,
    identity: signature.identity,
    k: record.keyType,
    h: record.hashAlgorithms?.join(':') ?? '*',
    t: record.flags.join(':'),
  };
  steps.push({ step: 'use of the key', rfc: 'RFC 6376 §6.1.2', inputs, outcome: 'refused', detail: problem });
  return { status: 'permerror', problem };
}
