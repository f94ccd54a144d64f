import { decodeBody, parseStructure } from '@mox/message-format';
import { fromUtf8, ManualClock, systemRandom, toUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { makeXarfReport, parseFeedbackReport } from './arf.ts';
import type { XarfReport } from './xarf.ts';

const original = fromUtf8(
  'From: <spammer@example.net>\r\nSubject: Earn money\r\nMessage-ID: <1@example.net>\r\nCFBL-Feedback-ID: 111:222\r\n\r\nSpam.\r\n',
);
const report: XarfReport = {
  feedbackType: 'abuse',
  userAgent: 'mox/1',
  version: 1,
  originalMailFrom: 'spammer@example.net',
  originalRcptTo: ['user@example.com'],
  arrivalAt: Date.UTC(2026, 10, 23, 10),
  sourceIp: '192.0.2.55',
  sourcePort: 54_321,
  authenticationResults: [],
  reportedDomains: [],
  reportedUris: [],
  extensions: [],
};
const reporter = { organization: 'Example', domain: 'example.com', email: 'reports@example.com' };
const options = { clock: new ManualClock(Date.UTC(2026, 10, 23, 10)), random: systemRandom };
const make = (give: 'full' | 'headers'): Uint8Array =>
  makeXarfReport(
    { report, reporter, from: 'fbl@example.com', to: ['fbl@example.net'], original: { message: original, give } },
    options,
  ).bytes();

describe('XARF', () => {
  it('RFC 9477 §3.5.1: has the members of version 3', () => {
    const bytes = make('full');
    const { part } = parseStructure(bytes);
    expect(part.parts?.map(({ type, subtype }) => `${type}/${subtype}`)).toEqual([
      'text/plain',
      'message/feedback-report',
      'application/json',
    ]);
    const json = part.parts?.[2];
    expect(json && JSON.parse(toUtf8(decodeBody(json, bytes)))).toEqual({
      Version: '3',
      ReporterInfo: { ReporterOrg: 'Example', ReporterOrgDomain: 'example.com', ReporterOrgEmail: 'reports@example.com' },
      Disclosure: true,
      Report: {
        ReportClass: 'Activity',
        ReportType: 'Spam',
        Date: '2026-11-23T10:00:00.000Z',
        SourceIp: '192.0.2.55',
        SourcePort: 54_321,
        SmtpMailFromAddress: 'spammer@example.net',
        SmtpRcptToAddress: 'user@example.com',
        Samples: [{ ContentType: 'message/rfc822', Base64Encoded: true, Payload: expect.stringMatching(/^[A-Za-z0-9+/=]+$/) }],
      },
    });
  });

  it.each(['full', 'headers'] as const)('RFC 9477 §3.5: is read as ARF is, and carries the identifiers: %s', (give) => {
    const read = parseFeedbackReport(make(give));
    expect(read).toMatchObject({ report, defects: [] });
    expect(read?.originalHeaders.map(({ name }) => name)).toEqual(['From', 'Subject', 'Message-ID', 'CFBL-Feedback-ID']);
    expect(read?.original && toUtf8(read.original)).toBe(give === 'full' ? toUtf8(original) : undefined);
  });

  it.each<[string, string, object]>([
    [
      'nothing of use',
      '{"Report":{"SourceIp":7,"SourcePort":"x","Date":"never","Samples":[null,{"ContentType":"image/png","Payload":"x"}]}}',
      { feedbackType: 'other' },
    ],
    [
      'a sample in clear',
      '{"Report":{"ReportType":"Phishing","Date":"2018-02-05T14:17:10Z","Samples":[{"ContentType":"message/rfc822","Payload":"Subject: x\\r\\n\\r\\ny"}]}}',
      { feedbackType: 'fraud', arrivalAt: Date.UTC(2018, 1, 5, 14, 17, 10) },
    ],
    ['no JSON', '{', { feedbackType: 'xarf' }],
  ])('what others write: %s', (_what, json, expected) => {
    const message = `Content-Type: multipart/report; report-type=feedback-report; boundary=x\r\n\r\n--x\r\n\r\nhi\r\n--x\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: xarf\r\nUser-Agent: x\r\nVersion: 1\r\n--x\r\nContent-Type: application/json\r\n\r\n${json}\r\n--x--\r\n`;
    expect(parseFeedbackReport(fromUtf8(message))?.report).toMatchObject(expected);
  });

  it('mutants never throw', () => {
    for (const mutant of mutants([make('headers')], { count: 1000, tokens: ['{', '}', '"', 'application/json', '\r\n\r\n'] }))
      parseFeedbackReport(mutant);
  });
});
