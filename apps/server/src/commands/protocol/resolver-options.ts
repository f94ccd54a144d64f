import { readFile, writeFile } from 'node:fs/promises';
import type { Resolver } from '@mox/dns';
import { formatRecording, parseRecording, RecordingResolver, ReplayingResolver } from '@mox/dns/testing';
import { type CommandOption, type OptionValues, textOption } from '../../cli/command.ts';
import { CommandError } from '../../cli/command-error.ts';
import { parseServerAddress, type ServerAddress } from '../../config/server-address.ts';
import { unreadable } from './input.ts';

/** Options of every command that asks the DNS. */
export const resolverOptions: Readonly<Record<string, CommandOption>> = {
  resolver: {
    type: 'string',
    value: 'ADDRESS',
    help: 'ask this resolver, e.g. 127.0.0.1 or 127.0.0.1:5353 (default: those of /etc/resolv.conf)',
  },
  record: { type: 'string', value: 'FILE', help: 'keep the DNS answers in a file, e.g. for a report of a fault' },
  replay: { type: 'string', value: 'FILE', help: 'answer DNS questions from such a file, offline' },
};

const longestMilliseconds = 60_000;

async function replayFrom(file: string): Promise<Resolver> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw unreadable(file, cause, 'name a file that --record wrote');
  });
  const recording = parseRecording(text);
  if (recording.ok) return new ReplayingResolver(recording.value);
  throw new CommandError(`${file} is no recording of DNS answers: ${recording.error.message}`, 'name a file that --record wrote', {
    exitCode: 2,
  });
}

async function writeRecording(file: string, recorded: RecordingResolver['recorded']): Promise<void> {
  await writeFile(file, formatRecording(recorded)).catch((cause: unknown) => {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(
      `the DNS answers cannot be written to ${file}: ${problem}`,
      'give --record a file in a directory that is there',
      {
        cause,
        exitCode: 2,
      },
    );
  });
}

function serverOf(text: string): ServerAddress {
  const address = parseServerAddress(text);
  if (address) return address;
  throw new CommandError(`not the address of a resolver: ${text}`, 'e.g. --resolver 127.0.0.1 or --resolver 127.0.0.1:5353', {
    exitCode: 2,
  });
}

async function openResolver(options: OptionValues): Promise<{ resolver: Resolver; close: () => void }> {
  const replay = textOption(options, 'replay');
  if (replay !== undefined) return { resolver: await replayFrom(replay), close: () => undefined };
  const { createResolver } = await import('@mox/dns-node');
  const address = textOption(options, 'resolver');
  const resolver = await createResolver({
    ...(address !== undefined && { servers: [serverOf(address)] }),
    ...(options['dnssec'] === true && { dnssec: 'validate' }),
  });
  return { resolver, close: () => resolver.close() };
}

function tookTooLong(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

/** Runs a command with the resolver that its options ask for, and a signal that ends it where that takes too long. */
export async function withResolver<T>(options: OptionValues, run: (resolver: Resolver, signal: AbortSignal) => Promise<T>): Promise<T> {
  const { resolver, close } = await openResolver(options);
  const recording = new RecordingResolver(resolver);
  try {
    const result = await run(recording, AbortSignal.timeout(longestMilliseconds));
    const record = textOption(options, 'record');
    if (record !== undefined) await writeRecording(record, recording.recorded);
    return result;
  } catch (cause) {
    if (!tookTooLong(cause)) throw cause;
    throw new CommandError(
      `no result within ${longestMilliseconds / 1000} s: the DNS does not answer`,
      'name a resolver that does: --resolver 9.9.9.9',
      { cause, exitCode: 2 },
    );
  } finally {
    close();
  }
}
