import { type MessageAuthentication, makeAuthenticationResults } from '@mox/message-authentication';
import { formatAuthenticationResults } from '@mox/message-format';
import type { Trace } from '@mox/runtime';
import { type Command, textOption } from '../../cli/command.ts';
import { checkMessage } from './check-message.ts';
import { domainArgument } from './domain-argument.ts';
import { envelopeOptions, readEnvelope } from './envelope-options.ts';
import { explainArc, explainDkim, explainDmarc, explainIprev, explainSpf, unsigned } from './explain.ts';
import { inputChunks } from './input.ts';
import { withResolver } from './resolver-options.ts';
import { checkOptions, exitCodes, exitStatus, explanationLines, printResult } from './result.ts';

const spfLeftOut = 'SPF was not checked: --ip, and --mail-from or --helo, tell who sent the message.';

/** Each check with what it means, a paragraph each. */
function explainEvidence({ source, iprev, spf, dkim, arc, dmarc }: MessageAuthentication): string[] {
  return [
    ...(iprev ? [`iprev ${iprev.status}: ${explainIprev(iprev)}`] : []),
    spf ? `SPF ${spf.status}: ${explainSpf(spf, source?.ip ?? '')}` : spfLeftOut,
    ...(dkim.length > 0 ? dkim.map((result) => `DKIM ${result.status}: ${explainDkim(result)}`) : [`DKIM none: ${unsigned}`]),
    `ARC ${arc.status}: ${explainArc(arc)}`,
    `DMARC ${dmarc.status}: ${explainDmarc(dmarc)}`,
  ];
}

/** The steps of all checks, in the order in which they build on each other. */
function traceOf({ iprev, spf, dkim, arc, dmarc }: MessageAuthentication): Trace {
  return [
    ...(iprev ? [{ step: 'iprev', outcome: iprev.status, steps: iprev.trace }] : []),
    { step: 'SPF', outcome: spf?.status ?? 'not checked', ...(spf && { steps: spf.trace }) },
    { step: 'DKIM', outcome: dkim.map(({ status }) => status).join(', ') || 'none', steps: dkim.flatMap(({ trace }) => trace) },
    { step: 'ARC', outcome: arc.status, steps: arc.trace },
    { step: 'DMARC', outcome: dmarc.status, steps: dmarc.trace },
  ];
}

/** Whether a message is what it says: DMARC decides; where no policy does, any pass will do. */
function isAuthentic({ spf, dkim, dmarc }: MessageAuthentication): boolean {
  if (dmarc.status !== 'none') return dmarc.status === 'pass';
  return spf?.status === 'pass' || dkim.some(({ status }) => status === 'pass');
}

/** `mox message check`: everything that tells who a message is from. */
export const messageCheckCommand: Command = {
  name: 'message check',
  summary: 'check a message by SPF, DKIM, ARC and DMARC, and print its Authentication-Results (RFC 8601)',
  arguments: '[file]',
  argumentCount: { least: 0, most: 1 },
  options: {
    ...checkOptions,
    ...envelopeOptions,
    'authserv-id': { type: 'string', value: 'NAME', help: 'name of the checking host in the field (default: localhost)' },
  },
  details: `Reads standard input without a file. The file is the message as it was received, with all its header fields.\n${exitCodes('a message that DMARC passes, or, where no policy holds for its author, that SPF or DKIM passes')}`,
  examples: [
    'mox message check --ip 192.0.2.1 --helo mx.example.org --mail-from jane@example.org mail.eml',
    'mox message check --json < mail.eml',
  ],
  async run(invocation) {
    const { options } = invocation;
    const envelope = readEnvelope(options);
    const authservId = domainArgument(textOption(options, 'authserv-id') ?? 'localhost', '--authserv-id mx.example.org');
    const evidence = await withResolver(options, (resolver, signal) =>
      checkMessage(inputChunks(invocation.arguments[0]), envelope, { resolver, signal, now: Date.now() }),
    );
    const results = makeAuthenticationResults(evidence, authservId);
    // RFC 5322 §2.2.3: folded so that each result has a line.
    const field = `Authentication-Results: ${formatAuthenticationResults(results).join('\r\n  ')}`;
    const paragraphs = explainEvidence(evidence).flatMap((paragraph) => explanationLines([paragraph]));
    const trace = traceOf(evidence);
    const { iprev, spf, dkim, arc, dmarc } = evidence;
    const result = {
      status: dmarc.status,
      authentic: isAuthentic(evidence),
      authenticationResults: field,
      iprev,
      spf,
      dkim,
      arc,
      dmarc,
      trace,
    };
    printResult(invocation, result, [...field.split('\r\n'), ...paragraphs], trace);
    return exitStatus(isAuthentic(evidence), dmarc.status);
  },
};
