import { type DnsMessage, type ExtendedError, isAtOrBelow, joinLabels, nameLabels, parentName } from '@mox/dns';
import type { TraceStep } from '@mox/runtime';
import { readDenial } from './denial.ts';
import type { Asking } from './exchanges.ts';
import { labelsOf } from './name-order.ts';
import { groupRrsets, type Rrset, type SignatureRecord, ttlOf } from './rrset.ts';
import { describe, errorCodes, type SecureZone, verifyRrset } from './verify-rrset.ts';
import { iterationsError, pickAbsence, type ZoneChain } from './zone-chain.ts';
import type { Failure, ZoneState } from './zone-state.ts';

/** A verdict about one thing that a message says: records, an alias, or that there is nothing. */
export interface Verdict {
  readonly security: 'secure' | 'insecure' | 'bogus' | 'indeterminate';
  readonly ttlSeconds: number;
  /** Steps from the trust anchor to the zone, then the thing itself. */
  readonly steps: readonly TraceStep[];
  readonly error?: ExtendedError;
  /** What could not be had; then nothing is known. */
  readonly failure?: Failure;
  /** Of a denial: what the zone proves, which may be less than the response code says. */
  readonly proves?: 'nxdomain' | 'nodata';
}

/** What is judged: its words for the trace, and the rule. */
interface Title {
  readonly step: string;
  readonly rfc: string;
}

function bogus(state: ZoneState, title: Title, error: ExtendedError): Verdict {
  const outcome: TraceStep = { ...title, outcome: 'bogus', detail: error.text };
  return { security: 'bogus', ttlSeconds: 0, steps: [...state.steps, outcome], error };
}

/** The verdict where the zone is not secure: there is nothing to check (RFC 4035 §5.2), or nothing to be believed. */
function unprotected(state: Exclude<ZoneState, { status: 'secure' }>, title: Title, ttlSeconds: number): Verdict {
  const { steps } = state;
  if (state.status === 'failed') return { security: 'indeterminate', ttlSeconds: 0, steps, failure: state.failure };
  if (state.status === 'bogus') return { security: 'bogus', ttlSeconds: 0, steps, error: state.error };
  const outcome: TraceStep = { ...title, outcome: state.status };
  return { security: state.status, ttlSeconds, steps: [...steps, outcome], ...(state.error && { error: state.error }) };
}

/** The deepest zone that signatures claim to be of, among those that may sign a name. */
function claimedZone(signatures: readonly SignatureRecord[], name: string, aboveOnly: boolean): string | undefined {
  let deepest: string | undefined;
  for (const { data } of signatures) {
    if (!isAtOrBelow(name, data.signer) || (aboveOnly && data.signer === name && name !== '')) continue;
    if (deepest === undefined || isAtOrBelow(data.signer, deepest)) deepest = data.signer;
  }
  return deepest;
}

/** The name whose zone is to answer for a type: DS records are of the zone above (RFC 4035 §2.4). */
function ownerOf(name: string, type: string): string {
  return type === 'DS' ? (parentName(name) ?? '') : name;
}

/** Judges what messages say, by the chains of zones behind. */
export class LinkJudge {
  readonly #chain: ZoneChain;

  constructor(chain: ZoneChain) {
    this.#chain = chain;
  }

  /** Judges by the zone that signatures claim, and where that fails by the zone that the name is of: what a server claims decides nothing. */
  async #judge(
    owner: string,
    claimed: string | undefined,
    asking: Asking,
    judge: (state: ZoneState) => Promise<Verdict>,
  ): Promise<Verdict> {
    const state = await this.#chain.find(claimed ?? owner, asking);
    const verdict = await judge(state);
    if (verdict.security !== 'bogus' || state.status !== 'secure' || claimed === undefined || claimed === owner) return verdict;
    if (asking.budget.exhausted) return verdict;
    const actual = await this.#chain.find(owner, asking);
    return actual.status === 'insecure' ? judge(actual) : verdict;
  }

  /** Judges records, aliases among them (RFC 4035 §5.3). */
  async judgeRecords(set: Rrset, message: DnsMessage, asking: Asking): Promise<Verdict> {
    const title = { step: `${set.name}. ${set.type}`, rfc: 'RFC 4035 §5.3' };
    const claimed = claimedZone(set.signatures, set.name, set.type === 'DS');
    return this.#judge(ownerOf(set.name, set.type), claimed, asking, (state) =>
      state.status === 'secure'
        ? judgeSigned(set, message, { state, zone: state.zone, title }, asking)
        : Promise.resolve(unprotected(state, title, ttlOf(set))),
    );
  }

  /** Judges that there is nothing (RFC 4035 §5.4). */
  async judgeAbsence(name: string, type: string, message: DnsMessage, asking: Asking): Promise<Verdict> {
    const title = { step: `no ${name}. ${type}`, rfc: 'RFC 4035 §5.4' };
    const signatures = message.authorities.filter((record) => record.type === 'RRSIG');
    const claimed = claimedZone(signatures, name, type === 'DS');
    return this.#judge(ownerOf(name, type), claimed, asking, (state) =>
      state.status === 'secure'
        ? judgeDenied({ name, type }, message, { state, zone: state.zone, title }, asking)
        : Promise.resolve(unprotected(state, title, unsignedTtl(message))),
    );
  }
}

interface Place {
  readonly state: ZoneState;
  readonly zone: SecureZone;
  readonly title: Title;
}

async function judgeSigned(set: Rrset, message: DnsMessage, { state, zone, title }: Place, asking: Asking): Promise<Verdict> {
  const verdict = await verifyRrset(set, zone, asking);
  if (verdict.status === 'bogus') return bogus(state, title, verdict.error);
  const detail = `signed by ${zone.name}. ${describe(verdict.signature)}`;
  const secure = (more: string): readonly TraceStep[] => [...state.steps, { ...title, outcome: 'secure', detail: `${detail}${more}` }];
  const { ttlSeconds, closestEncloser } = verdict;
  if (closestEncloser === undefined) return { security: 'secure', ttlSeconds, steps: secure('') };
  const denial = await readDenial(message, zone, asking);
  if (denial.tooManyIterations) return weak(state, title, { error: iterationsError(zone), ttlSeconds });
  const absence = denial.denyCloser(set.name, closestEncloser);
  if (absence.proves === 'nothing')
    return bogus(state, title, {
      code: errorCodes.nsecMissing,
      text: `${title.step}: of a wildcard, but ${denial.faults[0] ?? absence.detail}`,
    });
  if (absence.optOut) return weak(state, title, { detail: `of a wildcard: ${absence.detail} with Opt-Out`, ttlSeconds });
  return {
    security: 'secure',
    ttlSeconds: Math.min(ttlSeconds, denial.ttlSeconds),
    steps: secure(` for *.${closestEncloser}., ${absence.detail}`),
  };
}

/** Signed, but not in a way that proves it: RFC 5155 §9.2, RFC 9276 §3.2. */
function weak(state: ZoneState, title: Title, how: { error?: ExtendedError; detail?: string; ttlSeconds: number }): Verdict {
  const { error, ttlSeconds } = how;
  const step: TraceStep = { ...title, outcome: 'insecure', detail: how.detail ?? error?.text ?? '' };
  return { security: 'insecure', ttlSeconds, steps: [...state.steps, step], ...(error && { error }) };
}

/** How long that there is nothing may be kept (RFC 2308 §5), signed or not. */
function unsignedTtl(message: DnsMessage): number {
  const soa = message.authorities.find((record) => record.type === 'SOA');
  return soa ? Math.min(soa.ttlSeconds, soa.data.minimumSeconds) : 0;
}

async function judgeDenied(
  { name, type }: { readonly name: string; readonly type: string },
  message: DnsMessage,
  { state, zone, title }: Place,
  asking: Asking,
): Promise<Verdict> {
  const soa = groupRrsets(message.authorities).get(`${zone.name} SOA`);
  const verdict = soa && (await verifyRrset(soa, zone, asking));
  if (verdict?.status === 'bogus') return bogus(state, title, verdict.error);
  const denial = await readDenial(message, zone, asking);
  const ttlSeconds = verdict ? Math.min(verdict.ttlSeconds, unsignedTtl(message), denial.ttlSeconds) : 0;
  if (denial.tooManyIterations) return weak(state, title, { error: iterationsError(zone), ttlSeconds });
  const absence = pickAbsence(message, denial.denyType(name, type), () => denial.denyName(name));
  if (absence.proves === 'nothing') {
    const isSigned = message.authorities.some((record) => record.type === 'RRSIG');
    const text = `${title.step}: ${denial.faults[0] ?? (isSigned ? absence.detail : 'no signatures')}`;
    return bogus(state, title, { code: isSigned ? errorCodes.nsecMissing : errorCodes.rrsigsMissing, text });
  }
  const { proves, detail } = absence;
  if (absence.optOut) return { ...weak(state, title, { detail, ttlSeconds }), proves };
  return { security: 'secure', ttlSeconds, steps: [...state.steps, { ...title, outcome: 'secure', detail }], proves };
}

/** Where a DNAME record leads a name below its own (RFC 6672 §2.2). Undefined where the name would be too long. */
export function renameBelow(name: string, owner: string, target: string): string | undefined {
  const kept = labelsOf(name).slice(0, labelsOf(name).length - labelsOf(owner).length);
  const renamed = joinLabels([...kept, ...labelsOf(target)]);
  return nameLabels(renamed) && renamed;
}
