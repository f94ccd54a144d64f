import { describe, expect, it } from 'vitest';
import { parseRecordFields, trimBlanks } from './record-fields.ts';

const known = new Set(['id']);

describe('parseRecordFields', () => {
  it.each([
    ['v=STSv1; id=1;', [['id', '1', 8]]],
    ['v=STSv1;id=1', [['id', '1', 8]]],
    [
      'v=STSv1 \t;\t id= not judged ;a.b=c:d ; ',
      [
        ['id', ' not judged', 10],
        ['a.b', 'c:d', 28],
      ],
    ],
    ['v=STSv1', []],
    [
      'v=STSv1; id=1; id=2',
      [
        ['id', '1', 8],
        ['id', '2', 14],
      ],
    ],
  ] as const)('RFC 8461 §3.1, RFC 8460 §3: reads %j', (text, fields) => {
    expect(parseRecordFields(text, 'STSv1', known)).toEqual({
      ok: true,
      value: fields.map(([name, value, offset]) => ({ name, value, offset })),
    });
  });

  it.each([
    ['', 0],
    [' v=STSv1; id=1', 0],
    ['v=STSv2; id=1', 0],
    ['V=STSv1; id=1', 0],
    ['v=STSv10; id=1', 0],
    ['v=STSv1; id=1;;', 14],
    ['v=STSv1; a', 8],
    ['v=STSv1; a=', 8],
    ['v=STSv1; a=b=c', 8],
    ['v=STSv1; -a=b', 8],
    ['v=STSv1; a=b c', 8],
  ] as const)('RFC 8461 §3.1, RFC 8460 §3: refuses %j at %d', (text, offset) => {
    expect(parseRecordFields(text, 'STSv1', known)).toMatchObject({ ok: false, error: { offset } });
  });

  it('takes linear time for blanks', () => {
    const text = `v=STSv1;${' '.repeat(1_000_000)}x;${'\t'.repeat(1_000_000)}`;
    expect(parseRecordFields(text, 'STSv1', known)).toMatchObject({ ok: false, error: { offset: 8 } });
  });
});

describe('trimBlanks', () => {
  it.each([
    ['', ''],
    [' \t ', ''],
    ['\t a b \t', 'a b'],
    ['\u00a0a\v', '\u00a0a\v'],
  ])('%j is %j', (text, trimmed) => {
    expect(trimBlanks(text)).toBe(trimmed);
    expect(trimBlanks(`x${text}y`, 1, 1 + text.length)).toBe(trimmed);
  });
});
