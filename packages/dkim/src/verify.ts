import type { Resolver } from '@mox/dns';
import { equalBytes, fromLatin1, type PublicKey, type Trace, type TraceStep } from '@mox/runtime';
import { type BodyHash, BodyHashes } from './body-hash.ts';
import { canonicalizeField, type HeaderFields, type RawField, removeSignatureValue } from './canonicalize-header.ts';
import type { DkimKeyRecord } from './key-record.ts';
import { type DkimKeyCache, type KeyLookup, lookupKey } from './lookup-key.ts';
import { MessageSplitter } from './message-splitter.ts';
import { type DkimSignature, parseDkimSignature, type SignatureError } from './signature.ts';
import { bodyHashRequest, checkKeyUse, verifySignature } from './signature-check.ts';

/** Result of a signature in the words of RFC 8601 §2.7.1. */
export type DkimStatus = 'pass' | 'fail' | 'policy' | 'neutral' | 'temperror' | 'permerror';

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

/** What is known of one signature, and why. */
export interface DkimResult {
  readonly status: DkimStatus;
  /** What is wrong, unless it is `pass`. */
  readonly problem?: string;
  /** Whether body hash and signature are mathematically right, whatever the rules about algorithm, key and time say. */
  readonly verified: boolean;
  /** The signature field, read; absent where it could not be. */
  readonly signature?: DkimSignature;
  readonly keyBits?: number;
  readonly keyRecord?: DkimKeyRecord;
  /** The domain says that it is testing: treat the message as unsigned (RFC 6376 §3.6.1). */
  readonly testing: boolean;
  /** Bytes of the body that `l` leaves unsigned. */
  readonly unsignedBytes: number;
  /** Whether the key came DNSSEC-validated. */
  readonly authentic: boolean;
  readonly trace: Trace;
}

const defaults: Required<DkimVerifyOptions> = { mostSignatures: 10, mostHeaderBytes: 1 << 20, fewestKeyBits: 1024, clockSkewSeconds: 300 };

/** A signature that is being verified. */
interface Candidate {
  readonly field: RawField;
  readonly signature: DkimSignature;
  readonly lookup: Promise<KeyLookup>;
}

/** What the hash function of a signature is fed with, the body's hash apart (RFC 6376 §3.7). */
function signedData(fields: HeaderFields, { field, signature }: Candidate): Uint8Array {
  const canonicalization = signature.headerCanonicalization;
  return fromLatin1(
    fields.signedText(signature.headers, canonicalization) + canonicalizeField(removeSignatureValue(field), canonicalization),
  );
}

type Verdict = Pick<DkimResult, 'status' | 'problem'>;

function withTrace(steps: readonly TraceStep[], title: string, result: Omit<DkimResult, 'trace'>): DkimResult {
  const step: TraceStep = {
    step: title,
    rfc: 'RFC 6376 §6.1',
    outcome: result.status,
    ...(result.problem !== undefined && { detail: result.problem }),
    steps,
  };
  return { ...result, trace: [step] };
}

const unusable = { verified: false, testing: false, unsignedBytes: 0, authentic: false } as const;

/** A field that is no usable signature: RFC 8601 §2.7.1 calls that neutral, unless a rule of RFC 6376 §6.1.1 is broken. */
function unreadable(error: SignatureError): DkimResult {
  const status = error.fault === 'from not signed' || error.fault === 'domain mismatch' ? 'permerror' : 'neutral';
  const steps = [{ step: 'signature field', rfc: 'RFC 6376 §6.1.1', outcome: error.fault, detail: error.message }];
  return withTrace(steps, 'signature', { ...unusable, status, problem: error.message });
}

/** Verifies all signatures of a message that comes in pieces, in one pass, with memory for the header section alone. */
export class DkimVerifier {
  readonly #deps: VerifyDkimDeps;
  readonly #options: Required<DkimVerifyOptions>;
  readonly #splitter: MessageSplitter;
  #fields: HeaderFields | undefined;
  #bodyHashes: BodyHashes | undefined;
  /** In the order of the fields: signatures to verify, and results that are known already. */
  readonly #found: (Candidate | DkimResult)[] = [];

  constructor(deps: VerifyDkimDeps) {
    this.#deps = deps;
    this.#options = { ...defaults, ...deps.options };
    const target = {
      header: (fields: HeaderFields): void => this.#startSignatures(fields),
      body: (bytes: Uint8Array): void => this.#bodyHashes?.write(bytes),
    };
    this.#splitter = new MessageSplitter(target, this.#options.mostHeaderBytes);
  }

  /** Takes the next bytes of the message. Lines end in CRLF; where the first ends in LF alone, all are read so. */
  write(bytes: Uint8Array): void {
    this.#splitter.write(bytes);
  }

  /** The keys are looked up while the body comes in. */
  #startSignatures(fields: HeaderFields): void {
    this.#fields = fields;
    for (const [i, field] of fields.named('dkim-signature').entries()) {
      if (i >= this.#options.mostSignatures) {
        this.#found.push(
          withTrace([], 'signature', { ...unusable, status: 'policy', problem: `more than ${this.#options.mostSignatures} signatures` }),
        );
        break;
      }
      const parsed = parseDkimSignature(field.raw.slice(field.colon + 1));
      if (!parsed.ok) {
        this.#found.push(unreadable(parsed.error));
        continue;
      }
      const lookup = lookupKey(parsed.value.domain, parsed.value.selector, this.#deps);
      // Awaited in `end`; until then a rejection by the signal is nobody's fault.
      lookup.catch(() => {});
      this.#found.push({ field, signature: parsed.value, lookup });
    }
    const requests = this.#found.flatMap((found) => ('lookup' in found ? [bodyHashRequest(found.signature)] : []));
    if (requests.length > 0) this.#bodyHashes = new BodyHashes(requests);
  }

  /** The message is over: the result of each signature, in the order of the fields. Rejects as the signal wants. */
  async end(): Promise<readonly DkimResult[]> {
    this.#splitter.end();
    this.#bodyHashes?.end();
    if (this.#splitter.tooLong) {
      const problem = `a header section of more than ${this.#options.mostHeaderBytes} bytes`;
      return [withTrace([], 'message', { ...unusable, status: 'policy', problem })];
    }
    return Promise.all(this.#found.map(async (found) => ('lookup' in found ? this.#verify(found) : found)));
  }

  async #verify(candidate: Candidate): Promise<DkimResult> {
    const { signature } = candidate;
    const title = `signature d=${signature.domain} s=${signature.selector} a=${signature.algorithm}`;
    const lookup = await candidate.lookup;
    const steps: TraceStep[] = [
      {
        step: 'key',
        rfc: 'RFC 6376 §6.1.2',
        outcome: lookup.status,
        ...(lookup.problem !== undefined && { detail: lookup.problem }),
        dns: lookup.dns,
      },
    ];
    const facts = { ...unusable, signature, authentic: lookup.authentic };
    if (lookup.status !== 'ok') {
      return withTrace(steps, title, { ...facts, status: lookup.status, ...(lookup.problem !== undefined && { problem: lookup.problem }) });
    }
    const bodyHash = this.#bodyHashes?.get(bodyHashRequest(signature));
    const bodyVerdict = bodyHash && checkBodyHash(signature, bodyHash, steps);
    const unsignedBytes =
      bodyHash && signature.lengthBytes !== undefined ? Math.max(0, bodyHash.canonicalBytes - signature.lengthBytes) : 0;
    let result: Omit<DkimResult, 'trace'> | undefined;
    for (const { key, record } of lookup.keys) {
      const usable = checkKey(signature, key, record);
      const right =
        !usable &&
        !bodyVerdict &&
        this.#fields !== undefined &&
        (await verifySignature(signature, key, signedData(this.#fields, candidate)));
      const verdict = usable ?? bodyVerdict ?? (right ? this.#judge(signature, key, steps) : signatureFailed(steps));
      result = {
        ...facts,
        ...verdict,
        verified: right,
        keyBits: key.bits,
        keyRecord: record,
        testing: record.flags.includes('y'),
        unsignedBytes,
      };
      if (right) break;
    }
    return withTrace(steps, title, result ?? { ...facts, status: 'permerror', problem: 'no key for signature' });
  }

  /** A signature that is right may still be none to rely on. */
  #judge(signature: DkimSignature, key: PublicKey, steps: TraceStep[]): Verdict {
    steps.push({ step: 'signature', rfc: 'RFC 6376 §6.1.3', outcome: 'right', inputs: { headers: signature.headers.join(':') } });
    const refuse = (rfc: string, problem: string): Verdict => {
      steps.push({ step: 'policy', rfc, outcome: 'refused', detail: problem });
      return { status: 'policy', problem };
    };
    if (signature.version !== '1') return refuse('RFC 6376 §6.1.1', 'a version from before RFC 4871');
    if (signature.algorithm === 'rsa-sha1') return refuse('RFC 8301 §3.1', 'rsa-sha1 must not be used any more');
    const fewest = Math.max(1024, this.#options.fewestKeyBits);
    if (key.type === 'rsa' && key.bits < fewest) return refuse('RFC 8301 §3.2', `a key of ${key.bits} bits, fewer than ${fewest}`);
    const seconds = this.#deps.now / 1000;
    const skew = this.#options.clockSkewSeconds;
    if (signature.expiresAtSeconds !== undefined && seconds > signature.expiresAtSeconds + skew)
      return refuse('RFC 6376 §6.1.1', 'the signature has expired');
    if (signature.signedAtSeconds !== undefined && seconds + skew < signature.signedAtSeconds)
      return refuse('RFC 6376 §3.5', 'the signature is from the future');
    return { status: 'pass' };
  }
}

function signatureFailed(steps: TraceStep[]): Verdict {
  const problem = 'signature did not verify';
  steps.push({ step: 'signature', rfc: 'RFC 6376 §6.1.3', outcome: 'wrong', detail: problem });
  return { status: 'fail', problem };
}

function checkBodyHash(signature: DkimSignature, bodyHash: BodyHash, steps: TraceStep[]): Verdict | undefined {
  const { lengthBytes } = signature;
  let problem: string | undefined;
  if (lengthBytes !== undefined && lengthBytes > bodyHash.canonicalBytes) problem = 'the body is shorter than what was signed';
  else if (!equalBytes(bodyHash.digest, signature.bodyHash)) problem = 'body hash did not verify';
  steps.push({
    step: 'body hash',
    rfc: 'RFC 6376 §6.1.3',
    inputs: {
      canonicalization: signature.bodyCanonicalization,
      canonicalBytes: bodyHash.canonicalBytes,
      ...(lengthBytes !== undefined && { lengthBytes }),
    },
    outcome: problem === undefined ? 'right' : 'wrong',
    ...(problem !== undefined && { detail: problem }),
  });
  return problem === undefined ? undefined : { status: 'fail', problem };
}

/** Whether a key may be used for a signature (RFC 6376 §3.6.1). */
function checkKey(signature: DkimSignature, key: PublicKey, record: DkimKeyRecord): Verdict | undefined {
  const problem = checkKeyUse(signature, key, record);
  if (problem !== undefined) return { status: 'permerror', problem };
  const identityDomain = signature.identity.slice(signature.identity.lastIndexOf('@') + 1);
  if (record.flags.includes('s') && identityDomain !== signature.domain) {
    return { status: 'permerror', problem: 'the key does not allow an identity in a subdomain' };
  }
  return undefined;
}

/** Verifies all signatures of a message (RFC 6376 §6). A message without signatures gives no results. */
export async function verifyDkim(message: Uint8Array | AsyncIterable<Uint8Array>, deps: VerifyDkimDeps): Promise<readonly DkimResult[]> {
  const verifier = new DkimVerifier(deps);
  if (message instanceof Uint8Array) verifier.write(message);
  else for await (const bytes of message) verifier.write(bytes);
  return verifier.end();
}
