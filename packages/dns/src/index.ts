export { joinTxt, type RecordData, type RecordType } from './record.ts';
export type { DnsAnswer, DnsRecord, DnsStatus, DnssecStatus, QueryOptions, Resolver } from './resolver.ts';
export { formatRecordData, traceDns } from './trace-dns.ts';
