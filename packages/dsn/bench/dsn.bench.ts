// Notifications made and read, and hostile ones.

import { parseHeaderFields } from '@mox/message-format';
import { fromUtf8, ManualClock, systemRandom } from '@mox/runtime';
import { benchmark } from '../../../tools/bench-harness.ts';
import {
  type DeliveryStatus,
  decideMdn,
  makeDsn,
  makeMdn,
  parseDeliveryStatus,
  parseDispositionNotification,
  parseDsn,
  parseMdn,
} from '../src/index.ts';

const options = { clock: new ManualClock(Date.UTC(2026, 0, 1)), random: systemRandom };
const original = fromUtf8(`From: a@example.org\r\nSubject: hello\r\n\r\n${'The quick brown fox jumps over the lazy dog.\r\n'.repeat(90)}`);
const status: DeliveryStatus = {
  reportingMta: { type: 'dns', name: 'mx.example.org' },
  recipients: [
    {
      finalRecipient: { type: 'rfc822', address: 'jane@example.com' },
      action: 'failed',
      status: { class: 5, subject: 1, detail: 1 },
      diagnosticCode: { type: 'smtp', text: '550 5.1.1 No such user' },
    },
  ],
  extensions: [],
};
const make = () =>
  makeDsn({ status, from: 'postmaster@example.org', to: 'a@example.org', original: { message: original, give: 'full' } }, options);
const dsn = make().bytes();
await benchmark('dsn: make, 4 KB given back', { ours: () => make().bytes() }, { bytes: dsn.length });
await benchmark('dsn: parse, 4 KB given back', { ours: () => parseDsn(dsn) }, { bytes: dsn.length });

const mdn = makeMdn(
  {
    notification: {
      finalRecipient: { type: 'rfc822', address: 'jane@example.com' },
      disposition: { actionMode: 'manual-action', sendingMode: 'MDN-sent-manually', type: 'displayed', modifiers: [] },
      errors: [],
    },
    from: 'jane@example.com',
    to: ['a@example.org'],
    original,
  },
  options,
).bytes();
await benchmark('mdn: parse', { ours: () => parseMdn(mdn) }, { bytes: mdn.length });
const headers = parseHeaderFields(
  fromUtf8('Return-Path: <a@example.org>\r\nFrom: a@example.org\r\nDisposition-Notification-To: a@example.org\r\nSubject: hello\r\n\r\n'),
);
await benchmark('mdn: decide', { ours: () => decideMdn({ headers, preference: 'always' }) });

const hostile: Readonly<Record<string, string>> = {
  '100,000 recipients': 'Final-Recipient: a@b.example\n\n'.repeat(100_000),
  'a field of 1 MB of blanks': `Action: failed${' '.repeat(1 << 20)}x\n`,
  '1 MB of escapes': `Final-Recipient: utf-8; ${'\\x{41}'.repeat(1 << 17)}\n`,
  '1 MB of empty lines': '\n'.repeat(1 << 20),
};
for (const [what, text] of Object.entries(hostile)) {
  const body = fromUtf8(`Reporting-MTA: dns; x\n\n${text}`);
  await benchmark(`dsn: hostile, ${what}`, { ours: () => parseDeliveryStatus(body) }, { bytes: body.length });
}
const parentheses = fromUtf8(`Final-Recipient: rfc822; ${'('.repeat(1 << 20)}\nDisposition: ${'(a)'.repeat(1 << 19)}displayed\n`);
await benchmark(
  'mdn: hostile, 2.5 MB of comments',
  { ours: () => parseDispositionNotification(parentheses) },
  { bytes: parentheses.length },
);
const requests = parseHeaderFields(fromUtf8(`Disposition-Notification-To: ${'a@b.example, '.repeat(50_000)}\r\n\r\n`));
await benchmark('mdn: hostile, 50,000 addresses to notify', { ours: () => decideMdn({ headers: requests }) });
