import { open } from 'node:fs/promises';
import { CommandError } from '../../cli/command-error.ts';

/** Most that is held in memory at once: several times the largest message that any provider takes. */
const largestInputBytes = 256 * 1024 * 1024;

/** What to throw for a file that cannot be read: why, in words, and what to do about it. */
export function unreadable(file: string, cause: unknown, remedy: string = 'name a file, or - for standard input'): CommandError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'this user may not read it',
    EISDIR: 'it is a directory',
  };
  const reason = (typeof code === 'string' && reasons[code]) || (cause instanceof Error ? cause.message : String(cause));
  return new CommandError(`${file} cannot be read: ${reason}`, remedy, { cause, exitCode: 2 });
}

async function* fileChunks(file: string): AsyncGenerator<Uint8Array> {
  try {
    const handle = await open(file);
    for await (const chunk of handle.createReadStream()) yield chunk as Uint8Array;
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function standardInput(): AsyncIterable<Uint8Array> {
  if (process.stdin.isTTY) process.stderr.write('mox: reading what you type; Ctrl-D ends it\n');
  return process.stdin as AsyncIterable<Uint8Array>;
}

/** What a command works on, piece by piece: a file, or standard input for `-` or no name. Nothing at all is an error. */
export async function* inputChunks(file: string | undefined): AsyncGenerator<Uint8Array> {
  const named = file !== undefined && file !== '-';
  let sizeBytes = 0;
  for await (const chunk of named ? fileChunks(file) : standardInput()) {
    sizeBytes += chunk.length;
    yield chunk;
  }
  if (sizeBytes > 0) return;
  throw new CommandError(`${named ? file : 'standard input'} is empty`, 'name a file that holds something, or pipe it in', {
    exitCode: 2,
  });
}

/** All of what a command works on, as far as memory allows. */
export async function readInput(file: string | undefined): Promise<Buffer> {
  const collected: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of inputChunks(file)) {
    sizeBytes += chunk.length;
    if (sizeBytes > largestInputBytes)
      throw new CommandError('the input is larger than 256 MiB', 'no mail is: check what is piped in', { exitCode: 2 });
    collected.push(chunk);
  }
  return Buffer.concat(collected, sizeBytes);
}

/**
 * All of a message, with the line ends that it was sent with: where the first line ends with LF alone, as files of Unix do, all
 * become CRLF (RFC 5322 §2.3); otherwise nothing is touched. What verifies messages reads them so by itself.
 */
export async function readMessage(file: string | undefined): Promise<Buffer> {
  const bytes = await readInput(file);
  const lf = bytes.indexOf('\n');
  if (lf < 0 || bytes[lf - 1] === 13) return bytes;
  return Buffer.from(bytes.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');
}
