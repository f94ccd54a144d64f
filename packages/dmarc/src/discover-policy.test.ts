import { ZoneResolver, type ZoneResolverOptions } from '@mox/dns/testing';
import { organizationalDomain } from '@mox/publicsuffix';
import { describe, expect, it } from 'vitest';
import { discoverPolicy } from './discover-policy.ts';
import { treeWalkDomains } from './tree-walk.ts';

const zone = (text: string, options?: ZoneResolverOptions): ZoneResolver => new ZoneResolver(text, options);

describe('treeWalkDomains', () => {
  it('RFC 9989 §4.10: a name of thirteen labels takes eight queries', () => {
    expect(treeWalkDomains('a.b.c.d.e.f.g.h.i.j.mail.example.com')).toEqual([
      'a.b.c.d.e.f.g.h.i.j.mail.example.com',
      'g.h.i.j.mail.example.com',
      'h.i.j.mail.example.com',
      'i.j.mail.example.com',
      'j.mail.example.com',
      'mail.example.com',
      'example.com',
      'com',
    ]);
  });

  it.each([
    ['com', 1],
    ['example.com', 2],
    ['b.c.d.e.f.example.com', 7],
    ['a.b.c.d.e.f.example.com', 8],
    ['z.a.b.c.d.e.f.example.com', 8],
    [`${'x.'.repeat(120)}com`, 8],
  ])('RFC 9989 §4.10: %s takes %i queries', (domain, count) => {
    expect(treeWalkDomains(domain)).toHaveLength(count);
  });
});

describe('discoverPolicy', () => {
  it.each([
    [
      'the author domain',
      '_dmarc.a.example.com. TXT "v=DMARC1; p=reject"\n_dmarc.example.com. TXT "v=DMARC1; p=none"',
      'a.example.com',
      'a.example.com',
      'reject',
      'example.com',
    ],
    [
      'the organizational domain',
      '_dmarc.example.com. TXT "v=DMARC1; p=none; sp=quarantine"',
      'b.a.example.com',
      'example.com',
      'quarantine',
      'example.com',
    ],
    [
      'the organizational domain, not a domain between',
      '_dmarc.mail.example.com. TXT "v=DMARC1; p=reject"\n_dmarc.example.com. TXT "v=DMARC1; p=none"',
      'a.mail.example.com',
      'example.com',
      'none',
      'example.com',
    ],
    [
      'psd=n, where the walk ends',
      '_dmarc.mail.example.com. TXT "v=DMARC1; p=reject; psd=n"\n_dmarc.example.com. TXT "v=DMARC1; p=none"',
      'a.mail.example.com',
      'mail.example.com',
      'reject',
      'mail.example.com',
    ],
    [
      'the public suffix domain',
      '_dmarc.com. TXT "v=DMARC1; p=reject; sp=quarantine; psd=y"',
      'a.mail.example.com',
      'com',
      'quarantine',
      'example.com',
    ],
    [
      'the public suffix domain, where records between are not of the organizational domain',
      '_dmarc.b.giant.bank.example. TXT "v=DMARC1; p=none"\n_dmarc.bank.example. TXT "v=DMARC1; p=reject; psd=y"',
      'a.b.giant.bank.example',
      'bank.example',
      'reject',
      'giant.bank.example',
    ],
    [
      'a public suffix domain itself',
      '_dmarc.bank.example. TXT "v=DMARC1; p=reject; sp=none; psd=y"',
      'bank.example',
      'bank.example',
      'reject',
      'bank.example',
    ],
    [
      'a name above the cut',
      '_dmarc.h.i.j.mail.example.com. TXT "v=DMARC1; p=reject"',
      'a.b.c.d.e.f.g.h.i.j.mail.example.com',
      'h.i.j.mail.example.com',
      'reject',
      'h.i.j.mail.example.com',
    ],
  ])('RFC 9989 §4.10.1: the record of %s', async (_, text, author, domain, requested, organizationalDomain) => {
    const found = await discoverPolicy(author, { resolver: zone(text) });
    expect(found).toMatchObject({ status: 'ok', organizationalDomain, policy: { domain, requested, method: 'treewalk' } });
  });

  it('RFC 9989 §4.10.1: a name beyond the cut is not asked about', async () => {
    const resolver = zone('_dmarc.b.c.d.e.f.g.example.com. TXT "v=DMARC1; p=reject"');
    expect(await discoverPolicy('a.b.c.d.e.f.g.example.com', { resolver })).toMatchObject({ status: 'none' });
    expect(resolver.questions).toHaveLength(8);
  });

  const subdomains =
    '_dmarc.example.com. TXT "v=DMARC1; p=none; sp=quarantine; np=reject"\nwww.example.com. A 192.0.2.1\nalias.example.com. CNAME gone.example.net.';
  it.each([
    ['example.com', 'p', 'none'],
    ['www.example.com', 'sp', 'quarantine'],
    ['alias.example.com', 'sp', 'quarantine'],
    ['no.example.com', 'np', 'reject'],
    ['a.b.c.no.example.com', 'np', 'reject'],
  ])('RFC 9989 §4.7: %s takes its policy from %s', async (author, tag, requested) => {
    expect(await discoverPolicy(author, { resolver: zone(subdomains) })).toMatchObject({ policy: { tag, requested } });
  });

  it.each([
    ['p=reject', 'p', 'reject'],
    ['p=reject; sp=none', 'sp', 'none'],
    ['p=reject; np=none', 'np', 'none'],
  ])('RFC 9989 §4.7: a domain that does not exist, by %s', async (tags, tag, requested) => {
    const resolver = zone(`_dmarc.example.com. TXT "v=DMARC1; ${tags}"`);
    expect(await discoverPolicy('no.example.com', { resolver })).toMatchObject({ policy: { tag, requested } });
  });

  it('RFC 9989 §4.10.1: whether a domain exists is only asked where it matters; without an answer the weaker policy holds', async () => {
    const resolver = zone(subdomains, { failures: { 'no.example.com': 'servfail' } });
    const found = await discoverPolicy('no.example.com', { resolver });
    expect(found).toMatchObject({ status: 'ok', policy: { tag: 'sp' }, problem: 'whether no.example.com exists is not known' });
    const forged = zone(subdomains, { securityOf: { 'no.example.com': 'bogus' } });
    expect(await discoverPolicy('no.example.com', { resolver: forged })).toMatchObject({ policy: { tag: 'sp' } });
    const same = zone('_dmarc.example.com. TXT "v=DMARC1; p=none; sp=reject; np=reject"');
    await discoverPolicy('no.example.com', { resolver: same });
    expect(same.questions).not.toContain('no.example.com A');
  });

  it.each([
    ['reject', 'quarantine'],
    ['quarantine', 'none'],
    ['none', 'none'],
  ])('RFC 9989 §4.7: %s that is being tested is %s', async (requested, policy) => {
    const resolver = zone(`_dmarc.example.com. TXT "v=DMARC1; p=${requested}; t=y"`);
    expect(await discoverPolicy('example.com', { resolver })).toMatchObject({ policy: { requested, policy } });
  });

  it.each([
    ['two records', '_dmarc.example.com. TXT "v=DMARC1; p=none"\n_dmarc.example.com. TXT "v=DMARC1; p=reject"', 'none', /more than one/],
    ['nothing', 'example.com. A 192.0.2.1', 'none', /no DMARC record/],
    ['a record of something else', '_dmarc.example.com. TXT "v=spf1 -all"', 'none', /no DMARC record/],
    ['a tag twice', '_dmarc.example.com. TXT "v=DMARC1; p=none; p=reject"', 'permerror', /second time/],
    ['a policy that is none', '_dmarc.example.com. TXT "v=DMARC1; p=deny"', 'permerror', /tag p/],
    ['no policy', '_dmarc.example.com. TXT "v=DMARC1; adkim=s"', 'none', /no policy/],
  ])('RFC 9989 §4.10.1: %s', async (_, text, status, problem) => {
    const found = await discoverPolicy('example.com', { resolver: zone(text) });
    expect(found).toMatchObject({ status, problem: expect.stringMatching(problem) });
    expect(found.policy).toBeUndefined();
  });

  it('RFC 9989 §4.10: records that were discarded do not end the walk', async () => {
    const resolver = zone(
      `_dmarc.a.example.com. TXT "v=DMARC1; p=none"
       _dmarc.a.example.com. TXT "v=DMARC1; p=none"
       _dmarc.example.com. TXT "v=DMARC1; p=reject"`,
    );
    expect(await discoverPolicy('a.example.com', { resolver })).toMatchObject({
      status: 'ok',
      policy: { domain: 'example.com', requested: 'reject' },
    });
  });

  it.each([
    ['_dmarc.a.example.com', 'temperror'],
    ['_dmarc.example.com', 'temperror'],
    ['_dmarc.com', 'temperror'],
  ])('RFC 9989 §5.3.6: where %s cannot be asked about, there is no policy for a.example.com', async (name, status) => {
    const resolver = zone('_dmarc.b.a.example.com. TXT "v=DMARC1; p=none"', { failures: { [name]: 'timeout' } });
    expect(await discoverPolicy('a.example.com', { resolver })).toMatchObject({ status });
  });

  it('a bogus answer is a failure, not an insecure answer', async () => {
    const resolver = zone('_dmarc.example.com. TXT "v=DMARC1; p=reject"', { securityOf: { '_dmarc.example.com': 'bogus' } });
    expect(await discoverPolicy('example.com', { resolver })).toMatchObject({ status: 'temperror' });
    const forged = zone('', { securityOf: { '_dmarc.example.com': 'bogus' } });
    expect(await forged.query('_dmarc.example.com', 'TXT')).toMatchObject({ status: 'nxdomain' });
    expect(await discoverPolicy('example.com', { resolver: forged })).toMatchObject({
      status: 'temperror',
      problem: '_dmarc.example.com: bogus',
    });
    const secure = zone('_dmarc.example.com. TXT "v=DMARC1; p=reject"', { security: 'secure' });
    expect(await discoverPolicy('example.com', { resolver: secure })).toMatchObject({ policy: { authentic: true } });
  });

  it.each(['', '[192.0.2.1]', '192.0.2.1', 'a..b', 'a b'])('RFC 9989 §5.3.1: %j is no author domain', async (domain) => {
    expect(await discoverPolicy(domain, { resolver: zone('') })).toMatchObject({ status: 'none', problem: 'not a domain name' });
  });

  it('RFC 9989 §5.3.1: U-labels become A-labels', async () => {
    const resolver = zone('_dmarc.xn--bcher-kva.example. TXT "v=DMARC1; p=reject"');
    expect(await discoverPolicy('Bücher.Example.', { resolver })).toMatchObject({ status: 'ok', authorDomain: 'xn--bcher-kva.example' });
  });
});

describe('discoverPolicy by a public suffix list', () => {
  const deps = (text: string) => ({ resolver: zone(text), organizationalDomain });
  it.each([
    ['_dmarc.example.co.uk. TXT "v=DMARC1; p=reject; sp=none"', 'a.b.example.co.uk', 'example.co.uk', 'none'],
    [
      '_dmarc.b.example.co.uk. TXT "v=DMARC1; p=reject; psd=n"\n_dmarc.example.co.uk. TXT "v=DMARC1; p=none"',
      'a.b.example.co.uk',
      'example.co.uk',
      'none',
    ],
    ['_dmarc.a.example.co.uk. TXT "v=DMARC1; p=reject; t=y"', 'a.example.co.uk', 'a.example.co.uk', 'reject'],
  ])('RFC 7489 §6.6.3: %j', async (text, author, domain, policy) => {
    expect(await discoverPolicy(author, deps(text))).toMatchObject({
      status: 'ok',
      organizationalDomain: 'example.co.uk',
      policy: { domain, policy, method: 'psl' },
    });
  });

  it('RFC 7489 §6.6.3: two records end the discovery', async () => {
    const text =
      '_dmarc.a.example.com. TXT "v=DMARC1; p=none"\n_dmarc.a.example.com. TXT "v=DMARC1; p=none"\n_dmarc.example.com. TXT "v=DMARC1; p=reject"';
    expect(await discoverPolicy('a.example.com', deps(text))).toMatchObject({
      status: 'none',
      problem: expect.stringContaining('more than one'),
    });
  });

  it('RFC 7489 §6.6.3: two queries at most', async () => {
    const { resolver } = deps('');
    expect(await discoverPolicy('a.b.c.d.example.com', { resolver, organizationalDomain })).toMatchObject({ status: 'none' });
    expect(resolver.questions).toEqual(['_dmarc.a.b.c.d.example.com TXT', '_dmarc.example.com TXT']);
  });
});
