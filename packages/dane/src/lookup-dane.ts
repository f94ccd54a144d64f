import { type DnsAnswer, isFailedAnswer, type RecordType, type Resolver, reportedStatus, traceDns } from '@mox/dns';
import type { Trace, TraceStep } from '@mox/runtime';
import { parseIp } from '@mox/syntax';
import { type TlsaRecord, tlsaName } from './tlsa-record.ts';
import { sortTlsaRecords, type UsabilityOptions } from './usable-records.ts';

/** A server whose TLSA records are wanted. Names are A-labels. */
export interface DaneDestination extends UsabilityOptions {
  /** Name of the server, e.g. from an MX record. */
  readonly host: string;
  /** Default: 25. */
  readonly port?: number;
  /** The domain that mail is for, where the server was found by its MX records. */
  readonly nextHop?: {
    readonly domain: string;
    /** The name that the domain leads to by CNAME, where it is an alias. */
    readonly expanded?: string;
    /** Whether the MX records, and all aliases that led to them, were validated by DNSSEC. */
    readonly secure: boolean;
  };
}

/** What `lookupDane` is handed. */
export interface DaneDeps {
  readonly resolver: Resolver;
  readonly signal?: AbortSignal;
}

/**
 * What was found of a server (RFC 7672 §2.2).
 * - `usable`: secure records; TLS that they authenticate is a must.
 * - `unusable`: secure records, but none that can be used; TLS is a must, authenticated or not.
 * - `none`: no secure records, and that is certain; TLS as without DANE.
 * - `unreachable`: the server has no address.
 * - `error`: a look-up failed or was bogus; the server is to be passed over, for now.
 */
export interface DaneLookup {
  readonly status: 'usable' | 'unusable' | 'none' | 'unreachable' | 'error';
  /** Records of the TLSA base domain, unusable ones among them; empty unless the status is one of the first two. */
  readonly records: readonly TlsaRecord[];
  /** The TLSA base domain: also the name for SNI (RFC 7671 §7). */
  readonly baseDomain?: string;
  /** Reference identifiers for names in certificates, the base domain first (RFC 7672 §3.2.2). */
  readonly names: readonly string[];
  /** Whether the server was found securely: otherwise its authentication says nothing of the domain (RFC 7672 §2.2.1). */
  readonly nextHopSecure: boolean;
  readonly problem?: string;
  readonly trace: Trace;
}

type Outcome = Pick<DaneLookup, 'status'> & Partial<Pick<DaneLookup, 'records' | 'baseDomain' | 'problem'>>;

/** Asks, and keeps what was asked and answered. */
class Asker {
  readonly steps: TraceStep[] = [];
  readonly #deps: DaneDeps;

  constructor(deps: DaneDeps) {
    this.#deps = deps;
  }

  async query<T extends RecordType>(name: string, type: T, rfc: string): Promise<DnsAnswer<T>> {
    const { resolver, signal } = this.#deps;
    const answer = await resolver.query(name, type, signal ? { signal } : {});
    const outcome = isFailedAnswer(answer) ? 'failure' : `${answer.status}, ${answer.security}`;
    this.steps.push({
      step: `look ${name} ${type} up`,
      rfc,
      outcome,
      ...(answer.problem === undefined ? {} : { detail: answer.problem }),
      dns: [traceDns(name, type, answer)],
    });
    return answer;
  }
}

function failure(name: string, answer: DnsAnswer): Outcome {
  return {
    status: 'error',
    problem: `the look-up of ${name} failed: ${reportedStatus(answer)}${answer.problem ? ` (${answer.problem})` : ''}`,
  };
}

/** Candidates for the TLSA base domain, in order, from the addresses of the host (RFC 7672 §2.2.2); or why there is none. */
async function findCandidates(host: string, asker: Asker): Promise<readonly string[] | Outcome> {
  const section = 'RFC 7672 §2.2.2';
  const answers = await Promise.all([asker.query(host, 'A', section), asker.query(host, 'AAAA', section)]);
  const bogus = answers.find(({ security }) => security === 'bogus');
  if (bogus) return failure(host, bogus);
  // deviates RFC 7672 §2.2.2: where one of the two look-ups fails the other's addresses do. Both are judged by what was validated, so
  // that a failure made by an attacker gains nothing.
  const found = answers.filter(({ status, records }) => status === 'ok' && records.length > 0);
  const failed = answers.find(isFailedAnswer);
  const answer = found.find(({ security }) => security === 'secure') ?? found[0];
  if (!answer) return failed ? failure(host, failed) : { status: 'unreachable', problem: `${host} has no address` };
  const expanded = answer.aliases.at(-1);
  if (expanded === undefined) return answer.security === 'secure' ? [host] : { status: 'none' };
  if (answer.security === 'secure') return [expanded, host];
  // RFC 7672 §2.1.3: whether the alias itself lies in a signed zone takes a question of its own.
  const alias = await asker.query(host, 'CNAME', 'RFC 7672 §2.1.3');
  if (isFailedAnswer(alias)) return failure(host, alias);
  return alias.security === 'secure' ? [host] : { status: 'none' };
}

async function findRecords(destination: DaneDestination, asker: Asker): Promise<Outcome> {
  const host = destination.host.toLowerCase().replace(/\.$/, '');
  // RFC 7672 §2.2: DANE is not for addresses.
  if (parseIp(host.replace(/^\[(?:ipv6:)?(.*)\]$/, '$1'))) return { status: 'none' };
  const candidates = await findCandidates(host, asker);
  if ('status' in candidates) return candidates;
  for (const baseDomain of candidates) {
    const name = tlsaName(baseDomain, destination.port);
    const answer = await asker.query(name, 'TLSA', 'RFC 7672 §2.2.3');
    if (isFailedAnswer(answer)) return failure(name, answer);
    if (answer.security !== 'secure' || answer.records.length === 0) continue;
    const records = answer.records.map(({ data }) => data);
    const { usable } = sortTlsaRecords(records, destination);
    return { status: usable.length > 0 ? 'usable' : 'unusable', baseDomain, records };
  }
  return { status: 'none' };
}

/** Names that a certificate may have (RFC 7672 §3.2.2): the domain's own only where the way from it to the server is secure. */
function referenceIdentifiers(baseDomain: string | undefined, destination: DaneDestination): readonly string[] {
  const { nextHop, host } = destination;
  if (baseDomain === undefined) return [];
  // A host that was not found by MX is the next hop itself.
  const others = nextHop === undefined ? [host] : nextHop.secure ? [nextHop.domain, nextHop.expanded] : [];
  const names = [baseDomain, ...others].filter((name) => name !== undefined).map((name) => name.toLowerCase().replace(/\.$/, ''));
  return [...new Set(names)];
}

/**
 * Finds the TLSA records of a server (RFC 7672 §2.2). Addresses are looked up first, as their security tells whether the zone is signed
 * at all, and then the records of the name that aliases lead to, and of the name itself.
 */
export async function lookupDane(destination: DaneDestination, deps: DaneDeps): Promise<DaneLookup> {
  const asker = new Asker(deps);
  const { status, records = [], baseDomain, problem } = await findRecords(destination, asker);
  return {
    status,
    records,
    ...(baseDomain === undefined ? {} : { baseDomain }),
    names: referenceIdentifiers(baseDomain, destination),
    nextHopSecure: destination.nextHop?.secure ?? true,
    ...(problem === undefined ? {} : { problem }),
    trace: asker.steps,
  };
}
