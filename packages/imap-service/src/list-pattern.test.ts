import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesPattern } from './list-pattern.ts';

describe('patterns of LIST', () => {
  it.each([
    ['*', 'a/b', true],
    ['%', 'a', true],
    ['%', 'a/b', false],
    ['%/%', 'a/b', true],
    ['%/%', 'a/b/c', false],
    ['a*', 'a/b/c', true],
    ['a%', 'ab', true],
    ['a%', 'a/b', false],
    ['*b', 'a/b', true],
    ['%b', 'a/b', false],
    ['a/%', 'a/', true],
    ['*%', 'a/b', true],
    ['%*%', '', true],
    ['', '', true],
    ['', 'a', false],
    ['a', 'A', false],
    ['*a*b*c*', 'xxaxxbxxcxx', true],
    ['*a*b*c*', 'xxaxxcxxbxx', false],
  ])('RFC 9051 §6.3.9: %j of %j', (pattern, name, expected) => {
    expect(matchesPattern(pattern, name)).toBe(expected);
  });

  it('agrees with a regular expression', () => {
    const piece = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '%'), maxLength: 8 });
    fc.assert(
      fc.property(piece, fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 }), (pattern, name) => {
        const regex = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('%', '[^/]*')}$`);
        expect(matchesPattern(pattern, name)).toBe(regex.test(name));
      }),
      { numRuns: 2000 },
    );
  });

  it('costs no more than the product of the lengths', () => {
    const started = performance.now();
    expect(matchesPattern(`${'*a'.repeat(1000)}b`, 'a'.repeat(1000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
