import { encodeBase64 } from '@mox/encoding';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64Tag } from './base64-tag.ts';

describe('decodeBase64Tag', () => {
  it('RFC 6376 §2.10: any bytes, with white space anywhere', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(fc.nat(80), { maxLength: 5 }), (bytes, blanks) => {
        let text = encodeBase64(bytes);
        for (const at of blanks) text = `${text.slice(0, at)}\r\n ${text.slice(at)}`;
        expect([...(decodeBase64Tag(text) ?? [])]).toEqual([...bytes]);
        expect(decodeBase64Tag(text) !== undefined).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    'A',
    'AA',
    'AA=',
    'AAA',
    'AB==',
    'AAB=',
    'A===',
    '=',
    'AA==AA==',
    'AAAA=',
    'AA=A',
    'AA-_',
    'AA*A',
    'AAA\u00c1',
    'AAA\u0141',
    'AAAA\0',
  ])('RFC 4648 §3.3: %j is none', (text) => {
    expect(decodeBase64Tag(text)).toBeUndefined();
  });

  it('RFC 4648 §3.5: whatever is taken is what its bytes are written as', () => {
    const text = fc.string({ unit: fc.constantFrom(...'AQgw+/=-_ *\r\n\t\u00c1\u0141'), maxLength: 16 });
    fc.assert(
      fc.property(text, (value) => {
        const compact = value.replace(/[ \t\r\n]/g, '');
        const isBase64 =
          /^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/.test(compact) && encodeBase64(Buffer.from(compact, 'base64')) === compact;
        const bytes = decodeBase64Tag(value);
        expect(bytes !== undefined).toBe(isBase64);
        if (bytes) expect(encodeBase64(bytes)).toBe(compact);
      }),
      { numRuns: 20_000 },
    );
  });
});
