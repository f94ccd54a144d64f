import { unwrap } from '@mox/syntax';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  expandDomainSpec,
  expandExplanation,
  expandMacroString,
  type MacroLetter,
  parseDomainSpec,
  parseMacroString,
  truncateDomainName,
} from './macro.ts';

const values: Readonly<Record<MacroLetter, string>> = {
  s: 'strong-bad@email.example.com',
  l: 'strong-bad',
  o: 'email.example.com',
  d: 'email.example.com',
  i: '192.0.2.3',
  p: 'mx.example.org',
  h: 'helo.example.net',
  c: '192.0.2.3',
  r: 'receiver.example.org',
  t: '1700000000',
  v: 'in-addr',
};

async function expand(text: string): Promise<string> {
  return expandMacroString(unwrap(parseMacroString(text, { explanation: true })), (letter) => values[letter]);
}

describe('expandMacroString', () => {
  it.each([
    ['%{s}', 'strong-bad@email.example.com'],
    ['%{o}', 'email.example.com'],
    ['%{d}', 'email.example.com'],
    ['%{d4}', 'email.example.com'],
    ['%{d3}', 'email.example.com'],
    ['%{d2}', 'example.com'],
    ['%{d1}', 'com'],
    ['%{dr}', 'com.example.email'],
    ['%{d2r}', 'example.email'],
    ['%{l}', 'strong-bad'],
    ['%{l-}', 'strong.bad'],
    ['%{lr}', 'strong-bad'],
    ['%{lr-}', 'bad.strong'],
    ['%{l1r-}', 'strong'],
    ['%{ir}.%{v}._spf.%{d2}', '3.2.0.192.in-addr._spf.example.com'],
    ['%{lr-}.lp._spf.%{d2}', 'bad.strong.lp._spf.example.com'],
    ['%{lr-}.lp.%{ir}.%{v}._spf.%{d2}', 'bad.strong.lp.3.2.0.192.in-addr._spf.example.com'],
    ['%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}', '3.2.0.192.in-addr.strong.lp._spf.example.com'],
    ['%{d2}.trusted-domains.example.net', 'example.com.trusted-domains.example.net'],
  ])('RFC 7208 §7.4: %s -> %s', async (text, expected) => {
    expect(await expand(text)).toBe(expected);
  });

  it.each([
    ['%%%_%-', '% %20'],
    ['%{S}', 'strong-bad%40email.example.com'],
    ['%{d999}', 'email.example.com'],
    ['%{R} at %{t}', 'receiver.example.org at 1700000000'],
    ['%{D1R}', 'email'],
    ['%{d0001}', 'com'],
    ['%{l-+,/_=.}', 'strong.bad'],
    ['%{v1}', 'in-addr'],
  ])('RFC 7208 §7.3: %s -> %s', async (text, expected) => {
    expect(await expand(text)).toBe(expected);
  });

  it.each(['%', '%x', '%{', '%{d', '%{}', '%{q}', '%{d.@}', '%{dr2}', '%{d0}', '%{d00r}', '%{d }', '%(d)'])(
    'RFC 7208 §7.1: %s is no macro',
    (text) => {
      expect(parseMacroString(text, { explanation: true }).ok).toBe(false);
    },
  );
});

describe('parseDomainSpec', () => {
  it.each([
    ['example.org', true],
    ['example.org.', true],
    ['%{d}', true],
    ['x%%', true],
    ['.org', true],
    ['org', false],
    ['example.1', false],
    ['example.1a', true],
    ['%{d}.', false],
    ['', false],
    ['example .org', false],
  ])('RFC 7208 §7.1: %j -> %s', (text, expected) => {
    expect(parseDomainSpec(text).ok).toBe(expected);
  });
});

describe('truncateDomainName', () => {
  it('RFC 7208 §7.3: labels go from the left until 253 characters are left', () => {
    const label = 'x'.repeat(49);
    const name = Array.from({ length: 6 }, () => label).join('.');
    expect(truncateDomainName(`${name}.`)).toBe(name.slice(50));
    expect(truncateDomainName('example.org.')).toBe('example.org');
  });
});

describe('expandDomainSpec', () => {
  it('RFC 7208 §7.3: what it leaves unexpanded would have been cut off', async () => {
    const piece = fc.constantFrom('%{s}', '%{d}', '%{l1r-}', '%{o2}', '.', 'label', '%{i}', '.x', '%{v}', '%{h}.');
    const text = fc
      .array(piece, { minLength: 1, maxLength: 80 })
      .map((pieces) => `${pieces.join('')}.example${pieces.length % 2 ? '.' : ''}`);
    await fc.assert(
      fc.asyncProperty(text, async (spec) => {
        const string = unwrap(parseDomainSpec(spec));
        const whole = await expandMacroString(string, (letter) => values[letter]);
        expect(expandDomainSpec(string, (letter) => values[letter])).toBe(truncateDomainName(whole));
      }),
    );
  });
});

describe('expandExplanation', () => {
  it('RFC 7208 §6.2: stops at 2,048 characters', () => {
    const string = unwrap(parseMacroString('%{s} '.repeat(5000), { explanation: true }));
    let asked = 0;
    const text = expandExplanation(string, (letter) => {
      asked++;
      return values[letter];
    });
    expect(text).toBe('strong-bad@email.example.com '.repeat(100).slice(0, 2048));
    expect(asked).toBeLessThan(100);
  });
});
