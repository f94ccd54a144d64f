export {
  type FetchedPolicy,
  type FetchPolicyDeps,
  fetchMtaStsPolicy,
  type PolicyFetch,
  type PolicyResponse,
  policyUrl,
} from './fetch-policy.ts';
export {
  type CachedPolicy,
  type CertificateFailure,
  type FindPolicyDeps,
  type FoundPolicy,
  findMtaStsPolicy,
  isRefreshDue,
  judgeMxHost,
  type MxHostFacts,
  type MxHostVerdict,
  type PolicyMemory,
} from './find-policy.ts';
export { formatMtaStsPolicy, longestMaxAgeSeconds, type MtaStsMode, type MtaStsPolicy, matchesMx, parseMtaStsPolicy } from './policy.ts';
export { formatMtaStsRecord, lookupMtaStsRecord, type MtaStsLookup, type MtaStsRecord, parseMtaStsRecord } from './record.ts';
