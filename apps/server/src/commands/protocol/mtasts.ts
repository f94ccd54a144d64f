import { findMtaStsPolicy, formatMtaStsPolicy } from '@mox/mtasts';
import type { Command } from '../../cli/command.ts';
import { withResolver } from './resolver-options.ts';
import { checkOptions, factLines, printResult } from './result.ts';

/** `mox mtasts lookup`: the policy of a domain. */
export const mtastsLookupCommand: Command = {
  name: 'mtasts lookup',
  summary: 'look up and fetch the MTA-STS policy of a domain (RFC 8461)',
  arguments: '<domain>',
  argumentCount: { least: 1, most: 1 },
  options: checkOptions,
  details: 'Exits with 0 where there is a policy.',
  async run(invocation) {
    const [domain = ''] = invocation.arguments;
    const signal = AbortSignal.timeout(60_000);
    const found = await withResolver(invocation.options, (resolver) =>
      findMtaStsPolicy(domain, undefined, { resolver, fetch: globalThis.fetch, now: Date.now(), signal }),
    );
    const policy = found.policy
      ? formatMtaStsPolicy(found.policy)
          .trimEnd()
          .split('\r\n')
          .map((line) => `  ${line}`)
      : [];
    printResult(
      invocation,
      found,
      [...factLines({ result: found.policy ? 'policy' : 'none', problem: found.failure?.problem }), ...policy],
      found.trace,
    );
    return found.policy ? 0 : 1;
  },
};
