import { formatAddress, parseAddress } from '@mox/address';
import { composeMessage, parseHeaderFields } from '@mox/message-format';
import { fromUtf8, ManualClock, systemRandom } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMdnRequest, mdnRequestFields, readMdnRequest } from './mdn-request.ts';
import { formatNotificationOptions, parseNotificationOptions } from './notification-options.ts';

describe('Disposition-Notification-Options', () => {
  it.each([
    [
      'signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, sha1, md5',
      [
        { attribute: 'signed-receipt-protocol', importance: 'optional', values: ['pkcs7-signature'] },
        { attribute: 'signed-receipt-micalg', importance: 'optional', values: ['sha1', 'md5'] },
      ],
    ],
    ['A = Required ,"x;y,\\"z" ;', [{ attribute: 'a', importance: 'required', values: ['x;y,"z'] }]],
  ])('RFC 8098 §2.2: %s', (value, options) => {
    expect(parseNotificationOptions(value)).toEqual(options);
  });

  it.each([
    '',
    ';',
    'a',
    'a=',
    'a=required',
    'a=maybe, x',
    '=required, x',
    'a=required,',
    'a b=required, x',
    'a=required, "x',
    'a=required, x y',
  ])('RFC 8098 §2.2: %j cannot be read', (value) => {
    expect(parseNotificationOptions(value)).toBeUndefined();
  });

  it('reads what was written', () => {
    const option = fc.record({
      attribute: fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/),
      importance: fc.constantFrom('required' as const, 'optional' as const),
      values: fc.array(fc.string({ maxLength: 12 }), { minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(option, { minLength: 1, maxLength: 4 }), (options) => {
        expect(parseNotificationOptions(formatNotificationOptions(options))).toEqual(options);
      }),
    );
  });

  it('takes linear time for options without end', () => {
    expect(parseNotificationOptions('a=required, x; '.repeat(100_000))).toBeUndefined();
    expect(parseNotificationOptions(`a=required, "${'\\'.repeat(200_000)}`)).toBeUndefined();
  });
});

describe('a request', () => {
  it('RFC 8098 §2.1, RFC 8098 §2.2: is read as it was written into a message', () => {
    const to = ['jane@example.org', '"j d"@example.org'].map((text) => unwrap(parseAddress(text)));
    const options = [{ attribute: 'a', importance: 'required', values: ['x y'] }] as const;
    const message = composeMessage(
      { from: 'jane@example.org', to: ['joe@example.com'], text: 'Hello.', headers: formatMdnRequest({ to, options }) },
      { clock: new ManualClock(0), random: systemRandom },
    );
    const fields = parseHeaderFields(message.bytes());
    expect(fields.filter(({ nameLower }) => mdnRequestFields.includes(nameLower)).length).toBe(2);
    expect(readMdnRequest(fields)).toEqual({ to, options, defects: [] });
  });

  it('RFC 8098 §2.1: addresses are read whatever stands around them', () => {
    const fields = parseHeaderFields(
      fromUtf8('Disposition-Notification-To: "Jane" (that is me) <jane@example.org>,\r\n jörg@bücher.example\r\n\r\n'),
    );
    const request = readMdnRequest(fields);
    expect(request?.to.map((address) => formatAddress(address, { smtputf8: true }))).toEqual(['jane@example.org', 'jörg@bücher.example']);
    expect(request?.defects).toEqual([]);
  });
});
