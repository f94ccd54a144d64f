import { parseDomain } from '@mox/idna';
import type { TraceStep } from '@mox/runtime';
import { type Discovery, type FoundPolicy, type OrganizationalDomain, recordStep } from './organizational-domain.ts';
import type { DmarcDeps, DmarcQueries } from './queries.ts';

/** Finds policies and organizational domains by the Public Suffix List (RFC 7489 §6.6.3). */
export class SuffixListDiscovery implements Discovery {
  readonly method = 'psl';
  readonly #queries: DmarcQueries;
  readonly #listed: NonNullable<DmarcDeps['organizationalDomain']>;
  readonly #domains = new Map<string, string>();

  constructor(queries: DmarcQueries, listed: NonNullable<DmarcDeps['organizationalDomain']>) {
    this.#queries = queries;
    this.#listed = listed;
  }

  async organizationalDomain(domain: string, trace: TraceStep[]): Promise<OrganizationalDomain> {
    const known = this.#domains.get(domain);
    if (known !== undefined) return { domain: known };
    const parsed = parseDomain(domain, { underscore: true });
    // A public suffix is its own.
    const found = (parsed.ok && this.#listed(parsed.value)?.ascii) || domain;
    this.#domains.set(domain, found);
    trace.push({ step: `public suffix list for ${domain}`, rfc: 'RFC 7489 §3.2', outcome: `organizational domain ${found}` });
    return { domain: found };
  }

  async findPolicy(author: string, trace: TraceStep[]): Promise<FoundPolicy> {
    const own = await this.#find(author, trace);
    // RFC 7489 §6.6.3: several records end the discovery, only an empty set leads on. An invalid record is no empty set either.
    if (own.status !== 'none' || own.problem !== undefined) return own;
    const organization = await this.organizationalDomain(author, trace);
    if (!('domain' in organization) || organization.domain === author) return { ...own, problem: 'no DMARC record' };
    const found = await this.#find(organization.domain, trace);
    return found.status === 'none' && found.problem === undefined ? { ...found, problem: 'no DMARC record' } : found;
  }

  async #find(domain: string, trace: TraceStep[]): Promise<FoundPolicy> {
    const { answer, fresh } = await this.#queries.record(domain);
    trace.push(recordStep(answer, fresh, 'RFC 7489 §6.6.3'));
    return {
      status: answer.status,
      invalid: answer.invalid,
      ...(answer.found && { record: { domain, parsed: answer.found, authentic: answer.authentic } }),
      ...(answer.problem !== undefined && { problem: answer.problem }),
    };
  }
}
