import { ZoneResolver } from '@mox/dns/testing';
import { compress } from '@mox/encoding';
import { fromUtf8, ManualClock, systemRandom, toUtf8 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { mergeTlsResults } from './merge.ts';
import { formatTlsRptRecord, lookupTlsRptRecord, parseTlsRptRecord } from './record.ts';
import { formatTlsReport, packTlsReport, parseTlsReport, readTlsReport, type TlsReport } from './report.ts';
import { composeTlsReportMessage, readTlsReportMessage } from './report-message.ts';

describe('parseTlsRptRecord', () => {
  it.each([
    ['v=TLSRPTv1;rua=mailto:reports@example.com', ['mailto:reports@example.com']],
    ['v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt;', ['https://reporting.example.com/v1/tlsrpt']],
    ['v=TLSRPTv1; rua=mailto:a@example.com , https://b.example/ ; x=y', ['mailto:a@example.com', 'https://b.example/']],
    ['v=TLSRPTv1', undefined],
    ['v=TLSRPTv1; rua=', undefined],
    ['v=TLSRPTv1; rua=ftp://x.example/', undefined],
    ['v=TLSRPTv1; rua=mailto:a!b@example.com', undefined],
    ['v=TLSRPTv2; rua=mailto:a@example.com', undefined],
    ['v=tlsrptv1; rua=mailto:a@example.com', undefined],
    ['v=TLSRPTv1; rua=mailto:a@example.com; rua=mailto:b@example.com', ['mailto:a@example.com', 'mailto:b@example.com']],
    ['v=TLSRPTv1; rua=ftp://x.example/,mailto:a@example.com', ['mailto:a@example.com']],
    ['v=TLSRPTv1; rua=mailto:a@example.com,b@example.com', undefined],
    ['v=TLSRPTv1; rua=mailto:a@example.com,,', undefined],
    ['v=TLSRPTv1; rua=mailto: a@example.com', undefined],
    ['v=TLSRPTv1; rua=mailto:a%zz@example.com', undefined],
    ['v=TLSRPTv1; rua=mailto:a@example.com\v', undefined],
    ['v=TLSRPTv1; rua=mailto:[a@example.com', undefined],
    ['v=TLSRPTv1; rua=https://x.example:44r/', undefined],
    ['v=TLSRPTv1; rua=https://x.example/#a#b', undefined],
    ['v=TLSRPTv1; rua=https://[2001:db8::g]/', undefined],
    ['v=TLSRPTv1; rua=https://[2001:db8::1]:8443/a', ['https://[2001:db8::1]:8443/a']],
    ['v=TLSRPTv1; rua=https:///,mailto:,mailto:a@example.com', ['mailto:a@example.com']],
    ['v=TLSRPTv1; rua=mailto:', undefined],
    ['v=TLSRPTv1; RUA=mailto:a@example.com', undefined],
    ['v=TLSRPTv1; rua=MAILTO:a%2Cb@example.com', ['MAILTO:a%2Cb@example.com']],
    ['v=TLSRPTv1; rua=https://x.example/?a=b&c=d', ['https://x.example/?a=b&c=d']],
    ['v=TLSRPTv1; rua=http://x.example/', undefined],
    ['v=TLSRPTv1; rua=https:x.example', undefined],
    ['v=TLSRPTv1 rua=mailto:a@example.com', undefined],
    ['rua=mailto:a@example.com; v=TLSRPTv1', undefined],
    [`v=TLSRPTv1; rua=${'mailto:a@example.com,'.repeat(20)}mailto:a@example.com`, undefined],
    ['v=TLSRPTv1; what; rua=mailto:a@example.com', undefined],
  ])('RFC 8460 §3: %j -> %j', (text, rua) => {
    const parsed = parseTlsRptRecord(text);
    expect(parsed.ok ? parsed.value.rua : undefined).toEqual(rua);
    if (parsed.ok) expect(parseTlsRptRecord(formatTlsRptRecord(parsed.value))).toEqual(parsed);
  });
});

describe('lookupTlsRptRecord', () => {
  const resolver = new ZoneResolver(
    `_smtp._tls.one.example. TXT "v=TLSRPTv1; rua=mailto:a@one.example"
     _smtp._tls.one.example. TXT "unrelated"
     _smtp._tls.two.example. TXT "v=TLSRPTv1; rua=mailto:a@two.example"
     _smtp._tls.two.example. TXT "v=TLSRPTv1; rua=mailto:b@two.example"`,
    { failures: { '_smtp._tls.slow.example': 'servfail' }, securityOf: { '_smtp._tls.forged.example': 'bogus' } },
  );
  it.each([
    ['one.example', 'ok'],
    ['two.example', 'none'],
    ['no.example', 'none'],
    ['slow.example', 'temperror'],
    ['forged.example', 'temperror'],
  ])('RFC 8460 §3: %s -> %s', async (domain, status) => {
    expect((await lookupTlsRptRecord(domain, { resolver })).status).toBe(status);
  });
});

const report: TlsReport = {
  organizationName: 'Company-X',
  start: Date.parse('2016-04-01T00:00:00Z'),
  end: Date.parse('2016-04-01T23:59:59Z'),
  contactInfo: 'sts-reporting@company-x.example',
  reportId: '5065427c-23d3-47ca-b6e0-946ea0e8c4be',
  policies: [
    {
      policy: {
        type: 'sts',
        policy: ['version: STSv1', 'mode: testing', 'mx: *.mail.company-y.example', 'max_age: 86400'],
        domain: 'company-y.example',
        mxHosts: ['*.mail.company-y.example'],
      },
      successfulSessions: 5326,
      failedSessions: 303,
      failures: [
        {
          resultType: 'certificate-expired',
          sendingMtaIp: '2001:db8:abcd:0012::1',
          receivingMxHostname: 'mx1.mail.company-y.example',
          failedSessions: 100,
        },
        {
          resultType: 'starttls-not-supported',
          sendingMtaIp: '2001:db8:abcd:0013::1',
          receivingMxHostname: 'mx2.mail.company-y.example',
          receivingIp: '203.0.113.56',
          failedSessions: 200,
          additionalInformation: 'https://reports.company-x.example/report_info?id=5065427c-23d3#StarttlsNotSupported',
        },
        {
          resultType: 'validation-failure',
          sendingMtaIp: '198.51.100.62',
          receivingIp: '203.0.113.58',
          receivingMxHostname: 'mx-backup.mail.company-y.example',
          failedSessions: 3,
          failureReasonCode: 'X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED',
        },
      ],
    },
  ],
};

describe('reports', () => {
  it('RFC 8460 appendix B: the example, written and read', () => {
    const text = formatTlsReport(report);
    expect(JSON.parse(text)).toMatchObject({
      'report-id': '5065427c-23d3-47ca-b6e0-946ea0e8c4be',
      'date-range': { 'start-datetime': '2016-04-01T00:00:00Z' },
      policies: [{ summary: { 'total-failure-session-count': 303 } }],
    });
    expect(parseTlsReport(text)).toEqual({ ok: true, value: { report, defects: [] } });
  });

  it('RFC 8460 §5: packed, with its names, and read again', async () => {
    const packed = await packTlsReport(report, 'company-y.example');
    expect(packed).toMatchObject({
      filename: 'company-x.example!company-y.example!1459468800!1459555199!5065427c23d347cab6e0946ea0e8c4be.json.gz',
      subject:
        'Report Domain: company-y.example Submitter: company-x.example Report-ID: <5065427c-23d3-47ca-b6e0-946ea0e8c4be@company-x.example>',
      fields: [
        ['TLS-Report-Domain', 'company-y.example'],
        ['TLS-Report-Submitter', 'company-x.example'],
      ],
    });
    expect(await readTlsReport(packed.bytes)).toEqual({ ok: true, value: { report, defects: [] } });
  });

  it('what reporters write otherwise is read, and listed', () => {
    const odd = {
      'organization-name': 'X',
      'date-range': { 'start-datetime': '2016-04-01T00:00:00Z' },
      'report-id': 5,
      policies: [
        {
          policy: { 'policy-type': 'sts', 'policy-domain': 'y.example', 'mx-host': '*.y.example', 'policy-string': 'version: STSv1' },
          summary: { 'total-successful-session-count': '7' },
        },
      ],
    };
    const parsed = parseTlsReport(JSON.stringify(odd));
    expect(parsed).toMatchObject({
      ok: true,
      value: { report: { reportId: '5', policies: [{ policy: { mxHosts: ['*.y.example'] }, successfulSessions: 7, failures: [] }] } },
    });
    expect(parsed.ok && parsed.value.defects.map((defect) => defect.path)).toEqual([
      'date-range.end-datetime',
      'contact-info',
      'report-id',
      'policies[0].policy.policy-string',
      'policies[0].policy.mx-host',
      'policies[0].summary.total-successful-session-count',
      'policies[0].summary.total-failure-session-count',
    ]);
  });

  it.each<[string, object, string[]]>([
    ['2016-04-01T02:00:00+02:00', {}, []],
    ['2016-04-01t00:00:00z', {}, []],
    ['2016-04-01 00:00:00 +0000', {}, []],
    ['2016-04-01T00:00:00', {}, ['date-range.start-datetime']],
    ['2016-04-01', { start: 0 }, ['date-range.start-datetime']],
    ['yesterday', { start: 0 }, ['date-range.start-datetime']],
    ['2016-13-01T00:00:00Z', { start: 0 }, ['date-range.start-datetime']],
  ])('RFC 8460 §4.4: a time as %s, wherever this machine is', (time, expected, places) => {
    const parsed = parseTlsReport(formatTlsReport(report).replace('2016-04-01T00:00:00Z', time));
    expect(parsed).toMatchObject({ ok: true, value: { report: { start: report.start, ...expected } } });
    expect(parsed.ok && parsed.value.defects.map((defect) => defect.path)).toEqual(places);
  });

  it.each<[string, (json: Record<string, unknown>) => void, object, string[]]>([
    ['no failures, as null', (one) => (one['failure-details'] = null), { failures: [] }, []],
    [
      'a failure without its list',
      (one) => (one['failure-details'] = { 'result-type': 'x' }),
      {},
      ['failure-details', 'failed-session-count'],
    ],
    ['what is no failure', (one) => (one['failure-details'] = [null, 'x', []]), { failures: [] }, ['failure-details']],
    [
      'an error code of drafts',
      (one) => (one['failure-details'] = [{ 'result-type': 'validation-failure', 'failed-session-count': 1, 'failure-error-code': 'E' }]),
      { failures: [{ failureReasonCode: 'E' }] },
      [],
    ],
    [
      'a domain with a dot',
      (one) => (one['policy'] = { 'policy-type': 'sts', 'policy-domain': 'Y.Example.' }),
      { policy: { domain: 'y.example' } },
      ['policy-domain'],
    ],
    [
      'hosts that are none',
      (one) => (one['policy'] = { 'policy-type': 'sts', 'policy-domain': 'y.example', 'mx-host': [1, 'a', null] }),
      { policy: { mxHosts: ['a'] } },
      ['mx-host'],
    ],
    [
      'hosts in an object',
      (one) => (one['policy'] = { 'policy-type': 'sts', 'policy-domain': 'y.example', 'mx-host': {} }),
      { policy: { mxHosts: [] } },
      ['mx-host'],
    ],
    ['no policy', (one) => delete one['policy'], { policy: { type: '', domain: '' } }, ['policy', 'policy-type', 'policy-domain']],
    [
      'a negative count',
      (one) => (one['summary'] = { 'total-successful-session-count': -1, 'total-failure-session-count': 0 }),
      { successfulSessions: 0 },
      ['total-successful-session-count'],
    ],
    [
      'a count beyond all measure',
      (one) => (one['summary'] = { 'total-successful-session-count': 1e300, 'total-failure-session-count': 0 }),
      { successfulSessions: 0 },
      ['total-successful-session-count'],
    ],
  ])('RFC 8460 §4.4: %s: read, and listed', (_what, change, expected, places) => {
    const json = JSON.parse(formatTlsReport(report));
    change(json.policies[0]);
    const parsed = parseTlsReport(JSON.stringify(json));
    expect(parsed).toMatchObject({ ok: true, value: { report: { policies: [expected] } } });
    expect(parsed.ok && parsed.value.defects.map((defect) => defect.path.split('.').at(-1))).toEqual(places);
  });

  const day = { 'start-datetime': '2026-11-22T00:00:00Z', 'end-datetime': '2026-11-22T23:59:59Z' };
  const summary = { 'total-successful-session-count': 12, 'total-failure-session-count': 0 };
  const sts = {
    'policy-type': 'sts',
    'policy-string': ['version: STSv1', 'mode: enforce', 'mx: mx.y.example', 'max_age: 604800'],
    'policy-domain': 'y.example',
  };
  const tlsa = { 'policy-type': 'tlsa', 'policy-string': [`3 1 1 ${'AB'.repeat(32)}`], 'policy-domain': 'y.example' };

  /** Reports in the shapes that large senders are known to use; the names are made up. */
  it.each<[string, object, readonly object[], string[]]>([
    [
      'an identifier of the time and the domain, hosts beside the policy',
      { 'report-id': '2026-11-22T00:00:00Z_y.example', policies: [{ policy: { ...sts, 'mx-host': ['mx.y.example'] }, summary }] },
      [{ policy: { type: 'sts', mxHosts: ['mx.y.example'] }, successfulSessions: 12, failures: [] }],
      [],
    ],
    [
      'an identifier of a number and the domain, a policy of each type, an empty list of failures',
      {
        'report-id': '134082211950327471+y.example',
        policies: [
          { policy: sts, summary, 'failure-details': [] },
          { policy: tlsa, summary },
        ],
      },
      [{ policy: { type: 'sts' } }, { policy: { type: 'tlsa', policy: [`3 1 1 ${'AB'.repeat(32)}`], mxHosts: [] } }],
      [],
    ],
    [
      'no policy found: nothing but the domain',
      {
        policies: [
          { policy: { 'policy-type': 'no-policy-found', 'policy-string': [], 'policy-domain': 'y.example', 'mx-host': [] }, summary },
        ],
      },
      [{ policy: { type: 'no-policy-found', policy: [], mxHosts: [] } }],
      [],
    ],
    [
      'the pattern of the host as one text, as the schema of RFC 8460 §4.4 may be read',
      { policies: [{ policy: { ...sts, 'mx-host': '*.y.example' }, summary }] },
      [{ policy: { mxHosts: ['*.y.example'] } }],
      ['mx-host'],
    ],
    [
      'a failure without addresses, an unknown kind of policy, an unknown field',
      {
        'tls-rpt-version': 1,
        policies: [
          {
            policy: { 'policy-type': 'dane', 'policy-domain': 'y.example' },
            summary: { ...summary, 'total-failure-session-count': 2 },
            'failure-details': [
              { 'result-type': 'tlsa-invalid', 'failed-session-count': 2, 'receiving-mx-hostname': null, 'failure-reason-code': '' },
            ],
          },
        ],
      },
      [{ policy: { type: 'dane' }, failedSessions: 2, failures: [{ resultType: 'tlsa-invalid', failedSessions: 2 }] }],
      [],
    ],
    ['no policies at all', { policies: [] }, [], []],
    [
      'counts with a fraction, and beyond 2^53',
      { policies: [{ policy: sts, summary: { 'total-successful-session-count': 1.5, 'total-failure-session-count': 2 ** 60 } }] },
      [{ successfulSessions: 0, failedSessions: 0 }],
      ['total-successful-session-count', 'total-failure-session-count'],
    ],
  ])('RFC 8460 §4.4: %s', async (_what, rest, policies, places) => {
    const json = { 'organization-name': 'X Inc.', 'date-range': day, 'contact-info': 'tls@x.example', 'report-id': '1', ...rest };
    const bytes = fromUtf8(`\ufeff${JSON.stringify(json, undefined, 2)}\r\n`);
    for (const sent of [bytes, await compress('gzip', bytes)]) {
      const read = await readTlsReport(sent);
      expect(read).toMatchObject({ ok: true, value: { report: { organizationName: 'X Inc.', policies } } });
      expect(read.ok && read.value.defects.map((defect) => defect.path.split('.').at(-1))).toEqual(places);
    }
  });

  const failing = (type: string, resultType: string, failureReasonCode?: string): TlsReport => ({
    ...report,
    policies: [
      {
        policy: { type, policy: [], domain: 'y.example', mxHosts: [] },
        successfulSessions: 0,
        failedSessions: 1,
        failures: [{ resultType, failedSessions: 1, ...(failureReasonCode !== undefined && { failureReasonCode }) }],
      },
    ],
  });

  it.each([
    ['tlsa', 'sts-policy-invalid', false],
    ['tlsa', 'sts-policy-fetch-error', false],
    ['tlsa', 'sts-webpki-invalid', false],
    ['tlsa', 'tlsa-invalid', true],
    ['sts', 'tlsa-invalid', false],
    ['sts', 'dnssec-invalid', false],
    ['sts', 'dane-required', false],
    ['sts', 'sts-webpki-invalid', true],
    ['sts', 'certificate-expired', true],
    ['tlsa', 'of-tomorrow', true],
    ['no-policy-found', 'sts-policy-fetch-error', true],
    ['no-policy-found', 'dane-required', true],
    ['of-tomorrow', 'tlsa-invalid', true],
  ])('RFC 8460 §4.3.2: of a policy of type %s, the failure %s: %s', (type, resultType, fits) => {
    const general = formatTlsReport(failing(type, 'validation-failure', 'x'));
    const parsed = parseTlsReport(general.replace('validation-failure', resultType));
    expect(parsed).toMatchObject({ ok: true, value: { report: { policies: [{ failures: [{ resultType }] }] } } });
    expect(parsed.ok && parsed.value.defects.map((defect) => defect.path)).toEqual(
      fits ? [] : ['policies[0].failure-details[0].result-type'],
    );
    const written = parseTlsReport(formatTlsReport(failing(type, resultType, 'x')));
    const corrected = failing(type, 'validation-failure', `${resultType}: x`);
    expect(written).toEqual({ ok: true, value: { report: fits ? failing(type, resultType, 'x') : corrected, defects: [] } });
  });

  it('RFC 8460 §5.3: identifiers of any kind make a subject, what is no domain makes none', async () => {
    const subject = async (reportId: string): Promise<string> => (await packTlsReport({ ...report, reportId }, 'y.example')).subject;
    expect(await subject('a b<c>@x y.example')).toContain('Report-ID: <abc@xy.example>');
    expect(await subject('..a..b.')).toContain('Report-ID: <a.b@company-x.example>');
    expect(await subject('\r\nBcc: x')).toContain('Report-ID: <Bccx@company-x.example>');
    expect(await subject('')).toContain('Report-ID: <0@company-x.example>');
    await expect(packTlsReport(report, 'y.example!\r\nBcc: x')).rejects.toThrow(TypeError);
    await expect(packTlsReport({ ...report, contactInfo: 'nobody/' }, 'y.example')).rejects.toThrow(TypeError);
  });

  it.each(['', 'null', '[]', '{}', '{"policies":{}}', '{"policies":'])('%j is no report', (text) => {
    expect(parseTlsReport(text).ok).toBe(false);
  });

  it('a bomb is not unpacked', async () => {
    const bomb = await compress('gzip', new Uint8Array(20_000_000));
    const message = expect.stringMatching(/^more than \d+ bytes/);
    expect(await readTlsReport(bomb, { mostBytes: 1_000_000 })).toMatchObject({ ok: false, error: { message } });
    expect(await readTlsReport(bomb)).toMatchObject({ ok: false, error: { message } });
    expect(await readTlsReport(new Uint8Array(100), { mostBytes: 99 })).toMatchObject({ ok: false });
  });

  it('mutants never throw', () => {
    for (const mutant of mutants([formatTlsReport(report)], { count: 5000, tokens: ['"', '{', '}', '[', ']', 'null', '1e999', ':', ','] }))
      parseTlsReport(new TextDecoder().decode(mutant));
  });
});

describe('report messages', () => {
  const options = { clock: new ManualClock(0), random: systemRandom };
  const addresses = { from: { address: 'tls@company-x.example' }, to: [{ address: 'reports@company-y.example' }] };

  it('RFC 8460 §5.3: made, and read again; so is one that was forwarded', async () => {
    const message = composeTlsReportMessage(await packTlsReport(report, 'company-y.example'), addresses, options).bytes();
    const text = toUtf8(message);
    expect(text).toMatch(/^Content-Type: multipart\/report;[^]{1,100}report-type=tlsrpt/m);
    for (const line of [
      'TLS-Report-Domain: company-y.example',
      'TLS-Report-Submitter: company-x.example',
      'Auto-Submitted: auto-generated',
    ])
      expect(text).toContain(`${line}\r\n`);
    const names = { policyDomain: 'company-y.example', submitter: 'company-x.example', filename: expect.stringMatching(/\.json\.gz$/) };
    expect(await readTlsReportMessage(message)).toEqual({ ok: true, value: { report, defects: [], ...names } });
    const forwarded = `Subject: Fwd\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nlook\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n${text}\r\n--b--\r\n`;
    expect(await readTlsReportMessage(fromUtf8(forwarded))).toMatchObject({
      ok: true,
      value: { report, defects: [{ path: 'TLS-Report-Domain' }, { path: 'TLS-Report-Submitter' }] },
    });
  });

  it.each<[string, string, string[]]>([
    ['application/octet-stream; name="x!y!1!2.json"', '', ['TLS-Report-Domain', 'TLS-Report-Submitter']],
    [
      'text/plain; name="x!y!1!2.json"',
      'TLS-Report-Domain: Company-Y.example\r\nTLS-Report-Submitter: other.example\r\n',
      ['TLS-Report-Submitter'],
    ],
    ['application/tlsrpt+json', 'TLS-Report-Domain: a.example\r\nTLS-Report-Submitter: COMPANY-X.example\r\n', []],
  ])('RFC 8460 §5.3: a body of %s', async (type, fields, places) => {
    const read = await readTlsReportMessage(fromUtf8(`${fields}Content-Type: ${type}\r\n\r\n${formatTlsReport(report)}\r\n`));
    expect(read).toMatchObject({ ok: true, value: { report } });
    expect(read.ok && read.value.defects.map((defect) => defect.path)).toEqual(places);
  });

  it('a mail without a report says why', async () => {
    expect(await readTlsReportMessage(fromUtf8('Subject: hi\r\n\r\nhello\r\n'))).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('no part') },
    });
    expect(await readTlsReportMessage(fromUtf8('Content-Type: application/json\r\n\r\n{}\r\n'))).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('policies') },
    });
  });
});

describe('mergeTlsResults', () => {
  it('the sums are those of the parts, whatever the order', () => {
    const result = fc.record({
      domain: fc.constantFrom('a.example', 'b.example'),
      ok: fc.nat(100),
      bad: fc.nat(100),
      type: fc.constantFrom('certificate-expired', 'validation-failure'),
    });
    fc.assert(
      fc.property(fc.array(result, { maxLength: 20 }), (parts) => {
        const merged = mergeTlsResults(
          parts.map((part) => ({
            policy: { type: 'sts', policy: [], domain: part.domain, mxHosts: [] },
            successfulSessions: part.ok,
            failedSessions: part.bad,
            failures: [{ resultType: part.type, failedSessions: part.bad }],
          })),
        );
        expect(new Set(merged.map((one) => one.policy.domain)).size).toBe(merged.length);
        const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
        expect(sum(merged.map((one) => one.successfulSessions))).toBe(sum(parts.map((part) => part.ok)));
        expect(sum(merged.flatMap((one) => one.failures.map((failure) => failure.failedSessions)))).toBe(
          sum(parts.map((part) => part.bad)),
        );
      }),
    );
  });
});
