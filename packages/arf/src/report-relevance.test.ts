import { fromUtf8 } from '@mox/runtime';
import { parseCidr } from '@mox/syntax';
import { expect, it } from 'vitest';
import { parseFeedbackReport } from './arf.ts';
import { findOwnReferences, type OwnResources } from './report-relevance.ts';

const received = parseFeedbackReport(
  fromUtf8(
    'From: a@b.example\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=x\r\n\r\n--x\r\n\r\nhi\r\n--x\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: x\r\nVersion: 1\r\nSource-IP: 192.0.2.9\r\nOriginal-Mail-From: <bounce@mail.example.com>\r\nReported-Domain: shop.example.net\r\n--x\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: Shop <shop@EXAMPLE.org>\r\nReturn-Path: <>\r\n--x--\r\n',
  ),
);

it.each<[string, OwnResources, readonly string[]]>([
  ['a network', { networks: [parseCidr('192.0.2.0/24')].filter((cidr) => cidr !== undefined) }, ['source-ip']],
  ['another network', { networks: [parseCidr('192.0.3.0/24'), parseCidr('2001:db8::/32')].filter((cidr) => cidr !== undefined) }, []],
  ['domains', { domains: ['example.com', 'example.net', 'example.org'] }, ['reported-domain', 'original-mail-from', 'from']],
  ['a domain whose name only ends alike', { domains: ['ample.com', 'com.', 'www.example.org'] }, []],
  ['nothing', {}, []],
])('RFC 6650 §5.5: what of ours a report names: %s', (_what, ours, expected) => {
  if (!received) expect.unreachable('no report');
  expect(findOwnReferences(received, ours).map(({ field }) => field)).toEqual(expected);
});
