import { readFile } from 'node:fs/promises';
import { type FoundPolicy, findMtaStsPolicy, formatMtaStsPolicy, type PolicyFetch } from '@mox/mtasts';
import { type Command, type OptionValues, textOption } from '../../cli/command.ts';
import { domainArgument } from './domain-argument.ts';
import { unreadable } from './input.ts';
import { withResolver } from './resolver-options.ts';
import { checkOptions, exitCodes, exitStatus, explanationLines, factLines, printResult } from './result.ts';

/** Whether it is not known if there is a record: what the DNS said cannot be used. */
function dnsFailed({ policy, failure, trace }: FoundPolicy): boolean {
  return !policy && !failure && trace.some(({ outcome }) => outcome === 'temperror');
}

function explain(domain: string, found: FoundPolicy): string {
  const { policy, failure } = found;
  const meanings = {
    enforce: `Senders that know MTA-STS deliver to the hosts below only by TLS with certificates that are valid for them; to others not at all.`,
    testing:
      'Senders report what would fail, and deliver all the same. When reports are clean, set mode: enforce and change the id of the record.',
    none: 'The domain says that it no longer has a policy.',
  };
  if (policy) return meanings[policy.mode];
  if (failure)
    return `There is a record, but no policy that can be used: ${failure.problem}. Senders carry on as without one. It must be at https://mta-sts.${domain}/.well-known/mta-sts.txt, with a valid certificate and without redirects.`;
  if (dnsFailed(found)) return 'The DNS gave no answer that could be used: try again later, or another --resolver.';
  return `${domain} has no record at _mta-sts.${domain}: nothing keeps an attacker on the way from switching off TLS, unless DANE does. To start: the TXT record "v=STSv1; id=1" there, and a policy at https://mta-sts.${domain}/.well-known/mta-sts.txt.`;
}

/** The policy of a file in place of that of the web, to try one before it is published. */
async function policyFetch(options: OptionValues): Promise<PolicyFetch> {
  const file = textOption(options, 'policy');
  if (file === undefined) return globalThis.fetch;
  const text = await readFile(file).catch((cause: unknown) => {
    throw unreadable(file, cause, 'name the file of a policy');
  });
  return async () => new Response(text, { headers: { 'content-type': 'text/plain' } });
}

/** `mox mtasts lookup`: the policy of a domain. */
export const mtastsLookupCommand: Command = {
  name: 'mtasts lookup',
  summary: 'look up and fetch the MTA-STS policy of a domain (RFC 8461)',
  arguments: '<domain>',
  argumentCount: { least: 1, most: 1 },
  options: { ...checkOptions, policy: { type: 'string', value: 'FILE', help: 'take the policy from a file, not from the web' } },
  details: `With --replay alone the policy is still fetched from the web.\n${exitCodes('a policy', 'none, or one that cannot be used')}`,
  examples: ['mox mtasts lookup example.org', 'mox mtasts lookup --policy mta-sts.txt example.org'],
  async run(invocation) {
    const domain = domainArgument(invocation.arguments[0] ?? '', 'mox mtasts lookup example.org');
    const fetch = await policyFetch(invocation.options);
    const found = await withResolver(invocation.options, (resolver, signal) =>
      findMtaStsPolicy(domain, undefined, { resolver, fetch, now: Date.now(), signal }),
    );
    const policy = found.policy
      ? formatMtaStsPolicy(found.policy)
          .trimEnd()
          .split('\r\n')
          .map((line) => `  ${line}`)
      : [];
    const facts = factLines({ result: found.policy ? 'policy' : dnsFailed(found) ? 'temperror' : 'none', problem: found.failure?.problem });
    const { memory: _memory, ...result } = found;
    printResult(invocation, result, [...facts, ...policy, ...explanationLines([explain(domain, found)])], found.trace);
    return exitStatus(found.policy !== undefined, dnsFailed(found) ? 'temperror' : found.status);
  },
};
