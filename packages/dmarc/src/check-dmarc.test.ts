import { RecordingResolver, ReplayingResolver, ZoneResolver, type ZoneResolverOptions } from '@mox/dns/testing';
import { organizationalDomain } from '@mox/publicsuffix';
import { formatTrace } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDmarc, type DmarcInput, type DmarcResult } from './check-dmarc.ts';
import type { DmarcDeps } from './queries.ts';

const check = (
  text: string,
  input: Partial<DmarcInput>,
  options: ZoneResolverOptions & Pick<DmarcDeps, 'organizationalDomain'> = {},
): Promise<DmarcResult> => {
  const { organizationalDomain: listed, ...zone } = options;
  const deps = { resolver: new ZoneResolver(text, zone), ...(listed && { organizationalDomain: listed }) };
  return checkDmarc({ fromDomains: ['example.com'], dkim: [], ...input }, deps);
};
const record = (tags: string, domain = 'example.com'): string => `_dmarc.${domain}. TXT "v=DMARC1; ${tags}"`;
const pass = (domain: string): { domain: string; status: string } => ({ domain, status: 'pass' });

describe('checkDmarc', () => {
  it.each<[string, string, Partial<DmarcInput>, string, string]>([
    ['SPF of the domain itself', 'p=reject', { spf: pass('example.com') }, 'pass', 'none'],
    ['SPF of a subdomain', 'p=reject', { spf: pass('bounce.example.com') }, 'pass', 'none'],
    ['SPF of a subdomain, strict', 'p=reject; aspf=s', { spf: pass('bounce.example.com') }, 'fail', 'reject'],
    ['SPF of the domain itself, strict', 'p=reject; aspf=s', { spf: pass('EXAMPLE.com.') }, 'pass', 'none'],
    ['DKIM of a subdomain, SPF strict', 'p=reject; aspf=s', { dkim: [pass('mail.example.com')] }, 'pass', 'none'],
    ['DKIM of a subdomain, strict', 'p=quarantine; adkim=s', { dkim: [pass('mail.example.com')] }, 'fail', 'quarantine'],
    ['the second signature', 'p=reject', { dkim: [pass('other.example'), pass('example.com')] }, 'pass', 'none'],
    ['signatures of others', 'p=reject', { dkim: [pass('example.net'), pass('com'), pass('notexample.com')] }, 'fail', 'reject'],
    ['nothing', 'p=reject', {}, 'fail', 'reject'],
    ['nothing, p=none', 'p=none', {}, 'fail', 'none'],
    ['nothing, testing', 'p=reject; t=y', {}, 'fail', 'quarantine'],
    ['SPF that fails', 'p=reject', { spf: { domain: 'example.com', status: 'softfail' } }, 'fail', 'reject'],
    ['DKIM that fails', 'p=reject', { dkim: [{ domain: 'example.com', status: 'fail' }] }, 'fail', 'reject'],
    ['what is no domain', 'p=reject', { spf: pass(''), dkim: [pass('..')] }, 'fail', 'reject'],
    ['SPF for an address', 'p=reject', { spf: pass('[192.0.2.1]') }, 'fail', 'reject'],
  ])('RFC 9989 §5.3.5: %s', async (_, tags, input, status, disposition) => {
    expect(await check(record(tags), input)).toMatchObject({ status, disposition, authorDomain: 'example.com' });
  });

  it('RFC 9989 §9.2: without a record there is no result', async () => {
    expect(await check('', { spf: pass('example.com') })).toMatchObject({
      status: 'none',
      disposition: 'none',
      problem: 'no DMARC record',
    });
    expect(await check(record('p=oops'), { spf: pass('example.com') })).toMatchObject({ status: 'permerror', disposition: 'none' });
  });

  it('RFC 9989 §4.10.2: psd=n on either side parts domains', async () => {
    const text = `${record('p=reject')}\n${record('p=none; psd=n', 'shop.example.com')}`;
    expect(await check(text, { dkim: [pass('shop.example.com')] })).toMatchObject({
      status: 'fail',
      dkim: [{ alignment: 'none', organizationalDomain: 'shop.example.com' }],
    });
    expect(await check(text, { fromDomains: ['shop.example.com'], dkim: [pass('example.com')] })).toMatchObject({ status: 'fail' });
    expect(await check(text, { fromDomains: ['shop.example.com'], dkim: [pass('a.shop.example.com')] })).toMatchObject({
      status: 'pass',
      dkim: [{ alignment: 'relaxed' }],
    });
  });

  it('RFC 9989 appendix B.4.1: the domain of all is the same', async () => {
    const text = record('p=reject');
    const result = await check(text, { fromDomains: ['example.com'], spf: pass('example.com'), dkim: [pass('signing.example.com')] });
    expect(result).toMatchObject({
      status: 'pass',
      spf: { alignment: 'strict' },
      dkim: [{ alignment: 'relaxed', organizationalDomain: 'example.com' }],
    });
  });

  it('RFC 9989 appendix B.4.2: a deep author domain', async () => {
    const text = `${record('p=reject')}\n${record('p=none', 'signing.example.com')}`;
    const result = await check(text, {
      fromDomains: ['a.b.c.d.e.f.g.h.i.j.k.example.com'],
      spf: pass('example.com'),
      dkim: [pass('signing.example.com')],
    });
    expect(result).toMatchObject({ status: 'pass', policy: { domain: 'example.com' }, spf: { aligned: true }, dkim: [{ aligned: true }] });
  });

  it('RFC 9989 appendix B.4.3: a public suffix domain with a record', async () => {
    const text = `${record('p=reject; psd=y', 'bank.example')}\n${record('p=quarantine', 'giant.bank.example')}`;
    const result = await check(text, {
      fromDomains: ['giant.bank.example'],
      spf: pass('mail.giant.bank.example'),
      dkim: [pass('mail.mega.bank.example')],
    });
    expect(result).toMatchObject({
      status: 'pass',
      policy: { domain: 'giant.bank.example' },
      spf: { aligned: true, organizationalDomain: 'giant.bank.example' },
      dkim: [{ aligned: false }],
    });
  });

  it.each<[string, Record<string, 'timeout'>, Partial<DmarcInput>, string]>([
    ['the policy', { '_dmarc.example.com': 'timeout' }, { spf: pass('example.com') }, 'temperror'],
    ['nothing that matters: the domains are the same', { '_dmarc.com': 'timeout' }, { spf: pass('example.com') }, 'pass'],
    ['nothing that matters: the other domain is elsewhere', { '_dmarc.com': 'timeout' }, { spf: pass('example.net') }, 'fail'],
    ['the organizational domain of the author', { '_dmarc.com': 'timeout' }, { spf: pass('a.example.com') }, 'temperror'],
    ['the organizational domain of the identifier', { '_dmarc.a.example.com': 'timeout' }, { spf: pass('a.example.com') }, 'temperror'],
    [
      'one identifier, another one passes',
      { '_dmarc.a.example.com': 'timeout' },
      { spf: pass('a.example.com'), dkim: [pass('example.com')] },
      'pass',
    ],
  ])('RFC 9989 §5.3.6: a query fails for %s', async (_, failures, input, status) => {
    expect(await check(record('p=reject'), input, { failures })).toMatchObject({
      status,
      disposition: status === 'fail' ? 'reject' : 'none',
    });
  });

  it('RFC 7489 §6.6.2: SPF or DKIM that could not be checked leaves it open, where it would have been aligned', async () => {
    const temperror = (domain: string): Partial<DmarcInput> => ({ spf: { domain, status: 'temperror' } });
    expect(await check(record('p=reject'), temperror('a.example.com'))).toMatchObject({ status: 'temperror', disposition: 'none' });
    expect(await check(record('p=reject'), temperror('example.net'))).toMatchObject({ status: 'fail', disposition: 'reject' });
    expect(await check(record('p=reject'), { ...temperror('a.example.com'), dkim: [pass('example.com')] })).toMatchObject({
      status: 'pass',
    });
  });

  it('whether the author domain exists is not known: no policy can be chosen, but a message may pass', async () => {
    const failures = { 'no.example.com A': 'servfail' as const };
    const from = { fromDomains: ['no.example.com'] };
    expect(await check(record('p=none; np=reject'), from, { failures })).toMatchObject({ status: 'temperror', disposition: 'none' });
    expect(await check(record('p=none; np=reject'), { ...from, dkim: [pass('example.com')] }, { failures })).toMatchObject({
      status: 'pass',
    });
  });
});

describe('author domains', () => {
  it.each<[string, string[], string]>([
    ['none', [], 'permerror'],
    ['an address literal', ['[192.0.2.1]'], 'permerror'],
    ['one that is none beside a good one', ['example.com', 'a b'], 'permerror'],
    ['the same one in several forms', ['example.com', 'EXAMPLE.COM', 'example.com.'], 'pass'],
  ])('RFC 9989 §5.3.1: %s', async (_, fromDomains, status) => {
    expect(await check(record('p=reject'), { fromDomains, spf: pass('example.com') })).toMatchObject({ status });
  });

  it('RFC 9989 §11.5: of several, the strictest policy of those that fail holds', async () => {
    const text = `${record('p=quarantine', 'bank.example')}\n${record('p=reject', 'shop.example')}\n${record('p=reject', 'evil.example')}`;
    const result = await check(text, {
      fromDomains: ['evil.example', 'bank.example', 'shop.example', 'no.example'],
      spf: pass('evil.example'),
    });
    expect(result).toMatchObject({ status: 'fail', disposition: 'reject', authorDomain: 'shop.example' });
    expect(result.otherAuthorDomains).toHaveLength(3);
    expect(await check(text, { fromDomains: ['evil.example', 'no.example'], spf: pass('evil.example') })).toMatchObject({ status: 'none' });
    expect(await check(text, { fromDomains: ['evil.example', 'bank.example'], severalAuthors: 'none' })).toMatchObject({
      status: 'permerror',
      disposition: 'none',
    });
  });

  it('RFC 9989 §11.5: with too many the evaluation is incomplete', async () => {
    const fromDomains = Array.from({ length: 30 }, (_, i) => `d${i}.example`);
    const resolver = new ZoneResolver('');
    expect(await checkDmarc({ fromDomains, dkim: [] }, { resolver })).toMatchObject({
      status: 'permerror',
      problem: 'too many author domains',
    });
    expect(resolver.questions.length).toBeLessThan(12);
  });
});

describe('bounds and traces', () => {
  it('a thousand signatures do not take a thousand walks', async () => {
    const resolver = new ZoneResolver(record('p=reject'));
    const dkim = Array.from({ length: 1000 }, (_, i) => pass(`x${i}.example.com`));
    const result = await checkDmarc({ fromDomains: ['example.com'], dkim }, { resolver, limits: { walks: 3 } });
    expect(result.dkim.filter((one) => one.aligned)).toHaveLength(3);
    expect(resolver.questions.length).toBeLessThan(10);
  });

  it('RFC 9989 §4.10: no name is asked about twice', async () => {
    const resolver = new ZoneResolver(record('p=reject'));
    await checkDmarc(
      { fromDomains: ['a.example.com'], spf: pass('b.example.com'), dkim: [pass('c.example.com'), pass('b.example.com')] },
      { resolver },
    );
    expect(new Set(resolver.questions).size).toBe(resolver.questions.length);
  });

  it('RFC 9989 §4.10.2: a policy of strict alignment takes one query', async () => {
    const resolver = new ZoneResolver(record('p=reject; adkim=s; aspf=s'));
    await checkDmarc({ fromDomains: ['example.com'], spf: pass('b.example.com'), dkim: [pass('c.example.com')] }, { resolver });
    expect(resolver.questions).toEqual(['_dmarc.example.com TXT']);
  });

  it('a recorded check gives the same result, and its trace can be printed', async () => {
    const recording = new RecordingResolver(new ZoneResolver(`${record('p=none; np=reject')}`));
    const input: DmarcInput = { fromDomains: ['no.example.com'], spf: pass('a.example.net'), dkim: [pass('b.example.com')] };
    const result = await checkDmarc(input, { resolver: recording });
    expect(await checkDmarc(input, { resolver: new ReplayingResolver(recording.recorded) })).toEqual(result);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(formatTrace(result.trace)).toMatchInlineSnapshot(`
      "record of no.example.com -> none  [RFC 9989 §4.10.1]
        dns _dmarc.no.example.com TXT -> nxdomain
      tree walk from no.example.com -> organizational domain example.com  [RFC 9989 §4.10.2]
        record of no.example.com -> none: known from before  [RFC 9989 §4.10]
        record of example.com -> found  [RFC 9989 §4.10]
          dns _dmarc.example.com TXT -> ok: "v=DMARC1; p=none; np=reject"
        record of com -> none  [RFC 9989 §4.10]
          dns _dmarc.com TXT -> nxdomain
      existence of no.example.com -> does not exist  [RFC 9989 §3.2.13]
        dns no.example.com A -> nxdomain
      policy of example.com for no.example.com (tag=np np=reject t=n) -> reject  [RFC 9989 §4.10.1]
      alignment of spf a.example.net (status=pass mode=relaxed) -> none  [RFC 9989 §4.4.2]
      alignment of dkim b.example.com (status=pass mode=relaxed) -> aligned (relaxed)  [RFC 9989 §4.4.1]
        tree walk from b.example.com -> organizational domain example.com  [RFC 9989 §4.10.2]
          record of b.example.com -> none  [RFC 9989 §4.10]
            dns _dmarc.b.example.com TXT -> nxdomain
          record of example.com -> found: known from before  [RFC 9989 §4.10]
          record of com -> none: known from before  [RFC 9989 §4.10]
      result -> pass  [RFC 9989 §5.3.5]"
    `);
  });

  it('whatever the zone and the message: few queries, a policy only for failures, and the same again from a recording', async () => {
    const name = fc.constantFrom(
      'example',
      'a.example',
      'b.a.example',
      'c.b.a.example',
      'x.y.z.w.v.u.t.c.b.a.example',
      'd.example',
      'other.test',
      '',
      '[::1]',
    );
    const tags = fc.constantFrom(
      'p=reject',
      'p=none; np=reject',
      'p=quarantine; psd=n',
      'p=reject; psd=y',
      'p=reject; adkim=s; aspf=s',
      'p=x',
      'sp=none; rua=mailto:a@b.example',
    );
    const identifiers = fc.array(fc.record({ domain: name, status: fc.constantFrom('pass', 'fail', 'temperror') }), { maxLength: 4 });
    const failing = fc.option(name.map((domain) => `_dmarc.${domain}`));
    const property = fc.asyncProperty(
      fc.array(fc.tuple(name, tags), { maxLength: 5 }),
      name,
      identifiers,
      failing,
      async (published, from, dkim, failure) => {
        const text = published.filter(([domain]) => /^[a-z.]+$/.test(domain)).map(([domain, value]) => record(value, domain));
        const zone = new ZoneResolver(text.join('\n'), failure === null ? {} : { failures: { [failure]: 'timeout' } });
        const recording = new RecordingResolver(zone);
        const input = { fromDomains: [from], dkim };
        const result = await checkDmarc(input, { resolver: recording });
        expect(zone.questions.length).toBeLessThanOrEqual(8 * (dkim.length + 1) + 1);
        expect(new Set(zone.questions).size).toBe(zone.questions.length);
        if (result.status !== 'fail') expect(result.disposition).toBe('none');
        expect(result.status === 'pass').toBe(result.dkim.some((one) => one.aligned));
        for (const one of result.dkim) if (one.aligned) expect(one.status).toBe('pass');
        expect(await checkDmarc(input, { resolver: new ReplayingResolver(recording.recorded) })).toEqual(result);
      },
    );
    await fc.assert(property, { numRuns: 500 });
  });

  it('an abort is an exception', async () => {
    const resolver = new ZoneResolver('');
    await expect(
      checkDmarc({ fromDomains: ['example.com'], dkim: [] }, { resolver, signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
  });
});

describe('RFC 7489', () => {
  const psl = { organizationalDomain };
  it.each([
    ['p=reject; pct=20', 19, 'reject', undefined],
    ['p=reject; pct=20', 20, 'quarantine', 'sampled_out'],
    ['p=quarantine; pct=0', 0, 'none', 'sampled_out'],
    ['p=reject; pct=0', undefined, 'reject', undefined],
    ['p=reject; t=y', 5, 'reject', undefined],
  ])('RFC 7489 §6.6.4: %s with sample %s is %s', async (tags, sample, disposition, override) => {
    const result = await check(record(tags), sample === undefined ? {} : { sample }, psl);
    expect(result).toMatchObject({ status: 'fail', disposition });
    expect(result.override).toBe(override);
  });

  it('RFC 9989 appendix A.6: the percentage is passed over', async () => {
    expect(await check(record('p=reject; pct=0'), { sample: 50 })).toMatchObject({ disposition: 'reject' });
    expect(await check(record('p=reject; t=y'), {})).toMatchObject({ disposition: 'quarantine', override: 'policy_test_mode' });
  });

  it('RFC 7489 §3.1.1: alignment by the public suffix list', async () => {
    const text = record('p=reject', 'example.co.uk');
    const from = { fromDomains: ['a.example.co.uk'] };
    expect(await check(text, { ...from, dkim: [pass('b.example.co.uk')] }, psl)).toMatchObject({ status: 'pass' });
    expect(await check(text, { ...from, dkim: [pass('other.co.uk'), pass('co.uk')] }, psl)).toMatchObject({
      status: 'fail',
      disposition: 'reject',
    });
  });
});
