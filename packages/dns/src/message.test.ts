import { toHex } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMessage, formatQuery } from './format-message.ts';
import type { DnsMessage } from './message.ts';
import { parseMessage } from './parse-message.ts';

const header = (counts: string, flags = '8180'): string => `1234${flags}${counts}`;
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
/** A response with one answer: the owner is the root, the class IN, the time to live 60. */
const oneAnswer = (type: string, data: string): Uint8Array =>
  bytes(
    `${header('0000000100000000')} 00 ${type} 0001 0000003c ${(data.replaceAll(' ', '').length / 2).toString(16).padStart(4, '0')} ${data}`,
  );

const response: DnsMessage = {
  id: 0x1234,
  response: true,
  opcode: 0,
  authoritative: false,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: true,
  authentic: true,
  checkingDisabled: false,
  rcode: 0,
  questions: [{ name: 'example.org', type: 'MX', class: 1 }],
  answers: [],
  authorities: [],
  additionals: [],
};

describe('parseMessage', () => {
  it('RFC 1035 §4.1.1: header bits by their meaning', () => {
    const message = unwrap(parseMessage(bytes(header('0000000000000000', '8783'))));
    expect(message).toMatchObject({ id: 0x1234, response: true, authoritative: true, truncated: true, recursionDesired: true, rcode: 3 });
    expect(message).toMatchObject({ recursionAvailable: true, authentic: false, checkingDisabled: false });
  });

  it.each([
    ['', 0, 'no bytes'],
    ['1234', 2, 'a header cut short'],
    [header('0001000000000000'), 12, 'a question that is missing'],
    [`${header('0001000000000000')} c00c 0001 0001`, 12, 'a pointer to itself'],
    [`${header('0001000000000000')} 0161 c00c 0001 0001`, 12, 'a pointer into its own name'],
    [`${header('0001000000000000')} c0ff 0001 0001`, 12, 'a pointer forward'],
    [`${header('0001000000000000')} 4161 0001 0001`, 12, 'a label of an unknown kind'],
    [`${header('0000000100000000')} 00 0001 0001 00000000 0004 7f0000`, 23, 'data beyond the end'],
    [`${header('0000000100000000')} 00 0029 04d0 00000000 0000`, 23, 'OPT among the answers'],
    [`${header('0000000000000002')} 00 0029 04d0 00000000 0000 00 0029 04d0 00000000 0000`, 23, 'two OPT records'],
  ])('RFC 1035 §4.1: %s is refused at %i: %s', (hex, offset) => {
    expect(parseMessage(bytes(hex))).toMatchObject({ ok: false, error: { offset } });
  });

  it.each([
    ['0001', '7f0000', 'an address of three bytes'],
    ['0001', '7f00000101', 'an address of five bytes'],
    ['001c', '20010db8', 'an IPv6 address of four bytes'],
    ['000f', '0a', 'half a preference'],
    ['0010', '05 6161', 'a string that is longer than its record'],
    ['0005', '0161', 'a name without an end'],
    ['0034', '0301', 'a TLSA record without a matching type'],
    ['002f', '00 01 01 80 00 01 80', 'windows of types out of order'],
    ['0041', '0001 00 0003 0000 0001 0000', 'parameters out of order'],
  ])('RFC 1035 §3.2.1: type %s with %s is refused: %s', (type, data) => {
    expect(parseMessage(oneAnswer(type, data)).ok).toBe(false);
  });

  it('RFC 1035 §4.1.4: a name may have pointers, but not without end', () => {
    const chain = Array.from({ length: 200 }, (_, i) => (0xc00c + 2 * i).toString(16)).join('');
    // 200 pointers, each to the one before, the first of them to the root.
    const hostile = `${header('0002000000000000')} 00 000100 ${chain} c19c 0001 0001`;
    expect(parseMessage(bytes(hostile)).ok).toBe(false);
    const shared = `${header('0002000000000000')} 0161 00 0001 0001 0162 c00c 0001 0001`;
    expect(unwrap(parseMessage(bytes(shared))).questions.map(({ name }) => name)).toEqual(['a', 'b.a']);
  });

  it('RFC 1035 §2.3.4: a name of more than 255 bytes is refused', () => {
    const label = `3f${'61'.repeat(63)}`;
    expect(parseMessage(bytes(`${header('0001000000000000')} ${label.repeat(4)} 00 0001 0001`)).ok).toBe(false);
    const longest = `${label.repeat(3)}3d${'61'.repeat(61)}00`;
    expect(parseMessage(bytes(`${header('0001000000000000')} ${longest} 0001 0001`)).ok).toBe(true);
  });

  it('RFC 1035 §5.1: dots and odd bytes inside labels are escaped, letters in lower case', () => {
    const message = unwrap(parseMessage(bytes(`${header('0001000000000000')} 06 41 2e 5c 00 ff 7a 00 0001 0001`)));
    expect(message.questions[0]?.name).toBe('a\\.\\\\\\000\\255z');
    expect(toHex(formatMessage(message)).slice(24)).toBe('06612e5c00ff7a0000010001');
  });

  it('RFC 6891 §6.1.3: the response code has upper bits in the OPT record', () => {
    const message = unwrap(parseMessage(bytes(`${header('0000000000000001')} 00 0029 04d0 01 00 8000 0006 000f 0002 0006`)));
    expect(message.rcode).toBe(16);
    expect(message.edns).toEqual({
      udpPayloadSizeBytes: 1232,
      version: 0,
      dnssecOk: true,
      options: [{ code: 15, data: Uint8Array.of(0, 6) }],
    });
  });

  it('RFC 2181 §8: a time to live with its first bit set is zero', () => {
    const message = unwrap(parseMessage(bytes(`${header('0000000100000000')} 00 0001 0001 80000000 0004 7f000001`)));
    expect(message.answers[0]?.ttlSeconds).toBe(0);
  });

  it('what is read holds nothing of the input, whatever kind of array that is', () => {
    const input = Buffer.from(oneAnswer('0010', '0161'));
    const [record] = unwrap(parseMessage(input)).answers;
    input.fill(0);
    expect(record?.data).toEqual([Uint8Array.of(0x61)]);
  });

  it.each([
    ['0002', '024e53 c00c', '026e73 00', 'NS'],
    ['000f', '000a 014d c00c', '000a 016d 00', 'MX'],
    [
      '0006',
      '0141 c00c 0142 c00c 0000000100000002000000030000000400000005',
      '016100 016200 0000000100000002000000030000000400000005',
      'SOA',
    ],
    ['0021', '000100020003 0141 00', '000100020003 0161 00', 'SRV'],
    ['0027', '0141 00', '0161 00', 'DNAME'],
    ['0023', '0001 0002 0153 0141 0142 0143 00', '0001 0002 0153 0141 0142 0163 00', 'NAPTR'],
    ['0012', '0001 0141 c00c', '0001 0161 00', 'AFSDB'],
    ['002f', '0141 00 0001 40', '0141 00 0001 40', 'NSEC, which RFC 6840 §5.1 takes off the list'],
    ['0101', '00 05 4973537565 41', '00 05 4973537565 41', 'CAA, whose letters stay'],
    ['0041', '0001 0141 00', '0001 0141 00', 'HTTPS, whose letters stay'],
  ])('RFC 4034 §6.2: type %s with %s is covered by signatures as %s: %s', (type, data, canonical) => {
    // The owner, to which pointers at 12 lead, is the root.
    const [record] = unwrap(parseMessage(oneAnswer(type, data), { canonical: true })).answers;
    expect(toHex(record?.canonicalData ?? bytes(''))).toBe(canonical.replaceAll(' ', ''));
    expect(unwrap(parseMessage(oneAnswer(type, data))).answers[0]?.canonicalData).toBeUndefined();
  });

  it('RFC 3597 §3: a type or class that is not known keeps its data', () => {
    const message = unwrap(parseMessage(oneAnswer('ff01', 'c00c')));
    expect(message.answers[0]).toEqual({ name: '', type: 'opaque', typeNumber: 0xff01, class: 1, ttlSeconds: 60, data: bytes('c00c') });
    const chaos = unwrap(parseMessage(bytes(`${header('0000000100000000')} 00 0010 0003 00000000 0002 0161`)));
    expect(chaos.answers[0]).toMatchObject({ type: 'opaque', typeNumber: 16, class: 3 });
  });
});

describe('formatMessage', () => {
  it('RFC 1035 §4.1.4: names are compressed in the types of RFC 1035', () => {
    const message = formatMessage({
      ...response,
      answers: [{ name: 'example.org', type: 'MX', ttlSeconds: 60, data: { preference: 10, exchange: 'mail.example.org' } }],
    });
    expect(toHex(message).slice(24)).toBe(
      `${toHex(Buffer.from('\x07example\x03org\0'))}000f0001` + `c00c000f00010000003c0009000a${toHex(Buffer.from('\x04mail'))}c00c`,
    );
  });

  it('RFC 4343 §3: bytes beyond ASCII have no case: names that differ in them are told apart', () => {
    const records = ['\u00c9.org', '\u00e9.org'].map((name) => ({ name, type: 'A' as const, ttlSeconds: 60, data: '192.0.2.1' }));
    const read = unwrap(parseMessage(formatMessage({ ...response, answers: records }))).answers;
    expect(read.map(({ name }) => name)).toEqual(['\\201.org', '\\233.org']);
  });

  it('RFC 3597 §4: names of later types are not compressed', () => {
    const srv = { priority: 0, weight: 0, port: 25, target: 'example.org' };
    const message = formatMessage({ ...response, answers: [{ name: 'example.org', type: 'SRV', ttlSeconds: 60, data: srv }] });
    expect(toHex(message)).toContain(`0019${toHex(Buffer.from('\x07example\x03org\0'))}`);
  });

  it('throws a RangeError for what does not fit', () => {
    for (const name of ['a..b', '.a', 'a..', '..', 'a\\', '\u4e2d.org', 'a.'.repeat(127), `${'a.'.repeat(127)}b`]) {
      if (name === 'a.'.repeat(127)) expect(formatQuery(name, 'A', { id: 1 }).length).toBeGreaterThan(255);
      else expect(() => formatQuery(name, 'A', { id: 1 })).toThrow(RangeError);
    }
    expect(() => formatQuery(`${'a'.repeat(64)}.org`, 'A', { id: 1 })).toThrow(RangeError);
    expect(() => formatQuery('example.org', 'WHAT', { id: 1 })).toThrow(RangeError);
    expect(() => formatQuery('example.org', 'A', { id: 0x10000 })).toThrow(RangeError);
    const data = [new Uint8Array(255)];
    const answers = Array.from({ length: 300 }, () => ({ name: '', type: 'TXT' as const, ttlSeconds: 0, data }));
    expect(() => formatMessage({ ...response, answers })).toThrow(RangeError);
  });

  it('RFC 6840 §5.7: a query that wants DNSSEC sets AD and DO', () => {
    const query = unwrap(parseMessage(formatQuery('eXample.org', 'MX', { id: 7, dnssec: true })));
    expect(query).toMatchObject({ id: 7, response: false, recursionDesired: true, authentic: true, edns: { dnssecOk: true } });
    expect(unwrap(parseMessage(formatQuery('example.org', 'MX', { id: 7, udpPayloadSizeBytes: 0 }))).edns).toBeUndefined();
  });

  it('RFC 4034 §4.1.2: what is written reads the same, whatever the types', () => {
    const types = fc.uniqueArray(fc.constantFrom('A', 'MX', 'RRSIG', 'NSEC', 'CAA', 'TYPE65280', 'TYPE1234'), { minLength: 1 });
    fc.assert(
      fc.property(types, fc.domain(), (list, next) => {
        const answers = [{ name: 'example.org', type: 'NSEC' as const, ttlSeconds: 60, data: { next: next.toLowerCase(), types: list } }];
        const again = unwrap(parseMessage(formatMessage({ ...response, answers })));
        const data = again.answers[0]?.data as { next: string; types: readonly string[] };
        expect(data.next).toBe(next.toLowerCase());
        expect(data.types.toSorted()).toEqual(list.toSorted());
      }),
      { numRuns: 200 },
    );
  });
});
