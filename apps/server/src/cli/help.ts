import type { Command, CommandOption } from './command.ts';
import { terminalColumns, wrap, wrapRow } from './wrap.ts';

const widestColumn = 26;

function optionName(name: string, option: CommandOption): string {
  const long = option.type === 'string' ? `--${name} ${option.value ?? 'VALUE'}` : `--${name}`;
  return option.short ? `-${option.short}, ${long}` : long;
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const widths = rows.map(([left]) => left.length + 4).filter((width) => width <= widestColumn);
  const column = Math.max(...widths, 12);
  return rows.flatMap(([left, right]) => wrapRow(`  ${left}`, right, column));
}

/** The list of commands, or of those below one word, e.g. `dkim`. */
export function formatHelp(commands: readonly Command[], word?: string): string {
  const listed = word === undefined ? commands : commands.filter(({ name }) => name.startsWith(`${word} `));
  const rows = listed.map(({ name, summary }) => [name, summary] as const);
  return [
    ...(word === undefined ? ['mox: a mail server', ''] : []),
    `usage: mox ${word === undefined ? '<command>' : `${word} <command>`} [options]`,
    '',
    ...table(word === undefined ? [...rows, ['help [command]', 'say more about a command, with examples']] : rows),
    '',
    word === undefined ? 'Start here: mox localserve' : `More: mox help ${listed[0]?.name ?? word}`,
  ].join('\n');
}

/** All about one command. */
export function formatCommandHelp(command: Command): string {
  const options = Object.entries(command.options).map(([name, option]) => [optionName(name, option), option.help] as const);
  const { examples = [], details } = command;
  return [
    ...wrap(command.summary, terminalColumns),
    '',
    `usage: mox ${command.name}${options.length > 0 ? ' [options]' : ''}${command.arguments ? ` ${command.arguments}` : ''}`,
    ...(options.length > 0 ? ['', ...table(options)] : []),
    ...(details ? ['', ...details.split('\n').flatMap((paragraph) => wrap(paragraph, terminalColumns))] : []),
    ...(examples.length > 0 ? ['', examples.length > 1 ? 'examples:' : 'example:', ...examples.map((example) => `  ${example}`)] : []),
  ].join('\n');
}
