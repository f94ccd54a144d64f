import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeModifiedUtf7, encodeModifiedUtf7 } from './modified-utf7.ts';

describe('modified UTF-7', () => {
  for (const [text, encoded] of [
    ['INBOX', 'INBOX'],
    ['~peter/mail/台北/日本語', '~peter/mail/&U,BTFw-/&ZeVnLIqe-'],
    ['Hi & bye', 'Hi &- bye'],
    ['Entwürfe', 'Entw&APw-rfe'],
    ['&&é&', '&-&-&AOk-&-'],
    ['😀', '&2D3eAA-'],
    ['a\tb', 'a&AAk-b'],
    ['', ''],
  ] as const) {
    it(`RFC 3501 §5.1.3: ${JSON.stringify(text)} is ${encoded}`, () => {
      expect(encodeModifiedUtf7(text)).toBe(encoded);
      expect(decodeModifiedUtf7(encoded)).toEqual({ ok: true, value: text });
    });
  }
  for (const [title, text, offset] of [
    ['an unfinished shift', 'a&AOk', 1],
    ['a shift at the end', 'a&', 1],
    ['the other alphabet', '&U/BTFw-', 0],
    ['padding', '&AOk=-', 0],
    ['half a code unit', '&AA-', 0],
    ['unused bits', '&AOl-', 0],
    ['a character that stands for itself', 'b&AGE-', 1],
    ['two shifts in a row', '&AOk-&AOk-', 5],
    ['half a surrogate pair', '&2D0-', 0],
    ['a character beyond ASCII', 'aé', 1],
    ['a control', 'a\n', 1],
    ['&&', 'x&&-', 1],
  ] as const) {
    it(`RFC 3501 §5.1.3: refuses ${title}`, () => expect(decodeModifiedUtf7(text)).toMatchObject({ ok: false, error: { offset } }));
  }
  it('RFC 3501 §5.1.3: there is one way to write a name', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a&-é日😀/\t'), maxLength: 30 }), (text) => {
        const encoded = encodeModifiedUtf7(text);
        expect(encoded).toMatch(/^[ -~]*$/);
        expect(decodeModifiedUtf7(encoded)).toEqual({ ok: true, value: text });
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a&-AOk,/U='), maxLength: 14 }), (text) => {
        const decoded = decodeModifiedUtf7(text);
        if (decoded.ok) expect(encodeModifiedUtf7(decoded.value)).toBe(text);
      }),
      { numRuns: 3000 },
    );
  });
});
