import { constants, gzipSync } from 'node:zlib';
import { concatBytes, fromUtf8 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { compress, decompress } from './compression.ts';

describe('compress and decompress', () => {
  it.each(['gzip', 'deflate-raw'] as const)('%s: what was packed comes out again', async (format) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (bytes) => {
        expect(await decompress(format, await compress(format, bytes), { mostBytes: 5000 })).toEqual({ ok: true, value: bytes });
      }),
      { numRuns: 30 },
    );
  });

  it('a bomb is not unpacked beyond the limit', async () => {
    const bomb = await compress('gzip', new Uint8Array(50_000_000));
    expect(bomb.length).toBeLessThan(100_000);
    expect(await decompress('gzip', bomb, { mostBytes: 1_000_000 })).toMatchObject({
      ok: false,
      error: { message: 'more than 1000000 bytes when unpacked' },
    });
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['no gzip', fromUtf8('plain text')],
    ['a head alone', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0)],
  ])('%s is an error', async (_what, bytes) => {
    expect((await decompress('gzip', bytes, { mostBytes: 100 })).ok).toBe(false);
  });

  it('data that is cut short is an error', async () => {
    const packed = await compress('gzip', fromUtf8('hello '.repeat(1000)));
    expect((await decompress('gzip', packed.subarray(0, packed.length - 5), { mostBytes: 100_000 })).ok).toBe(false);
  });

  // Blocks without compression, with the fixed codes, and with codes of their own.
  const kinds = [
    { level: 0 },
    { level: 9, strategy: constants.Z_FIXED },
    { level: 1 },
    { level: 9 },
    { strategy: constants.Z_HUFFMAN_ONLY },
  ];

  it('RFC 1952: members one behind the other, of every kind of block, with anything behind', async () => {
    const word = fc.constantFrom('', 'a', 'hello ', '<row><count>1</count></row>', '\u00e4\u{1f600}', 'x'.repeat(70_000));
    const text = fc.array(word, { maxLength: 40 }).map((words) => fromUtf8(words.join('')));
    const data = fc.oneof(text, fc.uint8Array({ maxLength: 300 }));
    const member = fc.tuple(data, fc.constantFrom(...kinds));
    const behind = fc.oneof(fc.constantFrom('', '\0', '\r\n', '\0'.repeat(512), '\n--boundary--\n', '\u001f').map(fromUtf8));
    await fc.assert(
      fc.asyncProperty(fc.array(member, { minLength: 1, maxLength: 4 }), behind, async (members, rest) => {
        const packed = concatBytes([...members.map(([bytes, options]) => new Uint8Array(gzipSync(bytes, options))), rest]);
        const value = concatBytes(members.map(([bytes]) => bytes));
        expect(await decompress('gzip', packed, { mostBytes: value.length })).toEqual({ ok: true, value });
      }),
      { numRuns: 150 },
    );
  });

  it('RFC 1952: a member with an extra field, a name, a comment and a check sum of its header', async () => {
    const [packed, plain] = [new Uint8Array(gzipSync('two')), new Uint8Array(gzipSync('one '))];
    const header = Uint8Array.of(0x1f, 0x8b, 8, 0x1c, 0, 0, 0, 0, 0, 255, 3, 0, 1, 0, 2);
    const named = concatBytes([header, fromUtf8('name\0comment\0'), packed.subarray(10)]);
    expect(await decompress('gzip', concatBytes([plain, named, fromUtf8('\n')]), { mostBytes: 100 })).toEqual({
      ok: true,
      value: fromUtf8('one two'),
    });
  });

  it.each<[string, Uint8Array[]]>([
    ['a second member that is cut short', [new Uint8Array(gzipSync('one')), new Uint8Array(gzipSync('two')).subarray(0, 15)]],
    ['a wrong check sum', [new Uint8Array(gzipSync('one')).fill(0, -8, -4), fromUtf8('\n')]],
    ['more members than are read', Array.from({ length: 1001 }, () => new Uint8Array(gzipSync('')))],
  ])('%s is an error', async (_what, pieces) => {
    expect(await decompress('gzip', concatBytes(pieces), { mostBytes: 100 })).toMatchObject({
      ok: false,
      error: { message: 'not gzip data, or damaged' },
    });
  });

  it('the limit holds for all members together', async () => {
    const packed = concatBytes([new Uint8Array(gzipSync('one')), new Uint8Array(gzipSync('two'))]);
    expect(await decompress('gzip', packed, { mostBytes: 5 })).toMatchObject({
      ok: false,
      error: { message: 'more than 5 bytes when unpacked' },
    });
  });

  it('mutants never throw', async () => {
    const seeds = kinds.map((options) => concatBytes([new Uint8Array(gzipSync('hello '.repeat(9), options)), Uint8Array.of(0)]));
    for (const mutant of mutants(seeds, { count: 500 })) await decompress('gzip', mutant, { mostBytes: 10_000 });
  });
});
