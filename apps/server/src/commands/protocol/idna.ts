import { findIdna2008Fault, parseDomain } from '@mox/idna';
import { type Command, jsonOption } from '../../cli/command.ts';
import { CommandError } from '../../cli/command-error.ts';
import { exitCodes, explanationLines, factLines, printResult } from './result.ts';

/** `mox idna`: both forms of a domain name, and whether it may be registered. */
export const idnaCommand: Command = {
  name: 'idna',
  summary: 'show both forms of a domain name, and check its labels (RFC 5890)',
  arguments: '<domain>',
  argumentCount: { least: 1, most: 1 },
  options: { json: jsonOption },
  details: exitCodes('a domain name', 'what is none'),
  examples: ['mox idna bücher.example', 'mox idna xn--bcher-kva.example'],
  async run(invocation) {
    const [name = ''] = invocation.arguments;
    const domain = parseDomain(name, { underscore: true, trailingDot: true });
    if (!domain.ok)
      throw new CommandError(
        `not a domain name: ${domain.error.message}, at character ${domain.error.offset}`,
        'e.g. mox idna bücher.example',
        {},
      );
    const faults = domain.value.unicode.split('.').flatMap((label) => {
      const fault = findIdna2008Fault(label);
      return fault === undefined ? [] : [`${label}: ${fault}`];
    });
    const facts = factLines({
      'A-labels': domain.value.ascii,
      'U-labels': domain.value.unicode,
      IDNA2008: faults.length === 0 ? 'valid' : faults.join('; '),
    });
    const meaning =
      faults.length === 0
        ? 'Software that knows only ASCII is given the A-labels; people are shown the U-labels.'
        : 'The name works in the DNS, but no registry that follows IDNA2008 registers it, and some software refuses it.';
    printResult(invocation, { ...domain.value, idna2008Faults: faults }, [...facts, ...explanationLines([meaning])]);
    return 0;
  },
};
