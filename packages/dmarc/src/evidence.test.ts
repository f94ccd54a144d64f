import { ZoneResolver } from '@mox/dns/testing';
import { describe, expect, it } from 'vitest';
import { checkDmarc, type DmarcInput, type DmarcResult } from './check-dmarc.ts';
import { describeDmarcFailure, wantedFailureReports } from './failure-report.ts';
import { makeAggregateRecord, makeReportedErrors, makeReportedPolicy } from './make-aggregate-record.ts';

const identifier = (domain: string, status = 'pass'): { domain: string; status: string } => ({ domain, status });
const check = (tags: string, input: Partial<DmarcInput>): Promise<DmarcResult> =>
  checkDmarc(
    { fromDomains: ['example.com'], dkim: [], ...input },
    { resolver: new ZoneResolver(`_dmarc.example.com. TXT "v=DMARC1; ${tags}"`) },
  );

describe('makeAggregateRecord', () => {
  it('RFC 9990 §3.1.3: signatures in the order of what they are worth', async () => {
    const dkim = [
      identifier('example.com', 'fail'),
      identifier('other.example'),
      identifier('mail.example.com'),
      identifier('example.com'),
    ];
    const result = await check('p=reject', { dkim, spf: identifier('example.net', 'softfail') });
    const record = makeAggregateRecord({
      result,
      sourceIp: '192.0.2.1',
      selectors: ['a', 'b', 'c', 'd'],
      envelopeFrom: '',
      envelopeTo: 'receiver.example',
    });
    expect(record).toEqual({
      sourceIp: '192.0.2.1',
      count: 1,
      disposition: 'pass',
      dkim: 'pass',
      spf: 'fail',
      reasons: [],
      headerFrom: 'example.com',
      envelopeFrom: '',
      envelopeTo: 'receiver.example',
      dkimResults: [
        { domain: 'example.com', selector: 'd', result: 'pass' },
        { domain: 'mail.example.com', selector: 'c', result: 'pass' },
        { domain: 'other.example', selector: 'b', result: 'pass' },
        { domain: 'example.com', selector: 'a', result: 'fail' },
      ],
      spfResults: [{ domain: 'example.net', scope: 'mfrom', result: 'softfail' }],
    });
  });

  it.each<[string, Partial<DmarcInput>, object, string, string[]]>([
    ['p=none', { spf: identifier('example.com') }, {}, 'none', []],
    ['p=reject', { spf: identifier('example.com') }, {}, 'pass', []],
    ['p=reject', {}, {}, 'reject', []],
    ['p=reject; t=y', {}, {}, 'quarantine', ['policy_test_mode']],
    ['p=reject', {}, { disposition: 'none' }, 'none', ['local_policy']],
    ['p=reject', {}, { disposition: 'none', reasons: [{ type: 'mailing_list', comment: 'x' }] }, 'none', ['mailing_list']],
    ['p=none', {}, { disposition: 'none' }, 'none', []],
  ])('RFC 9990 §3.1.1.9: %s with %j and %j is %s', async (tags, input, rest, disposition, types) => {
    const record = makeAggregateRecord({ result: await check(tags, input), sourceIp: '192.0.2.1', selectors: [], ...rest });
    expect([record?.disposition, record?.reasons.map((reason) => reason.type)]).toEqual([disposition, types]);
  });

  it('where DMARC does not apply there is nothing to report', async () => {
    const result = await checkDmarc({ fromDomains: ['example.com'], dkim: [] }, { resolver: new ZoneResolver('') });
    expect(makeAggregateRecord({ result, sourceIp: '192.0.2.1', selectors: [] })).toBeUndefined();
  });

  it('RFC 9990 §3.1.1.5: the policy with its defaults', async () => {
    const { policy } = await check('p=reject; np=none; fo=1:d; pct=20', {});
    expect(policy && makeReportedPolicy(policy)).toEqual({
      ...{ domain: 'example.com', discoveryMethod: 'treewalk', p: 'reject', np: 'none', adkim: 'r', aspf: 'r', fo: '1:d', testing: false },
    });
  });

  it('RFC 9990 §3.1.5: what is wrong with the record, and what is applied in its place', async () => {
    const { policy } = await check('p=reject; sp=bad; nonsense; rua=mailto:a@example.com', {});
    expect(policy && makeReportedPolicy(policy)).toMatchObject({ p: 'none' });
    expect(policy && makeReportedErrors(policy)).toEqual([
      'DMARC record of example.com, tag sp: not none, quarantine, reject',
      'DMARC record of example.com: not a tag and value',
    ]);
  });
});

describe('failure reports', () => {
  const ruf = 'p=reject; ruf=mailto:f@example.com';
  it.each<[string, Partial<DmarcInput>, string[]]>([
    ['', {}, ['0']],
    ['', { spf: identifier('example.com') }, []],
    ['fo=1', { spf: identifier('example.com') }, ['1']],
    ['fo=1', { spf: identifier('example.com'), dkim: [identifier('example.com')] }, []],
    ['fo=d:s', { spf: identifier('x.example', 'fail'), dkim: [identifier('example.com'), identifier('x.example', 'fail')] }, ['d', 's']],
    ['fo=d:s', { spf: identifier('x.example', 'none'), dkim: [identifier('example.com')] }, []],
    ['psd=y', {}, []],
  ])('RFC 9989 §4.7: %j with %j wants %j', async (tags, input, wanted) => {
    expect(wantedFailureReports(await check(`${ruf}; ${tags}`, input))).toEqual(wanted);
  });

  it('RFC 9989 §4.7: without ruf none is wanted', async () => {
    expect(wantedFailureReports(await check('p=reject; fo=1', {}))).toEqual([]);
  });

  const facts = { selectors: ['a', 'b'], spfRecords: ['v=spf1 -all'] };
  it('RFC 9991 §4: what failed', async () => {
    const dkim = [identifier('x.example'), identifier('mail.example.com', 'fail')];
    expect(describeDmarcFailure(await check(ruf, { dkim, spf: identifier('example.com', 'fail') }), facts)).toEqual({
      failure: 'dmarc',
      identityAlignment: ['dkim', 'spf'],
      dkimDomain: 'mail.example.com',
      dkimIdentity: '@mail.example.com',
      dkimSelector: 'b',
      spfDns: ['v=spf1 -all'],
    });
    const named = { ...facts, identities: [undefined, 'jane@mail.example.com'] };
    expect(describeDmarcFailure(await check(ruf, { dkim }), named)).toMatchObject({ dkimIdentity: 'jane@mail.example.com' });
    const passing = await check(ruf, { dkim: [identifier('example.com')], spf: identifier('example.com') });
    expect(describeDmarcFailure(passing, facts)).toEqual({ failure: 'dmarc', identityAlignment: ['none'], spfDns: [] });
  });

  it.each<[string, Partial<DmarcInput>, object]>([
    ['an SPF record that passed for somebody else', { spf: identifier('x.example') }, { spfDns: [] }],
    ['one that failed for somebody else', { spf: identifier('x.example', 'fail') }, { spfDns: [] }],
    ['one that failed for a subdomain', { spf: identifier('a.example.com', 'softfail') }, { spfDns: ['v=spf1 -all'] }],
    ['a signature of somebody else', { dkim: [identifier('x.example', 'fail')] }, { spfDns: [] }],
    [
      'a signature of the domain above',
      { fromDomains: ['a.example.com'], dkim: [identifier('example.com', 'fail')] },
      { dkimDomain: 'example.com' },
    ],
    ['a signature of a top-level domain', { dkim: [identifier('com', 'fail')] }, { spfDns: [] }],
  ])('RFC 9991 §4: %s', async (_what, input, expected) => {
    const failed = { failure: 'dmarc', identityAlignment: ['dkim', 'spf'] };
    const described = describeDmarcFailure(await check(ruf, input), facts);
    expect(described).toMatchObject({ ...failed, ...expected });
    expect(described.dkimDomain).toBe((expected as { dkimDomain?: string }).dkimDomain);
  });

  it('RFC 9991 §4: under strict alignment a subdomain would not have been aligned', async () => {
    const dkim = [identifier('mail.example.com', 'fail')];
    expect(describeDmarcFailure(await check(`${ruf}; adkim=s`, { dkim }), facts).dkimDomain).toBeUndefined();
  });
});
