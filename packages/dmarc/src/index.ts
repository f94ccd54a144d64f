export {
  composeAggregateMessage,
  type PackedAggregateReport,
  packAggregateReport,
  type ReceivedAggregateReport,
  readAggregateMessage,
} from './aggregate-message.ts';
export type {
  AggregateForm,
  AggregateRecord,
  AggregateReport,
  AggregateReportDefect,
  OverrideReason,
  OverrideType,
  ParsedAggregateReport,
  ReportedDisposition,
  ReportedDkim,
  ReportedPolicy,
  ReportedSpf,
} from './aggregate-report.ts';
export type { AlignedIdentifier, Alignment, AuthenticatedIdentifier } from './alignment.ts';
export { checkDmarc, type DmarcInput, type DmarcLimits, type DmarcOverride, type DmarcResult } from './check-dmarc.ts';
export { type DiscoveredPolicy, discoverPolicy, type PolicyDiscovery } from './discover-policy.ts';
export { type DmarcFailure, describeDmarcFailure, type FailureFacts, wantedFailureReports } from './failure-report.ts';
export { formatAggregateReport } from './format-aggregate-report.ts';
export { type AggregateEvidence, makeAggregateRecord, makeReportedErrors, makeReportedPolicy } from './make-aggregate-record.ts';
export { mergeAggregateRecords, mergeAggregateReports } from './merge-aggregate-reports.ts';
export { type AggregateLimits, parseAggregateReport } from './parse-aggregate-report.ts';
export type { DiscoveryMethod, DmarcDeps } from './queries.ts';
export { readAggregateReport, readAggregateReports } from './read-aggregate-report.ts';
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
export { type DestinationCheck, type DestinationInput, type ReportDestination, verifyReportDestinations } from './report-destination.ts';
export {
  type AggregateFilename,
  type AggregateSubject,
  formatAggregateFilename,
  formatAggregateSubject,
  isReportId,
  parseAggregateFilename,
  parseAggregateSubject,
} from './report-names.ts';
export { mailboxOfReportUri, type ReportMailbox, type ReportUri } from './report-uri.ts';
export { treeWalkDomains } from './tree-walk.ts';
