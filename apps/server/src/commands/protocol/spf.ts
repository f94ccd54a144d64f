import { checkSpf } from '@mox/spf';
import { type Command, textOption } from '../../cli/command.ts';
import { domainArgument } from './domain-argument.ts';
import { ipArgument } from './envelope-options.ts';
import { explainSpf } from './explain.ts';
import { withResolver } from './resolver-options.ts';
import { checkOptions, exitCodes, exitStatus, explanationLines, factLines, printResult } from './result.ts';

const example = 'mox spf check jane@example.org 192.0.2.1';

/** `mox spf check`: whether an address may send for a domain. */
export const spfCheckCommand: Command = {
  name: 'spf check',
  summary: 'check whether an address may send for a domain (RFC 7208)',
  arguments: '<address or domain> <IP address>',
  argumentCount: { least: 2, most: 2 },
  options: { ...checkOptions, helo: { type: 'string', value: 'NAME', help: 'name that the client said in EHLO (default: the domain)' } },
  details: exitCodes('pass'),
  examples: [example, 'mox spf check example.org 2001:db8::25 --helo mx.example.org --json'],
  async run(invocation) {
    const [sender = '', address = ''] = invocation.arguments;
    const ip = ipArgument(address, example);
    const at = sender.lastIndexOf('@');
    const domain = domainArgument(sender.slice(at + 1), example);
    const mailFrom = `${at > 0 ? sender.slice(0, at) : 'postmaster'}@${domain}`;
    const helo = textOption(invocation.options, 'helo') ?? domain;
    const result = await withResolver(invocation.options, (resolver, signal) =>
      checkSpf({ ip, mailFrom, helo, now: Date.now() }, { resolver, signal }),
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
    printResult(invocation, result, [...facts, ...explanationLines([explainSpf(result, ip)])], result.trace);
    return exitStatus(status === 'pass', status);
  },
};
