import { formatTrace, type Trace } from '@mox/runtime';
import { type CommandOption, type Invocation, jsonOption } from '../../cli/command.ts';
import { toJson } from './json.ts';
import { resolverOptions } from './resolver-options.ts';

/** Options of the commands that check something. */
export const checkOptions: Readonly<Record<string, CommandOption>> = { json: jsonOption, ...resolverOptions };

/** Prints a result: as JSON where that is asked for, else the given lines, and below them how it came about. */
export function printResult(invocation: Invocation, result: unknown, lines: readonly string[], trace?: Trace): void {
  if (invocation.options['json']) {
    invocation.print(toJson(result));
    return;
  }
  for (const line of lines) invocation.print(line);
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
