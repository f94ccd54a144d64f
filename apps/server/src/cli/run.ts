import { parseArgs } from 'node:util';
import type { Command, CommandOption, Invocation } from './command.ts';
import { CommandError } from './command-error.ts';
import { formatCommandHelp, formatHelp } from './help.ts';
import { nearest } from './nearest.ts';
import { printable, printableLines } from './printable.ts';

/** Where the command line writes to. */
export interface CliOutput {
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
}

interface Found {
  readonly command: Command;
  readonly rest: readonly string[];
}

function wordsBelow(commands: readonly Command[], words: readonly string[]): readonly string[] {
  const first = `${words[0]} `;
  return commands.filter(({ name }) => name.startsWith(first)).map(({ name }) => name);
}

function findCommand(commands: readonly Command[], words: readonly string[]): Found {
  for (const length of [3, 2, 1]) {
    const name = words.slice(0, length).join(' ');
    const command = commands.find((candidate) => candidate.name === name);
    if (command) return { command, rest: words.slice(length) };
  }
  const names = commands.map(({ name }) => name);
  const below = wordsBelow(commands, words);
  const given = words.filter((word) => !word.startsWith('-')).slice(0, 3);
  const meant = nearest(given.slice(0, 2).join(' '), below.length > 0 ? below : names) ?? nearest(words[0] ?? '', names);
  if (below.length > 0) {
    const [problem, remedy] =
      given.length < 2 || meant === undefined
        ? [`mox ${words[0]} wants another word after it`, `one of: ${below.map((name) => `mox ${name}`).join(', ')}`]
        : [`unknown command: ${given.slice(0, 2).join(' ')}`, `did you mean: mox ${meant}`];
    throw new CommandError(problem, remedy, { exitCode: 2 });
  }
  throw new CommandError(`unknown command: ${words[0]}`, meant ? `did you mean: mox ${meant}` : 'mox help lists the commands', {
    exitCode: 2,
  });
}

function parseInvocation({ command, rest }: Found, print: Invocation['print']): Invocation {
  const names = Object.keys(command.options);
  let parsed: ReturnType<typeof parseArgs>;
  try {
    const options: Record<string, CommandOption> = { ...command.options };
    parsed = parseArgs({ args: [...rest], options, allowPositionals: true, strict: true });
  } catch (error) {
    const problem = error instanceof Error ? (error.message.split(/\. |\n/)[0] ?? error.message) : String(error);
    const given = /'--?([^' =]+)/.exec(problem)?.[1];
    const meant = given === undefined ? undefined : nearest(given, names);
    throw new CommandError(problem, meant && meant !== given ? `did you mean: --${meant}` : `mox help ${command.name}`, { exitCode: 2 });
  }
  const { least, most } = command.argumentCount;
  const count = parsed.positionals.length;
  if (count < least || count > most) {
    throw new CommandError(
      count < least ? `${command.name} wants ${command.arguments}` : `${command.name}: too many arguments`,
      `mox help ${command.name}`,
      { exitCode: 2 },
    );
  }
  return { options: parsed.values, arguments: parsed.positionals, print };
}

function wantsHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return (end < 0 ? words : words.slice(0, end)).some((word) => word === '--help' || word === '-h');
}

function formatHelpFor(commands: readonly Command[], words: readonly string[]): string {
  if (words.length === 0) return formatHelp(commands);
  if (words.length === 1 && wordsBelow(commands, words).length > 0) return formatHelp(commands, words[0]);
  return formatCommandHelp(findCommand(commands, words).command);
}

async function dispatch(commands: readonly Command[], words: readonly string[], output: CliOutput): Promise<number> {
  const plain = words.filter((word) => !word.startsWith('-'));
  const first = words[0] ?? 'help';
  if (first === 'help' || first === '--help' || first === '-h') {
    output.out(formatHelpFor(commands, first === 'help' ? plain.slice(1) : plain));
    return 0;
  }
  if (plain.length === 1 && wantsHelp(words)) {
    output.out(formatHelpFor(commands, plain));
    return 0;
  }
  const found = findCommand(commands, first === '--version' ? ['version', ...words.slice(1)] : words);
  if (wantsHelp(found.rest)) {
    output.out(formatCommandHelp(found.command));
    return 0;
  }
  return found.command.run(parseInvocation(found, output.out));
}

/** What went wrong, in the words of a `CommandError`: anything else is a fault of the program itself. */
function toCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const problem = error instanceof Error ? error.message : String(error);
  return new CommandError(`a fault of mox itself: ${problem}`, 'please report it, with what MOX_DEBUG=1 in the environment adds', {
    cause: error,
    exitCode: 2,
  });
}

function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return (end < 0 ? words : words.slice(0, end)).includes('--json');
}

/**
 * Runs the command that the words of a command line name. Gives the exit status: 0 done, 1 failed, 2 called wrongly, or nothing to
 * work on. What went wrong is told in lines for people, and with `--json` as an object too.
 */
export async function runCommandLine(commands: readonly Command[], words: readonly string[], output: CliOutput): Promise<number> {
  try {
    return await dispatch(commands, words, output);
  } catch (error) {
    const { message, remedy, exitCode, cause } = toCommandError(error);
    const [first = '', ...more] = message.split('\n').map(printable);
    for (const line of [`mox: ${first}`, ...more.map((text) => `  ${text}`)]) output.error(line);
    for (const line of remedy.split('\n')) output.error(`  remedy: ${printable(line)}`);
    if (process.env['MOX_DEBUG'] && cause instanceof Error) output.error(printableLines(cause.stack ?? cause.message));
    if (wantsJson(words)) output.out(printable(JSON.stringify({ error: { message, remedy } })));
    return exitCode;
  }
}
