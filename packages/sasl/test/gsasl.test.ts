// Our server machines against the client of GNU SASL, over a loopback connection that speaks as much SMTP as it takes.
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { decodeBase64Lenient, encodeBase64 } from '@mox/encoding';
import { fromUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { createSaslServer, type SaslFailure, type SaslServerOptions, type SaslSuccess } from '../src/index.ts';
import { directory, settle } from './drive.ts';

const source = directory({ username: 'user', password: 'pencil' });

function gsaslMechanisms(): readonly string[] {
  try {
    return execFileSync('gsasl', ['--client-mechanisms'], { encoding: 'utf8', stdio: 'pipe' }).split(/\s+/);
  } catch {
    return [];
  }
}

async function serve(socket: Socket, options: SaslServerOptions): Promise<SaslSuccess | SaslFailure | undefined> {
  const lines = createInterface(socket)[Symbol.asyncIterator]();
  const read = async (): Promise<string> => (await lines.next()).value ?? '';
  const say = (line: string): unknown => socket.write(`${line}\r\n`);
  const bytes = (text: string): Uint8Array => decodeBase64Lenient(fromUtf8(text === '=' ? '' : text));
  say('220 localhost');
  for (let line = await read(); line !== ''; line = await read()) {
    const [verb, name = '', initial] = line.split(' ');
    if (verb === 'EHLO') say(`250-localhost\r\n250 AUTH ${options.mechanisms?.join(' ')}`);
    else if (verb !== 'AUTH') say('221 bye');
    else {
      const machine = createSaslServer(name, options);
      if (!machine) return undefined;
      let step = await settle(machine, machine.step(initial === undefined ? undefined : bytes(initial)), source);
      while (step.type === 'challenge') {
        say(`334 ${encodeBase64(step.data)}`);
        step = await settle(machine, machine.step(bytes(await read())), source);
      }
      say(step.type === 'success' ? '235 2.7.0 welcome' : '535 5.7.8 no');
      socket.end();
      return step;
    }
  }
  return undefined;
}

/** What our server made of a login by gsasl. */
async function gsasl(mechanism: string, options: { readonly password: string; readonly clientFirst?: boolean }): Promise<unknown> {
  const listener = createServer();
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const outcome = once(listener, 'connection').then(([socket]) => serve(socket, { mechanisms: [mechanism], plaintextWithoutTls: true }));
  const args = [
    '--client',
    '--smtp',
    '--no-starttls',
    `--connect=127.0.0.1:${port}`,
    `--mechanism=${mechanism}`,
    '-a',
    'user',
    '-p',
    options.password,
  ];
  const child = execFile('gsasl', [...args, '-n', 'guest', '--quiet', ...(options.clientFirst ? [] : ['--no-client-first'])]);
  child.stdin?.end();
  try {
    return await outcome;
  } finally {
    listener.close();
    child.kill();
  }
}

const theirs = gsaslMechanisms();

describe.skipIf(theirs.length === 0 && !process.env['CI'])('gsasl as the client (skipped where it is not installed)', () => {
  it.each(['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'ANONYMOUS'])('%s', async (mechanism) => {
    expect(theirs).toContain(mechanism);
    for (const clientFirst of [true, false]) {
      expect(await gsasl(mechanism, { password: 'pencil', clientFirst })).toMatchObject({ type: 'success', identity: { mechanism } });
    }
    if (mechanism !== 'ANONYMOUS')
      expect(await gsasl(mechanism, { password: 'wrong' })).toMatchObject({ type: 'failure', reason: 'invalid-credentials' });
  });
});
