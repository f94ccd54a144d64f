import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  concatBytes,
  emptyBytes,
  equalBytes,
  fromBase64,
  fromLatin1,
  fromUtf8,
  indexOfByte,
  timingSafeEqual,
  toBase64,
  toHex,
  toLatin1,
  toUtf8,
  toUtf8Strict,
} from './bytes.ts';
import * as node from './platform-node.ts';
import * as web from './platform-web.ts';

const some = fc.uint8Array({ maxLength: 300 });
/** A view into a larger buffer: an offset forgotten anywhere shows. */
const view = (bytes: Uint8Array): Uint8Array => {
  const buffer = new Uint8Array(bytes.length + 7);
  buffer.set(bytes, 3);
  return buffer.subarray(3, 3 + bytes.length);
};

it.each([node, web])('bytes of any content have their length', ({ uninitializedBytes }) => {
  for (const length of [0, 1, 4096, 100_000]) expect(uninitializedBytes(length)).toHaveLength(length);
  expect(Object.getPrototypeOf(uninitializedBytes(8))).toBe(Uint8Array.prototype);
});

describe('texts and bytes', () => {
  it('UTF-8 goes there and back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(toUtf8(fromUtf8(text))).toBe(text);
      }),
    );
  });

  it('what is not UTF-8 is replaced, or refused', () => {
    const bad = Uint8Array.of(0x61, 0xff, 0x62);
    expect(toUtf8(bad)).toBe('a\ufffdb');
    expect(toUtf8Strict(bad)).toBeUndefined();
    expect(toUtf8Strict(fromUtf8('é'))).toBe('é');
  });

  it('a byte order mark is kept', () => {
    const marked = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61);
    expect([toUtf8(marked), toUtf8Strict(marked)]).toEqual(['\ufeffa', '\ufeffa']);
  });

  it('latin1 has a character for each byte', () => {
    fc.assert(
      fc.property(some, (bytes) => {
        expect(fromLatin1(toLatin1(view(bytes)))).toEqual(bytes);
      }),
    );
    expect(toLatin1(Uint8Array.of(65, 66, 67, 68), 1, 3)).toBe('BC');
    expect(fromLatin1('\u0141')).toEqual(Uint8Array.of(0x41));
  });

  it('RFC 4648 §10: base64 of the test vectors', () => {
    const vectors = ['', 'Zg==', 'Zm8=', 'Zm9v', 'Zm9vYg==', 'Zm9vYmE=', 'Zm9vYmFy'];
    for (const [length, base64] of vectors.entries()) {
      expect(toBase64(fromUtf8('foobar'.slice(0, length)))).toBe(base64);
      expect(fromBase64(base64)).toEqual(fromUtf8('foobar'.slice(0, length)));
    }
  });

  it('hexadecimal digits are two for each byte', () => {
    expect(toHex(Uint8Array.of(0, 1, 0x7f, 0xff))).toBe('00017fff');
  });
});

describe('the two platforms', () => {
  it('agree on every array of bytes', () => {
    fc.assert(
      fc.property(some, (bytes) => {
        const input = view(bytes);
        expect(web.toLatin1(input)).toBe(node.toLatin1(input));
        expect(web.toLatin1(input, 1, 5)).toBe(node.toLatin1(input, 1, 5));
        expect(web.toBase64(input)).toBe(node.toBase64(input));
        for (const from of [0, 2, input.length, input.length + 1]) {
          expect(indexOfByte(input, 65, from)).toBe(input.indexOf(65, from));
          expect(web.indexOfByte(input, 65, from)).toBe(node.indexOfByte(input, 65, from));
        }
        expect(web.fromBase64(node.toBase64(input))).toEqual(node.fromBase64(web.toBase64(input)));
        expect(web.fromLatin1(node.toLatin1(input))).toEqual(node.fromLatin1(web.toLatin1(input)));
      }),
    );
  });

  it('agree on a long array, beyond what can be spread over arguments', () => {
    const long = new Uint8Array(300_001).map((_, i) => i * 31);
    expect(web.toLatin1(long)).toBe(node.toLatin1(long));
    expect(web.toBase64(long)).toBe(node.toBase64(long));
    expect(equalBytes(web.fromLatin1(node.toLatin1(long)), long)).toBe(true);
  });

  it('agree on what is UTF-8', () => {
    const character = fc.constantFrom('a', ' ', '\u00fc', '\u20ac', '\u{1f600}', '\ufeff', '\ufffd', '\0');
    const piece = fc.oneof(
      { weight: 9, arbitrary: fc.string({ unit: character, maxLength: 20 }).map(fromUtf8) },
      fc.uint8Array({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const bytes = view(concatBytes(pieces));
        const strict = web.toUtf8Strict(bytes);
        expect(node.toUtf8Strict(bytes)).toBe(strict);
        expect(strict === undefined).toBe(!equalBytes(fromUtf8(toUtf8(bytes)), bytes));
      }),
    );
  });

  it('export the same names', () => {
    expect(Object.keys(web).toSorted()).toEqual(Object.keys(node).toSorted());
  });
});

describe('arrays', () => {
  it('are joined in order, a single one as it is', () => {
    const one = Uint8Array.of(1);
    expect(concatBytes([one])).toBe(one);
    expect(concatBytes([one, emptyBytes, Uint8Array.of(2, 3)])).toEqual(Uint8Array.of(1, 2, 3));
    expect(concatBytes([])).toEqual(emptyBytes);
  });

  it.each([
    ['equalBytes', equalBytes],
    ['timingSafeEqual', timingSafeEqual],
  ])('%s compares length and content', (_, equal) => {
    fc.assert(
      fc.property(some, some, (a, b) => {
        expect(equal(a, b)).toBe(toHex(a) === toHex(b));
      }),
    );
    fc.assert(
      fc.property(some, (a) => {
        expect(equal(a, view(a))).toBe(true);
      }),
    );
    expect(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(equal(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(false);
  });
});
