import { readFile } from 'node:fs/promises';
import { CommandError } from '../../cli/command-error.ts';

/** Reads what a command works on: a file, or standard input for `-` or no name. */
export async function readInput(file: string | undefined): Promise<Uint8Array> {
  if (file === undefined || file === '-') {
    const pieces: Uint8Array[] = [];
    for await (const piece of process.stdin) pieces.push(piece as Uint8Array);
    return Buffer.concat(pieces);
  }
  try {
    return await readFile(file);
  } catch (cause) {
    throw new CommandError(
      `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      'name a file that is there, or - for standard input',
      { cause },
    );
  }
}
