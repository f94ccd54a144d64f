import { parseArgs } from 'node:util';
import type { Command, CommandOption, Invocation } from './command.ts';
import { CommandError } from './command-error.ts';
import { formatCommandHelp, formatHelp } from './help.ts';
import { nearest } from './nearest.ts';

/** Where the command line writes to. */
export interface CliOutput {
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
}

interface Found {
  readonly command: Command;
  readonly rest: readonly string[];
}

function findCommand(commands: readonly Command[], words: readonly string[]): Found {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ');
    const command = commands.find((candidate) => candidate.name === name);
    if (command) return { command, rest: words.slice(length) };
  }
  const names = commands.map(({ name }) => name);
  const firsts = names.filter((name) => name.startsWith(`${words[0]} `));
  if (firsts.length > 0) throw new CommandError(`mox ${words[0]} wants a second word`, `one of: ${firsts.join(', ')}`, { exitCode: 2 });
  const meant = nearest(words.slice(0, 2).join(' '), names) ?? nearest(words[0] ?? '', names);
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
    const problem = error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error);
    const given = /'--?([^' =]+)/.exec(problem)?.[1];
    const meant = given === undefined ? undefined : nearest(given, names);
    throw new CommandError(problem, meant && meant !== given ? `did you mean: --${meant}` : `mox help ${command.name}`, { exitCode: 2 });
  }
  const { least, most } = command.argumentCount;
  const count = parsed.positionals.length;
  if (count < least || count > most) {
    throw new CommandError(
      count < least ? `mox ${command.name} wants ${command.arguments}` : `mox ${command.name}: too many arguments`,
      `mox help ${command.name}`,
      { exitCode: 2 },
    );
  }
  return { options: parsed.values, arguments: parsed.positionals, print };
}

function wantsHelp(words: readonly string[]): boolean {
  return words.some((word) => word === '--help' || word === '-h');
}

async function dispatch(commands: readonly Command[], words: readonly string[], output: CliOutput): Promise<number> {
  const plain = words.filter((word) => !word.startsWith('-'));
  const first = words[0] ?? 'help';
  if (first === 'help' || first === '--help' || first === '-h') {
    output.out(plain.length > 1 ? formatCommandHelp(findCommand(commands, plain.slice(1)).command) : formatHelp(commands));
    return 0;
  }
  const found = findCommand(commands, first === '--version' ? ['version', ...words.slice(1)] : words);
  if (wantsHelp(found.rest)) {
    output.out(formatCommandHelp(found.command));
    return 0;
  }
  return found.command.run(parseInvocation(found, output.out));
}

/** Runs the command that the words of a command line name. Gives the exit status: 0 done, 1 failed, 2 called wrongly. */
export async function runCommandLine(commands: readonly Command[], words: readonly string[], output: CliOutput): Promise<number> {
  try {
    return await dispatch(commands, words, output);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    output.error(`mox: ${error.message}`);
    for (const line of error.remedy.split('\n')) output.error(`  remedy: ${line}`);
    return error.exitCode;
  }
}
