import { formatRecordData, type RecordType, traceDns } from '@mox/dns';
import type { Command } from '../../cli/command.ts';
import { CommandError } from '../../cli/command-error.ts';
import { withResolver } from './resolver-options.ts';
import { checkOptions, exitCodes, exitStatus, explanationLines, factLines, printResult } from './result.ts';

const types: ReadonlySet<string> = new Set<RecordType>([
  'A',
  'AAAA',
  'CAA',
  'CNAME',
  'DNSKEY',
  'DS',
  'MX',
  'NS',
  'PTR',
  'SOA',
  'SRV',
  'TLSA',
  'TXT',
]);

function isRecordType(text: string): text is RecordType {
  return types.has(text);
}

/** Statuses of answers that tell what the DNS has. */
const told: ReadonlySet<string> = new Set(['ok', 'nodata', 'nxdomain']);

const example = 'mox dns lookup MX example.org';

/** `mox dns lookup`: what the DNS says, and whether it was validated. */
export const dnsLookupCommand: Command = {
  name: 'dns lookup',
  summary: 'look up records, and tell their DNSSEC status',
  arguments: '<type> <name>',
  argumentCount: { least: 2, most: 2 },
  options: {
    ...checkOptions,
    dnssec: { type: 'boolean', help: 'validate here, from the keys of the root on, and show each step: why an answer is secure or bogus' },
  },
  details: `Types: ${[...types].join(', ')}.\n${exitCodes('records', 'a name that has none')}`,
  examples: [example, 'mox dns lookup --dnssec TLSA _25._tcp.mx.example.org'],
  async run(invocation) {
    const [word = '', name = ''] = invocation.arguments;
    const type = word.toUpperCase();
    if (!isRecordType(type)) throw new CommandError(`unknown record type: ${word}`, `one of: ${[...types].join(', ')}`, { exitCode: 2 });
    const answer = await withResolver(invocation.options, (resolver) => resolver.query(name, type));
    if (answer.status === 'malformed-name') throw new CommandError(`not a name of the DNS: ${name}`, `e.g. ${example}`, { exitCode: 2 });
    const silent = told.has(answer.status)
      ? []
      : explanationLines(['The DNS gave no answer that could be used: try again later, or another --resolver.']);
    const facts = factLines({
      result: answer.status,
      dnssec: answer.security,
      problem: answer.problem,
      aliases: answer.aliases.join(' -> '),
    });
    const records = answer.records.map((record) => `${record.name}. ${record.ttlSeconds} ${record.type} ${formatRecordData(record)}`);
    printResult(
      invocation,
      { ...answer, trace: answer.trace ?? traceDns(name, type, answer) },
      [...facts, ...records, ...silent],
      answer.trace,
    );
    return exitStatus(answer.status === 'ok', told.has(answer.status) ? answer.status : 'temperror');
  },
};
