export { withoutComments } from './comments.ts';
export {
  chooseReturnedContent,
  type DeliveryOutcome,
  type DsnDecision,
  type DsnNotify,
  type DsnPassing,
  type DsnRequest,
  decideDsn,
  passDsnRequest,
} from './decide-dsn.ts';
export { decideMdn, type MdnDecision, type MdnSituation } from './decide-mdn.ts';
export {
  type DeliveryAction,
  type DeliveryStatus,
  formatDeliveryStatus,
  type MtaName,
  parseDeliveryStatus,
  parseMtaName,
  type RecipientStatus,
  type ReportDefect,
} from './delivery-status.ts';
export type { Disposition } from './disposition.ts';
export {
  type DispositionNotification,
  formatDispositionNotification,
  makeNotification,
  type NotificationInput,
  parseDispositionNotification,
} from './disposition-notification.ts';
export { type Dsn, type DsnInput, makeDsn, parseDsn } from './dsn.ts';
export { type Mdn, type MdnInput, makeMdn, parseMdn } from './mdn.ts';
export { formatMdnRequest, type MdnPassing, type MdnRequest, mdnRequestFields, passMdnRequest, readMdnRequest } from './mdn-request.ts';
export { formatNotificationOptions, type NotificationOption, parseNotificationOptions } from './notification-options.ts';
export { type GivenMessage, makeOriginalPart } from './original-part.ts';
export { makeRecipientStatus, type RecipientReport } from './recipient-status.ts';
export { fieldValue, formatField, type ReportField, readFieldGroups } from './report-fields.ts';
export { type ReportMessage, readReportMessage } from './report-message.ts';
export { describeStatusCode, formatStatusCode, parseStatusCode, type StatusCode } from './status-code.ts';
export { formatTypedAddress, parseTypedAddress, type TypedAddress } from './typed-address.ts';
