export {
  type FeedbackInput,
  makeFeedbackReport,
  makeXarfReport,
  parseFeedbackReport,
  type ReceivedFeedback,
  type XarfInput,
} from './arf.ts';
export {
  type CfblAddress,
  type CfblIdentifiers,
  type CfblTarget,
  cfblFields,
  findCfblTarget,
  formatCfblAddress,
  keepIdentifiers,
  makeCfblFeedbackId,
  openCfblFeedbackId,
  parseCfblAddress,
  parseCfblFeedbackId,
} from './cfbl.ts';
export { type CfblDecision, type CfblSignature, type CfblSituation, decideCfblReport, isSignedByReporter } from './decide-cfbl-report.ts';
export {
  decideFeedbackReport,
  missingReportFields,
  type ReportDecision,
  type ReportDestination,
  type ReportSituation,
} from './decide-report.ts';
export { type AuthFailure, type FeedbackReport, type FeedbackType, formatFeedbackFields, parseFeedbackFields } from './feedback-report.ts';
export { IncidentThrottle, type IncidentThrottleOptions } from './incident-throttle.ts';
export { findOwnReferences, type OwnReference, type OwnResources } from './report-relevance.ts';
export type { XarfReport, XarfReporter } from './xarf.ts';
