import { describe, expect, it } from 'vitest';
import { findForbiddenName, type NameConstraints, type Subtrees } from './name-constraints.ts';

const none: Subtrees = { dns: [], ip: [], others: 0 };
const tree = (dns: readonly string[], ip: readonly (readonly number[])[] = []): Subtrees => ({
  dns,
  ip: ip.map((bytes) => ({ address: Uint8Array.from(bytes.slice(0, 4)), mask: Uint8Array.from(bytes.slice(4)) })),
  others: 0,
});

const cases: readonly (readonly [Partial<NameConstraints>, readonly string[], readonly string[], string | undefined])[] = [
  [{}, ['a.example'], ['192.0.2.1'], undefined],
  [{ permitted: tree(['example.org']) }, ['example.org', 'A.EXAMPLE.org'], [], undefined],
  [{ permitted: tree(['example.org']) }, ['badexample.org'], [], 'badexample.org'],
  [{ permitted: tree(['.example.org']) }, ['a.example.org'], [], undefined],
  [{ permitted: tree(['']) }, ['anything.example'], [], undefined],
  [{ permitted: tree(['example.org']) }, [], ['192.0.2.1'], undefined],
  [{ excluded: tree(['example.org']) }, ['a.example.org'], [], 'a.example.org'],
  [{ excluded: tree(['a.example.org']) }, ['*.example.org'], [], '*.example.org'],
  [{ excluded: tree(['a.example.org']) }, ['b.example.org'], [], undefined],
  [{ permitted: tree([], [[192, 0, 2, 0, 255, 255, 255, 0]]) }, [], ['192.0.2.77'], undefined],
  [{ permitted: tree([], [[192, 0, 2, 0, 255, 255, 255, 0]]) }, [], ['192.0.3.1'], '192.0.3.1'],
  [{ permitted: tree([], [[192, 0, 2, 0, 255, 255, 255, 0]]) }, [], ['2001:db8::1'], '2001:db8::1'],
  [{ excluded: tree([], [[192, 0, 2, 0, 255, 255, 255, 0]]) }, [], ['192.0.2.1'], '192.0.2.1'],
];

describe('findForbiddenName', () => {
  it.each(cases)('RFC 5280 §4.2.1.10: case %#', (constraints, dns, ip, forbidden) => {
    expect(findForbiddenName({ permitted: none, excluded: none, ...constraints }, { dns, ip })).toBe(forbidden);
  });
});
