import { fromLatin1, toLatin1 } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { joinPartialMessages, readPartialFragment } from './partial-message.ts';
import { parseStructure } from './structure.ts';

function lines(...all: string[]): Uint8Array {
  return fromLatin1(all.map((line) => `${line}\r\n`).join(''));
}

/** RFC 2046 §5.2.2.2: a message about weird headers, in two pieces. */
const first = lines(
  'X-Weird-Header-1: Foo',
  'From: Bill@host.example',
  'Subject: Audio mail (part 1 of 2)',
  'Message-ID: <id1@host.example>',
  'MIME-Version: 1.0',
  'Content-type: message/partial; id="ABC@host.example";',
  '              number=1; total=2',
  '',
  'X-Weird-Header-1: Bar',
  'X-Weird-Header-2: Hello',
  'Message-ID: <anotherid@foo.example>',
  'Subject: Audio mail',
  'MIME-Version: 1.0',
  'Content-type: audio/basic',
  'Content-transfer-encoding: base64',
  '',
  'Zmlyc3Q=',
);
const second = lines(
  'From: Bill@host.example',
  'Subject: Audio mail (part 2 of 2)',
  'MIME-Version: 1.0',
  'Message-ID: <id2@host.example>',
  'Content-type: message/partial;',
  '              id="ABC@host.example"; number=2; total=2',
  '',
  'c2Vjb25k',
);
const whole = lines(
  'X-Weird-Header-1: Foo',
  'From: Bill@host.example',
  'Message-ID: <anotherid@foo.example>',
  'Subject: Audio mail',
  'MIME-Version: 1.0',
  'Content-type: audio/basic',
  'Content-transfer-encoding: base64',
  '',
  'Zmlyc3Q=',
  'c2Vjb25k',
);

function fragment(parameters: string, ...body: string[]): Uint8Array {
  return lines(`Content-Type: message/partial; ${parameters}`, '', ...body);
}

describe('joinPartialMessages', () => {
  it('RFC 2046 §5.2.2.1: merges the headers, in any order of the fragments', () => {
    for (const messages of [
      [first, second],
      [second, first],
      [second, first, second],
    ])
      expect(toLatin1(unwrap(joinPartialMessages(messages)))).toBe(toLatin1(whole));
  });

  it('RFC 2046 §5.2.2.1: puts back a line end that was lost, and reads a header section that goes over several fragments', () => {
    const messages = [
      fragment('id=a; number=1', 'Subject: x').subarray(0, -2),
      fragment('id=a; number=2', '', 'text'),
      fragment('id=a; number=3; total=3', 'more'),
    ];
    expect(toLatin1(unwrap(joinPartialMessages(messages)))).toBe('Subject: x\r\n\r\ntext\r\nmore\r\n');
  });

  it('RFC 8098 §2.4: asks for a notification where the enclosed message does', () => {
    const ask = (name: string): string => `Disposition-Notification-To: ${name}@host.example\r\n`;
    const outer = fromLatin1(ask('fragment') + toLatin1(fragment('id=a; number=1; total=1', ask('whole').trim(), '', 'text')));
    expect(toLatin1(unwrap(joinPartialMessages([outer])))).toBe(`${ask('whole')}\r\ntext\r\n`);
  });

  it('RFC 2046 §5.2.2: what comes out may be a fragment again', () => {
    const inner = 'Content-Type: message/partial; id=b; number=1; total=1';
    const joined = unwrap(joinPartialMessages([fragment('id=a; number=1; total=1', inner, '', 'Subject: x', '', 'text')]));
    expect(readPartialFragment(parseStructure(joined).part)).toEqual({ id: 'b', number: 1, total: 1 });
    expect(toLatin1(unwrap(joinPartialMessages([joined])))).toBe('Subject: x\r\n\r\ntext\r\n');
  });

  const bad: readonly (readonly [title: string, messages: readonly Uint8Array[], message: string | RegExp, missing: readonly number[]])[] =
    [
      ['no messages', [], 'the last fragment is missing', [1]],
      ['a fragment in the midst missing', [fragment('id=a; number=1'), fragment('id=a; number=4; total=4')], /missing: 2, 3$/, [2, 3]],
      ['the last missing', [fragment('id=a; number=1'), fragment('id=a; number=2')], /^the last/, [3]],
      ['the last missing, its number known', [fragment('id=a; number=1; total=3')], /missing: 2, 3$/, [2, 3]],
      ['two messages', [fragment('id=a; number=1'), fragment('id=b; number=2; total=2')], /two messages/, []],
      ['two totals', [fragment('id=a; number=1; total=2'), fragment('id=a; number=2; total=3')], /do not agree/, []],
      ['a number beyond the total', [fragment('id=a; number=3; total=2')], 'fragment 3 of 2', []],
      ['another type', [lines('Content-Type: text/plain; id=a; number=1; total=1', '', 'x')], /no fragment/, []],
      ['no number', [fragment('id=a; total=1')], /no fragment/, []],
      ['number 0', [fragment('id=a; number=0; total=1')], /no fragment/, []],
      ['a number of many digits', [fragment('id=a; number=1; total=99999999999')], 'the last fragment is missing', [2]],
      ['too many', [fragment('id=a; number=10001; total=10001')], /no fragment/, []],
    ];
  it.each(bad)('RFC 2046 §5.2.2: %s', (_title, messages, message, missing) => {
    const joined = joinPartialMessages(messages);
    expect(joined).toMatchObject({ ok: false, error: { message: expect.stringMatching(message), missing } });
  });

  it('names no more than a hundred that are missing', () => {
    const joined = joinPartialMessages([fragment('id=a; number=9999; total=10000')]);
    expect(joined.ok ? [] : joined.error.missing).toHaveLength(100);
  });

  it('RFC 2046 §5.2.2: what was parted at any line ends is whole again', () => {
    const line = fc.string({ unit: fc.constantFrom(...'ab c:-='), maxLength: 10 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), fc.array(fc.nat(20), { maxLength: 5 }), (body, cuts) => {
        const all = ['Subject: x', 'Content-Type: text/plain', '', ...body];
        const edges = [0, ...cuts.map((cut) => Math.min(cut, all.length)), all.length].sort((a, b) => a - b);
        const messages = edges
          .slice(1)
          .map((end, i) => fragment(`total=${edges.length - 1}; number=${i + 1}; id="<x@y>"`, ...all.slice(edges[i], end)));
        expect(toLatin1(unwrap(joinPartialMessages(messages.reverse())))).toBe(toLatin1(lines(...all)));
      }),
      { numRuns: 500 },
    );
  });

  it('takes mutants', () => {
    for (const mutant of mutants([first, second], { count: 2000, tokens: ['number=', 'total=', 'id=', '\r\n', '1', '2'] }))
      joinPartialMessages([mutant, second]);
  });
});
