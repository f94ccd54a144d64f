import type { TraceStep } from '@mox/runtime';
import { asciiDomain } from './discover-policy.ts';
import { type Discovery, isWithin } from './organizational-domain.ts';

/** An identifier that SPF or DKIM looked at, and what came out, in the words of RFC 8601 §2.7. */
export interface AuthenticatedIdentifier {
  readonly domain: string;
  readonly status: string;
}

/**
 * How an identifier relates to the author domain (RFC 9989 §3.2.10): `strict`: they are the same; `relaxed`: they have the same
 * organizational domain; `none`: neither, as far as the policy asks; `unknown`: a query failed; `unevaluated`: it did not pass.
 */
export type Alignment = 'strict' | 'relaxed' | 'none' | 'unknown' | 'unevaluated';

/** An identifier as DMARC sees it. */
export interface AlignedIdentifier {
  readonly method: 'spf' | 'dkim';
  /** As A-labels, where it is a domain. */
  readonly domain: string;
  readonly status: string;
  readonly alignment: Alignment;
  /** Whether it passed and is aligned in the mode that the policy asks for: one such makes the message pass. */
  readonly aligned: boolean;
  /** Where it was looked for. */
  readonly organizationalDomain?: string;
}

/** Author domain and means that identifiers are compared by. */
export interface AlignmentContext {
  readonly author: string;
  readonly discovery: Discovery;
  /** Walks that may still be taken: they cost queries, and the sender chooses how many signatures there are. */
  walksLeft: number;
}

interface Relation {
  readonly alignment: Alignment;
  readonly organizationalDomain?: string;
  readonly detail?: string;
}

async function relaxedRelation(domain: string, context: AlignmentContext, trace: TraceStep[]): Promise<Relation> {
  const { author, discovery } = context;
  // Domains with another last label cannot have an organizational domain in common.
  if (!isWithin(domain, author.slice(author.lastIndexOf('.') + 1))) return { alignment: 'none' };
  const mine = await discovery.organizationalDomain(author, trace);
  if ('problem' in mine) return { alignment: 'unknown', detail: mine.problem };
  // An organizational domain is always the domain itself or one above it, so what is elsewhere needs no walk.
  if (!isWithin(domain, mine.domain)) return { alignment: 'none', detail: `not within ${mine.domain}` };
  if (context.walksLeft <= 0) return { alignment: 'none', detail: 'too many identifiers: not looked for' };
  context.walksLeft--;
  const theirs = await discovery.organizationalDomain(domain, trace);
  if ('problem' in theirs) return { alignment: 'unknown', detail: theirs.problem };
  return { alignment: theirs.domain === mine.domain ? 'relaxed' : 'none', organizationalDomain: theirs.domain };
}

/** Compares an identifier with the author domain (RFC 9989 §4.10.2). A walk is only taken where the result depends on it. */
export async function alignIdentifier(
  identifier: AuthenticatedIdentifier & { readonly method: 'spf' | 'dkim' },
  mode: 'r' | 's',
  context: AlignmentContext,
  trace: TraceStep[],
): Promise<AlignedIdentifier> {
  const { method, status } = identifier;
  const domain = asciiDomain(identifier.domain);
  const steps: TraceStep[] = [];
  let relation: Relation;
  if (domain === undefined) relation = { alignment: 'none', detail: 'not a domain name' };
  else if (domain === context.author) relation = { alignment: 'strict' };
  else if (mode === 's') relation = { alignment: 'none' };
  else if (status !== 'pass' && status !== 'temperror') relation = { alignment: 'unevaluated' };
  else relation = await relaxedRelation(domain, context, steps);
  const aligned = status === 'pass' && (relation.alignment === 'strict' || relation.alignment === 'relaxed');
  const { detail, ...facts } = relation;
  trace.push({
    step: `alignment of ${method} ${domain ?? identifier.domain}`,
    rfc: method === 'spf' ? 'RFC 9989 §4.4.2' : 'RFC 9989 §4.4.1',
    inputs: { status, mode: mode === 's' ? 'strict' : 'relaxed' },
    outcome: aligned ? `aligned (${relation.alignment})` : relation.alignment,
    ...(detail !== undefined && { detail }),
    ...(steps.length > 0 && { steps }),
  });
  return { method, domain: domain ?? identifier.domain, status, aligned, ...facts };
}
