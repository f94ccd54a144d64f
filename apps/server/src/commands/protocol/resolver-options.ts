import { readFile, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Resolver } from '@mox/dns';
import { type RecordedAnswer, RecordingResolver, ReplayingResolver } from '@mox/dns/testing';
import { type CommandOption, type OptionValues, textOption } from '../../cli/command.ts';
import { CommandError } from '../../cli/command-error.ts';
import { fromJson, toJson } from './json.ts';

/** Options of every command that asks the DNS. */
export const resolverOptions: Readonly<Record<string, CommandOption>> = {
  resolver: { type: 'string', value: 'ADDRESS', help: 'ask this resolver (default: those of /etc/resolv.conf)' },
  record: { type: 'string', value: 'FILE', help: 'write the DNS answers to a file' },
  replay: { type: 'string', value: 'FILE', help: 'answer DNS questions from such a file, offline' },
};

async function replayFrom(file: string): Promise<Resolver> {
  try {
    return new ReplayingResolver(fromJson(await readFile(file, 'utf8')) as readonly RecordedAnswer[]);
  } catch (cause) {
    throw new CommandError(`${file} is no recording of DNS answers`, 'name a file that --record wrote', { cause });
  }
}

/** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`. */
function parseServer(text: string): { readonly address: string; readonly port?: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? text;
  if (!isIP(address))
    throw new CommandError(`not the address of a resolver: ${text}`, 'e.g. --resolver 127.0.0.1 or --resolver 127.0.0.1:5353', {
      exitCode: 2,
    });
  return { address, ...(port !== undefined && { port: Number(port) }) };
}

async function systemResolver(address: string | undefined): Promise<{ resolver: Resolver; close: () => void }> {
  const { createResolver } = await import('@mox/dns-node');
  const resolver = await createResolver(address === undefined ? {} : { servers: [parseServer(address)] });
  return { resolver, close: () => resolver.close() };
}

/** Runs a command with the resolver that its options ask for. */
export async function withResolver<T>(options: OptionValues, run: (resolver: Resolver) => Promise<T>): Promise<T> {
  const replay = textOption(options, 'replay');
  if (replay !== undefined) return run(await replayFrom(replay));
  const { resolver, close } = await systemResolver(textOption(options, 'resolver'));
  const recording = new RecordingResolver(resolver);
  try {
    return await run(recording);
  } finally {
    close();
    const record = textOption(options, 'record');
    if (record !== undefined) await writeFile(record, toJson(recording.recorded));
  }
}
