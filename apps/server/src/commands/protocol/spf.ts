import { checkSpf } from '@mox/spf';
import { parseIp } from '@mox/syntax';
import { type Command, textOption } from '../../cli/command.ts';
import { CommandError } from '../../cli/command-error.ts';
import { withResolver } from './resolver-options.ts';
import { checkOptions, factLines, printResult } from './result.ts';

/** `mox spf check`: whether an address may send for a domain. */
export const spfCheckCommand: Command = {
  name: 'spf check',
  summary: 'check whether an address may send for a domain (RFC 7208)',
  arguments: '<address or domain> <IP address>',
  argumentCount: { least: 2, most: 2 },
  options: { ...checkOptions, helo: { type: 'string', value: 'NAME', help: 'name that the client said in EHLO (default: the domain)' } },
  details: 'Exits with 0 for pass, 1 for everything else.',
  async run(invocation) {
    const [sender = '', ip = ''] = invocation.arguments;
    if (!parseIp(ip)) throw new CommandError(`not an IP address: ${ip}`, 'e.g. mox spf check jane@example.org 192.0.2.1', { exitCode: 2 });
    const mailFrom = sender.includes('@') ? sender : `postmaster@${sender}`;
    const helo = textOption(invocation.options, 'helo') ?? mailFrom.slice(mailFrom.lastIndexOf('@') + 1);
    const result = await withResolver(invocation.options, (resolver) =>
      checkSpf({ ip, mailFrom, helo, now: Date.now() }, { resolver, signal: AbortSignal.timeout(20_000) }),
    );
    const { status, mechanism, problem, explanation, lookups, recordDomain } = result;
    const facts = factLines({
      result: status,
      'decided by': mechanism,
      'record of': recordDomain,
      problem,
      'the domain says': explanation,
      lookups: `${lookups} of 10`,
    });
    printResult(invocation, result, facts, result.trace);
    return status === 'pass' ? 0 : 1;
  },
};
