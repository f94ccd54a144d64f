import { describe, expect, it } from 'vitest';
import { formatExtendedError, readExtendedErrors } from './extended-error.ts';
import { interpretAnswer, joinAnswers } from './interpret-answer.ts';
import type { DnsMessage, MessageRecord } from './message.ts';

const message: DnsMessage = {
  id: 1,
  response: true,
  opcode: 0,
  authoritative: false,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: true,
  authentic: false,
  checkingDisabled: false,
  rcode: 0,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
};
const name = 'www.example.org';
const alias = (from: string, to: string, ttlSeconds = 300): MessageRecord => ({ name: from, type: 'CNAME', ttlSeconds, data: to });
const address = (owner: string, ttlSeconds = 300): MessageRecord => ({ name: owner, type: 'A', ttlSeconds, data: '192.0.2.1' });
const soa: MessageRecord = {
  name: 'example.org',
  type: 'SOA',
  ttlSeconds: 500,
  data: { primary: '', mailbox: '', serial: 1, refreshSeconds: 1, retrySeconds: 1, expireSeconds: 1, minimumSeconds: 200 },
};
const ns: MessageRecord = { name: 'example.org', type: 'NS', ttlSeconds: 500, data: 'ns.example.org' };
const explained = (...data: number[]): Partial<DnsMessage> => ({
  edns: { udpPayloadSizeBytes: 1232, version: 0, dnssecOk: true, options: [{ code: 15, data: Uint8Array.from(data) }] },
});

describe('interpretAnswer', () => {
  it.each<[string, Partial<DnsMessage>, object]>([
    ['an answer', { answers: [address(name, 60), address(name, 30)] }, { status: 'ok', ttlSeconds: 30, aliases: [] }],
    ['records of other names', { answers: [address('other.example.org')] }, { status: 'nodata', records: [] }],
    ['records of other types', { answers: [{ ...ns, name }] }, { status: 'nodata', records: [] }],
    ['RFC 2308 §5: no data', { authorities: [soa] }, { status: 'nodata', ttlSeconds: 200 }],
    ['RFC 2308 §5: no data without SOA is not kept', {}, { status: 'nodata', ttlSeconds: 0 }],
    ['RFC 2308 §2.1: no such name', { rcode: 3, authorities: [soa] }, { status: 'nxdomain', ttlSeconds: 200 }],
    [
      'RFC 6604 §3: no such name at the end',
      { rcode: 3, answers: [alias(name, 'b', 60)], authorities: [soa] },
      { status: 'nxdomain', aliases: ['b'], ttlSeconds: 60 },
    ],
    ['RFC 2308 §2.2: a referral', { authorities: [ns] }, { status: 'servfail', problem: 'a referral, not an answer' }],
    ['SERVFAIL', { rcode: 2 }, { status: 'servfail', ttlSeconds: 0 }],
    ['REFUSED', { rcode: 5 }, { status: 'refused' }],
    ['NOTIMP', { rcode: 4 }, { status: 'servfail', problem: 'NOTIMP' }],
    ['BADVERS', { rcode: 16 }, { status: 'servfail', problem: 'BADVERS' }],
    [
      'a chain',
      { answers: [alias('b', 'c', 50), alias(name, 'b'), address('c', 70)] },
      { status: 'ok', aliases: ['b', 'c'], ttlSeconds: 50 },
    ],
    ['a circle', { answers: [alias(name, 'b'), alias('b', name)] }, { status: 'servfail', problem: 'aliases go round in a circle' }],
    [
      'a long chain',
      { answers: [alias(name, 'b0'), ...Array.from({ length: 40 }, (_, i) => alias(`b${i}`, `b${i + 1}`))] },
      { status: 'servfail' },
    ],
    ['RFC 8914 §2: words of the server', { rcode: 2, ...explained(0, 22) }, { status: 'servfail', problem: 'no reachable authority (22)' }],
    ['RFC 8914 §4.4: a stale answer', { answers: [address(name)], ...explained(0, 3) }, { status: 'ok', problem: 'stale answer (3)' }],
  ])('%s', (_, parts, expected) => {
    expect(interpretAnswer({ ...message, ...parts }, 'A', { name, trusted: true }).answer).toMatchObject(expected);
  });

  it.each<[Partial<DnsMessage>, boolean, string]>([
    [{ authentic: true }, true, 'secure'],
    [{ authentic: true, rcode: 3 }, true, 'secure'],
    [{ authentic: false }, true, 'insecure'],
    [{ authentic: true }, false, 'indeterminate'],
    [{ authentic: false }, false, 'indeterminate'],
    [{ rcode: 2 }, true, 'indeterminate'],
    [{ rcode: 2, authentic: true }, true, 'indeterminate'],
    [{ rcode: 2, ...explained(0, 6) }, true, 'bogus'],
    [{ rcode: 2, ...explained(0, 12) }, true, 'bogus'],
    [{ rcode: 2, ...explained(0, 13) }, true, 'indeterminate'],
    [{ rcode: 2, ...explained(0, 6) }, false, 'indeterminate'],
  ])('RFC 4033 §5: %o of a server trusted %s is %s', (parts, trusted, security) => {
    expect(interpretAnswer({ ...message, ...parts }, 'A', { name, trusted }).answer.security).toBe(security);
  });

  it('a chain without an end says what to ask for next', () => {
    expect(interpretAnswer({ ...message, answers: [alias(name, 'b')] }, 'A', { name, trusted: true })).toMatchObject({ next: 'b' });
    expect(
      interpretAnswer({ ...message, answers: [alias(name, 'b')], authorities: [soa] }, 'A', { name, trusted: true }).next,
    ).toBeUndefined();
  });

  it('a question for CNAME follows nothing', () => {
    const { answer } = interpretAnswer({ ...message, answers: [alias(name, 'b'), alias('b', 'c')] }, 'CNAME', { name, trusted: true });
    expect(answer).toMatchObject({ status: 'ok', aliases: [], records: [{ data: 'b' }] });
  });

  it('RFC 6604 §2.2: joined answers are as secure as the weaker', () => {
    const part = { status: 'nodata', security: 'secure', records: [], aliases: ['b'], ttlSeconds: 60 } as const;
    const joined = joinAnswers(part, { ...part, status: 'nxdomain', security: 'insecure', aliases: ['c'], ttlSeconds: 90 });
    expect(joined).toEqual({ status: 'nxdomain', security: 'insecure', records: [], aliases: ['b', 'c'], ttlSeconds: 60 });
    expect(joinAnswers({ ...part, security: 'insecure' }, { ...part, security: 'bogus' }).security).toBe('bogus');
  });
});

describe('readExtendedErrors', () => {
  it('RFC 8914 §2: code and text; a NUL at the end is dropped, what is too short passed over', () => {
    expect(readExtendedErrors({ ...message, ...explained(0, 6, 0x6e, 0x6f, 0) }).map(formatExtendedError)).toEqual([
      'DNSSEC bogus (6): no',
    ]);
    expect(readExtendedErrors({ ...message, ...explained(0) })).toEqual([]);
    expect(readExtendedErrors({ ...message, ...explained(1, 0, ...new Array(1000).fill(0x61)) })[0]).toEqual({
      code: 256,
      text: 'a'.repeat(255),
    });
  });
});
