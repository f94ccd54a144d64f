import { formatRecordData, type RecordType, traceDns } from '@mox/dns';
import type { Command } from '../../cli/command.ts';
import { CommandError } from '../../cli/command-error.ts';
import { withResolver } from './resolver-options.ts';
import { checkOptions, factLines, printResult } from './result.ts';

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
  details: `Types: ${[...types].join(', ')}. Exits with 0 where there are records.`,
  async run(invocation) {
    const [word = '', name = ''] = invocation.arguments;
    const type = word.toUpperCase();
    if (!isRecordType(type)) throw new CommandError(`unknown record type: ${word}`, `one of: ${[...types].join(', ')}`, { exitCode: 2 });
    const answer = await withResolver(invocation.options, (resolver) => resolver.query(name, type));
    const facts = factLines({
      result: answer.status,
      dnssec: answer.security,
      problem: answer.problem,
      aliases: answer.aliases.join(' -> '),
    });
    const records = answer.records.map((record) => `${record.name}. ${record.ttlSeconds} ${record.type} ${formatRecordData(record)}`);
    printResult(invocation, { ...answer, trace: answer.trace ?? traceDns(name, type, answer) }, [...facts, ...records], answer.trace);
    return answer.status === 'ok' ? 0 : 1;
  },
};
