import { parseHeaderFields } from '@mox/message-format';
import { formatTrace, fromUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { decideFeedbackReport, missingReportFields, type ReportDestination, type ReportSituation } from './decide-report.ts';
import { parseFeedbackFields } from './feedback-report.ts';

const abuse: ReportDestination = { address: 'abuse@example.net', source: 'abuse-role' };
const asked: ReportDestination = { address: 'fbl@example.net', source: 'requested' };
const solicited: ReportSituation = { kind: 'solicited', basis: 'complaint', destination: asked };
const unsolicited: ReportSituation = { kind: 'unsolicited', basis: 'complaint', destination: abuse };
const automatic: ReportSituation = { kind: 'authentication-failure', basis: 'authentication', destination: asked };
const arf = parseHeaderFields(fromUtf8('Content-Type: multipart/report; boundary=b; report-type="feedback-report"\r\n\r\n'));
const spf = { status: 'softfail', domain: 'example.net' };

describe('decideFeedbackReport', () => {
  it.each<[string, ReportSituation, string, string]>([
    ['RFC 6650 §4.2: by agreement', solicited, 'allowed', ''],
    ['RFC 6650 §4.2: to an address that did not ask', { ...solicited, destination: abuse }, 'discouraged', 'did not ask'],
    ['RFC 6650 §5.1: to one that wants no more', { ...solicited, destination: { ...asked, refused: true } }, 'forbidden', 'no further'],
    ['RFC 6650 §5.2: a complaint', unsolicited, 'allowed', ''],
    ['RFC 6650 §5.2: mail to a trap', { ...unsolicited, basis: 'spam-trap' }, 'allowed', ''],
    ['RFC 6650 §5.2: what a filter thinks', { ...unsolicited, basis: 'content-filter' }, 'discouraged', 'filter'],
    ['RFC 6650 §5.2: all mail of a sender', { ...unsolicited, basis: 'sender' }, 'discouraged', 'other mail'],
    ['RFC 6650 §5.2: a misused domain', { ...unsolicited, spf }, 'discouraged', 'misused'],
    ['RFC 6650 §5.2: a domain that signed', { ...unsolicited, spf, dkim: [{ status: 'pass', domain: 'Example.net' }] }, 'allowed', ''],
    [
      'RFC 6650 §5.2: a domain whose signature fails',
      { ...unsolicited, spf, dkim: [{ status: 'fail', domain: 'example.net' }] },
      'discouraged',
      'misused',
    ],
    ['RFC 6650 §5.2: another domain than that of SPF', { ...unsolicited, spf: { ...spf, domain: 'example.org' } }, 'allowed', ''],
    ['RFC 6650 §5.2: SPF neutral', { ...unsolicited, spf: { ...spf, status: 'neutral' } }, 'allowed', ''],
    ['RFC 6650 §5.3: a guess', { ...unsolicited, destination: { ...abuse, source: 'guessed' } }, 'discouraged', 'not known'],
    [
      'RFC 6650 §5.3: a network on the way',
      { ...unsolicited, destination: { ...abuse, uninvolved: true } },
      'discouraged',
      'not responsible',
    ],
    ['RFC 6650 §5.3: the abuser', { ...unsolicited, destination: { ...abuse, abuser: 'unresponsive' } }, 'discouraged', 'who sent'],
    ['RFC 6650 §5.3: an abuser who listens', { ...unsolicited, destination: { ...abuse, abuser: 'responsive' } }, 'allowed', ''],
    ['RFC 6650 §5.1: without SPF and DKIM', { ...unsolicited, authenticated: false }, 'discouraged', 'neither'],
    ['RFC 6650 §5.5: nobody reads answers', { ...unsolicited, answerable: false }, 'discouraged', 'answer'],
    ['RFC 6650 §6: to who asked', automatic, 'allowed', ''],
    ['RFC 6650 §6: to who did not', { ...automatic, destination: abuse }, 'forbidden', 'did not ask'],
    ['RFC 6650 §6: about a report', { ...automatic, headers: arf }, 'forbidden', 'report itself'],
  ])('%s', (_what, situation, status, reason) => {
    const decision = decideFeedbackReport(situation);
    expect(decision.status, formatTrace(decision.trace)).toBe(status);
    expect(decision.reasons.join()).toContain(reason);
    expect(decision.reasons.length > 0).toBe(status !== 'allowed');
  });

  it('RFC 6650 §6, RFC 6650 §4.3: automatic reports go out with the null reverse-path, others with an address that can be answered', () => {
    expect(decideFeedbackReport(automatic)).toMatchObject({ nullSender: true, feedbackType: 'auth-failure' });
    expect(decideFeedbackReport(unsolicited)).toMatchObject({ nullSender: false, feedbackType: 'abuse' });
  });

  it('RFC 6650 §4.3: fields that should be there', () => {
    const { report } = parseFeedbackFields(
      fromUtf8('Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\nSource-IP: 192.0.2.1\nOriginal-Mail-From: <>\n'),
    );
    expect(missingReportFields(report)).toEqual(['Arrival-Date', 'Original-Rcpt-To']);
    const full = { ...report, arrivalAt: 0, originalRcptTo: ['a@b.example'] };
    expect(missingReportFields(full)).toEqual([]);
  });
});
