// Feedback reports made and read, and hostile ones.

import { parseHeaderFields } from '@mox/message-format';
import { fromUtf8, ManualClock, systemRandom } from '@mox/runtime';
import { benchmark } from '../../../tools/bench-harness.ts';
import {
  decideCfblReport,
  type FeedbackReport,
  makeFeedbackReport,
  parseCfblAddress,
  parseFeedbackFields,
  parseFeedbackReport,
} from '../src/index.ts';

const options = { clock: new ManualClock(Date.UTC(2026, 0, 1)), random: systemRandom };
const original = fromUtf8(`From: a@example.org\r\nSubject: hello\r\n\r\n${'The quick brown fox jumps over the lazy dog.\r\n'.repeat(90)}`);
const report: FeedbackReport = {
  feedbackType: 'abuse',
  userAgent: 'Example/1.0',
  version: 1,
  arrivalAt: Date.UTC(2026, 0, 1),
  originalMailFrom: 'a@example.org',
  originalRcptTo: ['jane@example.com'],
  sourceIp: '192.0.2.1',
  authenticationResults: [],
  reportedDomains: ['example.org'],
  reportedUris: [],
  extensions: [],
};
const make = () =>
  makeFeedbackReport(
    { report, from: 'fbl@example.com', to: ['abuse@example.org'], original: { message: original, give: 'full' } },
    options,
  );
const message = make().bytes();
await benchmark('arf: make, of 4 KB', { ours: () => make().bytes() }, { bytes: message.length });
await benchmark('arf: parse, of 4 KB', { ours: () => parseFeedbackReport(message) }, { bytes: message.length });
await benchmark('arf: CFBL-Address', { ours: () => parseCfblAddress('Feedback <fbl@example.com>; report=arf') });
const headers = parseHeaderFields(
  fromUtf8(
    'From: n@example.com\r\nCFBL-Address: fbl@example.com; report=arf\r\nCFBL-Feedback-ID: 111:222\r\nMessage-ID: <1@example.com>\r\n\r\n',
  ),
);
const signature = { domain: 'example.com', headers: ['from', 'cfbl-address', 'cfbl-feedback-id'] };
await benchmark('arf: decide on a complaint', {
  ours: () => decideCfblReport({ headers, dkim: [{ status: 'pass', signature }], foundBy: 'user' }),
});

const hostile: Readonly<Record<string, string>> = {
  '100,000 recipients': 'Original-Rcpt-To: <a@b.example>\n'.repeat(100_000),
  'a number before 1 MB of blanks': `Incidents: 1${' '.repeat(1 << 20)}x\n`,
  'a field of 1 MB of parentheses': `Source-Port: 1 ${'('.repeat(1 << 20)}\n`,
  '1 MB of results': `Authentication-Results: x; ${'spf=pass; '.repeat(1 << 17)}\n`,
};
for (const [what, text] of Object.entries(hostile)) {
  const body = fromUtf8(`Feedback-Type: abuse\nUser-Agent: x\nVersion: 1\n${text}`);
  await benchmark(`arf: hostile, ${what}`, { ours: () => parseFeedbackFields(body) }, { bytes: body.length });
}
const address = `${'a'.repeat(64)}@${'b.'.repeat(1 << 19)}example${' '.repeat(1 << 20)}; report=arf`;
await benchmark('arf: hostile, CFBL-Address of 2 MB', { ours: () => parseCfblAddress(address) }, { bytes: address.length });
const many = parseHeaderFields(fromUtf8(`From: n@example.com\r\n${'CFBL-Address: fbl@example.com\r\n'.repeat(10_000)}\r\n`));
await benchmark('arf: hostile, 10,000 fields CFBL-Address', {
  ours: () => decideCfblReport({ headers: many, dkim: [{ status: 'pass', signature }], foundBy: 'user' }),
});
