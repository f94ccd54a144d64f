import { fromUtf8 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
});
