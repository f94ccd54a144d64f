import { describe, expect, it } from 'vitest';
import { CutCache } from './cut-cache.ts';
import { createZoneKey } from './zone-key.ts';
import type { Cut } from './zone-state.ts';

const cut: Cut = { kind: 'none', ttlSeconds: 60 };

function secure(name: string, sizeBytes: number): Cut {
  const key = createZoneKey({ flags: 257, protocol: 3, algorithm: 13, key: new Uint8Array(sizeBytes) });
  return { kind: 'cut', ttlSeconds: 60, state: { status: 'secure', steps: [], zone: { name, keys: [key] } } };
}

describe('CutCache', () => {
  it('keeps what may be kept, as long as it may be, also where the clock is set back', () => {
    const cache = new CutCache(10);
    cache.set('a', cut, 1000);
    cache.set('never', { ...cut, ttlSeconds: 0 }, 1000);
    expect([cache.get('a', 60_999), cache.get('never', 1000), cache.size]).toEqual([cut, undefined, 1]);
    expect(cache.get('a', 61_000)).toBeUndefined();
    cache.set('b', cut, 1000);
    expect(cache.get('b', 999)).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  it('lets go what was used least lately, beyond a number and beyond a size', () => {
    const cache = new CutCache(3, 100_000);
    for (const name of ['a', 'b', 'c']) cache.set(name, cut, 0);
    cache.get('a', 0);
    cache.set('d', cut, 0);
    expect(['a', 'b', 'c', 'd'].map((name) => cache.get(name, 0) !== undefined)).toEqual([true, false, true, true]);
    cache.set('large', secure('large', 40_000), 0);
    cache.set('larger', secure('larger', 45_000), 0);
    expect(['large', 'larger'].map((name) => cache.get(name, 0) !== undefined)).toEqual([false, true]);
    cache.clear();
    cache.set('again', secure('again', 45_000), 0);
    expect(cache.get('again', 0)).toBeDefined();
  });
});
