export type { AlignedIdentifier, Alignment, AuthenticatedIdentifier } from './alignment.ts';
export { checkDmarc, type DmarcInput, type DmarcLimits, type DmarcOverride, type DmarcResult } from './check-dmarc.ts';
export { type DiscoveredPolicy, discoverPolicy, type PolicyDiscovery } from './discover-policy.ts';
export type { DiscoveryMethod, DmarcDeps } from './queries.ts';
export {
  applicablePolicies,
  type DmarcPolicies,
  type DmarcPolicy,
  type DmarcRecord,
  type DmarcRecordDefect,
  type FailureOption,
  formatDmarcRecord,
  type ParsedDmarcRecord,
  parseDmarcRecord,
} from './record.ts';
export { mailboxOfReportUri, type ReportMailbox, type ReportUri } from './report-uri.ts';
export { treeWalkDomains } from './tree-walk.ts';
