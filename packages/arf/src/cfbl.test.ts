import { parseHeaderFields } from '@mox/message-format';
import { fromUtf8, ManualClock, Secret, systemRandom, toUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { makeFeedbackReport, parseFeedbackReport } from './arf.ts';
import {
  findCfblTarget,
  formatCfblAddress,
  keepIdentifiers,
  makeCfblFeedbackId,
  openCfblFeedbackId,
  parseCfblAddress,
  parseCfblFeedbackId,
} from './cfbl.ts';

describe('the fields', () => {
  it.each([
    ['fbl@example.com; report=arf', { address: 'fbl@example.com', format: 'arf' }],
    ['Feedback <fbl@example.com>; report=XARF', { address: 'fbl@example.com', format: 'xarf' }],
    ['fbl@example.com', { address: 'fbl@example.com', format: 'arf' }],
    ['(a) fbl@example.com (b;c) ; (d) report=xarf (e)', { address: 'fbl@example.com', format: 'xarf' }],
    ['fbl@b\u00fccher.example; report=arf', { address: 'fbl@b\u00fccher.example', format: 'arf' }],
    ['fbl@example.com; report=other', undefined],
    ['fbl@example.com; report=arf; report=xarf', undefined],
    ['a@example.com, b@example.com; report=arf', undefined],
    ['nobody; report=arf', undefined],
    ['', undefined],
  ] as const)('RFC 9477 §5.1: %j -> %j', (value, expected) => {
    expect(parseCfblAddress(value)).toEqual(expected);
    if (expected) expect(parseCfblAddress(formatCfblAddress(expected))).toEqual(expected);
  });

  it.each([
    ['111:222:333', '111:222:333'],
    ['3789e1ae19 38aa2f0d\t(x) ff', '3789e1ae1938aa2f0dff'],
    [' ', undefined],
  ])('RFC 9477 §5.2: white space in %j means nothing', (value, expected) => {
    expect(parseCfblFeedbackId(value)).toBe(expected);
  });

  it('RFC 9477 §3.2: the first address that can be read counts', () => {
    const headers = parseHeaderFields(
      fromUtf8(
        'CFBL-Address: nobody\r\nCFBL-Address: a@example.com; report=arf\r\nCFBL-Address: b@example.com\r\nCFBL-Feedback-ID: 111:222\r\n :333\r\n\r\n',
      ),
    );
    expect(findCfblTarget(headers)).toEqual({ address: 'a@example.com', format: 'arf', feedbackId: '111:222:333' });
    expect(findCfblTarget(parseHeaderFields(fromUtf8('CFBL-Feedback-ID: 1\r\n\r\n')))).toBeUndefined();
  });
});

describe('identifiers', () => {
  const message = fromUtf8(
    'From: a@example.com\r\nMessage-ID: <1@example.com>\r\nSubject: x\r\nCFBL-Feedback-ID: 111:\r\n 222\r\n\r\nSecret.\r\n',
  );

  it('RFC 9477 §3.5: a report can do with Message-ID and CFBL-Feedback-ID, in its third part', () => {
    const options = { clock: new ManualClock(Date.UTC(2026, 10, 23, 10)), random: systemRandom };
    const report = {
      feedbackType: 'abuse',
      userAgent: 'FBL/0.1',
      version: 1,
      originalRcptTo: [],
      authenticationResults: [],
      reportedDomains: [],
      reportedUris: [],
      extensions: [],
    };
    const original = { message: keepIdentifiers(message), give: 'headers' } as const;
    const made = makeFeedbackReport({ report, from: 'fbl@example.net', to: ['fbl@example.com'], original }, options).bytes();
    expect(toUtf8(made)).not.toMatch(/Secret|Subject: x/);
    const read = parseFeedbackReport(made);
    expect(read?.defects).toEqual([]);
    expect(read?.originalHeaders.map(({ name, value }) => [name, value])).toEqual([
      ['Message-ID', '<1@example.com>'],
      ['CFBL-Feedback-ID', '111: 222'],
    ]);
  });

  it('RFC 9477 §3.3, RFC 9477 §6.3: an identifier that nobody else can make', () => {
    const [key, other] = [new Secret(fromUtf8('k'.repeat(32))), new Secret(fromUtf8('o'.repeat(32)))];
    const id = makeCfblFeedbackId('campaign7:recipient42', key);
    expect(parseCfblFeedbackId(`${id.slice(0, 30)}\r\n ${id.slice(30)}`)).toBe(id);
    expect(openCfblFeedbackId(id, key)).toBe('campaign7:recipient42');
    for (const forged of [id.replace('42', '43'), id.slice(0, -1), `${id}0`, '', ':', 'x'])
      expect(openCfblFeedbackId(forged, key)).toBeUndefined();
    expect(openCfblFeedbackId(id, other)).toBeUndefined();
    expect(() => makeCfblFeedbackId('a b', key)).toThrow(TypeError);
    for (const mutant of mutants([id], { count: 500 }))
      if (toUtf8(mutant) !== id) expect(openCfblFeedbackId(toUtf8(mutant), key)).toBeUndefined();
  });
});
