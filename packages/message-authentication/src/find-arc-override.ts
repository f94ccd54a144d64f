import type { ArcResult, ArcSet } from '@mox/arc';
import type { OverrideReason } from '@mox/dmarc';
import { parseDomain } from '@mox/idna';
import type { MessageAuthentication } from './authenticate-message.ts';

/** A forwarder's word that the message was right when it came to it. */
export interface ArcOverride {
  /** Instance and domain of the trusted seal whose results say so. */
  readonly instance: number;
  readonly sealer: string;
  /** For the aggregate report (RFC 8617 §7.2.2). */
  readonly reason: OverrideReason;
}

function asciiDomain(domain: string): string {
  const parsed = parseDomain(domain, { underscore: true });
  return parsed.ok ? parsed.value.ascii : domain.toLowerCase();
}

/** RFC 8617 §7.2.2: the chain's status, who sealed it, and where the message came from first. */
function describeChain({ status, sets }: ArcResult): string {
  const seals = sets.toReversed().map(({ instance, seal }) => `as[${instance}].d=${seal.domain} as[${instance}].s=${seal.selector}`);
  const first = sets[0]?.authenticationResults?.results.flatMap(({ properties }) => properties);
  const remote = first?.find(({ type, property }) => type === 'smtp' && property === 'remote-ip')?.value;
  return [`arc=${status}`, ...seals, ...(remote === undefined ? [] : [`remote-ip[1]=${remote}`])].join(' ');
}

function saysPass(set: ArcSet): boolean {
  return set.authenticationResults?.results.some(({ method, result }) => method === 'dmarc' && result === 'pass') ?? false;
}

/**
 * Whether a message that fails DMARC passed it at a trusted forwarder (RFC 8617 §7.2.1): the chain is whole, and going back from the
 * newest seal, as long as the sealers are trusted, one of them found `dmarc=pass`. What a set says that lies behind a sealer nobody
 * trusts does not count. A pure function: what to do about it is the receiver's own policy.
 */
export function findArcOverride(
  { arc, dmarc }: Pick<MessageAuthentication, 'arc' | 'dmarc'>,
  trustedSealers: readonly string[],
): ArcOverride | undefined {
  if (arc.status !== 'pass' || dmarc.status !== 'fail') return undefined;
  const trusted = new Set(trustedSealers.map(asciiDomain));
  for (const set of arc.sets.toReversed()) {
    const sealer = asciiDomain(set.seal.domain);
    if (!trusted.has(sealer)) return undefined;
    if (saysPass(set)) return { instance: set.instance, sealer, reason: { type: 'local_policy', comment: describeChain(arc) } };
  }
  return undefined;
}
