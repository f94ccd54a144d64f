import type { TraceDns, TraceStep } from '@mox/runtime';
import type { DiscoveryMethod, RecordAnswer } from './queries.ts';
import type { ParsedDmarcRecord } from './record.ts';

/** A domain with the record that is published for it. */
export interface PublishedRecord {
  readonly domain: string;
  readonly parsed: ParsedDmarcRecord;
  readonly authentic: boolean;
}

/** An organizational domain, or why it is not known. */
export type OrganizationalDomain = { readonly domain: string } | { readonly problem: string };

/** The record that holds for an author domain, and what was found on the way. */
export interface FoundPolicy {
  readonly status: 'ok' | 'none' | 'temperror';
  readonly record?: PublishedRecord;
  readonly problem?: string;
  /** Whether there is something that claims to be a record and is none. */
  readonly invalid: boolean;
}

/** How policies and organizational domains are found: by the tree walk or by a public suffix list. */
export interface Discovery {
  readonly method: DiscoveryMethod;
  /** The record that holds for an author domain. */
  findPolicy(author: string, trace: TraceStep[]): Promise<FoundPolicy>;
  /** The organizational domain of any domain. Each is looked for once. */
  organizationalDomain(domain: string, trace: TraceStep[]): Promise<OrganizationalDomain>;
}

/** A query for a record as a step of a trace. */
export function recordStep(answer: RecordAnswer, fresh: boolean, rfc: string): TraceStep {
  const dns: readonly TraceDns[] = fresh ? [answer.dns] : [];
  const detail = answer.problem ?? (fresh ? undefined : 'known from before');
  return {
    step: `record of ${answer.domain}`,
    rfc,
    outcome: answer.status === 'ok' ? 'found' : answer.status,
    ...(detail !== undefined && { detail }),
    ...(dns.length > 0 && { dns }),
  };
}

/** Whether a domain is another one or below it. */
export function isWithin(domain: string, other: string): boolean {
  return domain === other || domain.endsWith(`.${other}`);
}
