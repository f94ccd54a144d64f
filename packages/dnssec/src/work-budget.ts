/** Bounds of the work that one question may cause, whatever zones and servers answer. */
export interface ValidationLimits {
  /** Questions to the resolver behind, the chain of zones included. 64 unless told. */
  readonly lookupLimit?: number;
  /** Signatures checked. 256 unless told. */
  readonly verificationLimit?: number;
  /** Signatures checked that did not fit: honest zones have none (CVE-2023-50387). 16 unless told. */
  readonly failureLimit?: number;
  /** Signatures looked at of one set of records. 8 unless told. */
  readonly signaturesPerSetLimit?: number;
  /** Keys of one zone with the same tag and algorithm that are tried. 3 unless told. */
  readonly keysPerTagLimit?: number;
  /** Keys of one zone; those beyond are passed over. 64 unless told. */
  readonly keysPerZoneLimit?: number;
  /** DS records of one zone that are compared with keys. 12 unless told. */
  readonly dsPerZoneLimit?: number;
  /** Sets of NSEC or NSEC3 records of one message that are looked at. 16 unless told. */
  readonly proofLimit?: number;
  /** Iterations of NSEC3 above which a zone counts as unsigned (RFC 9276 §3.2). 50 unless told. */
  readonly nsec3IterationLimit?: number;
  /** Rounds of SHA-1 for NSEC3, iterations included (CVE-2023-50868). 1,500 unless told. */
  readonly hashLimit?: number;
  /** Names that one question may be led through. 16 unless told. */
  readonly aliasLimit?: number;
}

export const defaultLimits: Required<ValidationLimits> = {
  lookupLimit: 64,
  verificationLimit: 256,
  failureLimit: 16,
  signaturesPerSetLimit: 8,
  keysPerTagLimit: 3,
  keysPerZoneLimit: 64,
  dsPerZoneLimit: 12,
  proofLimit: 16,
  nsec3IterationLimit: 50,
  hashLimit: 1500,
  aliasLimit: 16,
};

/** What is left of the work that one question may cause. */
export class WorkBudget {
  readonly limits: Required<ValidationLimits>;
  #lookups = 0;
  #verifications = 0;
  #failures = 0;
  #hashes = 0;

  constructor(limits: Required<ValidationLimits>) {
    this.limits = limits;
  }

  /** Whether anything was refused: then the verdict is about our patience, and is not to be kept. */
  exhausted = false;

  #allow(left: boolean): boolean {
    if (!left) this.exhausted = true;
    return left;
  }

  takeLookup(): boolean {
    return this.#allow(++this.#lookups <= this.limits.lookupLimit);
  }

  takeVerification(): boolean {
    return this.#allow(this.#failures < this.limits.failureLimit && ++this.#verifications <= this.limits.verificationLimit);
  }

  countFailure(): void {
    this.#failures++;
  }

  takeHashes(rounds: number): boolean {
    this.#hashes += rounds;
    return this.#allow(this.#hashes <= this.limits.hashLimit);
  }
}
