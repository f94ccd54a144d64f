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
export { type Dsn, type DsnInput, makeDsn, parseDsn } from './dsn.ts';
export {
  type Disposition,
  type DispositionNotification,
  formatDispositionNotification,
  type Mdn,
  type MdnInput,
  makeMdn,
  parseDispositionNotification,
  parseMdn,
} from './mdn.ts';
export { type GivenMessage, makeOriginalPart } from './original-part.ts';
export { fieldValue, formatField, type ReportField, readFieldGroups } from './report-fields.ts';
export { type ReportMessage, readReportMessage } from './report-message.ts';
export { describeStatusCode, formatStatusCode, parseStatusCode, type StatusCode } from './status-code.ts';
export { formatTypedAddress, parseTypedAddress, type TypedAddress } from './typed-address.ts';
