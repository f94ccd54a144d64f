import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase16, encodeBase16 } from './base16.ts';
import { decodeBase32, encodeBase32 } from './base32.ts';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

const vectors: readonly (readonly [text: string, base32: string, base32hex: string, base16: string])[] = [
  ['', '', '', ''],
  ['f', 'MY======', 'CO======', '66'],
  ['fo', 'MZXQ====', 'CPNG====', '666F'],
  ['foo', 'MZXW6===', 'CPNMU===', '666F6F'],
  ['foob', 'MZXW6YQ=', 'CPNMUOG=', '666F6F62'],
  ['fooba', 'MZXW6YTB', 'CPNMUOJ1', '666F6F6261'],
  ['foobar', 'MZXW6YTBOI======', 'CPNMUOJ1E8======', '666F6F626172'],
];

describe('base32', () => {
  it.each(vectors)('RFC 4648 §10: %j', (text, base32, base32hex) => {
    const bytes = bytesOf(text);
    expect([encodeBase32(bytes), encodeBase32(bytes, { hex: true })]).toEqual([base32, base32hex]);
    expect(encodeBase32(bytes, { padding: false })).toBe(base32.replace(/=+$/, ''));
    for (const written of [base32, base32.toLowerCase()]) expect(decodeBase32(written)).toEqual({ ok: true, value: bytes });
    expect(decodeBase32(base32hex, { hex: true })).toEqual({ ok: true, value: bytes });
    expect(decodeBase32(base32hex.replace(/=+$/, ''), { hex: true, padding: false })).toEqual({ ok: true, value: bytes });
  });

  it.each([
    ['RFC 4648 §3.3: white space', 'MZXW6Y B', 6],
    ['RFC 4648 §3.3: a digit of the other alphabet', 'MZXW6YT1', 7],
    ['RFC 4648 §3.3: what is a letter but for one bit', 'MZXW6YT{', 7],
    ['RFC 4648 §3.3: a character whose low byte is a digit', 'MZXW6YT\u0141', 7],
    ['RFC 4648 §3.2: no padding', 'MY', 2],
    ['RFC 4648 §3.2: too little padding', 'MY=====', 7],
    ['RFC 4648 §3.2: padding inside', 'MY======MY======', 16],
    ['RFC 4648 §3.2: padding alone', '========', 8],
    ['RFC 4648 §6: digits that hold no whole byte', 'MZX=====', 8],
    ['RFC 4648 §3.5: unused bits', 'MZ======', 1],
  ])('%s', (_, text, offset) => expect(decodeBase32(text)).toMatchObject({ ok: false, error: { offset } }));

  it('RFC 4648 §3.2: no padding where there is to be none', () => {
    expect(decodeBase32('MY======', { padding: false }).ok).toBe(false);
    expect(decodeBase32('M', { padding: false }).ok).toBe(false);
    expect(decodeBase32('MY', { padding: false })).toEqual({ ok: true, value: bytesOf('f') });
  });

  it('RFC 4648 §7: keeps the order of what is encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 20 }), (a, b) => {
        const encode = (bytes: Uint8Array): string => encodeBase32(bytes, { hex: true, padding: false });
        expect(Math.sign(Buffer.compare(Buffer.from(encode(a)), Buffer.from(encode(b))))).toBe(Math.sign(Buffer.compare(a, b)));
      }),
    );
  });

  it('RFC 4648 §3.5: takes exactly what is written', () => {
    const text = fc.string({ unit: fc.constantFrom(...'AQ27gv819=-'), maxLength: 17 });
    fc.assert(
      fc.property(text, fc.boolean(), fc.boolean(), (written, hex, padding) => {
        const decoded = decodeBase32(written, { hex, padding });
        if (decoded.ok) expect(encodeBase32(decoded.value, { hex, padding })).toBe(written.toUpperCase());
      }),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), fc.boolean(), (value, hex, padding) => {
        expect(decodeBase32(encodeBase32(value, { hex, padding }), { hex, padding })).toEqual({ ok: true, value });
      }),
    );
  });
});

describe('base16', () => {
  it.each(vectors)('RFC 4648 §10: %j', (text, _, __, base16) => {
    expect(encodeBase16(bytesOf(text))).toBe(base16);
    for (const written of [base16, base16.toLowerCase()]) expect(decodeBase16(written)).toEqual({ ok: true, value: bytesOf(text) });
  });

  it.each([
    ['RFC 4648 §8: half a byte', '666', 3],
    ['RFC 4648 §3.3: white space', '66 6', 2],
    ['RFC 4648 §3.3: no digit', '6G', 1],
    ['RFC 4648 §3.3: a character whose low byte is a digit', '6\u0141', 1],
  ])('%s', (_, text, offset) => expect(decodeBase16(text)).toMatchObject({ ok: false, error: { offset } }));
});
