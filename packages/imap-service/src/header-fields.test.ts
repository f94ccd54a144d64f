import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterHeader } from './header-fields.ts';

const header = 'From: a\r\nSubject: one\r\n\ttwo\r\nX-Y : z\r\nfrom: b\r\nnonsense\r\n\r\n';

describe('header fields', () => {
  it.each([
    [['FROM'], false, 'From: a\r\nfrom: b\r\n\r\n'],
    [['subject', 'x-y'], false, 'Subject: one\r\n\ttwo\r\nX-Y : z\r\n\r\n'],
    [['none'], false, '\r\n'],
    [['From', 'Subject'], true, 'X-Y : z\r\nnonsense\r\n\r\n'],
  ])('RFC 9051 §6.4.5.1: %j, not: %s', (names, not, expected) => {
    expect(filterHeader(header, names, { not })).toBe(expected);
  });

  it('RFC 9051 §6.4.5.1: a message without an empty line is given none', () => {
    expect(filterHeader('Subject: only\r\nX: y\r\n', ['x'], { not: true })).toBe('Subject: only\r\n');
    expect(filterHeader('Subject: only', ['x'], { not: true })).toBe('Subject: only');
    expect(filterHeader('', ['x'], { not: true })).toBe('');
  });

  it('what is taken and what is left out is all there is, line ends of any kind', () => {
    const line = fc.constantFrom('A: 1', 'B: 2', ' more', '\tmore', 'A: 3', 'nothing', ':', 'B');
    fc.assert(
      fc.property(fc.array(fc.tuple(line, fc.constantFrom('\r\n', '\n')), { minLength: 1 }), (lines) => {
        const text = lines.map((one) => one.join('')).join('');
        const taken = filterHeader(text, ['a'], { not: false });
        const left = filterHeader(text, ['a'], { not: true });
        expect(taken.length + left.length).toBe(text.length);
        expect(left).not.toContain('A:');
      }),
    );
  });
});
