import { parseHeaderFields } from '@mox/message-format';
import { fromUtf8, ManualClock, systemRandom, toUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { formatDisposition, parseDisposition } from './disposition.ts';
import { formatDispositionNotification, makeNotification, parseDispositionNotification } from './disposition-notification.ts';
import { makeMdn, parseMdn } from './mdn.ts';

const manual = { actionMode: 'manual-action', sendingMode: 'MDN-sent-manually', type: 'displayed', modifiers: [] } as const;
const automatic = { ...manual, actionMode: 'automatic-action', sendingMode: 'MDN-sent-automatically' } as const;

describe('Disposition', () => {
  it.each<[string, string, object, boolean]>([
    ['the example', 'manual-action/MDN-sent-manually; displayed', manual, true],
    [
      'comments wherever there may be white space',
      '(a) manual-action (b)/(c;d) MDN-sent-manually ( (e) ) ;(f) displayed (g)',
      manual,
      true,
    ],
    ['Outlook', 'automatic-action/MDN-sent-automatically; displayed', automatic, true],
    ['Lotus', 'manual-action/MDN-sent-automatically;displayed', { ...manual, sendingMode: 'MDN-sent-automatically' }, true],
    [
      'AS2',
      'automatic-action/MDN-sent-automatically; processed/error: decryption-failed',
      { type: 'processed', modifiers: ['error: decryption-failed'] },
      true,
    ],
    [
      'of old: denied',
      'automatic-action/MDN-sent-automatically; denied/warning, Expired',
      { type: 'denied', modifiers: ['warning', 'expired'] },
      true,
    ],
    ['one mode alone', 'MDN-sent-manually; displayed', manual, false],
    ['no mode', 'displayed', manual, false],
    ['a type of tomorrow', 'manual-action/MDN-sent-manually; folded', { ...manual, type: 'folded' }, true],
  ])('RFC 8098 §3.2.6: %s', (_what, value, disposition, complete) => {
    expect(parseDisposition(value)).toMatchObject({ disposition, complete });
  });

  it.each(['', ';', 'what', 'manual-action/MDN-sent-manually', 'manual-action/MDN-sent-manually;', 'manual-action/MDN-sent-manually; a b'])(
    'RFC 8098 §3.2.6: %j is none',
    (value) => {
      expect(parseDisposition(value)).toBeUndefined();
    },
  );

  it('RFC 8098 §3.2.6: format, then parse, is the disposition', () => {
    for (const disposition of [manual, { ...automatic, type: 'processed', modifiers: ['error', 'x-y'] }])
      expect(parseDisposition(formatDisposition(disposition))).toEqual({ disposition, complete: true });
  });
});

describe('notifications as others write them', () => {
  it.each<[string, string, object, string[]]>([
    [
      'RFC 8098 §9: the example',
      'Reporting-UA: joes-pc.cs.example.com; Foomail 97.1\nOriginal-Recipient: rfc822;Joe_Recipient@example.com\nFinal-Recipient: rfc822;Joe_Recipient@example.com\nOriginal-Message-ID: <199509192301.23456@example.org>\nDisposition: manual-action/MDN-sent-manually; displayed\n',
      {
        reportingUa: 'joes-pc.cs.example.com; Foomail 97.1',
        originalRecipient: { type: 'rfc822', address: 'Joe_Recipient@example.com' },
        originalMessageId: '199509192301.23456@example.org',
        disposition: manual,
      },
      [],
    ],
    [
      'RFC 8098 §3.3: Exchange, with fields of its own',
      'Final-recipient: RFC822; joe@example.com\nDisposition: automatic-action/MDN-sent-automatically; displayed\nX-MSExch-Correlation-Key: abc==\nOriginal-Message-ID: <1@example.org>\nX-Display-Name: Joe\n',
      {
        finalRecipient: { type: 'rfc822', address: 'joe@example.com' },
        extensions: [
          ['x-msexch-correlation-key', 'abc=='],
          ['x-display-name', 'Joe'],
        ],
      },
      [],
    ],
    [
      'RFC 8098 §2.3: comments, and an address in angle brackets',
      'Reporting-UA: Notes (a program)\nFinal-Recipient: (it is) RFC822 (said) ; <"j(d"@example.com> (Joe)\nDisposition: manual-action/MDN-sent-manually; displayed\nMDN-Gateway: dns; gw.example.com (ours)\n',
      {
        reportingUa: 'Notes',
        finalRecipient: { type: 'rfc822', address: '"j(d"@example.com' },
        mdnGateway: { type: 'dns', name: 'gw.example.com' },
      },
      [],
    ],
    [
      'RFC 8098 §3.2.4: the recipient twice, a mode missing',
      'Final-Recipient: rfc822;a@b.example\nFinal-Recipient: rfc822;c@d.example\nDisposition: displayed\n',
      { finalRecipient: { address: 'a@b.example' } },
      ['final-recipient', 'disposition'],
    ],
    [
      'RFC 8098 §3.2.2: of another mail system',
      'MDN-Gateway: x400; gw\nFinal-Recipient: x400; /G=Joe(y)/C=US/\nX400-Receipt: (1)\nDisposition: automatic-action/MDN-sent-automatically; dispatched\n',
      {
        mdnGateway: { type: 'x400', name: 'gw' },
        finalRecipient: { type: 'x400', address: '/G=Joe(y)/C=US/' },
        extensions: [['x400-receipt', '(1)']],
      },
      [],
    ],
  ])('%s', (_what, body, expected, defects) => {
    const parsed = parseDispositionNotification(fromUtf8(body));
    expect(parsed.notification).toMatchObject(expected);
    expect(parsed.defects.map(({ field }) => field)).toEqual(defects);
    expect(parseDispositionNotification(formatDispositionNotification(parsed.notification)).notification).toEqual(parsed.notification);
  });

  it('RFC 8098 §3.2.6.3: modifiers that are not known cause nothing', () => {
    const { defects } = parseDispositionNotification(
      fromUtf8('Final-Recipient: rfc822;a@b.example\nDisposition: manual-action/MDN-sent-manually; deleted/spindled, mutilated\n'),
    );
    expect(defects).toEqual([]);
  });

  it('mutants never throw, and read the same once written', () => {
    const seed = formatDispositionNotification({
      reportingUa: 'a; b',
      finalRecipient: { type: 'utf-8', address: 'jörg@bücher.example' },
      disposition: { ...manual, modifiers: ['error'] },
      errors: ['no room'],
      extensions: [['x-y', 'z']],
    });
    const tokens = ['(', ')', '"', '\\', ';', '/', ',', '\r\n', ': ', '<', '>', '\\x{41}'];
    for (const mutant of mutants([seed], { count: 3000, tokens })) {
      const { notification } = parseDispositionNotification(mutant);
      const again = parseDispositionNotification(formatDispositionNotification(notification)).notification;
      expect(again.disposition.type).toBe(notification.disposition.type);
    }
  });

  it('takes linear time for parentheses without end', () => {
    const body = fromUtf8(`Final-Recipient: rfc822; ${'('.repeat(200_000)}\nDisposition: ${'(a)'.repeat(100_000)}\n`);
    expect(parseDispositionNotification(body).defects.map(({ field }) => field)).toEqual(['disposition']);
  });
});

describe('makeNotification and makeMdn', () => {
  const original = fromUtf8(
    'Original-Recipient: rfc822;joe@example.com\r\nOriginal-Recipient: rfc822;old@example.com\r\nMessage-ID: <1@example.org>\r\nDisposition-Notification-To: jane@example.org\r\nSubject: one\r\n\r\nHello.\r\n',
  );
  const options = { clock: new ManualClock(0), random: systemRandom };

  it('RFC 8098 §3.2.3, RFC 8098 §3.2.5: what the message says is said, and nothing else', () => {
    const headers = parseHeaderFields(original);
    expect(makeNotification({ headers, recipient: 'joe@inner.example.com', disposition: manual, reportingUa: 'mox' })).toEqual({
      reportingUa: 'mox',
      originalRecipient: { type: 'rfc822', address: 'joe@example.com' },
      finalRecipient: { type: 'rfc822', address: 'joe@inner.example.com' },
      originalMessageId: '1@example.org',
      disposition: manual,
      errors: [],
    });
    expect(makeNotification({ headers: [], recipient: 'jörg@example.com', disposition: automatic, errors: ['no'] })).toEqual({
      finalRecipient: { type: 'utf-8', address: 'jörg@example.com' },
      disposition: automatic,
      errors: ['no'],
    });
  });

  it('RFC 8098 §3: asks for nothing itself, has its own Message-ID, and says so for people', () => {
    const notification = makeNotification({
      headers: parseHeaderFields(original),
      recipient: 'joe@example.com',
      disposition: { ...manual, type: 'deleted' },
    });
    const mdn = makeMdn({ notification, from: 'Joe <joe@example.com>', to: ['jane@example.org'], original }, options);
    const header = toUtf8(mdn.bytes()).split('\r\n\r\n', 1)[0] ?? '';
    expect(header).toMatch(/^From: Joe <joe@example.com>\r$/m);
    expect(header).toMatch(/^To: jane@example.org\r$/m);
    expect(header).not.toContain('Disposition-Notification');
    expect(mdn.messageId).not.toContain('1@example.org');
    expect(toUtf8(mdn.bytes())).toContain('Your message to <joe@example.com> was deleted.\r\n');
    expect(parseMdn(mdn.bytes())).toMatchObject({ notification, defects: [] });
  });

  it('RFC 8098 §3.1: is in ASCII, whatever it says', () => {
    const notification = {
      finalRecipient: { type: 'rfc822', address: 'joe@example.com' },
      disposition: manual,
      errors: ['kein Zugriff für Jörg'],
      reportingUa: 'möx',
    };
    const body = formatDispositionNotification(notification);
    expect(body.every((byte) => byte < 128)).toBe(true);
    expect(toUtf8(body)).toContain('Reporting-UA: m\\x{F6}x\r\n');
  });

  it('RFC 6533 §5: over SMTPUTF8 it is in UTF-8', () => {
    const notification = makeNotification({ headers: [], recipient: 'jörg@bücher.example', disposition: manual, errors: ['für Jörg'] });
    const input = { notification, from: 'jörg@bücher.example', to: ['jane@example.org'] };
    const mdn = makeMdn(input, { ...options, smtputf8: true });
    expect(toUtf8(mdn.bytes())).toContain('Content-Type: message/global-disposition-notification\r\n');
    expect(toUtf8(mdn.bytes())).toContain('Final-Recipient: utf-8; jörg@bücher.example\r\n');
    expect(parseMdn(mdn.bytes())).toMatchObject({ notification, defects: [] });
  });
});
