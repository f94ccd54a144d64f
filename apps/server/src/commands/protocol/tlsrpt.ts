import { lookupTlsRptRecord, readTlsReport, readTlsReportMessage, type TlsReport } from '@mox/tlsrpt';
import { type Command, jsonOption } from '../../cli/command.ts';
import { CommandError } from '../../cli/command-error.ts';
import { domainArgument } from './domain-argument.ts';
import { readInput } from './input.ts';
import { withResolver } from './resolver-options.ts';
import { checkOptions, exitCodes, exitStatus, explanationLines, factLines, printResult } from './result.ts';

const meanings: Readonly<Record<Awaited<ReturnType<typeof lookupTlsRptRecord>>['status'], (domain: string) => string>> = {
  ok: (domain) => `Senders that support it tell ${domain} once a day how TLS to its servers went, and what failed.`,
  none: (domain) =>
    `Nobody tells ${domain} when TLS to its servers fails. To be told, publish at _smtp._tls.${domain} the TXT record "v=TLSRPTv1; rua=mailto:tls-reports@${domain}".`,
  temperror: () => 'The DNS gave no answer that could be used: try again later, or another --resolver.',
};

/** `mox tlsrpt lookup`: where a domain wants TLS reports. */
export const tlsrptLookupCommand: Command = {
  name: 'tlsrpt lookup',
  summary: 'look up where a domain wants TLS reports (RFC 8460)',
  arguments: '<domain>',
  argumentCount: { least: 1, most: 1 },
  options: checkOptions,
  details: exitCodes('a record', 'none, or one that cannot be used'),
  examples: ['mox tlsrpt lookup example.org'],
  async run(invocation) {
    const domain = domainArgument(invocation.arguments[0] ?? '', 'mox tlsrpt lookup example.org');
    const lookup = await withResolver(invocation.options, (resolver, signal) => lookupTlsRptRecord(domain, { resolver, signal }));
    const facts = factLines({ result: lookup.status, problem: lookup.problem, 'reports to': lookup.record?.rua.join(', ') });
    printResult(invocation, lookup, [...facts, ...explanationLines([meanings[lookup.status](domain)])], lookup.trace);
    return exitStatus(lookup.status === 'ok', lookup.status);
  },
};

function reportLines(report: TlsReport): string[] {
  const facts = factLines({
    organization: report.organizationName,
    contact: report.contactInfo,
    report: report.reportId,
    from: new Date(report.start).toISOString(),
    to: new Date(report.end).toISOString(),
  });
  const policies = report.policies.flatMap(({ policy, successfulSessions, failedSessions, failures }) => [
    `${policy.domain} (${policy.type})  ${successfulSessions} sessions succeeded, ${failedSessions} failed`,
    ...failures.map(
      (failure) =>
        `  ${failure.failedSessions} x ${failure.resultType}${failure.receivingMxHostname === undefined ? '' : ` at ${failure.receivingMxHostname}`}${failure.failureReasonCode === undefined ? '' : `: ${failure.failureReasonCode}`}`,
    ),
  ]);
  return [...facts, '', ...policies];
}

function explainReport({ policies }: TlsReport): string {
  const failed = policies.reduce((sum, { failedSessions }) => sum + failedSessions, 0);
  if (failed === 0) return 'Nothing failed.';
  return 'Where a certificate expired or has another name, mend the server; where STARTTLS is missing at an address that you do not know, somebody on the way may be removing it.';
}

/** `mox tlsrpt parse`: what a TLS report says. */
export const tlsrptParseCommand: Command = {
  name: 'tlsrpt parse',
  summary: 'read a TLS report: JSON, JSON in gzip, or the mail that it came in (RFC 8460)',
  arguments: '[file]',
  argumentCount: { least: 0, most: 1 },
  options: { json: jsonOption },
  details: `Reads standard input without a file.\n${exitCodes('a report', 'what is none')}`,
  examples: ['mox tlsrpt parse report.json.gz', 'mox tlsrpt parse mail.eml', 'mox tlsrpt parse --json < report.json'],
  async run(invocation) {
    const bytes = await readInput(invocation.arguments[0]);
    const plain = await readTlsReport(bytes);
    const read = plain.ok ? plain : await readTlsReportMessage(bytes);
    if (!read.ok)
      throw new CommandError(
        plain.ok ? read.error.message : plain.error.message,
        'name a TLS report: JSON, .json.gz, or the mail with one',
        {},
      );
    const defects = read.value.defects.map((defect) => `defect: ${defect.path} ${defect.problem}`);
    printResult(invocation, read.value, [
      ...reportLines(read.value.report),
      ...defects,
      ...explanationLines([explainReport(read.value.report)]),
    ]);
    return 0;
  },
};
