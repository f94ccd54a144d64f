import { fromUtf8, ManualClock, systemRandom, toUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { makeFeedbackReport, parseFeedbackReport } from './arf.ts';
import { type FeedbackReport, formatFeedbackFields, parseFeedbackFields } from './feedback-report.ts';

const options = { clock: new ManualClock(Date.UTC(2026, 10, 23, 10)), random: systemRandom };
const original = fromUtf8(
  'From: <somespammer@example.net>\r\nTo: <Undisclosed Recipients>\r\nSubject: Earn money\r\nMessage-ID: <8787KJKJ3K4J3K4J3K4J3.mail@example.net>\r\n\r\nSpam Spam Spam\r\n',
);

const report: FeedbackReport = {
  feedbackType: 'abuse',
  userAgent: 'SomeGenerator/1.0',
  version: 1,
  originalMailFrom: 'somespammer@example.net',
  originalRcptTo: ['user@example.com', 'other@example.com'],
  arrivalAt: Date.UTC(2005, 2, 8, 18, 0, 0),
  reportingMta: { type: 'dns', name: 'mail.example.com' },
  sourceIp: '192.0.2.1',
  sourcePort: 34567,
  incidents: 3,
  authenticationResults: [
    {
      authservId: 'mail.example.com',
      results: [{ method: 'spf', result: 'fail', properties: [{ type: 'smtp', property: 'mailfrom', value: 'somespammer@example.com' }] }],
    },
  ],
  reportedDomains: ['example.net'],
  reportedUris: ['http://example.net/earn_money.html', 'mailto:user@example.com'],
  extensions: [['removal-recipient', 'user@example.com']],
};

const authFailure: FeedbackReport = {
  ...report,
  feedbackType: 'auth-failure',
  authFailure: {
    failure: 'bodyhash',
    deliveryResult: 'reject',
    identityAlignment: ['dkim', 'spf'],
    dkimDomain: 'sender.example',
    dkimIdentity: '@sender.example',
    dkimSelector: 'testkey',
    dkimSelectorDns: 'v=DKIM1; p=MTIz',
    dkimCanonicalizedHeader: fromUtf8('from:a\r\n'.repeat(40)),
    dkimCanonicalizedBody: fromUtf8('This is a message body.\r\n'),
    spfDns: ['v=spf1 -all'],
  },
};

describe('feedback reports', () => {
  it.each([
    ['RFC 5965 §3: abuse', report],
    ['RFC 6591 §3: authentication failure', authFailure],
  ])('%s: format, then parse, is the report', (_what, one) => {
    expect(parseFeedbackFields(formatFeedbackFields(one))).toEqual({ report: one, defects: [] });
  });

  it.each(['full', 'headers'] as const)('RFC 5965 §2: a message with %s, made and read', (give) => {
    const made = makeFeedbackReport(
      { report, from: 'abuse@example.com', to: ['fbl@example.net'], original: { message: original, give } },
      options,
    );
    const text = toUtf8(made.bytes());
    expect(text).toContain('report-type=feedback-report');
    expect(text).not.toContain('quoted-printable');
    // RFC 6650 §5.4: what programs read stands in the part for people too.
    for (const fact of ['192.0.2.1', 'somespammer@example.net', 'user@example.com', 'Tue, 08 Mar 2005 18:00:00 GMT', 'earn_money.html'])
      expect(text.slice(0, text.indexOf('message/feedback-report'))).toContain(fact);
    const read = parseFeedbackReport(made.bytes());
    expect(read).toMatchObject({ report, defects: [] });
    expect(read?.originalHeaders.find((field) => field.nameLower === 'subject')?.value).toBe('Earn money');
    expect(read?.original && toUtf8(read.original)).toBe(give === 'full' ? toUtf8(original) : undefined);
  });

  it('RFC 5965 §3.1: what is missing, or too many, is told', () => {
    const { report: parsed, defects } = parseFeedbackFields(
      fromUtf8(
        'Feedback-Type: abuse\nFeedback-Type: fraud\nReceived-Date: Thu, 8 Mar 2005 14:00:00 EDT\nArrival-Date: never\nSource-IP: 999\nIncidents: many\nVersion: 1\n',
      ),
    );
    expect(parsed.feedbackType).toBe('abuse');
    expect(defects.map((defect) => defect.field)).toEqual([
      'user-agent',
      'feedback-type',
      'received-date',
      'arrival-date',
      'incidents',
      'source-ip',
    ]);
  });

  it('RFC 5965 §3.2: Received-Date stands for Arrival-Date, addresses as literals are read', () => {
    const { report: parsed } = parseFeedbackFields(
      fromUtf8(
        'Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 0.1\nReceived-Date: Thu, 8 Mar 2005 14:00:00 -0400\nSource-IP: [IPv6:2001:DB8:0::1]\nOriginal-Mail-From: <>\n',
      ),
    );
    expect(parsed).toMatchObject({ arrivalAt: Date.UTC(2005, 2, 8, 18), sourceIp: '2001:db8::1', originalMailFrom: '', version: 1 });
  });

  it('RFC 6692 §3: the port of the connection, with comments, once', () => {
    const read = (fields: string) => parseFeedbackFields(fromUtf8(`Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n${fields}`));
    expect(read('Source-Port: 34567 (of the client)\n')).toMatchObject({ report: { sourcePort: 34567 }, defects: [] });
    expect(read('Source-Port: 65536\n').defects.map((defect) => defect.field)).toEqual(['source-port']);
    expect(read('Source-Port: 1\nSource-Port: 2\n').defects.map((defect) => defect.field)).toEqual(['source-port']);
  });

  it('RFC 6650 §4.5: a kind of feedback that is not known is read as any other', () => {
    const { report: parsed, defects } = parseFeedbackFields(fromUtf8('Feedback-Type: News-To-Us\nUser-Agent: x/1\nVersion: 1\n'));
    expect(parsed.feedbackType).toBe('news-to-us');
    expect(defects).toEqual([]);
  });

  it('takes linear time for a number with blanks behind it', () => {
    const { defects } = parseFeedbackFields(fromUtf8(`Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1${' '.repeat(200_000)}x\n`));
    expect(defects.map((defect) => defect.field)).toEqual(['version']);
  });

  it('a message that is no report is none', () => {
    expect(parseFeedbackReport(original)).toBeUndefined();
  });

  it('a report without its message says so', () => {
    const message =
      'From: a@b.example\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=x\r\n\r\n--x\r\n\r\nhi\r\n--x\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: x\r\nVersion: 1\r\n--x--\r\n';
    expect(parseFeedbackReport(fromUtf8(message))?.defects).toEqual([
      { field: 'message', problem: 'the message that the feedback is about is missing' },
    ]);
  });

  const outside = (subject: string, inner: string): Uint8Array =>
    fromUtf8(
      `From: staff@hotmail.com\r\nSubject: ${subject}\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: ${inner}\r\n\r\nX-HmXmrOriginalRecipient: <joe@hotmail.com>\r\nSubject: Buy\r\n\r\nNow.\r\n--x--\r\n`,
    );
  it("a complaint of Microsoft's, which has no part for programs", () => {
    expect(parseFeedbackReport(outside('complaint about message from 192.0.2.1', 'message/rfc822'))).toMatchObject({
      report: { feedbackType: 'abuse', sourceIp: '192.0.2.1', originalRcptTo: ['joe@hotmail.com'] },
      originalHeaders: [{ name: 'X-HmXmrOriginalRecipient' }, { name: 'Subject', value: 'Buy' }],
      defects: [{ field: 'feedback-type' }],
    });
  });

  it.each([
    ['complaint about message from 999.0.2.1', 'message/rfc822'],
    ['complaint about message from Joe', 'message/rfc822'],
    ['Re: complaint about message from 192.0.2.1', 'message/rfc822'],
    ['complaint about message from 192.0.2.1', 'text/plain'],
  ])('no complaint: %s, %s', (subject, inner) => {
    expect(parseFeedbackReport(outside(subject, inner))).toBeUndefined();
  });

  // As large reporters write them: names in any case, dates and addresses in forms of their own, one part less.
  it.each<[string, string, object, string[]]>([
    [
      'Yahoo',
      'Feedback-Type: abuse\nUser-Agent: Yahoo!-Mail-Feedback/2.0\nVersion: 0.1\nOriginal-Mail-From: <bounce@example.com>\nOriginal-Rcpt-To: joe@yahoo.com\nReceived-Date: Mon, 23 Nov 2026 10:00:00 PST\nReported-Domain: example.com\nAuthentication-Results: mta1 from=example.com; domainkeys=neutral\n',
      { userAgent: 'Yahoo!-Mail-Feedback/2.0', originalMailFrom: 'bounce@example.com', arrivalAt: Date.UTC(2026, 10, 23, 18) },
      ['version'],
    ],
    [
      'names in capitals, an address in brackets, a date without a day',
      'FEEDBACK-TYPE: Abuse\nUSER-AGENT: x/1\nVERSION: 1\nSOURCE-IP: [192.0.2.1]\nARRIVAL-DATE: 23 Nov 2026 10:00 +0000\n',
      { feedbackType: 'abuse', sourceIp: '192.0.2.1', arrivalAt: Date.UTC(2026, 10, 23, 10) },
      [],
    ],
    [
      'an empty address, several domains, a redacted recipient',
      'Feedback-Type: fraud\nUser-Agent: x/1\nVersion: 1\nSource-IP:\nReported-Domain: a.example\nReported-Domain: b.example\nOriginal-Rcpt-To: lRLxexey@example.com\n',
      { feedbackType: 'fraud', reportedDomains: ['a.example', 'b.example'], originalRcptTo: ['lRLxexey@example.com'] },
      ['source-ip'],
    ],
    [
      'RFC 9991 appendix A',
      'Feedback-Type: auth-failure\nVersion: 1\nUser-Agent: DMARC-Filter/1.2.3\nAuth-Failure: dmarc\nAuthentication-Results: gen.example;\n dmarc=fail header.from=consumer.example\nIdentity-Alignment: dkim\nDKIM-Domain: consumer.example\nDKIM-Identity: @consumer.example\nDKIM-Selector: epsilon\nOriginal-Envelope-Id: 65E1A3F0A0\nOriginal-Mail-From: author=gen.example@forwarder.example\nSource-IP: 192.0.2.2\nSource-Port: 12345\nReported-Domain: consumer.example\n',
      {
        feedbackType: 'auth-failure',
        sourcePort: 12_345,
        authFailure: {
          failure: 'dmarc',
          identityAlignment: ['dkim'],
          dkimDomain: 'consumer.example',
          dkimIdentity: '@consumer.example',
          dkimSelector: 'epsilon',
        },
        authenticationResults: [{ authservId: 'gen.example', results: [{ method: 'dmarc', result: 'fail' }] }],
      },
      [],
    ],
  ])('RFC 6650 §4.4: of the wild: %s', (_what, body, expected, defects) => {
    const parsed = parseFeedbackFields(fromUtf8(body));
    expect(parsed.report).toMatchObject(expected);
    expect(parsed.defects.map((defect) => defect.field)).toEqual(expect.arrayContaining(defects));
    if (defects.length === 0) expect(parsed.defects).toEqual([]);
  });

  it('mutants never throw, and read the same once written', () => {
    for (const mutant of mutants([formatFeedbackFields(authFailure), formatFeedbackFields(report)], {
      count: 3000,
      tokens: ['\r\n', ': ', 'Source-IP: ', '<', '>', ';', '\r\n\r\n', 'txt : "'],
    })) {
      const { report: parsed } = parseFeedbackFields(mutant);
      expect(parseFeedbackFields(formatFeedbackFields(parsed)).report.feedbackType).toBe(parsed.feedbackType);
    }
  });
});
