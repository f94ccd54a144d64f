export type { TlsReportDefect } from './json-reader.ts';
export { mergeTlsResults } from './merge.ts';
export { formatTlsRptRecord, lookupTlsRptRecord, parseTlsRptRecord, type TlsRptLookup, type TlsRptRecord } from './record.ts';
export {
  formatTlsReport,
  type PackedTlsReport,
  type ParsedTlsReport,
  packTlsReport,
  parseTlsReport,
  readTlsReport,
  type TlsFailure,
  type TlsPolicyResult,
  type TlsReport,
  type TlsReportLimits,
  type TlsReportPolicy,
} from './report.ts';
export { composeTlsReportMessage, type ReceivedTlsReport, readTlsReportMessage } from './report-message.ts';
export type { TlsResultType } from './result-type.ts';
