// The codec beside dns-packet: what either writes, the other reads alike; and mutants of all of it.

import { unwrap } from '@mox/syntax';
import packet from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { formatMessage, interpretAnswer, type MessageRecord, parseMessage } from '../src/index.ts';

const name = 'example.org';
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** Pairs: a record of ours, and the same for dns-packet. */
const records: readonly (readonly [ours: MessageRecord, theirs: packet.Answer])[] = [
  [
    { name, type: 'A', ttlSeconds: 60, data: '192.0.2.1' },
    { name, type: 'A', ttl: 60, data: '192.0.2.1' },
  ],
  [
    { name, type: 'AAAA', ttlSeconds: 60, data: '2001:db8::1' },
    { name, type: 'AAAA', ttl: 60, data: '2001:db8::1' },
  ],
  [
    { name, type: 'CNAME', ttlSeconds: 60, data: 'www.example.org' },
    { name, type: 'CNAME', ttl: 60, data: 'www.example.org' },
  ],
  [
    { name, type: 'NS', ttlSeconds: 60, data: 'ns.example.net' },
    { name, type: 'NS', ttl: 60, data: 'ns.example.net' },
  ],
  [
    { name, type: 'PTR', ttlSeconds: 60, data: 'mail.example.org' },
    { name, type: 'PTR', ttl: 60, data: 'mail.example.org' },
  ],
  [
    { name, type: 'MX', ttlSeconds: 60, data: { preference: 10, exchange: 'mail.example.org' } },
    { name, type: 'MX', ttl: 60, data: { preference: 10, exchange: 'mail.example.org' } },
  ],
  [
    { name, type: 'TXT', ttlSeconds: 60, data: [bytes(0x76, 0x3d), bytes(0xff)] },
    { name, type: 'TXT', ttl: 60, data: [Buffer.from([0x76, 0x3d]), Buffer.from([0xff])] },
  ],
  [
    {
      name,
      type: 'SOA',
      ttlSeconds: 60,
      data: {
        primary: 'ns.example.org',
        mailbox: 'root.example.org',
        serial: 4294967295,
        refreshSeconds: 1,
        retrySeconds: 2,
        expireSeconds: 3,
        minimumSeconds: 4,
      },
    },
    {
      name,
      type: 'SOA',
      ttl: 60,
      data: { mname: 'ns.example.org', rname: 'root.example.org', serial: 4294967295, refresh: 1, retry: 2, expire: 3, minimum: 4 },
    },
  ],
  [
    { name, type: 'SRV', ttlSeconds: 60, data: { priority: 1, weight: 2, port: 465, target: 'mail.example.org' } },
    { name, type: 'SRV', ttl: 60, data: { priority: 1, weight: 2, port: 465, target: 'mail.example.org' } },
  ],
  [
    { name, type: 'TLSA', ttlSeconds: 60, data: { usage: 3, selector: 1, matchingType: 1, association: bytes(1, 2, 3) } },
    { name, type: 'TLSA', ttl: 60, data: { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.from([1, 2, 3]) } },
  ],
  [
    { name, type: 'CAA', ttlSeconds: 60, data: { critical: true, tag: 'issue', value: bytes(0x3b) } },
    { name, type: 'CAA', ttl: 60, data: { flags: 128, issuerCritical: true, tag: 'issue', value: ';' } },
  ],
  [
    { name, type: 'DS', ttlSeconds: 60, data: { keyTag: 7, algorithm: 13, digestType: 2, digest: bytes(9, 8) } },
    { name, type: 'DS', ttl: 60, data: { keyTag: 7, algorithm: 13, digestType: 2, digest: Buffer.from([9, 8]) } },
  ],
  [
    { name, type: 'DNSKEY', ttlSeconds: 60, data: { flags: 257, protocol: 3, algorithm: 13, key: bytes(5, 6) } },
    { name, type: 'DNSKEY', ttl: 60, data: { flags: 257, algorithm: 13, key: Buffer.from([5, 6]) } },
  ],
  [
    {
      name,
      type: 'RRSIG',
      ttlSeconds: 60,
      data: {
        typeCovered: 'MX',
        algorithm: 13,
        labels: 2,
        originalTtlSeconds: 60,
        expiration: 2000000000,
        inception: 1900000000,
        keyTag: 7,
        signer: 'example.org',
        signature: bytes(1),
      },
    },
    {
      name,
      type: 'RRSIG',
      ttl: 60,
      data: {
        typeCovered: 'MX',
        algorithm: 13,
        labels: 2,
        originalTTL: 60,
        expiration: 2000000000,
        inception: 1900000000,
        keyTag: 7,
        signersName: 'example.org',
        signature: Buffer.from([1]),
      },
    },
  ],
  [
    { name, type: 'NSEC', ttlSeconds: 60, data: { next: 'a.example.org', types: ['A', 'MX', 'RRSIG', 'CAA'] } },
    { name, type: 'NSEC', ttl: 60, data: { nextDomain: 'a.example.org', rrtypes: ['A', 'MX', 'RRSIG', 'CAA'] } },
  ],
  [
    {
      name,
      type: 'NSEC3',
      ttlSeconds: 60,
      data: { algorithm: 1, flags: 1, iterations: 5, salt: bytes(0xaa), nextHash: new Uint8Array(20).fill(3), types: ['A'] },
    },
    {
      name,
      type: 'NSEC3',
      ttl: 60,
      data: {
        algorithm: 1,
        flags: 1,
        iterations: 5,
        salt: Buffer.from([0xaa]),
        nextDomain: Buffer.alloc(20, 3),
        rrtypes: ['A'],
      },
    },
  ],
];

const answers = records.map(([ours]) => ours);
const whole = {
  id: 4660,
  response: true,
  opcode: 0,
  authoritative: false,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: true,
  authentic: true,
  checkingDisabled: false,
  rcode: 0,
  questions: [{ name, type: 'MX', class: 1 }],
  answers,
  authorities: [],
  additionals: [],
  edns: { udpPayloadSizeBytes: 1232, version: 0, dnssecOk: true, options: [{ code: 15, data: bytes(0, 6, 0x6e, 0x6f) }] },
};

function theirMessage(list: packet.Answer[]): Uint8Array {
  const flags = packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE | packet.AUTHENTIC_DATA;
  return new Uint8Array(packet.encode({ type: 'response', id: 4660, flags, questions: [{ name, type: 'MX' }], answers: list }));
}

describe('beside dns-packet', () => {
  it.each(records)('RFC 1035 §3.2.1: %o: what dns-packet writes is read', (ours, theirs) => {
    expect(unwrap(parseMessage(theirMessage([theirs]))).answers).toEqual([ours]);
  });

  it.each(records)('RFC 1035 §3.2.1: %o: what is written dns-packet reads', (ours, theirs) => {
    const decoded = packet.decode(Buffer.from(formatMessage({ ...whole, answers: [ours] })));
    expect(decoded.answers).toHaveLength(1);
    const again = packet.encode({ type: 'response', answers: decoded.answers ?? [] });
    expect(again.toString('hex')).toBe(packet.encode({ type: 'response', answers: [theirs] }).toString('hex'));
    expect(decoded.flag_ad).toBe(true);
  });

  it('RFC 6891 §6.1.2: EDNS is understood both ways', () => {
    const decoded = packet.decode(Buffer.from(formatMessage(whole)));
    expect(decoded.additionals?.[0]).toMatchObject({ type: 'OPT', udpPayloadSize: 1232, flag_do: true });
    const theirs = packet.encode({
      type: 'query',
      id: 1,
      questions: [{ name, type: 'A' }],
      additionals: [
        {
          name: '.',
          type: 'OPT',
          udpPayloadSize: 4096,
          flags: packet.DNSSEC_OK,
          ednsVersion: 0,
          extendedRcode: 0,
          flag_do: true,
          options: [],
        },
      ],
    });
    expect(unwrap(parseMessage(new Uint8Array(theirs))).edns).toEqual({
      udpPayloadSizeBytes: 4096,
      version: 0,
      dnssecOk: true,
      options: [],
    });
  });

  it('parse after format is the identity', () => {
    expect(unwrap(parseMessage(formatMessage(whole)))).toEqual(whole);
  });
});

describe('mutants of messages', () => {
  const inputs = [
    formatMessage(whole),
    theirMessage(records.map(([, theirs]) => theirs)),
    ...records.map(([ours]) => formatMessage({ ...whole, answers: [ours] })),
  ];
  const tokens = ['\xc0\x0c', '\xc0\x00', '\0', '\x3f', '\0\x29', '\xff\xff', '\x07example\x03org\0'];

  it('neither throw nor hang, and what is read can be written and read again', () => {
    let read = 0;
    for (const mutant of mutants(inputs, { count: 5000, seed: 35, tokens })) {
      const parsed = parseMessage(mutant);
      if (!parsed.ok) {
        expect(parsed.error.offset).toBeLessThanOrEqual(mutant.length);
        continue;
      }
      read++;
      const { answer } = interpretAnswer(parsed.value, 'MX', { name, trusted: true });
      expect(answer.records.length === 0 || answer.status === 'ok').toBe(true);
      // What is uncompressed may be longer than a message; the rest must come back the same.
      if (mutant.length < 4000) expect(unwrap(parseMessage(formatMessage(parsed.value)))).toEqual(parsed.value);
    }
    expect(read).toBeGreaterThan(300);
  });
});
