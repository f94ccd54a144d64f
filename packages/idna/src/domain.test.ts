import { unwrap } from '@mox/syntax';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { equalDomains, formatDomain, parseDomain } from './domain.ts';

describe('parseDomain', () => {
  const good: readonly (readonly [title: string, text: string, ascii: string, unicode?: string])[] = [
    ['RFC 5890 §2.3.1: letters, digits and hyphens', 'Mail-1.Example.COM', 'mail-1.example.com'],
    ['one label', 'localhost', 'localhost'],
    ['digits alone', '123.456', '123.456'],
    ['RFC 5890 §2.3.2.1: U-labels', 'bücher.example', 'xn--bcher-kva.example', 'bücher.example'],
    ['RFC 5890 §2.3.2.1: A-labels', 'XN--BCHER-KVA.example', 'xn--bcher-kva.example', 'bücher.example'],
    ['RFC 5895 §2: upper case', 'BÜCHER.example', 'xn--bcher-kva.example', 'bücher.example'],
    ['decomposed', 'bu\u0308cher.example', 'xn--bcher-kva.example', 'bücher.example'],
    ['the sharp s and the final sigma are kept', 'faß.όλος', 'xn--fa-hia.xn--wxaij1b', 'faß.όλος'],
    ['other dots', 'a。b．c｡d', 'a.b.c.d'],
    ['full width', 'ｅｘａｍｐｌｅ.com', 'example.com'],
    ['RFC 5893 §1.1: right to left', 'מים.example', 'xn--eebib.example', 'מים.example'],
    ['RFC 1035 §2.3.4: 63 characters', `${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
    ['hyphens at the third place', 'r3---sn-abc.example', 'r3---sn-abc.example'],
    ['RFC 1035 §2.3.4: 253 characters', `${'a'.repeat(49)}.`.repeat(5) + 'abc', `${'a'.repeat(49)}.`.repeat(5) + 'abc'],
  ];
  for (const [title, text, ascii, unicode = ascii] of good) {
    it(title, () => expect(parseDomain(text)).toEqual({ ok: true, value: { ascii, unicode } }));
  }

  const bad: readonly (readonly [title: string, text: string, offset: number])[] = [
    ['nothing', '', 0],
    ['a dot at the end', 'example.com.', 12],
    ['a dot at the start', '.example', 0],
    ['two dots', 'a..b', 2],
    ['RFC 1035 §2.3.4: 64 characters', `b.${'a'.repeat(64)}`, 2],
    ['RFC 1035 §2.3.4: 254 characters', `${'a'.repeat(49)}.`.repeat(5) + 'abcd', 0],
    ['a blank', 'a b.example', 0],
    ['a hyphen at the start', 'a.-b', 0],
    ['a hyphen at the end', 'a-.b', 0],
    ['an underscore', '_dmarc.example', 0],
    ['no Punycode', 'a.xn--a', 2],
    ['nothing encoded', 'xn--abc-', 0],
    ['Punycode of what must be mapped', 'xn--wca', 0],
    ['a combining mark at the start', '\u0308a.b', 0],
    ['a disallowed character', 'a.\u2028', 2],
    ['RFC 5893 §2: both directions', 'אa.example', 0],
    ['RFC 5892 appendix A.2: a joiner out of place', 'a\u200db', 0],
    ['a lone surrogate', 'a\ud800', 0],
    ['a long input', 'ü'.repeat(100_000), 2000],
    ['brackets', '[192.0.2.1]', 0],
    ['a control', 'a\n.b', 0],
    ['NUL', 'a\0b', 0],
  ];
  for (const [title, text, offset] of bad) {
    it(`refuses ${title}`, () => expect(parseDomain(text)).toMatchObject({ ok: false, error: { offset } }));
  }

  it('RFC 8552 §1.1: takes underscores when asked', () => {
    const ascii = '_dmarc._x.example';
    expect(parseDomain('_DMARC._x.example', { underscore: true })).toEqual({ ok: true, value: { ascii, unicode: ascii } });
    expect(unwrap(parseDomain('_dmarc.bücher.example', { underscore: true })).ascii).toBe('_dmarc.xn--bcher-kva.example');
    for (const text of ['a b', 'a*b.bücher.example', 'a/b']) expect(parseDomain(text, { underscore: true }).ok).toBe(false);
  });

  it('drops a dot at the end when asked', () => {
    expect(unwrap(parseDomain('example.com.', { trailingDot: true })).ascii).toBe('example.com');
    for (const text of ['.', 'a..', '']) expect(parseDomain(text, { trailingDot: true }).ok).toBe(false);
  });

  it('RFC 5891 §4.2: asks more of a name to be registered', () => {
    expect(parseDomain('bücher.example', { registration: true }).ok).toBe(true);
    expect(parseDomain('i♥u.example').ok).toBe(true);
    expect(parseDomain('a.i♥u', { registration: true })).toMatchObject({ ok: false, error: { offset: 2 } });
    expect(parseDomain('BÜCHER.example', { registration: true }).ok).toBe(false);
  });

  const label = fc.string({ unit: fc.constantFrom(...'aZ0-_ü日אß.\u0308\u200dxn'), maxLength: 12 });
  it('reads both forms of what it read', () => {
    fc.assert(
      fc.property(label, (text) => {
        const parsed = parseDomain(text);
        if (!parsed.ok) return;
        for (const form of [parsed.value.ascii, parsed.value.unicode, parsed.value.ascii.toUpperCase()])
          expect(parseDomain(form)).toEqual(parsed);
        expect(parsed.value.ascii).toMatch(/^[a-z0-9.-]+$/);
      }),
      { numRuns: 3000 },
    );
  });

  it('takes mutants', () => {
    const decoder = new TextDecoder();
    for (const mutant of mutants(
      [...good, ...bad].map(([, text]) => text.slice(0, 300)),
      { count: 3000, tokens: ['xn--', '.', '-', 'ü', '\u0308', '\u200d', 'א', '١'] },
    )) {
      const parsed = parseDomain(decoder.decode(mutant));
      if (parsed.ok) expect(parseDomain(parsed.value.ascii)).toEqual(parsed);
    }
  });
});

describe('Domain', () => {
  it('is equal in both forms', () => {
    const [a, b, c] = ['bücher.example', 'xn--bcher-kva.example', 'bucher.example'].map((text) => unwrap(parseDomain(text)));
    expect(a && b && c && [equalDomains(a, b), equalDomains(a, c)]).toEqual([true, false]);
  });
  it('is written in either form', () => {
    const domain = unwrap(parseDomain('bücher.example'));
    expect([formatDomain(domain), formatDomain(domain, { utf8: true })]).toEqual(['xn--bcher-kva.example', 'bücher.example']);
  });
});
