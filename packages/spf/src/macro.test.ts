import { unwrap } from '@mox/syntax';
import { describe, expect, it } from 'vitest';
import { expandMacroString, type MacroLetter, parseDomainSpec, parseMacroString, truncateDomainName } from './macro.ts';

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
    ['%{s.@}', 'strong-bad.email.example.com'],
    ['%{R} at %{t}', 'receiver.example.org at 1700000000'],
  ])('RFC 7208 §7.3: %s -> %s', async (text, expected) => {
    if (text === '%{s.@}') expect(parseMacroString(text).ok).toBe(false);
    else expect(await expand(text)).toBe(expected);
  });
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
