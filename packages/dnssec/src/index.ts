export { parseTrustAnchors, rootTrustAnchor, type TrustAnchor } from './trust-anchor.ts';
export { ValidatingResolver, type ValidatingResolverOptions } from './validating-resolver.ts';
export type { ValidationLimits } from './work-budget.ts';
