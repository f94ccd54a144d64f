import { verifyArc } from '@mox/arc';
import type { Command } from '../../cli/command.ts';
import { explainArc } from './explain.ts';
import { inputChunks } from './input.ts';
import { withResolver } from './resolver-options.ts';
import { checkOptions, exitCodes, explanationLines, factLines, printResult } from './result.ts';

/** `mox arc verify`: the chain of a message. */
export const arcVerifyCommand: Command = {
  name: 'arc verify',
  summary: 'verify the ARC chain of a message (RFC 8617)',
  arguments: '[file]',
  argumentCount: { least: 0, most: 1 },
  options: checkOptions,
  details: `Reads standard input without a file.\n${exitCodes('pass and none', 'fail')}`,
  examples: ['mox arc verify forwarded.eml', 'mox arc verify < forwarded.eml'],
  async run(invocation) {
    const message = inputChunks(invocation.arguments[0]);
    const result = await withResolver(invocation.options, (resolver, signal) => verifyArc(message, { resolver, signal, now: Date.now() }));
    const unchanged =
      result.oldestPass === undefined ? undefined : result.oldestPass === 0 ? 'since the first set' : `since set ${result.oldestPass}`;
    const facts = factLines({ result: result.status, problem: result.problem, unchanged });
    const sets = result.sets.map((set) => `set ${set.instance}  sealed by ${set.seal.domain}, cv=${set.seal.chainValidation}`);
    printResult(invocation, result, [...facts, ...sets, ...explanationLines([explainArc(result)])], result.trace);
    return result.status === 'fail' ? 1 : 0;
  },
};
