import { type Domain, parseDomain } from '@mox/idna';
import { expect, it } from 'vitest';
import { describeConformance, readConformance } from '../../../tools/conformance.ts';
import { isPublicSuffix, organizationalDomain, publicSuffix } from '../src/index.ts';

function domainOf(text: string): Domain | undefined {
  const domain = parseDomain(text);
  return domain.ok ? domain.value : undefined;
}

function lines(file: string): string[] {
  return new TextDecoder()
    .decode(readConformance('psl', file))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('//'));
}

/** What the vectors call null: no organizational domain, or no domain at all. */
function registrable(text: string): string | null {
  const domain = text === 'null' ? undefined : domainOf(text);
  return (domain && organizationalDomain(domain)?.ascii) ?? null;
}

describeConformance('psl', 'the tests of the Public Suffix List', () => {
  for (const line of lines('tests.txt')) {
    const [input = '', wanted = ''] = line.split(/\s+/);
    it(`${input} belongs to ${wanted}`, () =>
      expect(registrable(input)).toBe(wanted === 'null' ? null : (domainOf(wanted)?.ascii ?? null)));
  }
  for (const line of lines('test_psl.txt')) {
    const match = /^checkPublicSuffix\((?:'([^']*)'|null), (?:'([^']*)'|null)\);$/.exec(line);
    it(line, () => {
      expect(match).not.toBeNull();
      expect(registrable(match?.[1] ?? 'null')).toBe(match?.[2] === undefined ? null : (domainOf(match[2])?.ascii ?? null));
    });
  }
});

/**
 * Rules of owners that stand in the list of 2026-08-19 and no more in the library's later edition (tldts 7.5.5 of November 2026):
 * the list drops what its owners give up. Rules of registries are the same in both.
 */
const withdrawn: ReadonlySet<string> = new Set([
  'aliases121.com',
  'gitapp.si',
  'imagine.diy',
  'imagine-proxy.work',
  'demo.datacenter.fi',
  'paas.datacenter.fi',
  'knightpoint.systems',
  'oya.to',
  'perspecta.cloud',
  'alpha-myqnapcloud.com',
  'dev-myqnapcloud.com',
  'xnbay.com',
  'u2.xnbay.com',
  'u2-local.xnbay.com',
]);

describeConformance('psl', 'the Public Suffix List itself', () => {
  const text = new TextDecoder().decode(readConformance('psl', 'public_suffix_list.dat'));
  const privateStart = text.indexOf('===BEGIN PRIVATE DOMAINS===');
  const rules = (section: string): string[] => section.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('//'));
  for (const [title, section, privateSection] of [
    ['registries', text.slice(0, privateStart), false],
    ['owners', text.slice(text.indexOf('\n', privateStart)), true],
  ] as const) {
    it(`has the rules of ${title}`, () => {
      const wrong: string[] = [];
      for (const rule of rules(section)) {
        const name = rule.trim().split(/\s/)[0] ?? '';
        const domain = domainOf(name.replace(/^!/, '').replace(/^\*\./, 'any-label.'));
        const isSuffix = domain && isPublicSuffix(domain, { privateSection });
        if (isSuffix !== !name.startsWith('!')) wrong.push(name);
      }
      expect(wrong).toEqual(privateSection ? [...withdrawn] : []);
    });
  }
});

it('publicSuffix says the suffix in both forms', () => {
  const domain = domainOf('www.食狮.公司.cn');
  expect(domain && publicSuffix(domain)).toEqual({ ascii: 'xn--55qx5d.cn', unicode: '公司.cn' });
  expect(domain && organizationalDomain(domain)).toEqual({ ascii: 'xn--85x722f.xn--55qx5d.cn', unicode: '食狮.公司.cn' });
});

it('knows suffixes of owners when asked for them', () => {
  const page = domainOf('user.github.io');
  const host = domainOf('github.io');
  expect(page && host && [organizationalDomain(page)?.ascii, isPublicSuffix(host)]).toEqual(['user.github.io', true]);
  const registries = { privateSection: false };
  expect(page && host && [organizationalDomain(page, registries)?.ascii, isPublicSuffix(host, registries)]).toEqual(['github.io', false]);
  expect(page && publicSuffix(page, registries)?.ascii).toBe('io');
});

it('finds none for an IP address', () => {
  const address = domainOf('192.0.2.1');
  expect(address && [organizationalDomain(address), publicSuffix(address), isPublicSuffix(address)]).toEqual([undefined, undefined, false]);
});

it('RFC 7489 §3.2: a name under no listed suffix belongs to its last two labels', () => {
  const name = domainOf('a.b.unlisted-top');
  expect(name && [organizationalDomain(name)?.ascii, publicSuffix(name)?.ascii]).toEqual(['b.unlisted-top', 'unlisted-top']);
});
