import { fromUtf8, ManualClock, systemRandom, toUtf8 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { type DeliveryStatus, formatDeliveryStatus, parseDeliveryStatus } from './delivery-status.ts';
import { type DispositionNotification, formatDispositionNotification, parseDispositionNotification } from './disposition-notification.ts';
import { makeDsn, parseDsn } from './dsn.ts';
import { makeMdn, parseMdn } from './mdn.ts';
import { describeStatusCode, formatStatusCode, parseStatusCode } from './status-code.ts';
import { formatTypedAddress, parseTypedAddress } from './typed-address.ts';

const options = { clock: new ManualClock(Date.UTC(2026, 10, 23, 10)), random: systemRandom };
const at = Date.UTC(2026, 10, 23, 9, 30);

const status: DeliveryStatus = {
  originalEnvelopeId: 'QQ314159',
  reportingMta: { type: 'dns', name: 'mx.example.org' },
  receivedFromMta: { type: 'dns', name: 'client.example.net' },
  arrivalAt: at,
  recipients: [
    {
      originalRecipient: { type: 'rfc822', address: 'jane@example.com' },
      finalRecipient: { type: 'rfc822', address: 'jane@mail.example.com' },
      action: 'failed',
      status: { class: 5, subject: 1, detail: 1 },
      remoteMta: { type: 'dns', name: 'mail.example.com' },
      diagnosticCode: { type: 'smtp', text: '550 5.1.1 No such user (really)' },
      lastAttemptAt: at + 60_000,
    },
    {
      finalRecipient: { type: 'utf-8', address: 'j\u00f6rg@b\u00fccher.example' },
      action: 'delayed',
      status: { class: 4, subject: 4, detail: 1 },
      willRetryUntil: at + 86_400_000,
      finalLogId: 'log 1',
    },
  ],
  extensions: [['x-queue-id', '4ABC']],
};

describe('delivery status', () => {
  it('RFC 3464 §2: format, then parse, is the status', () => {
    expect(parseDeliveryStatus(formatDeliveryStatus(status))).toEqual({ status, defects: [] });
    expect(parseDeliveryStatus(formatDeliveryStatus(status, { utf8: true }))).toEqual({ status, defects: [] });
  });

  it('RFC 6533 §3: addresses beyond ASCII are escaped where the body must be ASCII', () => {
    expect(toUtf8(formatDeliveryStatus(status))).toContain('Final-Recipient: utf-8; j\\x{F6}rg@b\\x{FC}cher.example\r\n');
    expect(toUtf8(formatDeliveryStatus(status, { utf8: true }))).toContain('Final-Recipient: utf-8; j\u00f6rg@b\u00fccher.example\r\n');
  });

  it('RFC 3464 appendix E: the simple example', () => {
    const body = `Reporting-MTA: dns; cs.utk.edu

Original-Recipient: rfc822;louisl@larry.slip.umd.edu
Final-Recipient: rfc822;louisl@larry.slip.umd.edu
Action: failed
Status: 4.0.0
Diagnostic-Code: smtp; 426 connection timed out
Last-Attempt-Date: Thu, 7 Jul 1994 17:15:49 -0400
`;
    const parsed = parseDeliveryStatus(fromUtf8(body));
    expect(parsed.defects).toEqual([]);
    expect(parsed.status.recipients[0]).toMatchObject({
      action: 'failed',
      status: { class: 4 },
      diagnosticCode: { type: 'smtp', text: '426 connection timed out' },
      lastAttemptAt: Date.UTC(1994, 6, 7, 21, 15, 49),
    });
  });

  it.each([
    [
      'the fields of the message are missing',
      'Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n',
      ['reporting-mta'],
      'failed',
    ],
    [
      'a comment behind action and status',
      'Reporting-MTA: dns; x\n\nFinal-Recipient: a@b.example\nAction: Failed (permanently)\nStatus: 5.2.2 (full)\n',
      [],
      'failed',
    ],
    ['no action: by the status', 'Reporting-MTA: dns; x\n\nFinal-Recipient: a@b.example\nStatus: 4.4.1\n', ['action'], 'delayed'],
    [
      'an unknown action, no status',
      'Reporting-MTA: dns; x\n\nFinal-Recipient: a@b.example\nAction: exploded\n',
      ['status', 'action'],
      'failed',
    ],
    ['nothing at all', '', ['reporting-mta', 'final-recipient'], undefined],
    [
      'empty lines too many',
      '\n\nReporting-MTA: dns; x\n\n\n\nFinal-Recipient: a@b.example\nAction: relayed\nStatus: 2.0.0\n\n\n',
      [],
      'relayed',
    ],
  ])('RFC 3464 §2.3: %s', (_what, body, defects, action) => {
    const parsed = parseDeliveryStatus(fromUtf8(body));
    expect(parsed.defects.map((defect) => defect.field)).toEqual(defects);
    expect(parsed.status.recipients[0]?.action).toBe(action);
  });

  it('what was parsed formats to what parses the same, whatever it was', () => {
    for (const mutant of mutants([formatDeliveryStatus(status)], {
      count: 3000,
      tokens: ['\r\n\r\n', 'Action: ', 'Status: 5.0.0', ': ', ';', '\\x{41}', ' '],
    })) {
      const { status: parsed } = parseDeliveryStatus(mutant);
      const again = parseDeliveryStatus(formatDeliveryStatus(parsed)).status;
      expect(again.recipients.map((recipient) => recipient.action)).toEqual(parsed.recipients.map((recipient) => recipient.action));
    }
  });

  it('a million recipients are cut, and it is told', () => {
    const body = fromUtf8(`Reporting-MTA: dns; x\n\n${'Final-Recipient: a@b.example\n\n'.repeat(30_000)}`);
    const parsed = parseDeliveryStatus(body);
    expect(parsed.status.recipients.length).toBe(10_000);
    expect(parsed.defects[0]?.problem).toContain('more than 10000');
  });
});

describe('makeDsn and parseDsn', () => {
  const original = fromUtf8('From: sender@example.org\r\nSubject: hello\r\nMessage-ID: <1@example.org>\r\n\r\nthe body\r\n');

  it.each(['full', 'headers'] as const)('RFC 6522 §3: a notification, giving back %s', (give) => {
    const dsn = makeDsn(
      {
        status,
        from: 'postmaster@mx.example.org',
        to: 'sender@example.org',
        original: { message: original, give },
        originalMessageId: '1@example.org',
      },
      options,
    );
    const text = toUtf8(dsn.bytes());
    expect(text).toContain('Content-Type: multipart/report;');
    expect(text).toContain('Auto-Submitted: auto-replied\r\n');
    expect(text).toContain('Subject: Undelivered mail returned to sender\r\n');
    const parsed = parseDsn(dsn.bytes());
    expect(parsed).toMatchObject({ status, defects: [] });
    expect(parsed?.originalHeaders.map(({ name }) => name)).toEqual(['From', 'Subject', 'Message-ID']);
    expect(parsed?.original && toUtf8(parsed.original)).toBe(give === 'full' ? toUtf8(original) : undefined);
  });

  it('RFC 6533 §4: over SMTPUTF8 the status is in UTF-8', () => {
    const dsn = makeDsn({ status, from: 'postmaster@mx.example.org', to: 'sender@example.org' }, { ...options, smtputf8: true });
    expect(toUtf8(dsn.bytes())).toContain('Content-Type: message/global-delivery-status\r\n');
    expect(parseDsn(dsn.bytes())).toMatchObject({ status, defects: [] });
  });

  it('a message that is no notification is none', () => {
    expect(parseDsn(original)).toBeUndefined();
    expect(parseMdn(original)).toBeUndefined();
  });
});

describe('disposition notifications', () => {
  const notification: DispositionNotification = {
    reportingUa: 'mox webmail; mox 1.0',
    originalRecipient: { type: 'rfc822', address: 'jane@example.com' },
    finalRecipient: { type: 'rfc822', address: 'jane@mail.example.com' },
    originalMessageId: '199509192301.23456@example.org',
    disposition: { actionMode: 'manual-action', sendingMode: 'MDN-sent-manually', type: 'displayed', modifiers: [] },
    errors: [],
  };

  it('RFC 8098 §3.1: format, then parse, is the notification', () => {
    expect(parseDispositionNotification(formatDispositionNotification(notification))).toEqual({ notification, defects: [] });
  });

  it('RFC 8098 §3.2.6: any case, and modifiers', () => {
    const body =
      'Final-Recipient: rfc822;a@b.example\r\nDisposition: AUTOMATIC-action / mdn-sent-AUTOMATICALLY ; Deleted / Error , Expired\r\nError: no room\r\n';
    expect(parseDispositionNotification(fromUtf8(body)).notification).toMatchObject({
      disposition: {
        actionMode: 'automatic-action',
        sendingMode: 'MDN-sent-automatically',
        type: 'deleted',
        modifiers: ['error', 'expired'],
      },
      errors: ['no room'],
    });
  });

  it('RFC 8098 §3: made, and read again', () => {
    const original = fromUtf8('From: sender@example.org\r\nDisposition-Notification-To: sender@example.org\r\n\r\nbody\r\n');
    const mdn = makeMdn({ notification, from: 'jane@example.com', to: ['sender@example.org'], original }, options);
    expect(toUtf8(mdn.bytes()).split('\r\n\r\n')[0]).not.toContain('Disposition-Notification-To');
    expect(parseMdn(mdn.bytes())).toMatchObject({ notification, defects: [] });
  });

  it('what is missing is told', () => {
    expect(parseDispositionNotification(fromUtf8('Disposition: what\n')).defects.map((defect) => defect.field)).toEqual([
      'final-recipient',
      'disposition',
    ]);
  });
});

describe('status codes', () => {
  it.each([
    ['5.1.1', 'permanent failure: bad destination mailbox address'],
    ['4.7.0', 'persistent transient failure: security or policy status'],
    ['2.9.9', 'success: status 9.9'],
    ['5.7.29', 'permanent failure: ARC validation failure'],
  ])('RFC 3463 §3: %s is %s', (text, meaning) => {
    const code = parseStatusCode(text);
    expect(code && [formatStatusCode(code), describeStatusCode(code)]).toEqual([text, meaning]);
  });

  it.each(['', '3.1.1', '5.1', '5.1.1.1', '5.1000.1', 'x5.1.1'])('RFC 3463 §2: %j is none', (text) => {
    expect(parseStatusCode(text)).toBeUndefined();
  });
});

describe('typed addresses', () => {
  it('format, then parse, is the address', () => {
    const address = fc
      .string({ unit: 'grapheme', maxLength: 30 })
      // Brackets and quotes have a meaning of their own.
      .map((text) => text.replace(/[\u0000-\u0020\u007f()<>"]/g, '').normalize())
      .filter((text) => text.trim() === text);
    fc.assert(
      fc.property(address, (text) => {
        const typed = { type: 'utf-8', address: text };
        expect(parseTypedAddress(formatTypedAddress(typed))).toEqual(typed);
      }),
    );
  });

  it.each([
    ['utf-8; a\\x{D800}b', 'a\\x{D800}b'],
    ['utf-8; a\\x{110000}', 'a\\x{110000}'],
    ['utf-8; a\\x{0A}b', 'a\\x{0A}b'],
    ['utf-8; \\x{5C}', '\\'],
  ])('RFC 6533 §3: %j', (text, address) => {
    expect(parseTypedAddress(text).address).toBe(address);
  });
});
