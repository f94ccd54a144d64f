import type { TraceDns } from '@mox/runtime';
import { toBase64, toHex } from '@mox/runtime';
import { formatTxt, quoteText } from './character-string.ts';
import { reportedStatus } from './negative-answer.ts';
import { joinTxt, type RecordData, type RecordType, type ServiceBinding } from './record.ts';
import type { DnsAnswer, DnsRecord } from './resolver.ts';
import { formatServiceParameter } from './service-parameters.ts';

type Presentation = { readonly [T in RecordType]: (data: RecordData[T]) => string };

const presentation: Presentation = {
  A: (address) => address,
  AAAA: (address) => address,
  CNAME: formatName,
  DNAME: formatName,
  NS: formatName,
  PTR: formatName,
  MX: (mx) => `${mx.preference} ${formatName(mx.exchange)}`,
  TXT: (strings) => formatTxt(joinTxt(strings)),
  SOA: (soa) =>
    `${formatName(soa.primary)} ${formatName(soa.mailbox)} ` +
    `${soa.serial} ${soa.refreshSeconds} ${soa.retrySeconds} ${soa.expireSeconds} ${soa.minimumSeconds}`,
  SRV: (srv) => `${srv.priority} ${srv.weight} ${srv.port} ${formatName(srv.target)}`,
  TLSA: (tlsa) => `${tlsa.usage} ${tlsa.selector} ${tlsa.matchingType} ${toHex(tlsa.association)}`,
  CAA: (caa) => `${caa.critical ? 128 : 0} ${caa.tag} ${quoteText(joinTxt([caa.value]))}`,
  DS: (ds) => `${ds.keyTag} ${ds.algorithm} ${ds.digestType} ${toHex(ds.digest)}`,
  DNSKEY: (key) => `${key.flags} ${key.protocol} ${key.algorithm} ${toBase64(key.key)}`,
  RRSIG: (rrsig) =>
    `${rrsig.typeCovered} ${rrsig.algorithm} ${rrsig.labels} ${rrsig.originalTtlSeconds} ${rrsig.expiration} ${rrsig.inception} ` +
    `${rrsig.keyTag} ${formatName(rrsig.signer)} ${toBase64(rrsig.signature)}`,
  NSEC: (nsec) => [formatName(nsec.next), ...nsec.types].join(' '),
  NSEC3: (nsec3) => [formatNsec3Parameters(nsec3), toBase32Hex(nsec3.nextHash), ...nsec3.types].join(' '),
  NSEC3PARAM: formatNsec3Parameters,
  SVCB: formatServiceBinding,
  HTTPS: formatServiceBinding,
};

function formatNsec3Parameters(parameters: RecordData['NSEC3PARAM']): string {
  return `${parameters.algorithm} ${parameters.flags} ${parameters.iterations} ${toHex(parameters.salt) || '-'}`;
}

function formatServiceBinding(data: ServiceBinding): string {
  return [data.priority, formatName(data.target), ...data.parameters.map(formatServiceParameter)].join(' ');
}

const meantInZones = /["$();@]/;

/** A whole name, with what zone text gives a meaning to escaped (RFC 1035 §5.1). */
function formatName(name: string): string {
  return meantInZones.test(name) ? `${name.replace(/["$();@]/g, '\\$&')}.` : `${name}.`;
}

/** RFC 4648 §7, lower case, without padding, as RFC 5155 §3.3 wants it. */
function toBase32Hex(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ((held >>> (bits - 5)) & 31).toString(32);
    held &= 31;
  }
  return bits > 0 ? text + ((held << (5 - bits)) & 31).toString(32) : text;
}

/** The data of a record in the presentation form of its RFC: what a zone file may have, in one line (RFC 1035 §5.1). */
export function formatRecordData<T extends RecordType>(record: DnsRecord<T>): string {
  const format: (data: RecordData[T]) => string = presentation[record.type];
  return format(record.data);
}

/** Answers that a trace keeps, and characters of each: what a zone may hold beyond is not worth keeping with every message. */
const answerLimit = 32;
const answerLength = 2048;

function isLong(text: string): boolean {
  return text.length > answerLength;
}

function hasLong(answers: readonly string[]): boolean {
  for (const text of answers) if (isLong(text)) return true;
  return false;
}

function limitAnswers(answers: readonly string[]): readonly string[] {
  const more = answers.length - answerLimit;
  if (more <= 0 && !hasLong(answers)) return answers;
  const kept = answers.slice(0, answerLimit).map((text) => (isLong(text) ? `${text.slice(0, answerLength)}...` : text));
  return more > 0 ? [...kept, `and ${more} more`] : kept;
}

/**
 * A question and its answer as a trace keeps them: no more than 32 records, each cut at 2,048 characters. `formatted` are the
 * records of the answer as `formatRecordData` writes them, where that has been done.
 */
export function traceDns<T extends RecordType>(name: string, type: T, answer: DnsAnswer<T>, formatted?: readonly string[]): TraceDns {
  const { records, security } = answer;
  const dns: { -readonly [K in keyof TraceDns]: TraceDns[K] } = { name, type, status: reportedStatus(answer) };
  if (security === 'secure') dns.authentic = true;
  if (records.length === 0) return dns;
  dns.answers = limitAnswers(formatted ?? records.map(formatRecordData));
  return dns;
}
