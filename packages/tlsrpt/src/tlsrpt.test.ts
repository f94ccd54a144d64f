import { ZoneResolver } from '@mox/dns/testing';
import { compress } from '@mox/encoding';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { mergeTlsResults } from './merge.ts';
import { formatTlsRptRecord, lookupTlsRptRecord, parseTlsRptRecord } from './record.ts';
import { formatTlsReport, packTlsReport, parseTlsReport, readTlsReport, type TlsReport } from './report.ts';

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
    ['v=TLSRPTv1; rua=mailto:a@example.com; rua=mailto:b@example.com', undefined],
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
    { failures: { '_smtp._tls.slow.example': 'servfail' } },
  );
  it.each([
    ['one.example', 'ok'],
    ['two.example', 'none'],
    ['no.example', 'none'],
    ['slow.example', 'temperror'],
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

  it.each(['', 'null', '[]', '{}', '{"policies":{}}', '{"policies":'])('%j is no report', (text) => {
    expect(parseTlsReport(text).ok).toBe(false);
  });

  it('a bomb is not unpacked', async () => {
    expect(await readTlsReport(await compress('gzip', new Uint8Array(20_000_000)), { mostBytes: 1_000_000 })).toMatchObject({ ok: false });
  });

  it('mutants never throw', () => {
    for (const mutant of mutants([formatTlsReport(report)], { count: 5000, tokens: ['"', '{', '}', '[', ']', 'null', '1e999', ':', ','] }))
      parseTlsReport(new TextDecoder().decode(mutant));
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
