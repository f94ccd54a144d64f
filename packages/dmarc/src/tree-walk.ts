import type { TraceStep } from '@mox/runtime';
import { type Discovery, type FoundPolicy, type OrganizationalDomain, type PublishedRecord, recordStep } from './organizational-domain.ts';
import type { DmarcQueries } from './queries.ts';

/** Most labels of a name that a walk comes to after the first one: so it takes eight queries at most (RFC 9989 §4.10). */
const walkedLabels = 7;

/** The names that a DNS tree walk asks for records of, in order: eight at most, however long the name (RFC 9989 §4.10). */
export function treeWalkDomains(domain: string): readonly string[] {
  const labels = domain.split('.');
  const domains = [domain];
  for (let left = Math.min(labels.length - 1, walkedLabels); left > 0; left--) domains.push(labels.slice(-left).join('.'));
  return domains;
}

/**
 * The organizational domain that the records of a walk tell, which are given from the longest name to the shortest
 * (RFC 9989 §4.10.2): where one says `psd=n`, that; one label below one above the start that says `psd=y`; else the shortest name.
 */
export function selectOrganizationalDomain(start: string, records: readonly PublishedRecord[]): string {
  for (const { domain, parsed } of records) {
    if (parsed.record.psd === 'n') return domain;
    if (parsed.record.psd === 'y' && domain !== start) {
      return start
        .split('.')
        .slice(-(domain.split('.').length + 1))
        .join('.');
    }
  }
  return records.at(-1)?.domain ?? start;
}

interface Walk {
  readonly records: readonly PublishedRecord[];
  readonly problem?: string;
  /** What was wrong with records on the way, the first first. */
  readonly faults: readonly { readonly problem: string; readonly invalid: boolean }[];
}

/** Finds policies and organizational domains by the DNS tree walk (RFC 9989 §4.10). */
export class TreeWalkDiscovery implements Discovery {
  readonly method = 'treewalk';
  readonly #queries: DmarcQueries;
  readonly #walks = new Map<string, Walk>();

  constructor(queries: DmarcQueries) {
    this.#queries = queries;
  }

  async #walk(start: string, trace: TraceStep[]): Promise<Walk> {
    const known = this.#walks.get(start);
    if (known) return known;
    const records: PublishedRecord[] = [];
    const faults: { problem: string; invalid: boolean }[] = [];
    const steps: TraceStep[] = [];
    let problem: string | undefined;
    for (const domain of treeWalkDomains(start)) {
      const { answer, fresh } = await this.#queries.record(domain);
      steps.push(recordStep(answer, fresh, 'RFC 9989 §4.10'));
      if (answer.status === 'temperror') {
        problem = answer.problem ?? 'a query failed';
        break;
      }
      if (answer.problem !== undefined) faults.push({ problem: answer.problem, invalid: answer.invalid });
      if (!answer.found) continue;
      records.push({ domain, parsed: answer.found, authentic: answer.authentic });
      if (answer.found.record.psd !== 'u') break;
    }
    const walk: Walk = { records, faults, ...(problem !== undefined && { problem }) };
    const outcome = problem === undefined ? `organizational domain ${selectOrganizationalDomain(start, records)}` : 'temperror';
    trace.push({
      step: `tree walk from ${start}`,
      rfc: 'RFC 9989 §4.10.2',
      outcome,
      ...(problem !== undefined && { detail: problem }),
      steps,
    });
    this.#walks.set(start, walk);
    return walk;
  }

  async organizationalDomain(domain: string, trace: TraceStep[]): Promise<OrganizationalDomain> {
    const walk = await this.#walk(domain, trace);
    return walk.problem === undefined ? { domain: selectOrganizationalDomain(domain, walk.records) } : { problem: walk.problem };
  }

  /** RFC 9989 §4.10.1: the record of the author domain, of its organizational domain, or of its public suffix domain. */
  async findPolicy(author: string, trace: TraceStep[]): Promise<FoundPolicy> {
    const { answer, fresh } = await this.#queries.record(author);
    if (answer.found) {
      trace.push(recordStep(answer, fresh, 'RFC 9989 §4.10.1'));
      return { status: 'ok', record: { domain: author, parsed: answer.found, authentic: answer.authentic }, invalid: false };
    }
    if (fresh) trace.push(recordStep(answer, fresh, 'RFC 9989 §4.10.1'));
    if (answer.status === 'temperror')
      return { status: 'temperror', invalid: false, ...(answer.problem !== undefined && { problem: answer.problem }) };
    const walk = await this.#walk(author, trace);
    if (walk.problem !== undefined) return { status: 'temperror', problem: walk.problem, invalid: false };
    const organization = selectOrganizationalDomain(author, walk.records);
    const last = walk.records.at(-1);
    const suffix = last?.parsed.record.psd === 'y' ? last : undefined;
    const record = walk.records.find(({ domain }) => domain === organization) ?? suffix;
    if (record) return { status: 'ok', record, invalid: false };
    const fault = walk.faults.find(({ invalid }) => invalid) ?? walk.faults[0];
    return { status: 'none', invalid: fault?.invalid ?? false, problem: fault?.problem ?? 'no DMARC record' };
  }
}
