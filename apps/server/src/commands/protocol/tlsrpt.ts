import { lookupTlsRptRecord, readTlsReport, type TlsReport } from '@mox/tlsrpt';
import { type Command, jsonOption } from '../../cli/command.ts';
import { CommandError } from '../../cli/command-error.ts';
import { readInput } from './input.ts';
import { withResolver } from './resolver-options.ts';
import { checkOptions, factLines, printResult } from './result.ts';

/** `mox tlsrpt lookup`: where a domain wants TLS reports. */
export const tlsrptLookupCommand: Command = {
  name: 'tlsrpt lookup',
  summary: 'look up where a domain wants TLS reports (RFC 8460)',
  arguments: '<domain>',
  argumentCount: { least: 1, most: 1 },
  options: checkOptions,
  async run(invocation) {
    const [domain = ''] = invocation.arguments;
    const lookup = await withResolver(invocation.options, (resolver) => lookupTlsRptRecord(domain, { resolver }));
    printResult(
      invocation,
      lookup,
      factLines({ result: lookup.status, problem: lookup.problem, 'reports to': lookup.record?.rua.join(', ') }),
      lookup.trace,
    );
    return lookup.status === 'ok' ? 0 : 1;
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

/** `mox tlsrpt parse`: what a TLS report says. */
export const tlsrptParseCommand: Command = {
  name: 'tlsrpt parse',
  summary: 'read a TLS report: JSON, or JSON in gzip',
  arguments: '[file]',
  argumentCount: { least: 0, most: 1 },
  options: { json: jsonOption },
  details: 'Reads standard input without a file.',
  async run(invocation) {
    const read = await readTlsReport(await readInput(invocation.arguments[0]));
    if (!read.ok) throw new CommandError(read.error.message, 'a TLS report is JSON as RFC 8460 §4.4 has it, plain or in gzip', {});
    const defects = read.value.defects.map((defect) => `defect: ${defect.path} ${defect.problem}`);
    printResult(invocation, read.value, [...reportLines(read.value.report), ...defects]);
    return 0;
  },
};
