// A message that fails, as a failure report that @mox/arf writes and reads.
import { makeFeedbackReport, parseFeedbackReport } from '@mox/arf';
import { ZoneResolver } from '@mox/dns/testing';
import { fromUtf8, ManualClock, systemRandom } from '@mox/runtime';
import { expect, it } from 'vitest';
import { checkDmarc, describeDmarcFailure, verifyReportDestinations, wantedFailureReports } from '../src/index.ts';

it('RFC 9991 §4: a DMARC failure is reported in the form of RFC 6591', async () => {
  const resolver = new ZoneResolver(
    `_dmarc.consumer.example. TXT "v=DMARC1; p=reject; ruf=mailto:dmarcfail@reports.example; fo=1"
     consumer.example._report._dmarc.reports.example. TXT "v=DMARC1"`,
  );
  const spf = { domain: 'forwarder.example', status: 'pass' };
  const dkim = [{ domain: 'consumer.example', status: 'fail' }];
  const result = await checkDmarc({ fromDomains: ['consumer.example'], spf, dkim }, { resolver });
  expect(wantedFailureReports(result)).toEqual(['1']);
  const policy = result.policy ?? expect.unreachable();
  const { destinations } = await verifyReportDestinations(
    { policyDomain: policy.domain, tag: 'ruf', uris: policy.record.ruf },
    { resolver },
  );
  const to = destinations.flatMap((destination) => destination.sendTo.map((mailbox) => mailbox.address));
  expect(to).toEqual(['dmarcfail@reports.example']);
  const authFailure = describeDmarcFailure(result, { selectors: ['epsilon'], spfRecords: ['v=spf1 ip4:192.0.2.2 -all'] });
  const message = makeFeedbackReport(
    {
      report: {
        feedbackType: 'auth-failure',
        userAgent: 'Test/1.0',
        version: 1,
        sourceIp: '192.0.2.2',
        originalRcptTo: [],
        authenticationResults: [],
        reportedDomains: ['consumer.example'],
        reportedUris: [],
        authFailure,
        extensions: [],
      },
      from: { address: 'dmarc@gen.example' },
      to,
      original: { message: fromUtf8('From: a@consumer.example\r\nSubject: x\r\n\r\nbody\r\n'), give: 'headers' },
    },
    { clock: new ManualClock(0), random: systemRandom },
  );
  const text = new TextDecoder().decode(message.bytes());
  for (const line of ['Auth-Failure: dmarc', 'Identity-Alignment: dkim, spf', 'DKIM-Domain: consumer.example', 'DKIM-Selector: epsilon']) {
    expect(text).toContain(`${line}\r\n`);
  }
  const read = parseFeedbackReport(message.bytes());
  expect(read).toMatchObject({ report: { authFailure } });
});
