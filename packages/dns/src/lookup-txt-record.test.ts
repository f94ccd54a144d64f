import { ok, parseError, type Result } from '@mox/syntax';
import { describe, expect, it } from 'vitest';
import { lookupDomainRecord, lookupTxtRecord } from './lookup-txt-record.ts';
import { ZoneResolver } from './testing.ts';

const form = {
  claims: (text: string) => text.startsWith('v=X1;'),
  parse: (text: string): Result<string> => (text.endsWith('!') ? parseError(5, 'an exclamation point') : ok(text.slice(5))),
};
const resolver = new ZoneResolver(
  `one.example. TXT "v=X1;a" "b"
   one.example. TXT "v=spf1 -all"
   two.example. TXT "v=X1;a"
   two.example. TXT "v=X1;b"
   bad.example. TXT "v=X1;!"
   other.example. TXT "v=X2;a"
   empty.example. A 192.0.2.1
   signed.example. TXT "v=X1;s"
   alias.example. CNAME one.example.`,
  {
    failures: { 'slow.example': 'timeout', 'refused.example': 'refused' },
    securityOf: { 'signed.example': 'secure', 'forged.example': 'bogus', 'bogus.example': 'bogus' },
  },
);

describe('lookupTxtRecord', () => {
  it.each([
    ['one.example', 'ok', 'ab', undefined],
    ['alias.example', 'ok', 'ab', undefined],
    ['two.example', 'several', undefined, 'more than one record'],
    ['bad.example', 'invalid', undefined, 'invalid record: an exclamation point'],
    ['other.example', 'none', undefined, 'no record'],
    ['empty.example', 'none', undefined, 'no record'],
    ['no.example', 'none', undefined, 'no record'],
    [`${'a'.repeat(64)}.example`, 'none', undefined, 'no record'],
    ['slow.example', 'temperror', undefined, 'timeout'],
    ['refused.example', 'temperror', undefined, 'refused'],
    ['forged.example', 'temperror', undefined, 'bogus'],
  ])('%s is %s', async (name, status, record, problem) => {
    const found = await lookupTxtRecord(name, form, { resolver });
    expect([found.status, found.record, found.problem]).toEqual([status, record, problem]);
    expect(found.dns).toMatchObject({ name, type: 'TXT' });
  });

  it('a name that DNSSEC says is not there by a forged answer is no name that is not there', async () => {
    expect(await resolver.query('forged.example', 'TXT')).toMatchObject({ status: 'nxdomain', security: 'bogus' });
    expect(await lookupTxtRecord('forged.example', form, { resolver })).toMatchObject({ status: 'temperror', dns: { status: 'bogus' } });
  });

  it('tells whether the answer was validated', async () => {
    expect(await lookupTxtRecord('signed.example', form, { resolver })).toMatchObject({ status: 'ok', authentic: true });
    expect(await lookupTxtRecord('one.example', form, { resolver })).toMatchObject({ status: 'ok', authentic: false });
  });

  it('an abort is an exception', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(lookupTxtRecord('one.example', form, { resolver, signal })).rejects.toThrow('enough');
  });
});

describe('lookupDomainRecord', () => {
  const kind = { ...form, labels: '_x', rfc: 'RFC 8461 §3.1' };
  const below = new ZoneResolver(
    `_x.one.example. TXT "v=X1;a"
     _x.two.example. TXT "v=X1;a"
     _x.two.example. TXT "v=X1;b"
     _x.bad.example. TXT "v=X1;!"
     one.example. TXT "v=X1;not asked for"`,
    { failures: { '_x.slow.example': 'timeout' }, securityOf: { '_x.forged.example': 'bogus' } },
  );

  it.each([
    ['one.example', 'ok', 'a', undefined],
    ['two.example', 'none', undefined, 'more than one record'],
    ['bad.example', 'none', undefined, 'invalid record: an exclamation point'],
    ['no.example', 'none', undefined, 'no record'],
    ['slow.example', 'temperror', undefined, 'timeout'],
    ['forged.example', 'temperror', undefined, 'bogus'],
  ])('%s has %s', async (domain, status, record, problem) => {
    const found = await lookupDomainRecord(domain, kind, { resolver: below });
    expect([found.status, found.record, found.problem]).toEqual([status, record, problem]);
    expect(found.trace).toMatchObject([
      { step: 'record', rfc: kind.rfc, inputs: { domain }, outcome: status, dns: [{ name: `_x.${domain}` }] },
    ]);
    expect(found.trace[0]?.detail).toBe(problem);
  });
});
