import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Base64Encoder, decodeBase64, encodeBase64, encodeBase64Bytes } from './base64.ts';

const fromLatin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const toLatin1 = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

describe('encodeBase64', () => {
  const vectors: readonly (readonly [string, string])[] = [
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ];
  for (const [text, encoded] of vectors) {
    it(`RFC 4648 §10: '${text}' is '${encoded}'`, () => {
      expect(encodeBase64(fromLatin1(text))).toBe(encoded);
      const decoded = decodeBase64(encoded);
      expect(decoded.ok && toLatin1(decoded.value)).toBe(text);
    });
  }
  it('RFC 4648 §5: the alphabet for URLs, without padding', () => {
    const bytes = Uint8Array.of(0xfb, 0xff, 0xfe, 0xff);
    expect(encodeBase64(bytes)).toBe('+//+/w==');
    expect(encodeBase64(bytes, { url: true, padding: false })).toBe('-__-_w');
    for (const text of ['-__-_w', '-__-_w==']) expect(decodeBase64(text, { url: true })).toEqual({ ok: true, value: bytes });
    expect(decodeBase64('+//+/w', { url: true }).ok).toBe(false);
  });
  it('RFC 2045 §6.8: lines of 76 characters', () => {
    const bytes = new Uint8Array(120).fill(65);
    const lines = encodeBase64(bytes, { lineLength: 76 }).split('\r\n');
    expect(lines.map((line) => line.length)).toEqual([76, 76, 8]);
    expect(toLatin1(encodeBase64Bytes(bytes, { lineLength: 76 }))).toBe(lines.join('\r\n'));
  });
});

describe('decodeBase64', () => {
  const bad: readonly (readonly [title: string, text: string, offset: number])[] = [
    ['RFC 4648 §3.3: white space', 'Zm9v YmFy', 4],
    ['RFC 4648 §3.3: a line end', 'Zm9v\r\n', 4],
    ['RFC 4648 §4: no whole group', 'Zm9', 3],
    ['RFC 4648 §4: one digit', 'Z', 1],
    ['RFC 4648 §3.2: padding inside', 'Zg==Zg==', 2],
    ['RFC 4648 §3.2: too much padding', 'Z===', 1],
    ['RFC 4648 §3.5: unused bits', 'Zh==', 1],
    ['RFC 4648 §3.5: unused bits of two', 'Zm9=', 2],
    ['RFC 4648 §5: the other alphabet', 'ab-_', 2],
    ['a character whose low byte is a digit', 'Zm9\u0176', 3],
  ];
  for (const [title, text, offset] of bad) {
    it(title, () => expect(decodeBase64(text)).toMatchObject({ ok: false, error: { offset } }));
  }
  it('RFC 4648 §3.5: takes exactly what encodeBase64 writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'AQZgw/+=-9'), maxLength: 8 }), (text) => {
        const decoded = decodeBase64(text);
        if (decoded.ok) expect(encodeBase64(decoded.value)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('Base64Encoder', () => {
  it('RFC 2045 §6.8: writes the same in whatever pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 8 }), (pieces) => {
        const encoder = new Base64Encoder();
        const written = [...pieces.map((piece) => encoder.push(piece)), encoder.end()].map(toLatin1).join('');
        const whole = fromLatin1(pieces.map(toLatin1).join(''));
        expect(written).toBe(encodeBase64(whole, { lineLength: 76 }));
      }),
    );
  });
});
