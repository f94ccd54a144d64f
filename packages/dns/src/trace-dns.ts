import type { TraceDns } from '@mox/runtime';
import { toHex } from '@mox/runtime';
import { joinTxt, type RecordData, type RecordType } from './record.ts';
import type { DnsAnswer, DnsRecord } from './resolver.ts';

type Presentation = { readonly [T in RecordType]: (data: RecordData[T]) => string };

const presentation: Presentation = {
  A: (address) => address,
  AAAA: (address) => address,
  CNAME: (name) => `${name}.`,
  NS: (name) => `${name}.`,
  PTR: (name) => `${name}.`,
  MX: (mx) => `${mx.preference} ${mx.exchange}.`,
  TXT: (strings) => JSON.stringify(joinTxt(strings)),
  SOA: (soa) =>
    `${soa.primary}. ${soa.mailbox}. ${soa.serial} ${soa.refreshSeconds} ${soa.retrySeconds} ${soa.expireSeconds} ${soa.minimumSeconds}`,
  SRV: (srv) => `${srv.priority} ${srv.weight} ${srv.port} ${srv.target}.`,
  TLSA: (tlsa) => `${tlsa.usage} ${tlsa.selector} ${tlsa.matchingType} ${toHex(tlsa.association)}`,
  CAA: (caa) => `${caa.critical ? 128 : 0} ${caa.tag} ${JSON.stringify(joinTxt([caa.value]))}`,
  DS: (ds) => `${ds.keyTag} ${ds.algorithm} ${ds.digestType} ${toHex(ds.digest)}`,
  DNSKEY: (key) => `${key.flags} ${key.protocol} ${key.algorithm} ${toHex(key.key)}`,
};

/** The data of a record as text for people, in the presentation form of its RFC. */
export function formatRecordData<T extends RecordType>(record: DnsRecord<T>): string {
  const format: (data: RecordData[T]) => string = presentation[record.type];
  return format(record.data);
}

/** A question and its answer as a trace keeps them. */
export function traceDns<T extends RecordType>(name: string, type: T, answer: DnsAnswer<T>): TraceDns {
  return {
    name,
    type,
    status: answer.security === 'bogus' ? 'bogus' : answer.status,
    ...(answer.security === 'secure' && { authentic: true }),
    ...(answer.records.length > 0 && { answers: answer.records.map(formatRecordData) }),
  };
}
