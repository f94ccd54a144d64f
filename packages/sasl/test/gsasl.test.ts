// Our server machines against the client of GNU SASL, over a loopback connection that speaks as much SMTP as it takes, with TLS for the
// mechanisms that bind to it.
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { createSecureContext, TLSSocket } from 'node:tls';
import { decodeBase64Lenient, encodeBase64 } from '@mox/encoding';
import { type ChannelBindingType, fromUtf8 } from '@mox/runtime';
import { createSelfSignedCertificate } from '@mox/x509';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSaslServer, type SaslFailure, type SaslServerOptions, type SaslSuccess } from '../src/index.ts';
import { directory, settle, tlsInfo } from './drive.ts';

const source = directory({ username: 'user', password: 'pencil' });
type Outcome = SaslSuccess | SaslFailure | undefined;

function gsaslMechanisms(): readonly string[] {
  try {
    return execFileSync('gsasl', ['--client-mechanisms'], { encoding: 'utf8', stdio: 'pipe' }).split(/\s+/);
  } catch {
    return [];
  }
}

let credentials: { readonly key: string; readonly cert: string };
beforeAll(async () => {
  const now = Date.now();
  const made = await createSelfSignedCertificate({ names: ['localhost'], notBefore: now - 1000, notAfter: now + 86_400_000 });
  credentials = { key: made.privateKeyPem, cert: made.certificatePem };
});

/** Lines of a connection, until it is handed over to TLS. */
function lineReader(socket: Socket): () => Promise<string> {
  const lines = createInterface(socket)[Symbol.asyncIterator]();
  return async () => (await lines.next()).value ?? '';
}

const bytes = (text: string): Uint8Array => decodeBase64Lenient(fromUtf8(text === '=' ? '' : text));

async function authenticate(
  line: string,
  options: SaslServerOptions,
  peer: { say(line: string): unknown; read(): Promise<string> },
): Promise<Outcome> {
  const [, name = '', initial] = line.split(' ');
  const machine = createSaslServer(name, options);
  if (!machine) return undefined;
  let step = await settle(machine, machine.step(initial === undefined ? undefined : bytes(initial)), source);
  while (step.type === 'challenge') {
    peer.say(`334 ${encodeBase64(step.data)}`);
    step = await settle(machine, machine.step(bytes(await peer.read())), source);
  }
  peer.say(step.type === 'success' ? '235 2.7.0 welcome' : '535 5.7.8 no');
  return step;
}

async function serve(socket: Socket, options: SaslServerOptions): Promise<Outcome> {
  const read = lineReader(socket);
  const say = (line: string): unknown => socket.write(`${line}\r\n`);
  if (!options.tls) say('220 localhost');
  for (let line = await read(); line !== ''; line = await read()) {
    const [verb] = line.split(' ');
    if (verb === 'EHLO') say(`250-localhost\r\n250 AUTH ${options.mechanisms?.join(' ')}`);
    else if (verb !== 'AUTH') say('221 bye');
    else {
      const outcome = await authenticate(line, options, { say, read });
      socket.end();
      return outcome;
    }
  }
  return undefined;
}

type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** STARTTLS, then as `serve`, bound to the channel. */
async function serveTls(socket: Socket, mechanism: string, version: TlsVersion): Promise<Outcome> {
  // gsasl says STARTTLS at once. A line reader would swallow the first bytes of the handshake.
  socket.write('220 localhost\r\n');
  for (let said = ''; !said.endsWith('\n'); said += (await once(socket, 'data')).join(''));
  socket.write('220 go\r\n');
  const secureContext = createSecureContext({ minVersion: version, maxVersion: version, ...credentials });
  const secure = new TLSSocket(socket, { isServer: true, secureContext });
  await once(secure, 'secure');
  const type: ChannelBindingType = version === 'TLSv1.3' ? 'tls-exporter' : 'tls-unique';
  const data =
    version === 'TLSv1.3' ? secure.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)) : secure.getPeerFinished();
  const binding = data && new Uint8Array(data);
  const tls = tlsInfo({
    protocol: version,
    channelBindingTypes: [type],
    channelBinding: (asked) => (asked === type ? binding : undefined),
  });
  return await serve(secure, { tls, mechanisms: [mechanism, mechanism.replace('-PLUS', '')] });
}

/** What our server made of a login by gsasl. */
async function gsasl(
  mechanism: string,
  options: { readonly password: string; readonly clientFirst?: boolean; readonly version?: TlsVersion },
): Promise<unknown> {
  const listener = createServer();
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const { version } = options;
  const outcome = once(listener, 'connection').then(([socket]) =>
    version ? serveTls(socket, mechanism, version) : serve(socket, { mechanisms: [mechanism], plaintextWithoutTls: true }),
  );
  const args = ['--client', '--smtp', `--connect=127.0.0.1:${port}`, `--mechanism=${mechanism}`, '-a', 'user', '-p', options.password];
  const tls = version ? ['--starttls', '--x509-ca-file='] : ['--no-starttls'];
  const child = execFile('gsasl', [...args, ...tls, '-n', 'guest', '--quiet', ...(options.clientFirst ? [] : ['--no-client-first'])]);
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

  it.each([
    ['SCRAM-SHA-1-PLUS', 'TLSv1.2', 'tls-unique'],
    ['SCRAM-SHA-256-PLUS', 'TLSv1.2', 'tls-unique'],
    ['SCRAM-SHA-1-PLUS', 'TLSv1.3', 'tls-exporter'],
    ['SCRAM-SHA-256-PLUS', 'TLSv1.3', 'tls-exporter'],
  ] as const)('RFC 5802 §6: %s over %s binds by %s', async (mechanism, version, channelBinding) => {
    const outcome = await gsasl(mechanism, { password: 'pencil', version });
    expect(outcome).toMatchObject({ type: 'success', identity: { mechanism, channelBinding } });
  });
});
