import type { Command, CommandOption } from './command.ts';

function optionName(name: string, option: CommandOption): string {
  const long = option.type === 'string' ? `--${name} ${option.value ?? 'VALUE'}` : `--${name}`;
  return option.short ? `-${option.short}, ${long}` : long;
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

/** The list of commands. */
export function formatHelp(commands: readonly Command[]): string {
  const rows = commands.map(({ name, arguments: words, summary }) => [words ? `${name} ${words}` : name, summary] as const);
  return [
    'mox: a mail server',
    '',
    'usage: mox <command> [options]',
    '',
    ...table([...rows, ['help [command]', 'say more about a command']]),
    '',
    'Start here: mox localserve',
  ].join('\n');
}

/** All about one command. */
export function formatCommandHelp(command: Command): string {
  const options = Object.entries(command.options).map(([name, option]) => [optionName(name, option), option.help] as const);
  return [
    command.summary,
    '',
    `usage: mox ${command.name}${options.length > 0 ? ' [options]' : ''}${command.arguments ? ` ${command.arguments}` : ''}`,
    ...(options.length > 0 ? ['', ...table(options)] : []),
    ...(command.details ? ['', command.details] : []),
  ].join('\n');
}
