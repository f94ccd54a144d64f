import { FieldNames, selectFields } from '@mox/message-format';
import { fromLatin1, toLatin1 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKeptField, keepFields } from './kept-fields.ts';

function keep(text: string): readonly [text: string, plain: boolean] | undefined {
  const kept = keepFields({ bytes: fromLatin1(`x${text}`), start: 1, end: text.length + 1 });
  return kept && [toLatin1(kept.bytes), kept.plain];
}

/** The fields of some names, as HEADER.FIELDS wants them. */
function select(text: string, names: readonly string[]): string {
  const bytes = fromLatin1(text);
  const wanted = new FieldNames(names);
  const places = selectFields({ bytes, start: 0, end: bytes.length }, (all, start, end) => wanted.match(all, start, end));
  return Array.from({ length: places.length / 2 }, (_, i) => text.slice(places[2 * i], places[2 * i + 1])).join('');
}

describe('kept fields', () => {
  it.each([
    [
      'trace fields go, with their continuation',
      'Received: a\r\n b\r\nFrom: c\r\nARC-Seal: d\r\nTo: e\r\n f\r\n\r\n',
      ['From: c\r\nTo: e\r\n f\r\n\r\n', true],
    ],
    ['a line that is no field stays', 'From: c\nX-MS-Exchange-Foo: x\nno field\n', ['From: c\nno field\n', true]],
    ['8-bit', 'Subject: gr\xfc\xdfe\r\n\r\n', ['Subject: gr\xfc\xdfe\r\n\r\n', false]],
    ['an encoded word', 'Subject: =?utf-8?q?x?=\r\n\r\n', ['Subject: =?utf-8?q?x?=\r\n\r\n', false]],
    ['NUL', 'Subject: a\0b\r\n\r\n', ['Subject: a\0b\r\n\r\n', false]],
    ['the empty line alone', '\r\n', ['\r\n', true]],
    ['nothing', '', undefined],
    ['too many', `X: ${'y'.repeat(16_380)}\r\n`, undefined],
    ['as many as there may be', `X: ${'y'.repeat(16_379)}\r\n`, ['kept', true]],
    ['many of those that go', `Received: ${'y'.repeat(20_000)}\r\nX: y\r\n\r\n`, ['X: y\r\n\r\n', true]],
  ] as const)('RFC 5322 §3.6.7: %s', (_, text, wanted) => {
    const kept = keep(text);
    expect(kept && kept[0].length > 1000 ? ['kept', kept[1]] : kept).toEqual(wanted);
  });

  it.each([
    ...(['From', 'DATE', 'message-id', 'X-Mailer', 'Content-Type', 'List-Id', 'arc', 'Receive', 'Ünd'] as const).map(
      (name) => [name, true] as const,
    ),
    ...(['Received', 'RECEIVED-SPF', 'arc-seal', 'DKIM-Signature', 'Authentication-Results', 'X-MS-Has-Attach'] as const).map(
      (name) => [name, false] as const,
    ),
  ])('%s: %s', (name, kept) => expect(isKeptField(name)).toBe(kept));

  it('whoever asks for fields that are kept gets of what is kept what the whole section has', () => {
    const line = fc.constantFrom(
      ...['From: a', 'from : b', 'Received: c', 'received', 'ARC-Seal : d', ' more', '\tmore', 'nothing', ':', 'To:', 'X-MS-: e', '', '\r'],
    );
    const names = fc.uniqueArray(fc.constantFrom('From', 'to', 'none', 'X-Y', 'nothing'));
    fc.assert(
      fc.property(fc.array(fc.tuple(line, fc.constantFrom('\r\n', '\n', ''))), names, (lines, wanted) => {
        const text = lines.map((one) => one.join('')).join('');
        expect(select(keep(text)?.[0] ?? '', wanted)).toBe(select(text, wanted));
      }),
      { numRuns: 2000 },
    );
  });
});
