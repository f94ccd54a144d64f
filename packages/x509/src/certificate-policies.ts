import type { Certificate } from './certificate.ts';
import { equalNames } from './distinguished-name.ts';

const anyPolicy = '2.5.29.32.0';

/** Policies that hold at a certificate, each with those by which it goes on below: one level of the valid_policy_tree (RFC 5280 §6.1.2). */
type PolicyLevel = ReadonlyMap<string, ReadonlySet<string>>;

/** The numbers that count down from certificate to certificate (RFC 5280 §6.1.2 (d) to (f)). */
interface Counters {
  explicit: number;
  mapping: number;
  any: number;
}

/** The level below one: RFC 5280 §6.1.3 (d). That of a certificate without policies is empty. */
function descend(level: PolicyLevel, policies: readonly string[], anyCounts: boolean): PolicyLevel {
  const expected = new Set([...level.values()].flatMap((policy) => [...policy]));
  const below = new Map<string, ReadonlySet<string>>();
  for (const policy of policies) {
    if (policy !== anyPolicy && (expected.has(policy) || expected.has(anyPolicy))) below.set(policy, new Set([policy]));
  }
  if (!anyCounts || !policies.includes(anyPolicy)) return below;
  for (const policy of expected) if (!below.has(policy)) below.set(policy, new Set([policy]));
  return below;
}

/** Applies the mappings of an authority: RFC 5280 §6.1.4 (b). */
function map(level: PolicyLevel, { policyMappings = [] }: Certificate, allowed: boolean): PolicyLevel {
  if (level.size === 0 || policyMappings.length === 0) return level;
  const subjects = Map.groupBy(policyMappings, ({ issuer }) => issuer);
  const mapped = new Map(level);
  for (const [issuer, mappings] of subjects) {
    if (!allowed) mapped.delete(issuer);
    else if (level.has(issuer) || level.has(anyPolicy)) mapped.set(issuer, new Set(mappings.map(({ subject }) => subject)));
  }
  return mapped;
}

/** RFC 5280 §6.1.4 (h) to (j): a certificate that an issuer gave itself does not count. */
function countDown(counters: Counters, certificate: Certificate): void {
  const step = equalNames(certificate.subject, certificate.issuer) ? 0 : 1;
  const { policyConstraints: { requireExplicitPolicy, inhibitPolicyMapping } = {}, inhibitAnyPolicy } = certificate;
  counters.explicit = Math.min(Math.max(0, counters.explicit - step), requireExplicitPolicy ?? Number.POSITIVE_INFINITY);
  counters.mapping = Math.min(Math.max(0, counters.mapping - step), inhibitPolicyMapping ?? Number.POSITIVE_INFINITY);
  counters.any = Math.min(Math.max(0, counters.any - step), inhibitAnyPolicy ?? Number.POSITIVE_INFINITY);
}

/**
 * Why the policies of a path do not satisfy the authorities on it, or undefined where they do (RFC 5280 §6.1.3 (d) to (f), RFC 5280 §6.1.4,
 * RFC 5280 §6.1.5). Any policy is acceptable to the client: all that matters is whether one must hold, and does. The path goes from the
 * certificate to the one below the anchor.
 */
export function findPolicyFault(path: readonly Certificate[]): string | undefined {
  const counters: Counters = { explicit: path.length + 1, mapping: path.length + 1, any: path.length + 1 };
  let level: PolicyLevel = new Map([[anyPolicy, new Set([anyPolicy])]]);
  for (const [below, certificate] of [...path.entries()].toReversed()) {
    const selfIssued = equalNames(certificate.subject, certificate.issuer);
    level = descend(level, certificate.policies, counters.any > 0 || (below > 0 && selfIssued));
    const mustHold =
      counters.explicit === 0 || (below === 0 && (counters.explicit === 1 || certificate.policyConstraints?.requireExplicitPolicy === 0));
    if (mustHold && level.size === 0) return `${certificate.subject.text} is under no policy, which an authority above demands`;
    if (below === 0) break;
    if (certificate.policyMappings?.some(({ issuer, subject }) => issuer === anyPolicy || subject === anyPolicy))
      return `${certificate.subject.text} maps the policy "any"`;
    level = map(level, certificate, counters.mapping > 0);
    countDown(counters, certificate);
  }
  return undefined;
}
