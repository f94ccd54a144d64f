import { formatTrace, type Trace } from '@mox/runtime';
import { type CommandOption, type Invocation, jsonOption } from '../../cli/command.ts';
import { printable } from '../../cli/printable.ts';
import { terminalColumns, wrap } from '../../cli/wrap.ts';
import { toJson } from './json.ts';
import { resolverOptions } from './resolver-options.ts';

/** Options of the commands that check something. */
export const checkOptions: Readonly<Record<string, CommandOption>> = { json: jsonOption, ...resolverOptions };

/** What stands in the help of every command that gives a verdict. */
export function exitCodes(yes: string, no: string = 'everything else'): string {
  return `Exit status: 0 for ${yes}; 1 for ${no}; 2 where nothing could be judged: the command was called wrongly, its input cannot be read, or the DNS failed.`;
}

/** Statuses that say nothing of what was asked about: the DNS failed, now or for good. */
const unjudged: ReadonlySet<string> = new Set(['temperror', 'error']);

/** The exit status for a verdict, as `exitCodes` tells it. */
export function exitStatus(yes: boolean, status: string): 0 | 1 | 2 {
  if (yes) return 0;
  return unjudged.has(status) ? 2 : 1;
}

/** Prints a result: as JSON where that is asked for, else the given lines, and below them how it came about. */
export function printResult(invocation: Invocation, result: unknown, lines: readonly string[], trace?: Trace): void {
  if (invocation.options['json']) {
    invocation.print(toJson(result));
    return;
  }
  for (const line of lines) invocation.print(printable(line));
  if (trace && trace.length > 0) {
    invocation.print('');
    invocation.print(formatTrace(trace));
  }
}

/** Lines of names and values, aligned; those without a value are left out. */
export function factLines(facts: Readonly<Record<string, string | number | boolean | undefined>>): string[] {
  const present = Object.entries(facts).filter(([, value]) => value !== undefined && value !== '');
  const width = Math.max(0, ...present.map(([name]) => name.length));
  return present.map(([name, value]) => `${name.padEnd(width)}  ${String(value)}`);
}

/** Paragraphs that say what a verdict means and what to change, with an empty line before them; none for none. */
export function explanationLines(paragraphs: readonly (string | undefined)[]): string[] {
  const present = paragraphs.filter((paragraph) => paragraph !== undefined);
  return present.length === 0 ? [] : ['', ...present.flatMap((paragraph) => wrap(printable(paragraph), terminalColumns))];
}
