import type { ParseArgsConfig } from 'node:util';

/** Values of a command's options, by name. */
export type OptionValues = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** What a command is run with. */
export interface Invocation {
  readonly options: OptionValues;
  readonly arguments: readonly string[];
  /** Writes a line to standard output. */
  print(text: string): void;
}

/** An option, as `parseArgs` of `node:util` takes it, and what help says of it. */
export type CommandOption = NonNullable<ParseArgsConfig['options']>[string] & {
  readonly help: string;
  /** What stands for the value in the usage line, e.g. `DIRECTORY`. */
  readonly value?: string;
};

/** One command of `mox`. */
export interface Command {
  /** One to three words, e.g. `account add`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Names of the arguments, e.g. `<address>`. */
  readonly arguments: string;
  /** How many arguments it takes. */
  readonly argumentCount: { readonly least: number; readonly most: number };
  readonly options: Readonly<Record<string, CommandOption>>;
  /** What more there is to say, for `mox help <command>`: a paragraph a line, wrapped where it is shown. */
  readonly details?: string;
  /** Command lines to learn from. */
  readonly examples?: readonly string[];
  /** Does it. Gives the exit status. Throws a `CommandError` for what the user can mend. */
  run(invocation: Invocation): Promise<number>;
}

/** The option that every command on a data directory has. */
export const directoryOption: CommandOption = {
  type: 'string',
  short: 'd',
  value: 'DIRECTORY',
  help: 'data directory (default: mox in the directory for data of this user)',
};

/** The option of commands that print results for programs. */
export const jsonOption: CommandOption = { type: 'boolean', help: 'print JSON' };

/** The value of an option that takes text. */
export function textOption(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}
