export { type FeedbackInput, makeFeedbackReport, parseFeedbackReport, type ReceivedFeedback } from './arf.ts';
export { type CfblAddress, type CfblTarget, findCfblTarget, formatCfblAddress, parseCfblAddress } from './cfbl.ts';
export { type AuthFailure, type FeedbackReport, type FeedbackType, formatFeedbackFields, parseFeedbackFields } from './feedback-report.ts';
