import { formatExtendedError, readExtendedErrors, saysBogus } from './extended-error.ts';
import { type DnsMessage, formatRcode, type MessageRecord } from './message.ts';
import type { RecordType } from './record.ts';
import type { DnsAnswer, DnsRecord, DnsStatus, DnssecStatus } from './resolver.ts';

/** Names that one question may be led through, unless told. */
export const defaultAliasLimit = 16;

/** What a message is read with. */
export interface InterpretOptions {
  /** The name asked for, in the form of `normalizeName`. */
  readonly name: string;
  /** Whether AD of this server, over this way, is believed (RFC 4035 §4.9.3). */
  readonly trusted: boolean;
  /** Names that the question may be led through; 16 unless told. */
  readonly aliasLimit?: number;
}

/** An answer, and the alias that is to be asked for next where the server left the chain unfinished. */
export interface InterpretedAnswer<T extends RecordType> {
  readonly answer: DnsAnswer<T>;
  readonly next?: string;
}

function isOf<T extends RecordType>(record: MessageRecord, name: string, type: T): record is MessageRecord & DnsRecord<T> {
  return record.type === type && record.name === name;
}

function securityOf(message: DnsMessage, trusted: boolean): DnssecStatus {
  if (!trusted) return 'indeterminate';
  if (message.rcode === 0 || message.rcode === 3) return message.authentic ? 'secure' : 'insecure';
  return readExtendedErrors(message).some(saysBogus) ? 'bogus' : 'indeterminate';
}

interface Chain {
  readonly aliases: readonly string[];
  readonly last: string;
  readonly ttlSeconds: number;
  readonly fault?: string;
}

/** Follows CNAME records within the answer section (RFC 1034 §3.6.2). */
function followAliases(message: DnsMessage, name: string, limit: number): Chain {
  const targets = new Map<string, DnsRecord<'CNAME'>>();
  for (const record of message.answers) if (record.type === 'CNAME' && !targets.has(record.name)) targets.set(record.name, record);
  const aliases: string[] = [];
  const seen = new Set([name]);
  let ttlSeconds = Number.POSITIVE_INFINITY;
  let last = name;
  for (let link = targets.get(last); link; link = targets.get(last)) {
    last = link.data;
    aliases.push(last);
    ttlSeconds = Math.min(ttlSeconds, link.ttlSeconds);
    if (seen.has(last)) return { aliases, last, ttlSeconds, fault: 'aliases go round in a circle' };
    seen.add(last);
    if (aliases.length > limit) return { aliases, last, ttlSeconds, fault: `more than ${limit} aliases` };
  }
  return { aliases, last, ttlSeconds };
}

/** How long that there is nothing may be kept (RFC 2308 §5); 0 without an SOA record. */
function negativeTtl(message: DnsMessage): number {
  const soa = message.authorities.find((record) => record.type === 'SOA');
  return soa ? Math.min(soa.ttlSeconds, soa.data.minimumSeconds) : 0;
}

function failureStatus(rcode: number): DnsStatus {
  return rcode === 5 ? 'refused' : 'servfail';
}

function describeProblem(message: DnsMessage, fault?: string): { problem?: string } {
  const words = readExtendedErrors(message).map(formatExtendedError);
  if (fault) words.unshift(fault);
  else if (message.rcode !== 0 && message.rcode !== 3 && message.rcode !== 2) words.unshift(formatRcode(message.rcode));
  return words.length > 0 ? { problem: words.join('; ') } : {};
}

/** Whether a server points elsewhere instead of answering (RFC 2308 §2.2): a resolver never does. */
function isReferral(message: DnsMessage): boolean {
  const has = (type: string): boolean => message.authorities.some((record) => record.type === type);
  return message.answers.length === 0 && !message.authoritative && has('NS') && !has('SOA');
}

/**
 * Reads a server's message as the answer to a question: the chain of aliases followed, no data told from no such name
 * (RFC 2308 §2), how long it may be kept, how much it is to be believed. That the message belongs to the question is the caller's to see to.
 */
export function interpretAnswer<T extends RecordType>(message: DnsMessage, type: T, options: InterpretOptions): InterpretedAnswer<T> {
  const { name, trusted, aliasLimit = defaultAliasLimit } = options;
  const security = securityOf(message, trusted);
  const chain =
    type === 'CNAME' ? { aliases: [], last: name, ttlSeconds: Number.POSITIVE_INFINITY } : followAliases(message, name, aliasLimit);
  const none = { security, records: [], aliases: chain.aliases, ttlSeconds: 0, ...describeProblem(message, chain.fault) };
  if (message.rcode !== 0 && message.rcode !== 3) return { answer: { ...none, status: failureStatus(message.rcode) } };
  if (chain.fault !== undefined) return { answer: { ...none, status: 'servfail' } };
  const records = message.answers.filter((record) => isOf(record, chain.last, type)) as unknown as readonly DnsRecord<T>[];
  // RFC 6604 §3: the code is about the last name of the chain, and what was found says more than it.
  if (records.length > 0) {
    const ttlSeconds = Math.min(chain.ttlSeconds, ...records.map((record) => record.ttlSeconds));
    return { answer: { ...none, status: 'ok', records, ttlSeconds } };
  }
  const ttlSeconds = Math.min(chain.ttlSeconds, negativeTtl(message));
  if (message.rcode === 3) return { answer: { ...none, status: 'nxdomain', ttlSeconds } };
  if (isReferral(message)) return { answer: { ...none, status: 'servfail', ...describeProblem(message, 'a referral, not an answer') } };
  const answer: DnsAnswer<T> = { ...none, status: 'nodata', ttlSeconds };
  const finished = chain.aliases.length === 0 || message.authorities.some((record) => record.type === 'SOA');
  return finished ? { answer } : { answer: { ...answer, ttlSeconds: chain.ttlSeconds }, next: chain.last };
}

const strength: readonly DnssecStatus[] = ['bogus', 'indeterminate', 'insecure', 'secure'];

/** Puts the answer for the end of a chain behind the aliases that led there: as secure as the weaker, kept as long as the shorter. */
export function joinAnswers<T extends RecordType>(start: DnsAnswer<T>, end: DnsAnswer<T>): DnsAnswer<T> {
  const security = strength[Math.min(strength.indexOf(start.security), strength.indexOf(end.security))] ?? 'indeterminate';
  const aliases = [...start.aliases, ...end.aliases];
  return { ...end, security, aliases, ttlSeconds: Math.min(start.ttlSeconds, end.ttlSeconds) };
}
