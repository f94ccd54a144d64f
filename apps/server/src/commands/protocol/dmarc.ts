import { listMailboxes, parseAddressList } from '@mox/address';
import { verifyDkim } from '@mox/dkim';
import {
  type AggregateReport,
  checkDmarc,
  type DiscoveredPolicy,
  discoverPolicy,
  formatDmarcRecord,
  readAggregateMessage,
  readAggregateReport,
} from '@mox/dmarc';
import type { Resolver } from '@mox/dns';
import { findFields, readHeaderSection } from '@mox/message-format';
import { checkSpf } from '@mox/spf';
import { parseIp } from '@mox/syntax';
import { type Command, jsonOption, type OptionValues, textOption } from '../../cli/command.ts';
import { CommandError } from '../../cli/command-error.ts';
import { readInput } from './input.ts';
import { withResolver } from './resolver-options.ts';
import { checkOptions, factLines, printResult } from './result.ts';

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

/** `mox dmarc lookup`: the policy that holds for a domain. */
export const dmarcLookupCommand: Command = {
  name: 'dmarc lookup',
  summary: 'find the DMARC policy that holds for a domain (RFC 9989)',
  arguments: '<domain>',
  argumentCount: { least: 1, most: 1 },
  options: checkOptions,
  details: 'Exits with 0 where there is a policy.',
  async run(invocation) {
    const [domain = ''] = invocation.arguments;
    const found = await withResolver(invocation.options, (resolver) => discoverPolicy(domain, { resolver }));
    const facts = factLines({
      result: found.status,
      problem: found.problem,
      ...policyFacts(found.policy),
      'organizational domain': found.organizationalDomain,
    });
    printResult(invocation, found, facts, found.trace);
    return found.status === 'ok' ? 0 : 1;
  },
};

/** Domains of the From field; an address list that cannot be read has none. */
function fromDomains(message: Uint8Array): string[] {
  const fields = findFields(readHeaderSection(message).fields, 'from');
  return fields.flatMap(({ value }) => listMailboxes(parseAddressList(value)).flatMap((mailbox) => mailbox.domain ?? []));
}

/** What SPF says of the envelope, where the options tell it. */
async function spfOf(options: OptionValues, resolver: Resolver): Promise<Awaited<ReturnType<typeof checkSpf>> | undefined> {
  const [ip, mailFrom] = [textOption(options, 'ip'), textOption(options, 'mail-from')];
  if (ip === undefined || mailFrom === undefined) return undefined;
  if (!parseIp(ip)) throw new CommandError(`not an IP address: ${ip}`, 'e.g. --ip 192.0.2.1', { exitCode: 2 });
  return checkSpf({ ip, mailFrom, helo: mailFrom.slice(mailFrom.lastIndexOf('@') + 1), now: Date.now() }, { resolver });
}

/** `mox dmarc verify`: SPF, DKIM and DMARC of a message. */
export const dmarcVerifyCommand: Command = {
  name: 'dmarc verify',
  summary: 'verify a message by DKIM, SPF and DMARC',
  arguments: '[file]',
  argumentCount: { least: 0, most: 1 },
  options: {
    ...checkOptions,
    ip: { type: 'string', value: 'ADDRESS', help: 'address of the client that sent the message, for SPF' },
    'mail-from': { type: 'string', value: 'ADDRESS', help: 'reverse-path of the message, for SPF' },
  },
  details: 'Reads standard input without a file. Without --ip and --mail-from only DKIM counts. Exits with 0 for pass.',
  async run(invocation) {
    const { options } = invocation;
    const message = await readInput(invocation.arguments[0]);
    const { result, dkim, spf } = await withResolver(options, async (resolver) => {
      const [signatures, envelope] = await Promise.all([verifyDkim(message, { resolver, now: Date.now() }), spfOf(options, resolver)]);
      const identifiers = signatures.flatMap(({ status, signature }) => (signature ? [{ domain: signature.domain, status }] : []));
      const checked = await checkDmarc(
        {
          fromDomains: fromDomains(message),
          dkim: identifiers,
          ...(envelope && { spf: { domain: envelope.domain, status: envelope.status } }),
        },
        { resolver },
      );
      return { result: checked, dkim: signatures, spf: envelope };
    });
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
    printResult(invocation, { result, dkim, spf }, [...facts, ...aligned], trace);
    return result.status === 'pass' ? 0 : 1;
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
  const rows = report.records.map(
    (record) =>
      `${String(record.count).padStart(7)}  ${record.sourceIp.padEnd(39)}  dkim ${record.dkim}, spf ${record.spf} -> ${record.disposition}  From ${record.headerFrom}`,
  );
  return [...facts, '', ...rows];
}

/** `mox dmarc report parse`: what an aggregate report says. */
export const dmarcReportParseCommand: Command = {
  name: 'dmarc report',
  summary: 'read a DMARC aggregate report: XML, gzip, ZIP, or the mail that it came in (RFC 9990)',
  arguments: 'parse [file]',
  argumentCount: { least: 1, most: 2 },
  options: { json: jsonOption },
  details: 'Reads standard input without a file.',
  async run(invocation) {
    const [verb, file] = invocation.arguments;
    if (verb !== 'parse')
      throw new CommandError(`mox dmarc report wants parse, not ${verb}`, 'mox dmarc report parse FILE', { exitCode: 2 });
    const bytes = await readInput(file);
    const plain = await readAggregateReport(bytes);
    const read = plain.ok ? plain : await readAggregateMessage(bytes);
    if (!read.ok)
      throw new CommandError(
        plain.ok ? read.error.message : plain.error.message,
        'name an aggregate report: XML, .xml.gz, .zip, or the mail with one',
        {},
      );
    const defects = read.value.defects.map(({ path, problem }) => `defect: ${path} ${problem}`);
    printResult(invocation, read.value, [...reportLines(read.value.report), ...defects]);
    return 0;
  },
};
