import {
  type DnsMessage,
  type DnsRecord,
  type ExtendedError,
  formatExtendedError,
  formatRcode,
  isAtOrBelow,
  parentName,
  SharedQueries,
} from '@mox/dns';
import type { TraceStep } from '@mox/runtime';
import type { Absence } from './absence.ts';
import { CutCache } from './cut-cache.ts';
import { readDenial } from './denial.ts';
import type { Asking, Exchanges } from './exchanges.ts';
import { labelsOf, lastLabels } from './name-order.ts';
import { groupRrsets } from './rrset.ts';
import type { TrustAnchor } from './trust-anchor.ts';
import { errorCodes, type SecureZone, verifyRrset } from './verify-rrset.ts';
import { fetchZoneKeys, usableDs } from './zone-keys.ts';
import type { Cut, Failure, ZoneState } from './zone-state.ts';

/** What chains of zones are built with. */
export interface ZoneChainOptions {
  readonly trustAnchors: readonly TrustAnchor[];
  /** Names from which on nothing is expected to be signed. */
  readonly negativeTrustAnchors: readonly string[];
  /** Borders between zones that are kept. */
  readonly zoneLimit: number;
}

/** The longest that keys, and the longest that faults are kept. */
const ttlLimitSeconds = 86_400;
const faultTtlSeconds = 30;

/** The deepest of some names that another one is at or below. */
function deepestAbove(names: Iterable<string>, name: string): string | undefined {
  let deepest: string | undefined;
  for (const candidate of names) {
    if (isAtOrBelow(name, candidate) && (deepest === undefined || isAtOrBelow(candidate, deepest))) deepest = candidate;
  }
  return deepest;
}

type Secure = Extract<ZoneState, { status: 'secure' }>;

/** Finds the zones of names, from a trust anchor down, each proven by the one above (RFC 4035 §5.2). */
export class ZoneChain {
  readonly #exchanges: Exchanges;
  readonly #anchors: ReadonlyMap<string, TrustAnchor>;
  readonly #negative: ReadonlySet<string>;
  readonly #cuts: CutCache;
  readonly #shared = new SharedQueries();

  constructor(exchanges: Exchanges, options: ZoneChainOptions) {
    this.#exchanges = exchanges;
    this.#anchors = new Map(options.trustAnchors.map((anchor) => [anchor.zone, anchor]));
    this.#negative = new Set(options.negativeTrustAnchors);
    this.#cuts = new CutCache(options.zoneLimit);
  }

  /** Borders between zones that are kept at the moment. */
  get size(): number {
    return this.#cuts.size;
  }

  /** Forgets all keys. */
  clear(): void {
    this.#cuts.clear();
  }

  /** The zone that a name is of, as far as it can be followed: secure, or why not. */
  async find(name: string, asking: Asking): Promise<ZoneState> {
    const anchor = this.#anchors.get(deepestAbove(this.#anchors.keys(), name) ?? '-');
    const negative = deepestAbove(this.#negative, name);
    if (negative !== undefined && (!anchor || isAtOrBelow(negative, anchor.zone))) return negativeState(negative);
    if (!anchor)
      return { status: 'indeterminate', steps: [], error: { code: errorCodes.indeterminate, text: `no trust anchor above ${name}.` } };
    let state = (await this.#judged(anchor.zone, asking, (inner) => this.#judgeAnchor(anchor, inner))).state;
    const labels = labelsOf(name);
    for (let count = labelsOf(anchor.zone).length + 1; count <= labels.length; count++) {
      if (state?.status !== 'secure') break;
      const above: Secure = state;
      const next = lastLabels(labels, count);
      const cut = await this.#judged(next, asking, (inner) => this.#judgeCut(above, next, inner));
      if (cut.kind === 'end') break;
      if (cut.state) state = cut.state;
    }
    return state ?? { status: 'failed', steps: [], failure: { status: 'servfail', problem: 'no state' } };
  }

  /** Asks already for what the chain to a name will want: the keys of the root, and the DS records and keys of these names. */
  prepare(name: string, depth: number, now: number): void {
    const labels = labelsOf(name);
    const anchor = deepestAbove(this.#anchors.keys(), name);
    if (anchor === undefined || deepestAbove(this.#negative, name) !== undefined) return;
    for (let count = labelsOf(anchor).length; count <= Math.min(labels.length, depth); count++) {
      const zone = lastLabels(labels, count);
      const known = this.#cuts.get(zone, now);
      if (known?.kind === 'end' || (known?.state && known.state.status !== 'secure')) return;
      if (known) continue;
      if (zone !== anchor) this.#exchanges.askAhead(zone, 'DS', now);
      this.#exchanges.askAhead(zone, 'DNSKEY', now);
    }
  }

  /** What is kept of a border, or what looking at it tells: once for all who want to know. */
  async #judged(name: string, asking: Asking, judge: (asking: Asking) => Promise<Cut>): Promise<Cut> {
    const kept = this.#cuts.get(name, asking.now);
    if (kept) return kept;
    return this.#shared.run(name, asking.signal, async (signal) => {
      const cut = await judge({ ...asking, signal });
      const failed = cut.state?.status === 'failed' || (cut.state?.status === 'bogus' && asking.budget.exhausted);
      if (!failed) this.#cuts.set(name, { ...cut, ttlSeconds: Math.min(cut.ttlSeconds, ttlLimitSeconds) }, asking.now);
      return cut;
    });
  }

  async #judgeAnchor(anchor: TrustAnchor, asking: Asking): Promise<Cut> {
    const usable = await usableDs(anchor.ds ?? []);
    const ds = 'code' in usable ? [] : usable;
    if (ds.length === 0 && (anchor.keys ?? []).length === 0)
      return insecure([], `zone ${anchor.zone}.`, { error: 'code' in usable ? usable : undefined, ttlSeconds: ttlLimitSeconds });
    return this.#judgeKeys({ ...anchor, ds }, [], { ttlSeconds: ttlLimitSeconds, by: 'trust anchor' }, asking);
  }

  async #judgeKeys(
    anchor: TrustAnchor,
    above: readonly TraceStep[],
    how: { ttlSeconds: number; by: string },
    asking: Asking,
  ): Promise<Cut> {
    const { zone } = anchor;
    const step = `zone ${zone}.`;
    const found = await fetchZoneKeys(anchor, this.#exchanges, asking);
    if (found.status === 'failed') return failed(above, step, found.failure);
    if (found.status === 'bogus') return bogus(above, step, found.error);
    const tags = [...(anchor.ds ?? []).map(({ keyTag }) => `DS ${keyTag}`), ...(anchor.keys ?? []).map(() => 'a key')].join(', ');
    const detail = `${how.by} ${tags}; ${found.detail}`;
    const steps = [...above, { step, rfc: 'RFC 4035 §5.2', outcome: 'secure', detail }];
    const state: ZoneState = { status: 'secure', zone: { name: zone, keys: found.keys }, steps };
    return { kind: 'cut', state, ttlSeconds: Math.min(found.ttlSeconds, how.ttlSeconds) };
  }

  /** Whether another zone begins at a name, by the DS records that the zone above has for it, or has not (RFC 4035 §5.2). */
  async #judgeCut(above: Secure, name: string, asking: Asking): Promise<Cut> {
    const step = `zone ${name}.`;
    const result = await this.#exchanges.ask(name, 'DS', asking);
    if (result.status !== 'message') return failed(above.steps, step, result);
    const { message } = result;
    if (message.rcode !== 0 && message.rcode !== 3)
      return failed(above.steps, step, { status: 'servfail', problem: `DS of ${name}.: ${formatRcode(message.rcode)}` });
    const set = groupRrsets(message.answers).get(`${name} DS`);
    if (!set) return this.#judgeAbsentDs(above, name, message, asking);
    const verdict = await verifyRrset(set, above.zone, asking);
    if (verdict.status === 'bogus') return bogus(above.steps, step, verdict.error);
    const { ttlSeconds } = verdict;
    const usable = await usableDs(set.records.map((record) => (record as DnsRecord<'DS'>).data));
    if ('code' in usable) return insecure(above.steps, step, { error: { ...usable, text: `${name}.: ${usable.text}` }, ttlSeconds });
    return this.#judgeKeys({ zone: name, ds: usable }, above.steps, { ttlSeconds, by: 'signed' }, asking);
  }

  async #judgeAbsentDs(above: Secure, name: string, message: DnsMessage, asking: Asking): Promise<Cut> {
    const step = `zone ${name}.`;
    const denial = await readDenial(message, above.zone, asking);
    const { ttlSeconds } = denial;
    if (denial.tooManyIterations) return insecure(above.steps, step, { error: iterationsError(above.zone), ttlSeconds });
    const absence = pickAbsence(message, denial.denyType(name, 'DS'), () => denial.denyName(name));
    if (absence.proves !== 'nothing') {
      if (absence.optOut || (absence.proves === 'nodata' && absence.types?.has('NS') === true))
        return insecure(above.steps, step, { detail: `no DS: ${absence.detail}`, ttlSeconds });
      return { kind: absence.proves === 'nxdomain' ? 'end' : 'none', ttlSeconds };
    }
    if (await this.#isAlias(above.zone, name, message, asking)) return { kind: 'none', ttlSeconds: 60 };
    const hasSignatures = [...message.answers, ...message.authorities].some(({ type }) => type === 'RRSIG');
    const code = hasSignatures ? errorCodes.nsecMissing : errorCodes.rrsigsMissing;
    const reason = denial.faults[0] ?? (hasSignatures ? absence.detail : 'no signatures');
    return bogus(above.steps, step, { code, text: `${name}. DS: ${reason}` });
  }

  /** Whether a name is an alias by its zone's own signature: then no other zone begins there (RFC 2181 §10.1). */
  async #isAlias(zone: SecureZone, name: string, message: DnsMessage, asking: Asking): Promise<boolean> {
    const sets = groupRrsets(message.answers);
    const own = sets.get(`${name} CNAME`);
    if (own && (await verifyRrset(own, zone, asking)).status === 'secure') return true;
    for (let parent = parentName(name); parent !== undefined && isAtOrBelow(parent, zone.name); parent = parentName(parent)) {
      const renamed = sets.get(`${parent} DNAME`);
      if (renamed) return (await verifyRrset(renamed, zone, asking)).status === 'secure';
    }
    return false;
  }
}

/** What a message proves, by its response code first: no such name, or no such type. */
export function pickAbsence(message: DnsMessage, noType: Absence, noName: () => Absence): Absence {
  if (message.rcode !== 3) return noType;
  const absence = noName();
  return absence.proves === 'nothing' ? noType : absence;
}

/** RFC 9276 §3.2. */
export function iterationsError(zone: SecureZone): ExtendedError {
  return { code: errorCodes.unsupportedIterations, text: `NSEC3 of ${zone.name}. with more iterations than are done` };
}

function negativeState(name: string): ZoneState {
  return { status: 'insecure', steps: [{ step: `zone ${name}.`, outcome: 'insecure', detail: 'negative trust anchor' }] };
}

function insecure(
  above: readonly TraceStep[],
  step: string,
  how: { error?: ExtendedError | undefined; detail?: string; ttlSeconds: number },
): Cut {
  const { error, ttlSeconds } = how;
  const detail = how.detail ?? (error && formatExtendedError(error)) ?? '';
  const steps = [...above, { step, rfc: 'RFC 4035 §5.2', outcome: 'insecure', detail }];
  return { kind: 'cut', state: { status: 'insecure', steps, ...(error && { error }) }, ttlSeconds };
}

function bogus(above: readonly TraceStep[], step: string, error: ExtendedError): Cut {
  const steps = [...above, { step, rfc: 'RFC 4035 §5.2', outcome: 'bogus', detail: formatExtendedError(error) }];
  return { kind: 'cut', state: { status: 'bogus', error, steps }, ttlSeconds: faultTtlSeconds };
}

function failed(above: readonly TraceStep[], step: string, failure: Failure): Cut {
  const steps = [...above, { step, outcome: failure.status, detail: failure.problem }];
  return { kind: 'cut', state: { status: 'failed', failure, steps }, ttlSeconds: 0 };
}
