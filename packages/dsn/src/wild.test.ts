// Bounces as mail systems write them, shortened.
import { fromUtf8, toUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { type Dsn, parseDsn } from './dsn.ts';

const report = (status: string, original = 'text/rfc822-headers', type = 'message/delivery-status'): string =>
  [
    'From: MAILER-DAEMON@mx.example',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    ...['', '--b', 'Content-Type: text/plain', '', 'Sorry.', '--b', `Content-Type: ${type}`, '', status, '--b'],
    ...[`Content-Type: ${original}`, '', 'From: jane@example.org', 'Subject: one'],
    ...(original === 'message/rfc822' ? ['', 'Hello.'] : []),
    '--b--',
    '',
  ].join('\r\n');

const qmail = (paragraphs: string): string =>
  `From: MAILER-DAEMON@mx.example\r\nSubject: failure notice\r\n\r\nHi. This is the qmail-send program at mx.example.\r\nI'm afraid I wasn't able to deliver your message to the following addresses.\r\nThis is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n${paragraphs}--- Below this line is a copy of the message.\r\n\r\nReturn-Path: <jane@example.org>\r\nSubject: one\r\n\r\nHello.\r\n\r\n-- \r\nJane\r\n`;

const cases: readonly (readonly [string, string, readonly object[], readonly string[]])[] = [
  [
    'Postfix: a reply of several lines, folded',
    report(
      'Reporting-MTA: dns; mx.example\nX-Postfix-Queue-ID: B2F1E2364A2\nArrival-Date: Mon, 23 Nov 2026 18:33:49 +0000 (UTC)\n\nFinal-Recipient: rfc822; gone@example.com\nOriginal-Recipient: rfc822;orig@example.com\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; mail.example.com\nDiagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach 550\n    5.1.1 does not exist',
    ),
    [
      {
        originalRecipient: { address: 'orig@example.com' },
        action: 'failed',
        status: { class: 5, subject: 1, detail: 1 },
        diagnosticCode: { type: 'smtp', text: '550-5.1.1 The email account that you tried to reach 550 5.1.1 does not exist' },
      },
    ],
    [],
  ],
  [
    'Postfix: over SMTPUTF8',
    report(
      'Reporting-MTA: dns; mx.example\n\nFinal-Recipient: utf-8; j\u00f6rg@b\u00fccher.example\nOriginal-Recipient: utf-8;j\u00f6rg@b\u00fccher.example\nAction: failed\nStatus: 5.1.1',
      'message/global-headers',
      'message/global-delivery-status',
    ),
    [{ finalRecipient: { type: 'utf-8', address: 'j\u00f6rg@b\u00fccher.example' } }],
    [],
  ],
  [
    'Exim: the action first, no Arrival-Date, two recipients',
    report(
      'Reporting-MTA: dns; exim.example\nOriginal-Envelope-ID: QQ314159\n\nAction: failed\nFinal-Recipient: rfc822;nobody@example.com\nStatus: 5.0.0\n\nAction: failed\nOriginal-Recipient: rfc822;orig@example.com\nFinal-Recipient: rfc822;gone@example.com\nStatus: 5.0.0\nRemote-MTA: dns; 192.0.2.1\nDiagnostic-Code: smtp; 550 5.1.1 no',
    ),
    [{ finalRecipient: { address: 'nobody@example.com' } }, { diagnosticCode: { text: '550 5.1.1 no' } }],
    [],
  ],
  [
    'Sendmail: types in upper case, its own fields',
    report(
      'Reporting-MTA: dns; mx.example\nReceived-From-MTA: DNS; client.example\nArrival-Date: Mon, 23 Nov 2026 10:00:00 GMT\n\nFinal-Recipient: RFC822; joe@example.com\nX-Actual-Recipient: RFC822; joe@inner.example.com\nAction: failed\nStatus: 5.1.1\nRemote-MTA: DNS; inner.example.com\nDiagnostic-Code: SMTP; 550 5.1.1 <joe@inner.example.com>... User unknown\nLast-Attempt-Date: Mon, 23 Nov 2026 10:00:01 GMT',
      'message/rfc822',
    ),
    [
      {
        finalRecipient: { type: 'rfc822', address: 'joe@example.com' },
        remoteMta: { type: 'dns', name: 'inner.example.com' },
        diagnosticCode: { type: 'smtp' },
        extensions: [['x-actual-recipient', 'RFC822; joe@inner.example.com']],
      },
    ],
    [],
  ],
  [
    'Exchange: three digits, names',
    report(
      'Reporting-MTA: dns;PR1.eurprd04.prod.example.com\nReceived-From-MTA: dns;mail.example.org\nArrival-Date: Mon, 23 Nov 2026 10:00:00 +0000\n\nFinal-Recipient: rfc822;joe@example.com\nAction: failed\nStatus: 5.7.133\nDiagnostic-Code: smtp;550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup\nX-Display-Name: Joe',
      'message/rfc822',
    ),
    [{ status: { class: 5, subject: 7, detail: 133 }, extensions: [['x-display-name', 'Joe']] }],
    [],
  ],
  [
    'Gmail: a delay, and until when it is retried',
    report(
      'Reporting-MTA: dns; googlemail.com\nArrival-Date: Sun, 22 Nov 2026 10:00:00 -0800 (PST)\nX-Original-Message-ID: <1@example.org>\n\nFinal-Recipient: rfc822; joe@example.com\nAction: delayed\nStatus: 4.4.1\nDiagnostic-Code: smtp; The recipient server did not accept our requests to connect.\nLast-Attempt-Date: Mon, 23 Nov 2026 10:00:00 -0800 (PST)\nWill-Retry-Until: Wed, 25 Nov 2026 10:00:00 -0800 (PST)',
    ),
    [{ action: 'delayed', willRetryUntil: Date.UTC(2026, 10, 25, 18) }],
    [],
  ],
  [
    'qmail: text with a form',
    qmail(
      '<joe@example.com>:\r\n192.0.2.1 does not like recipient.\r\nRemote host said: 550 5.1.1 User unknown\r\nGiving up on 192.0.2.1.\r\n\r\n<ann@example.com>:\r\nSorry, no mailbox here by that name. (#5.1.2)\r\n\r\n<bob@example.com>:\r\n\r\n',
    ),
    [
      {
        finalRecipient: { type: 'rfc822', address: 'joe@example.com' },
        action: 'failed',
        status: { class: 5, subject: 1, detail: 1 },
        remoteMta: { type: 'dns', name: '192.0.2.1' },
        diagnosticCode: { type: 'smtp', text: '550 5.1.1 User unknown' },
      },
      {
        status: { class: 5, subject: 1, detail: 2 },
        diagnosticCode: { type: 'x-qmail', text: 'Sorry, no mailbox here by that name. (#5.1.2)' },
      },
      { finalRecipient: { address: 'bob@example.com' }, status: { class: 5, subject: 0, detail: 0 } },
    ],
    ['message'],
  ],
];

function read(message: string): Dsn {
  return parseDsn(fromUtf8(message)) ?? expect.unreachable('no notification');
}

describe('parseDsn', () => {
  it.each(cases)('RFC 3464 §2: %s', (_what, message, recipients, defects) => {
    const dsn = read(message);
    expect(dsn.status.recipients).toMatchObject(recipients);
    expect(dsn.defects.map((defect) => defect.field)).toEqual(defects);
    expect(dsn.originalHeaders.find((field) => field.nameLower === 'subject')?.value).toBe('one');
    expect(dsn.status.reportingMta.name).toMatch(/example|google/);
  });

  it('gives the message back that qmail copied, dashes and all', () => {
    const { original } = read(qmail('<joe@example.com>:\r\nNo.\r\n\r\n'));
    expect(original && toUtf8(original)).toBe('Return-Path: <jane@example.org>\r\nSubject: one\r\n\r\nHello.\r\n\r\n-- \r\nJane\r\n');
  });

  it.each([
    'Hi. This is Joe.\r\n',
    'Hi. This is the list of things:\r\n\r\n<joe@example.com>: him\r\n\r\n-- \r\nJoe\r\n',
    'Hi. This is the end.\r\n\r\n<joe@example.com>:\r\n',
    '',
  ])('a letter is no bounce: %j', (body) => {
    expect(parseDsn(fromUtf8(`From: joe@example.com\r\n\r\n${body}`))).toBeUndefined();
  });

  it('mutants never throw', () => {
    const seeds = cases.map(([, message]) => message);
    for (const mutant of mutants(seeds, {
      count: 3000,
      tokens: ['\r\n\r\n', '<', '>:', '--- ', 'Hi. This is the ', '(#5.1.1)', 'Status: '],
    }))
      parseDsn(mutant);
  });
});
