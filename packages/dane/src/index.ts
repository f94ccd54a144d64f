export { type DaneDecision, decideTls } from './decide-tls.ts';
export { DaneError } from './errors.ts';
export { type DaneDeps, type DaneDestination, type DaneLookup, lookupDane } from './lookup-dane.ts';
export {
  associationOf,
  describeTlsaRecord,
  formatTlsaRecord,
  makeTlsaRecord,
  matchTlsaRecord,
  parseTlsaRecord,
  type TlsaRecord,
  tlsaName,
  usageNames,
} from './tlsa-record.ts';
export { type SortedRecords, smtpUsages, sortTlsaRecords, type UsabilityOptions } from './usable-records.ts';
export { type DaneParameters, type DaneResult, verifyDane } from './verify-dane.ts';
