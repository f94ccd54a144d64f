import { toHex } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import { describe, expect, it } from 'vitest';
import { formatMessage } from './format-message.ts';
import type { DnsMessage, MessageRecord } from './message.ts';
import { parseMessage } from './parse-message.ts';
import type { ServiceBinding } from './record.ts';
import { findServiceBindingFault } from './service-parameters.ts';
import { formatRecordData } from './trace-dns.ts';
import { parseZone } from './zone-text.ts';

const empty: DnsMessage = {
  ...{ id: 0, response: true, opcode: 0, authoritative: false, truncated: false, recursionDesired: false, recursionAvailable: false },
  ...{ authentic: false, checkingDisabled: false, rcode: 0, questions: [], answers: [], authorities: [], additionals: [] },
};

/** Data of the wire, in hexadecimal. */
function wireOf(record: MessageRecord): string {
  const [read] = unwrap(parseMessage(formatMessage({ ...empty, answers: [record] }), { canonical: true })).answers;
  return toHex(read?.canonicalData ?? new Uint8Array(0));
}

const foo = '03666f6f076578616d706c65';
const com = `${foo}03636f6d00`;
const org = `${foo}036f726700`;

describe('parameters of services', () => {
  it.each([
    ['figure 2: an alias', 'HTTPS 0 foo.example.com.', `0000${com}`],
    ['figure 3: the owner itself', 'SVCB 1 .', '000100'],
    ['figure 4: a port', 'SVCB 16 foo.example.com. port=53', `0010${com}000300020035`],
    ['figure 5: a key by its number', 'SVCB 1 foo.example.com. key667=hello', `0001${com}029b000568656c6c6f`],
    ['figure 6: quoted, a byte by its number', 'SVCB 1 foo.example.com. key667="hello\\210qoo"', `0001${com}029b000968656c6c6fd2716f6f`],
    [
      'figure 7: hints',
      'SVCB 1 foo.example.com. (\n ipv6hint="2001:db8::1,2001:db8::53:1"\n )',
      `0001${com}0006002020010db800000000000000000000000120010db8000000000000000000530001`,
    ],
    [
      'figure 8: a hint with IPv4 in it',
      'SVCB 1 example.com. ipv6hint="2001:db8:122:344::192.0.2.33"',
      '0001076578616d706c6503636f6d000006001020010db80122034400000000c0000221',
    ],
    [
      'figure 9: keys in any order',
      'SVCB 16 foo.example.org. (alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1)',
      `0010${org}000000040001000400010009026832056833 2d313900040004c0000201`.replace(' ', ''),
    ],
    [
      'figure 10: a comma in an item',
      'SVCB 16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"',
      `0010${org}0001000c08665c6f6f2c626172026832`,
    ],
    ['figure 10: by number', 'SVCB 16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2', `0010${org}0001000c08665c6f6f2c626172026832`],
  ])('RFC 9460 appendix D: %s', (_what, text, wire) => {
    const [record] = unwrap(parseZone(`example.com. ${text}`));
    expect(record && wireOf(record)).toBe(wire);
    const again = record && unwrap(parseZone(`example.com. ${record.type} ${formatRecordData(record)}`));
    expect(again).toEqual([record]);
  });

  it.each([
    'key123=abc key123=def',
    'mandatory',
    'alpn',
    'port',
    'ipv4hint',
    'ipv6hint',
    'no-default-alpn=abc',
    'mandatory=key123',
    'mandatory=mandatory',
    'mandatory=key123,key123 key123=abc',
    'ech',
    'ech="?"',
    'alpn=h2,,h3',
    'alpn="a\\\\b"',
    `alpn=${'x'.repeat(256)}`,
    'port=65536',
    'port=-1',
    'ipv4hint=2001:db8::1',
    'ipv6hint=192.0.2.1',
    'key65535=x',
    'key0667=x',
    'Port=1',
    'key3=abc',
    'no-default-alpn',
    'dohpath',
  ])('RFC 9460 §2.1, RFC 9460 §8: %s is refused', (parameters) => {
    expect(parseZone(`example.com. SVCB 1 foo.example.com. ${parameters}`).ok).toBe(false);
  });

  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
  const port = { key: 3, value: bytes(1, 187) };
  it.each<[string, ServiceBinding['parameters'], string | undefined]>([
    ['nothing', [], undefined],
    ['a key that nobody knows', [{ key: 65_280, value: bytes(1) }], undefined],
    ['keys out of order', [{ key: 4, value: bytes(192, 0, 2, 1) }, port], 'keys are not in rising order'],
    ['a port of three bytes', [{ key: 3, value: bytes(1, 2, 3) }], 'a value that port cannot have'],
    ['an item of no bytes', [{ key: 1, value: bytes(0) }], 'a value that alpn cannot have'],
    ['an item beyond the end', [{ key: 1, value: bytes(3, 65) }], 'a value that alpn cannot have'],
    ['hints cut short', [{ key: 4, value: bytes(192, 0, 2) }], 'a value that ipv4hint cannot have'],
    ['half a key', [{ key: 0, value: bytes(0, 3, 0) }, port], 'a value that mandatory cannot have'],
    ['what is mandatory is missing', [{ key: 0, value: bytes(0, 3, 0, 4) }, port], 'ipv4hint is mandatory, and missing'],
    ['an unknown key is mandatory, and missing', [{ key: 0, value: bytes(2, 155) }], 'key667 is mandatory, and missing'],
    ['no default beside nothing', [{ key: 2, value: bytes() }], 'no-default-alpn without alpn'],
  ])('RFC 9460 §2.2, RFC 9460 §2.4.3: %s', (_what, parameters, fault) => {
    expect(findServiceBindingFault({ priority: 1, target: '', parameters })).toBe(fault);
    // RFC 9460 §2.4.2: those of an alias are passed over.
    expect(findServiceBindingFault({ priority: 0, target: 'a.example', parameters })).toBeUndefined();
  });

  it('RFC 9460 §2.1: a value that its key cannot have is written by its number', () => {
    const data = { priority: 1, target: '', parameters: [{ key: 3, value: bytes(1, 2, 3) }] };
    expect(formatRecordData({ name: 'a', type: 'SVCB', ttlSeconds: 1, data })).toBe('1 . key3=\\001\\002\\003');
  });
});
