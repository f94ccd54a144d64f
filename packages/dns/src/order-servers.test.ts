import { type Random, systemRandom } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderServers } from './order-servers.ts';

type Server = Parameters<typeof orderServers>[0][number];

const server = (priority: number, weight: number, target: string): Server => ({ priority, weight, port: 465, target });

/** Draws parts of the whole in turn, in 256ths. */
function draws(...parts: readonly number[]): Random {
  let at = 0;
  return { bytes: (count) => Uint8Array.from({ length: count }, (_, i) => (i === 0 ? (parts[at++ % parts.length] ?? 0) : 0)) };
}

/** The example of RFC 2782. */
const example = [server(1, 0, 'sysadmins-box'), server(0, 1, 'old-slow-box'), server(1, 0, 'server'), server(0, 3, 'new-fast-box')];

describe('orderServers', () => {
  it.each<[string, readonly Server[], Random, string]>([
    ['the lowest number first; 0 to 1 of 0 to 4 is the first', example, draws(0), 'old-slow-box new-fast-box sysadmins-box server'],
    ['1 of 0 to 4 is the first still', example, draws(100), 'old-slow-box new-fast-box sysadmins-box server'],
    ['2 of 0 to 4 is the second', example, draws(103), 'new-fast-box old-slow-box sysadmins-box server'],
    ['4 of 0 to 4 is the second', example, draws(255), 'new-fast-box old-slow-box sysadmins-box server'],
    ['without weight: first in line, and hardly ever drawn', [server(0, 9, 'b'), server(0, 0, 'a')], draws(0), 'a b'],
    ['without weight: not drawn', [server(0, 9, 'b'), server(0, 0, 'a')], draws(26), 'b a'],
    ['the only one is the root: there is no such service', [server(0, 0, '')], draws(0), ''],
    ['the root among others is no server', [server(0, 0, ''), server(1, 0, 'a')], draws(0), 'a'],
    ['nothing', [], draws(0), ''],
  ])('RFC 2782: %s', (_what, records, random, targets) => {
    const ordered = orderServers(records, random);
    expect(ordered.map(({ target }) => target).join(' ')).toBe(targets);
  });

  it('RFC 2782: three quarters go where three quarters of the weight are', () => {
    let state = 7;
    const random: Random = {
      bytes: (count) => Uint8Array.from({ length: count }, () => (state = (state * 1103515245 + 12345) >>> 0) >>> 24),
    };
    let fast = 0;
    const pair = [server(0, 10_000, 'slow'), server(0, 30_000, 'fast')];
    for (let i = 0; i < 10_000; i++) if (orderServers(pair, random)[0]?.target === 'fast') fast++;
    expect(Math.abs(fast / 10_000 - 0.75)).toBeLessThan(0.02);
  });

  it('RFC 2782: nothing is lost, nothing added, priorities rise', () => {
    const any = fc.record({ priority: fc.nat(3), weight: fc.nat(65_535), port: fc.constant(1), target: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), (records) => {
        const ordered = orderServers(records, systemRandom);
        expect(new Set(ordered)).toEqual(new Set(records));
        expect(ordered).toHaveLength(records.length);
        expect(ordered.map(({ priority }) => priority)).toEqual(records.map(({ priority }) => priority).toSorted((a, b) => a - b));
      }),
    );
  });

  it('puts a hundred in order, whoever sends thousands', () => {
    const many = Array.from({ length: 3000 }, (_, i) => server(i % 2, i, `a${i}`));
    const ordered = orderServers(many, systemRandom);
    expect(ordered).toHaveLength(100);
    expect(ordered.every(({ priority }) => priority === 0)).toBe(true);
    const scattered = Array.from({ length: 3000 }, (_, i) => server(i, 1, `a${i}`));
    expect(orderServers(scattered, systemRandom).map(({ priority }) => priority)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});
