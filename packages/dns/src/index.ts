export { type CacheOptions, CachingResolver } from './caching-resolver.ts';
export { formatTxt } from './character-string.ts';
export type { ExchangeOptions, ExchangeResult, Exchanger } from './exchanger.ts';
export { type ExtendedError, formatExtendedError, readExtendedErrors, saysBogus } from './extended-error.ts';
export { formatMessage, formatQuery, type QueryMessageOptions } from './format-message.ts';
export { HttpsExchanger, type HttpsExchangerOptions, type HttpsFetch, type HttpsResponse } from './https-exchanger.ts';
export { defaultAliasLimit, type InterpretedAnswer, type InterpretOptions, interpretAnswer, joinAnswers } from './interpret-answer.ts';
export {
  type DomainRecordKind,
  type DomainRecordLookup,
  lookupDomainRecord,
  lookupTxtRecord,
  type TxtRecordForm,
  type TxtRecordLookup,
} from './lookup-txt-record.ts';
export { type AddressLookup, lookupAddresses, lookupPtr, lookupTxt, lookupValidation } from './lookups.ts';
export { type DnsMessage, type Edns, formatRcode, type MessageRecord, type OpaqueRecord, type Question } from './message.ts';
export { encodeName, isAtOrBelow, joinLabels, nameLabels, normalizeName, parentName } from './name.ts';
export { describeFailure, isFailedAnswer, isNegativeAnswer, type ReportedStatus, reportedStatus } from './negative-answer.ts';
export { orderServers } from './order-servers.ts';
export { parseMessage } from './parse-message.ts';
export { joinTxt, type RecordData, type RecordType, type ServiceBinding } from './record.ts';
export { formatRecordType, isRecordType, parseRecordType } from './record-type.ts';
export type { DnsAnswer, DnsRecord, DnsStatus, DnssecStatus, QueryOptions, Resolver } from './resolver.ts';
export { parseReverseName, reverseLabels, reverseName } from './reverse-name.ts';
export { findServiceBindingFault } from './service-parameters.ts';
export { SharedQueries } from './shared-queries.ts';
export { formatRecordData, traceDns } from './trace-dns.ts';
export { parseZone, type ZoneRecord } from './zone-text.ts';
