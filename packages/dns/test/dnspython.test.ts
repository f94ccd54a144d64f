// The codec and zone text beside dnspython: messages of generated records both ways, mutants of them, records as text both ways.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { toHex } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import { describe, expect, it } from 'vitest';
import { mutants, randomNumbers } from '../../../tools/fuzz.ts';
import {
  type DnsMessage,
  formatMessage,
  formatRecordData,
  formatRecordType,
  isRecordType,
  joinTxt,
  type MessageRecord,
  parseMessage,
  parseZone,
  type ZoneRecord,
} from '../src/index.ts';
import { Draw, drawMessage, drawRecord, recordTypes } from './generated-records.ts';

type Row = readonly [section: number, owner: string, type: number, recordClass: number, ttl: number, wire: string, text: string];

interface Answers {
  readonly messages: readonly { readonly rows?: readonly Row[]; readonly wire?: string; readonly error?: string }[];
  readonly data: readonly { readonly wire?: string; readonly text?: string; readonly error?: string }[];
  readonly zones: readonly { readonly rows?: readonly Row[]; readonly error?: string }[];
}

const python = '/usr/bin/python3';
const available = spawnSync(python, ['-c', 'import dns.version']).status === 0;

function ask(work: Readonly<Record<'messages' | 'zones', readonly string[]>> & { readonly data: readonly (readonly string[])[] }): Answers {
  const input = JSON.stringify(work);
  return JSON.parse(execFileSync(python, [join(import.meta.dirname, 'python-dns.py')], { input, encoding: 'utf8', maxBuffer: 1 << 28 }));
}

function messageOf(answers: readonly MessageRecord[]): DnsMessage {
  const flags = { response: true, authoritative: true, truncated: false, recursionDesired: false, recursionAvailable: false };
  const rest = { authentic: false, checkingDisabled: false, questions: [], authorities: [], additionals: [] };
  return { id: 0, opcode: 0, rcode: 0, ...flags, ...rest, answers };
}

/** Bytes in hexadecimal, letters of ASCII in lower case: names are read so here, and kept as they are there. */
function folded(bytes: Uint8Array): string {
  return toHex(bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte)));
}
const fromHex = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** Data as it is on the wire without compression. */
function wireOf(record: MessageRecord): string {
  const [read] = unwrap(parseMessage(formatMessage(messageOf([record])), { canonical: true })).answers;
  return folded(read?.canonicalData ?? new Uint8Array(0));
}

/** Records that signatures cover, with what they cover. */
function ownRows(message: DnsMessage): readonly string[] {
  return [message.answers, message.authorities].flatMap((records, section) =>
    records.map(({ ttlSeconds, canonicalData = new Uint8Array(0) }) => `${section} ${ttlSeconds} ${folded(canonicalData)}`),
  );
}

function theirRows(rows: readonly Row[]): readonly string[] {
  return rows.filter(([section]) => section < 2).map(([section, , , , ttl, wire]) => `${section} ${ttl} ${folded(fromHex(wire))}`);
}

interface Explanation {
  readonly error: RegExp;
  readonly why: string;
}

/** Messages that we take and dnspython refuses. */
const refusedMessages: readonly Explanation[] = [
  { error: /tag is not alphanumeric/, why: 'RFC 8659 §4.1: an unknown tag of CAA is for its reader to refuse' },
  { error: /is not a valid Opcode/, why: 'RFC 1035 §4.1.1: an operation code that is not known is for its reader to refuse' },
  { error: /mandatory|alpn|'utf-8' codec/, why: 'RFC 9460 §2.2: what parameters mean together is judged by findServiceBindingFault' },
  { error: /digest (?:length|type)/, why: 'RFC 4034 §5.1.4: a digest that cannot be right matches no key' },
];

/** Types and classes that dnspython reads and we keep as they are (RFC 3597 §3). */
function hasOpaque({ answers, authorities, additionals }: DnsMessage): boolean {
  const drawn = new Set([4660, 65280]);
  return [...answers, ...authorities, ...additionals].some(
    (record) => record.type === 'opaque' && !(drawn.has(record.typeNumber) && record.class === 1),
  );
}

function hasServiceBinding({ answers, authorities, additionals }: DnsMessage): boolean {
  return [...answers, ...authorities, ...additionals].some(({ type }) => type === 'SVCB' || type === 'HTTPS');
}

/** Mutants of each kind; more by hand. */
const count = Number(process.env['MOX_CROSS_CHECK'] ?? 2000);
const tokens = ['\xc0\x0c', '\xc0\x00', '\0', '\x3f', '\0\x29', '\xff\xff', '\x07example\x03org\0'];

/** Names of the zone alone are read by dnspython; of the flags of CAA we keep the one that has a meaning. */
const isCompared = ({ name, type }: ZoneRecord): boolean => type !== 'CAA' && (name === 'zone.example' || name.endsWith('.zone.example'));
/** Names as we keep them: what zone text gives a meaning to is escaped when it is written. */
const unescaped = (name: string): string => name.replace(/\\(["();@$])/g, '$1');
const distinct = (rows: readonly string[]): string => [...new Set(rows)].toSorted().join('\n');

describe.skipIf(!available && !process.env['CI'])('beside dnspython (skipped where it is not installed)', () => {
  it('RFC 1035 §4.1: messages of generated records are read alike, written by either', () => {
    const draw = new Draw(randomNumbers(11));
    const messages = Array.from({ length: 200 }, () => drawMessage(draw));
    const answers = ask({ messages: messages.map((message) => toHex(formatMessage(message))), data: [], zones: [] }).messages;
    for (const [i, message] of messages.entries()) {
      const { error, rows = [], wire = '' } = answers[i] ?? {};
      expect(error).toBeUndefined();
      expect(unwrap(parseMessage(formatMessage(message)))).toEqual(message);
      expect(ownRows(unwrap(parseMessage(formatMessage(message), { canonical: true })))).toEqual(theirRows(rows));
      expect(unwrap(parseMessage(fromHex(wire)))).toMatchObject({ answers: message.answers, authorities: message.authorities });
    }
  });

  it('RFC 1035 §4.1: mutants of messages are taken and refused alike', () => {
    const draw = new Draw(randomNumbers(12));
    const seeds = Array.from({ length: 200 }, () => formatMessage(drawMessage(draw)));
    const all = [...mutants(seeds, { count, seed: 5, tokens })];
    const answers = ask({ messages: all.map((mutant) => toHex(mutant)), data: [], zones: [] }).messages;
    const differences: string[] = [];
    for (const [i, mutant] of all.entries()) {
      const { error, rows = [] } = answers[i] ?? {};
      const parsed = parseMessage(mutant, { canonical: true });
      if (!parsed.ok && error === undefined) differences.push(`only theirs: ${toHex(mutant)}: ${parsed.error.message}`);
      if (!parsed.ok || hasOpaque(parsed.value)) continue;
      const isExplained = refusedMessages.some(({ error: pattern }) => pattern.test(error ?? '')) || hasServiceBinding(parsed.value);
      if (error !== undefined && !isExplained) differences.push(`only ours: ${toHex(mutant)}: ${error}`);
      if (error === undefined) expect(ownRows(parsed.value)).toEqual(theirRows(rows));
    }
    expect(differences).toEqual([]);
  });

  it('RFC 1035 §5.1: records as text are read alike, written by either', () => {
    const draw = new Draw(randomNumbers(13));
    const records = recordTypes.flatMap((type) => Array.from({ length: 30 }, () => drawRecord(draw, type))) as ZoneRecord[];
    const texts = records.map((record) => [record.type, formatRecordData(record)]);
    const answers = ask({ messages: [], data: texts, zones: [] }).data;
    for (const [i, record] of records.entries()) {
      const { error, text = '', wire = '' } = answers[i] ?? {};
      expect(error, texts[i]?.join(' ')).toBeUndefined();
      const expected = { name: 'x', type: record.type, ttlSeconds: 60, data: record.data };
      const read = (data: string): unknown => unwrap(parseZone(`x. 60 IN ${record.type} ${data}`))[0];
      // Strings of a TXT record are written as one text.
      if (record.type === 'TXT') {
        expect(joinTxt((read(text) as typeof record).data)).toBe(joinTxt(record.data));
        expect(joinTxt((read(texts[i]?.[1] ?? '') as typeof record).data)).toBe(joinTxt(record.data));
        continue;
      }
      expect(folded(fromHex(wire))).toBe(wireOf(record as MessageRecord));
      expect(read(text)).toEqual(expected);
      expect(read(texts[i]?.[1] ?? '')).toEqual(expected);
    }
  });

  it('RFC 1035 §5.1: mutants of zone text are taken and refused alike', () => {
    const all = [zone.join('\n'), ...mutants(zone, { count, seed: 3, tokens: zoneTokens })]
      .map((mutant) => (typeof mutant === 'string' ? mutant : String.fromCharCode(...mutant.subarray(0, 2000))))
      .filter((text) => /^[\t\n -~]*$/.test(text));
    const answers = ask({ messages: [], data: [], zones: all }).zones;
    const differences: string[] = [];
    let taken = 0;
    for (const [i, text] of all.entries()) {
      const { error, rows = [] } = answers[i] ?? {};
      const parsed = parseZone(text, { origin: 'zone.example' });
      if (parsed.ok && error !== undefined && !refusedZones.some((one) => one.error.test(error))) differences.push(`${text}: ${error}`);
      // Lines of names outside the zone are not looked at by dnspython.
      const refusal = parsed.ok || error !== undefined || rows.length === 0 ? undefined : parsed.error.message;
      if (refusal !== undefined && !takenZones.some((one) => one.error.test(refusal))) differences.push(`${text}: ${refusal}`);
      if (!parsed.ok || error !== undefined) continue;
      taken++;
      const ours = parsed.value.filter(isCompared).map((record) => `${record.name}. ${wireOf(record as MessageRecord)}`);
      const theirs = rows.filter(([, , type]) => isRecordType(formatRecordType(type)) && type !== 257);
      const wanted = theirs.map(([, owner, , , , wire]) => `${unescaped(owner.toLowerCase())} ${folded(fromHex(wire))}`);
      if (distinct(ours) !== distinct(wanted)) differences.push(`${text}:\n${distinct(ours)}\n${distinct(wanted)}`);
    }
    expect(differences).toEqual([]);
    expect(taken).toBeGreaterThan(count / 10);
  });
});

const zone: readonly string[] = [
  '@ SOA ns hostmaster ( 1 ; serial\n   3600 900\n   2w 120 )\n  NS ns',
  'ns 60 IN A 192.0.2.1\n   60 IN AAAA 2001:db8::1',
  '@ MX 10 mail',
  'a\\.b TXT "a;b" c\\"d "e\\032f" ""',
  '_25._tcp.mail TLSA 3 1 1 ( 0123456789abcdef\n 0123456789abcdef )',
  'x CAA 0 issue "ca.example; a=b"',
  '_s._tcp 1w2d SRV 0 1 465 mail.other.example.',
  'h HTTPS 1 . alpn="h2,h3" port=443 ipv4hint=192.0.2.1',
  'k NSEC3PARAM 1 0 5 aabb',
  't TYPE65280 \\# 3 0102 03',
  'c CNAME @',
];
const zoneTokens = ['(', ')', '"', ';', '\\', '\n', ' ', '\t', '@', '.', '\\032', '\\300', '60', '1w2d', 'IN', 'A', 'CH', 'TXT ', '\\# 0'];

/** Zone text that we take and dnspython refuses. */
const refusedZones: readonly Explanation[] = [
  { error: /tag is not alphanumeric/, why: 'RFC 8659 §4.1: an unknown tag of CAA is for its reader to refuse' },
  { error: /newline in quoted string/, why: 'RFC 1035 §5.1: any character may stand between quotes' },
  { error: /non-origin SOA/, why: 'RFC 1035 §5.2: what a zone must have is not judged' },
  {
    error: /unknown rdatatype/,
    why: 'RFC 1035 §5.1: the class may stand in front of the time to live; a record of a program may be indented',
  },
  { error: /string too long/, why: 'a long string of TXT is cut, as in every panel of a provider' },
  { error: /parameters in AliasMode/, why: 'RFC 9460 §2.4.2: parameters of an alias are passed over' },
  { error: /ended unexpectedly/, why: 'RFC 1035 §5.1: any character but a digit may stand behind a backslash, the end of a line too' },
  { error: /not allowed|CNAME/, why: 'RFC 1035 §5.2: what may stand beside an alias is not judged' },
];

/** Zone text that dnspython takes and we refuse. */
const takenZones: readonly Explanation[] = [
  { error: /^a record type expected/, why: 'a line of nothing but a name says nothing: dnspython passes over it' },
  { error: /^a parameter as key=value/, why: 'RFC 9460 §2.1: keys are in lower case' },
  { error: /^seconds expected/, why: 'each number has its unit, or there is none: dnspython takes 1w0' },
];
