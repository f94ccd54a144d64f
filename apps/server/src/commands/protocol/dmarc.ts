import {
  type AggregateReport,
  type DiscoveredPolicy,
  discoverPolicy,
  formatDmarcRecord,
  type ParsedAggregateReport,
  type ReceivedAggregateReport,
  readAggregateMessage,
  readAggregateReports,
} from '@mox/dmarc';
import { type Command, jsonOption } from '../../cli/command.ts';
import { CommandError } from '../../cli/command-error.ts';
import { checkMessage } from './check-message.ts';
import { domainArgument } from './domain-argument.ts';
import { envelopeOptions, readEnvelope } from './envelope-options.ts';
import { explainDmarc } from './explain.ts';
import { inputChunks, readInput } from './input.ts';
import { withResolver } from './resolver-options.ts';
import { checkOptions, exitCodes, exitStatus, explanationLines, factLines, printResult } from './result.ts';

function policyFacts(policy: DiscoveredPolicy | undefined): Record<string, string | undefined> {
  return {
    policy:
      policy && `${policy.policy} (${policy.tag}=${policy.requested}${policy.policy === policy.requested ? '' : ', the owner is testing'})`,
    'record of': policy?.domain,
    record: policy && formatDmarcRecord(policy.record),
    'reports to': policy?.record.rua.map(({ uri }) => uri).join(', '),
    defects: policy?.defects.map(({ tag, problem }) => `${tag}: ${problem}`).join('; '),
  };
}

function explainPolicy(domain: string, { status, policy, problem }: Awaited<ReturnType<typeof discoverPolicy>>): string {
  const reports = policy?.record.rua.length === 0 ? ' It asks for no reports: a "rua" tag would tell its owner who sends in its name.' : '';
  const wishes = { none: 'be delivered all the same', quarantine: 'be treated as suspicious', reject: 'be rejected' };
  if (policy)
    return `Mail from ${domain} that neither SPF nor DKIM bears out is to ${wishes[policy.policy]}, says ${policy.domain}.${reports}`;
  if (status === 'temperror') return 'The DNS gave no answer that could be used: try again later, or another --resolver.';
  if (problem !== undefined && status === 'permerror') return `The policy cannot be used: ${problem}. Its owner must mend it.`;
  return `No policy protects ${domain}. To get reports first, publish at _dmarc.${domain} the TXT record "v=DMARC1; p=none; rua=mailto:dmarc@${domain}".`;
}

/** `mox dmarc lookup`: the policy that holds for a domain. */
export const dmarcLookupCommand: Command = {
  name: 'dmarc lookup',
  summary: 'find the DMARC policy that holds for a domain (RFC 9989)',
  arguments: '<domain>',
  argumentCount: { least: 1, most: 1 },
  options: checkOptions,
  details: exitCodes('a policy', 'none, or one that cannot be used'),
  examples: ['mox dmarc lookup example.org'],
  async run(invocation) {
    const domain = domainArgument(invocation.arguments[0] ?? '', 'mox dmarc lookup example.org');
    const found = await withResolver(invocation.options, (resolver, signal) => discoverPolicy(domain, { resolver, signal }));
    const facts = factLines({
      result: found.status,
      problem: found.problem,
      ...policyFacts(found.policy),
      'organizational domain': found.organizationalDomain,
    });
    printResult(invocation, found, [...facts, ...explanationLines([explainPolicy(domain, found)])], found.trace);
    return exitStatus(found.status === 'ok', found.status);
  },
};

/** `mox dmarc verify`: SPF, DKIM and DMARC of a message. */
export const dmarcVerifyCommand: Command = {
  name: 'dmarc verify',
  summary: 'verify a message by DKIM, SPF and DMARC (RFC 9989)',
  arguments: '[file]',
  argumentCount: { least: 0, most: 1 },
  options: { ...checkOptions, ...envelopeOptions },
  details: `Reads standard input without a file. Without --ip only DKIM counts.\n${exitCodes('pass')}`,
  examples: ['mox dmarc verify --ip 192.0.2.1 --mail-from jane@example.org mail.eml', 'mox dmarc verify < mail.eml'],
  async run(invocation) {
    const { options } = invocation;
    const envelope = readEnvelope(options);
    const evidence = await withResolver(options, (resolver, signal) =>
      checkMessage(inputChunks(invocation.arguments[0]), envelope, { resolver, signal, now: Date.now() }),
    );
    const { dmarc: result, dkim, spf } = evidence;
    const aligned = [...(result.spf ? [result.spf] : []), ...result.dkim].map(
      ({ method, domain, status, aligned: counts }) => `${method}  ${domain}  ${status}, ${counts ? 'aligned' : 'not aligned'}`,
    );
    const facts = factLines({
      result: result.status,
      disposition: result.disposition,
      problem: result.problem,
      author: result.authorDomain,
      ...policyFacts(result.policy),
    });
    const trace = [...(spf?.trace ?? []), ...dkim.flatMap((signature) => signature.trace), ...result.trace];
    printResult(
      invocation,
      { ...result, evidence: { spf, dkim }, trace },
      [...facts, ...aligned, ...explanationLines([explainDmarc(result)])],
      trace,
    );
    return exitStatus(result.status === 'pass', result.status);
  },
};

function reportLines(report: AggregateReport): string[] {
  const facts = factLines({
    organization: report.organizationName,
    email: report.email,
    report: report.reportId,
    from: new Date(report.start).toISOString(),
    to: new Date(report.end).toISOString(),
    domain: report.policy.domain,
  });
  const width = Math.max(...report.records.map(({ sourceIp }) => sourceIp.length), 0);
  const rows = report.records.map(
    (record) =>
      `${String(record.count).padStart(7)}  ${record.sourceIp.padEnd(width)}  dkim ${record.dkim}, spf ${record.spf} -> ${record.disposition}  From ${record.headerFrom}`,
  );
  return [...facts, '', ...rows];
}

function explainReport({ records }: AggregateReport): string {
  const total = records.reduce((sum, { count }) => sum + count, 0);
  const failing = records.filter(({ dkim, spf }) => dkim !== 'pass' && spf !== 'pass');
  const failed = failing.reduce((sum, { count }) => sum + count, 0);
  const seen = `${total} message${total === 1 ? '' : 's'} seen, ${total - failed} borne out by DKIM or SPF, ${failed} not.`;
  if (failed === 0) return seen;
  return `${seen} Those ${failing.length === 1 ? 'came from one address' : `came from ${new Set(failing.map(({ sourceIp }) => sourceIp)).size} addresses`}: where it is a service that sends for you, have it sign with DKIM for your domain; where you do not know it, it is what a stricter policy stops.`;
}

type ReadReport = ParsedAggregateReport & Pick<ReceivedAggregateReport, 'others'>;

/** A report as it is, packed, or in its mail. Throws a CommandError where there is none. */
async function readReport(bytes: Uint8Array): Promise<ReadReport> {
  const plain = await readAggregateReports(bytes);
  const [first, ...others] = plain.ok ? plain.value : [];
  if (first) return { ...first, others };
  const mailed = await readAggregateMessage(bytes);
  if (mailed.ok) return mailed.value;
  const problem = plain.ok ? mailed.error.message : plain.error.message;
  throw new CommandError(problem, 'name an aggregate report: XML, .xml.gz, .zip, or the mail with one', {});
}

function describeReport({ report, defects }: ParsedAggregateReport, index: number): string[] {
  return [
    ...(index > 0 ? [''] : []),
    ...reportLines(report),
    ...defects.map(({ path, problem }) => `defect: ${path} ${problem}`),
    ...explanationLines([explainReport(report)]),
  ];
}

/** `mox dmarc report parse`: what an aggregate report says. */
export const dmarcReportParseCommand: Command = {
  name: 'dmarc report parse',
  summary: 'read a DMARC aggregate report: XML, gzip, ZIP, or the mail that it came in (RFC 9990)',
  arguments: '[file]',
  argumentCount: { least: 0, most: 1 },
  options: { json: jsonOption },
  details: `Reads standard input without a file.\n${exitCodes('a report', 'what is none')}`,
  examples: ['mox dmarc report parse google.com!example.org!1767225600!1767311999.zip', 'mox dmarc report parse --json < report.xml.gz'],
  async run(invocation) {
    const bytes = await readInput(invocation.arguments[0]);
    const report = await readReport(bytes);
    printResult(invocation, report, [report, ...report.others].flatMap(describeReport));
    return 0;
  },
};
