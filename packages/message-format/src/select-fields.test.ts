import { concatBytes, emptyBytes, fromLatin1, toLatin1 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findHeaderEnd } from './header-field.ts';
import { FieldNames, selectFields } from './select-fields.ts';

/** The fields of some names, or the others, as text. */
function select(text: string, names: readonly string[], options: { readonly not?: boolean; readonly beginnings?: boolean } = {}): string {
  const wanted = new FieldNames(names, { beginnings: options.beginnings ?? false });
  const bytes = fromLatin1(`before: \r\n${text}after: x\r\n`);
  const section = { bytes, start: 10, end: 10 + text.length };
  const places = selectFields(section, (all, start, end) => wanted.match(all, start, end) !== (options.not ?? false));
  const pieces = Array.from({ length: places.length / 2 }, (_, i) => bytes.subarray(places[2 * i], places[2 * i + 1]));
  for (let i = 2; i < places.length; i += 2) expect(places[i]).toBeGreaterThan(places[i - 1] ?? 0);
  return toLatin1(concatBytes([emptyBytes, ...pieces]));
}

const header = 'From: a\r\nSubject: one\r\n\ttwo\r\nX-Y : z\r\nfrom: b\r\nnonsense\r\n\r\n';

describe('selectFields', () => {
  it.each([
    [['FROM'], false, 'From: a\r\nfrom: b\r\n\r\n'],
    [['subject', 'x-y'], false, 'Subject: one\r\n\ttwo\r\nX-Y : z\r\n\r\n'],
    [['none', 'Fro', 'Fromm', ''], false, '\r\n'],
    [['From', 'Subject'], true, 'X-Y : z\r\nnonsense\r\n\r\n'],
    [[], true, header],
  ])('RFC 5322 §2.2: %j, not: %s', (names, not, wanted) => expect(select(header, names, { not })).toBe(wanted));

  it.each([
    ['a name before the end', 'From', ''],
    ['a name alone', 'X-Y\r\n', ''],
    ['a colon on the next line', 'X-Y\r\n :z\r\n', ''],
    ['white space before the colon', 'X-Y \t: z\r\n', 'X-Y \t: z\r\n'],
    ['no line end', 'X-Y: z', 'X-Y: z'],
    ['a fold without line end', 'X-Y: z\n a', 'X-Y: z\n a'],
    ['LF alone', 'A: 1\nX-Y: z\n more\nB: 2\n\nX-Y: no\n', 'X-Y: z\n more\n\n'],
    ['CR alone is no line end', 'A: 1\rX-Y: no\r\nX-Y: a\rb\r\n', 'X-Y: a\rb\r\n'],
    ['a first line that continues nothing', ' x-y: no\r\nX-Y: z\r\n', 'X-Y: z\r\n'],
    ['folds of white space', 'X-Y: z\r\n \r\n\t\r\nA: b\r\n', 'X-Y: z\r\n \r\n\t\r\n'],
    ['8-bit', 'S\xfcbject: s\r\nX-Y: \xff\r\n', 'X-Y: \xff\r\n'],
    ['nothing', '', ''],
  ])('RFC 5322 §2.2.3: %s', (_, text, wanted) => expect(select(text, ['x-y'])).toBe(wanted));

  it('RFC 5322 §2.2: one name of thousands is found as one of few is', () => {
    const many = Array.from({ length: 5000 }, (_, i) => `X-${i}`);
    const text = 'X-17: a\r\nx-4999 \t: b\r\nX-5000: c\r\nX-1\r\nX-1 2: d\r\nX-3\r\n :e\r\nX-12345678: f\r\nX: g\r\n\r\n';
    expect(select(text, many)).toBe('X-17: a\r\nx-4999 \t: b\r\n\r\n');
    const names = fc.uniqueArray(fc.string({ unit: fc.constantFrom('x', 'X', '-', 'y'), maxLength: 4 }), { minLength: 9, maxLength: 40 });
    const line = fc.string({ unit: fc.constantFrom('x', 'X', '-', ':', ' ', 'y'), maxLength: 7 });
    fc.assert(
      fc.property(names, fc.array(line), (wanted, lines) => {
        const section = lines.map((one) => `${one}\r\n`).join('');
        const one = (name: string): string[] => select(section, [name]).split('\r\n').filter(Boolean);
        const all = select(section, wanted).split('\r\n').filter(Boolean);
        expect([...new Set(all)].sort()).toEqual([...new Set(wanted.flatMap(one))].sort());
      }),
    );
  });

  it('RFC 6532 §3.2: names beyond ASCII are compared as UTF-8', () => {
    expect(select('S\xc3\xbcbject: s\r\n', ['SüBJECT'])).toBe('S\xc3\xbcbject: s\r\n');
  });

  it('RFC 5322 §3.6.7: names by their beginnings', () => {
    const text = 'Received: a\r\n b\r\nReceived-SPF: c\r\nReceive: d\r\nARC-Seal: e\r\n\r\n';
    expect(select(text, ['received', 'arc-'], { not: true, beginnings: true })).toBe('Receive: d\r\n\r\n');
  });

  it('what is taken and what is left out is all there is, line ends of any kind', () => {
    const line = fc.constantFrom('A: 1', 'a : 2', ' more', '\tmore', 'A', 'nothing', ':', 'AB: 3', 'B: a', '\r', '');
    fc.assert(
      fc.property(fc.array(fc.tuple(line, fc.constantFrom('\r\n', '\n'))), (lines) => {
        const text = lines.map((one) => one.join('')).join('');
        const section = text.slice(0, findHeaderEnd(fromLatin1(text)));
        const empty = select(text, []);
        expect(['', '\n', '\r\n']).toContain(empty);
        const taken = select(text, ['a']);
        expect(taken.length + select(text, ['a'], { not: true }).length).toBe(section.length + empty.length);
        expect(select(text, ['none'], { not: true })).toBe(section);
        // What was taken out once can be taken out of that again.
        expect(select(taken, ['A'])).toBe(taken);
      }),
    );
  });
});
