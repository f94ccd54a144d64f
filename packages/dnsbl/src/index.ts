export { checkDnsListHealth, type DnsListHealth, type DnsListKind } from './check-health.ts';
export {
  checkDnsList,
  checkDnsLists,
  type DnsListDeps,
  type DnsListResult,
  type DnsListStatus,
  type DnsListSubject,
  dnsListName,
} from './check-list.ts';
export type { DnsList, EntryTest } from './dns-list.ts';
export { type DnswlAuthentication, dnswlAuthentication } from './dnswl.ts';
