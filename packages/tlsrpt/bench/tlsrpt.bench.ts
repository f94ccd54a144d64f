// Records and reports read, packed and merged, and hostile ones.
import { compress } from '@mox/encoding';
import { fromUtf8 } from '@mox/runtime';
import { benchmark } from '../../../tools/bench-harness.ts';
import {
  formatTlsReport,
  mergeTlsResults,
  packTlsReport,
  parseTlsReport,
  parseTlsRptRecord,
  readTlsReport,
  type TlsPolicyResult,
  type TlsReport,
} from '../src/index.ts';

const resultOf = (domain: string): TlsPolicyResult => ({
  policy: { type: 'sts', policy: ['version: STSv1', 'mode: testing', 'max_age: 86400'], domain, mxHosts: ['*.mail.example.com'] },
  successfulSessions: 5326,
  failedSessions: 303,
  failures: [
    { resultType: 'certificate-expired', sendingMtaIp: '2001:db8::1', receivingMxHostname: 'mx1.mail.example.com', failedSessions: 100 },
    { resultType: 'starttls-not-supported', sendingMtaIp: '2001:db8::2', receivingMxHostname: 'mx2.mail.example.com', failedSessions: 203 },
  ],
});
const report: TlsReport = {
  organizationName: 'Example',
  start: Date.UTC(2026, 0, 1),
  end: Date.UTC(2026, 0, 2),
  contactInfo: 'sts-reporting@example.org',
  reportId: '5065427c-23d3-47ca-b6e0-946ea0e8c4be',
  policies: [resultOf('example.com')],
};
const text = formatTlsReport(report);
await benchmark('tlsrpt: parse a record', { ours: () => parseTlsRptRecord('v=TLSRPTv1; rua=mailto:reports@example.com') });
await benchmark('tlsrpt: parse a report', { ours: () => parseTlsReport(text) }, { bytes: text.length });
await benchmark('tlsrpt: pack a report', { ours: () => packTlsReport(report, 'example.com') }, { bytes: text.length });
const day = Array.from({ length: 10_000 }, (_, i) => resultOf(`d${i % 100}.example`));
await benchmark('tlsrpt: merge 10,000 results of 100 domains', { ours: () => mergeTlsResults(day) });

const long = JSON.stringify({ ...JSON.parse(text), policies: Array.from({ length: 20_000 }, () => ({ policy: 1, summary: [] })) });
await benchmark('tlsrpt: hostile, 20,000 policies that are none', { ours: () => parseTlsReport(long) }, { bytes: long.length });
const deep = `{"policies":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
await benchmark('tlsrpt: hostile, 100,000 nested lists', { ours: () => parseTlsReport(deep) }, { bytes: deep.length });
const bomb = await compress('gzip', new Uint8Array(256 << 20));
await benchmark('tlsrpt: hostile, 256 MB in gzip', { ours: () => readTlsReport(bomb) }, { bytes: bomb.length, rounds: 3 });
const record = `v=TLSRPTv1; rua=${'mailto:a@example.com,'.repeat(50_000)};${' '.repeat(1 << 20)}x=y z`;
await benchmark('tlsrpt: hostile, a record of 2 MB', { ours: () => parseTlsRptRecord(record) }, { bytes: fromUtf8(record).length });
