import { fromUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { DerReader } from './der-reader.ts';
import { type DistinguishedName, equalNames, readDistinguishedName } from './distinguished-name.ts';
import { type ConstrainedNames, findForbiddenName, type NameConstraints, readNameConstraints, type Subtrees } from './name-constraints.ts';

function der(tag: number, ...parts: readonly (Uint8Array | string)[]): Uint8Array {
  const contents = parts.flatMap((part) => [...(typeof part === 'string' ? fromUtf8(part) : part)]);
  return Uint8Array.of(tag, contents.length, ...contents);
}

const oids: Readonly<Record<string, readonly number[]>> = { O: [0x55, 4, 10], CN: [0x55, 4, 3] };

/** A name of parts such as `O=Example`; `+` joins the attributes of one part. */
function nameDer(text: string, tag = 0x0c): Uint8Array {
  const attribute = (one: string): Uint8Array => {
    const [type = '', value = ''] = one.split('=');
    return der(0x30, der(6, Uint8Array.from(oids[type] ?? [])), der(tag, value));
  };
  const parts = text === '' ? [] : text.split(', ');
  return der(0x30, ...parts.map((part) => der(0x31, ...part.split('+').map(attribute))));
}

const name = (text: string, tag?: number): DistinguishedName => readDistinguishedName(new DerReader(nameDer(text, tag)), 'a name');

const none: Subtrees = { dns: [], ip: [], email: [], uri: [], directory: [], others: 0 };
const dns = (...names: readonly string[]): Subtrees => ({ ...none, dns: names });
const email = (...names: readonly string[]): Subtrees => ({ ...none, email: names });
const uri = (...names: readonly string[]): Subtrees => ({ ...none, uri: names });
const directory = (...names: readonly string[]): Subtrees => ({ ...none, directory: names.map((one) => name(one)) });
const ip = (...bytes: readonly number[]): Subtrees => ({
  ...none,
  ip: [{ address: Uint8Array.from(bytes.slice(0, 4)), mask: Uint8Array.from(bytes.slice(4)) }],
});
const network = ip(192, 0, 2, 0, 255, 255, 255, 0);

const cases: readonly (readonly [Partial<NameConstraints>, Partial<ConstrainedNames>, string | undefined])[] = [
  [{}, { dns: ['a.example'], ip: ['192.0.2.1'], email: ['a@b.example'], uri: ['x:y'], others: 1 }, undefined],
  [{ permitted: dns('example.org') }, { dns: ['example.org', 'A.EXAMPLE.org'] }, undefined],
  [{ permitted: dns('example.org') }, { dns: ['badexample.org'] }, 'badexample.org'],
  [{ permitted: dns('.example.org') }, { dns: ['a.example.org'] }, undefined],
  [{ permitted: dns('.example.org') }, { dns: ['example.org'] }, 'example.org'],
  [{ excluded: dns('.example.org') }, { dns: ['example.org'] }, undefined],
  [{ excluded: dns('.example.org') }, { dns: ['*.example.org'] }, '*.example.org'],
  [{ permitted: dns('') }, { dns: ['anything.example'] }, undefined],
  [{ excluded: dns('') }, { dns: ['anything.example'] }, 'anything.example'],
  [{ permitted: dns('example.org') }, { ip: ['192.0.2.1'] }, undefined],
  [{ excluded: dns('example.org') }, { dns: ['a.example.org'] }, 'a.example.org'],
  [{ excluded: dns('a.example.org') }, { dns: ['*.example.org'] }, '*.example.org'],
  [{ excluded: dns('a.example.org') }, { dns: ['b.example.org'] }, undefined],
  [{ permitted: dns('mx.example.org') }, { dns: ['*.example.org'] }, '*.example.org'],
  [{ permitted: network }, { ip: ['192.0.2.77'] }, undefined],
  [{ permitted: network }, { ip: ['192.0.3.1'] }, '192.0.3.1'],
  [{ permitted: network }, { ip: ['2001:db8::1'] }, '2001:db8::1'],
  [{ excluded: network }, { ip: ['192.0.2.1'] }, '192.0.2.1'],
  [{ permitted: email('example.org') }, { email: ['a@Example.org'] }, undefined],
  [{ permitted: email('example.org') }, { email: ['a@mx.example.org'] }, 'a@mx.example.org'],
  [{ permitted: email('.example.org') }, { email: ['a@mx.example.org'] }, undefined],
  [{ permitted: email('.example.org') }, { email: ['a@example.org'] }, 'a@example.org'],
  [{ excluded: email('a@example.org') }, { email: ['a@example.org'] }, 'a@example.org'],
  [{ excluded: email('a@example.org') }, { email: ['b@example.org'] }, undefined],
  [{ permitted: email('example.org') }, { dns: ['mx.example.net'] }, undefined],
  [{ permitted: uri('example.org') }, { uri: ['https://Example.org:443/x'] }, undefined],
  [{ permitted: uri('example.org') }, { uri: ['https://a.example.org/'] }, 'https://a.example.org/'],
  [{ permitted: uri('.example.org') }, { uri: ['sip://me@a.example.org'] }, undefined],
  [{ excluded: uri('example.org') }, { uri: ['https://evil@example.org/@example.net'] }, 'https://evil@example.org/@example.net'],
  [{ excluded: uri('example.org') }, { uri: ['urn:x'] }, 'urn:x'],
  [{ excluded: uri('example.org') }, { uri: ['https://192.0.2.1/'] }, 'https://192.0.2.1/'],
  [{ permitted: directory('O=Example') }, { directory: [name('O=Example, CN=a')] }, undefined],
  [{ permitted: directory('O=Example') }, { directory: [name('O=EXAMPLE , CN=a', 0x13)] }, undefined],
  [{ permitted: directory('O=Example') }, { directory: [name('O=Example2, CN=a')] }, 'CN=a, O=Example2'],
  [{ permitted: directory('O=Example') }, { directory: [name('CN=a')] }, 'CN=a'],
  [{ permitted: directory('O=Example, CN=a') }, { directory: [name('O=Example')] }, 'O=Example'],
  [{ excluded: directory('O=Example') }, { directory: [name('O=Example, CN=a')] }, 'CN=a, O=Example'],
  [{ excluded: directory('') }, { directory: [name('CN=a')] }, 'CN=a'],
  [{ permitted: { ...none, others: 1 } }, { dns: ['a.example'] }, undefined],
  [{ excluded: { ...none, others: 1 } }, { others: 1 }, 'a name of a form that is not judged here'],
];

describe('findForbiddenName', () => {
  it.each(cases)('RFC 5280 §4.2.1.10: case %#', (constraints, names, forbidden) => {
    const all = { permitted: none, excluded: none, ...constraints };
    expect(findForbiddenName(all, { dns: [], ip: [], ...names })).toBe(forbidden);
  });
});

describe('hostile constraints', () => {
  it('RFC 5280 §4.2.1.10: more comparisons than anybody needs are refused, not done', () => {
    const many = (count: number, end: string): string[] => Array.from({ length: count }, (_, i) => `n${i}.${end}`);
    const constraints = { permitted: dns(...many(13_000, 'example.net'), 'example.org'), excluded: none };
    expect(findForbiddenName(constraints, { dns: many(20_000, 'example.org'), ip: [] })).toBe('more names than are judged');
    expect(findForbiddenName(constraints, { dns: many(4, 'example.org'), ip: [] })).toBeUndefined();
  });
});

describe('readNameConstraints', () => {
  it('RFC 5280 §4.2.1.10: each form; a subtree with bounds, or of another form, is counted', () => {
    const subtree = (tag: number, value: Uint8Array | string, ...bounds: readonly Uint8Array[]): Uint8Array =>
      der(0x30, der(tag, value), ...bounds);
    const permitted = der(
      0xa0,
      subtree(0x82, 'Example.ORG'),
      subtree(0x81, '.Example.org'),
      subtree(0x86, 'example.org'),
      subtree(0xa4, nameDer('O=Example')),
    );
    const excluded = der(0xa1, subtree(0x82, 'a.example', der(0x81, Uint8Array.of(3))), subtree(0xa0, der(6, Uint8Array.of(42))));
    const read = readNameConstraints(new DerReader(der(0x30, permitted, excluded)));
    expect(read).toMatchObject({
      permitted: { dns: ['example.org'], email: ['.example.org'], uri: ['example.org'], directory: [{ text: 'O=Example' }], others: 0 },
      excluded: { dns: [], others: 2 },
    });
  });
});

describe('equalNames', () => {
  it.each([
    ['O=Example, CN=a', 'O=Example, CN=a', 0x13, true],
    ['O=Example, CN=a', 'O=EXAMPLE, CN=A', 0x0c, true],
    ['O=My Example', 'O= My   Example ', 0x0c, true],
    ['O=Example, CN=a', 'O=Example', 0x0c, false],
    ['O=Example', 'O=Example, CN=a', 0x0c, false],
    ['O=Example, CN=a', 'CN=a, O=Example', 0x0c, false],
    ['O=Example+CN=a', 'CN=a+O=Example', 0x0c, true],
    ['O=Example+CN=a', 'O=Example, CN=a', 0x0c, false],
    ['O=Example', 'CN=Example', 0x0c, false],
    ['', '', 0x0c, true],
  ])('RFC 5280 §7.1: %j and %j (type %i): %s', (one, other, tag, equal) => {
    expect(equalNames(name(one), name(other, tag))).toBe(equal);
    expect(equalNames(name(other, tag), name(one))).toBe(equal);
  });
});
