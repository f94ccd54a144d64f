// Mail from other hosts, as the server checks it: signed by other people's programs, sent by swaks, asked of a real resolver.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { environment, freePort, waitFor } from '../../../packages/dns-node/test/servers.ts';
import { readMailbox } from './support/imap-reader.ts';
import { describeProgram, run } from './support/programs.ts';
import { ensureBuilt, moxCommand, type ServerProcess, startServer } from './support/server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mox-checks-'));
let server: ServerProcess;
let unbound: ChildProcess;

/** A zone of the sender's, in a resolver that knows nothing else. */
function unboundConfig(port: number, key: string): string {
  const records = [
    'example.org. TXT "v=spf1 ip4:127.0.0.1 -all"',
    '_dmarc.example.org. TXT "v=DMARC1; p=reject"',
    `sel._domainkey.example.org. TXT ${(key.match(/.{1,200}/g) ?? []).map((piece) => `"${piece}"`).join(' ')}`,
    'mail.example.org. A 127.0.0.1',
    '1.0.0.127.in-addr.arpa. PTR mail.example.org.',
    'strict.example. TXT "v=spf1 -all"',
    '_dmarc.strict.example. TXT "v=DMARC1; p=reject"',
    'careful.example. TXT "v=spf1 -all"',
    '_dmarc.careful.example. TXT "v=DMARC1; p=quarantine"',
  ];
  return `server:
  interface: 127.0.0.1@${port}
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  do-ip6: no
  local-zone: "." static
${records.map((record) => `  local-data: '${record}'\n`).join('')}
remote-control:
  control-enable: no
`;
}

async function startResolver(key: string): Promise<number> {
  const port = await freePort();
  writeFileSync(join(folder, 'unbound.conf'), unboundConfig(port, key));
  unbound = spawn('unbound', ['-d', '-c', join(folder, 'unbound.conf')], { env: environment, stdio: 'ignore' });
  await waitFor(port, 'example.org');
  return port;
}

async function send(file: string, from: string): Promise<string> {
  const words = ['--server', `127.0.0.1:${server.ports.smtp}`, '--helo', 'mail.example.org', '--from', from, '--to', 'anyone@localhost'];
  return (await run('swaks', [...words, '--data', `@${file}`])).out;
}

function writeMessage(name: string, from: string): string {
  const file = join(folder, name);
  writeFileSync(
    file,
    `From: Jane <${from}>\r\nTo: anyone@localhost\r\nSubject: ${name}\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n\r\nAt noon.\r\n`,
  );
  return file;
}

async function why(text: string): Promise<string> {
  return (await run(process.execPath, [...moxCommand, 'why', text, '--dir', server.directory])).out;
}

function tests(): void {
  beforeAll(async () => {
    await run('openssl', ['genrsa', '-traditional', '-out', join(folder, 'key.pem'), '2048']);
    const spki = await run('openssl', [
      'rsa',
      '-in',
      join(folder, 'key.pem'),
      '-pubout',
      '-outform',
      'DER',
      '-out',
      join(folder, 'key.der'),
    ]);
    expect(spki.code).toBe(0);
    const port = await startResolver(`v=DKIM1; k=rsa; p=${readFileSync(join(folder, 'key.der')).toString('base64')}`);
    await ensureBuilt();
    server = await startServer({ config: { dns: { resolvers: [`127.0.0.1:${port}`] }, authentication: { exempt: [] } } });
  });

  afterAll(async () => {
    expect(await server?.stop()).toBe(0);
    if (unbound) {
      unbound.kill();
      await once(unbound, 'exit');
    }
    rmSync(folder, { recursive: true });
  });

  it('RFC 8601 §4.1: a message that python3-dkim signed arrives with its results on top, and mox why tells how they came about', async () => {
    const file = writeMessage('signed', 'jane@example.org');
    const signed = await run('dkimsign', ['sel', 'example.org', join(folder, 'key.pem')], { input: readFileSync(file) });
    writeFileSync(file, Buffer.from(signed.out, 'latin1'));
    expect(await send(file, 'jane@example.org')).toContain('250 2.0.0');
    const [message = ''] = (await readMailbox(server, 'INBOX')).map((bytes) => bytes.toString('latin1').replaceAll(/\r\n[ \t]+/g, ' '));
    expect(message).toMatch(
      /^Return-Path: <jane@example\.org>\r\nAuthentication-Results: localhost; iprev=pass [^\r]*spf=pass [^\r]*dkim=pass [^\r]*dmarc=pass /,
    );
    const explained = await why('jane@example.org');
    expect(explained).toContain('dns sel._domainkey.example.org TXT -> ok');
    expect(explained).toMatch(/SPF of example\.org -> pass .*\n.*\n.*\n *mechanism ip4:127\.0\.0\.1 -> pass/);
  });

  it('RFC 9989 §7.4: a forgery is refused, and the reply says by what', async () => {
    const out = await send(writeMessage('forged', 'boss@strict.example'), 'boss@strict.example');
    expect(out).toContain('550 5.7.26 The message fails DMARC, and strict.example asks for its rejection');
    expect(await why('boss@strict.example')).toContain('refused: it fails DMARC');
  });

  it('RFC 9989 §7.4: one that is to be quarantined is found in Junk', async () => {
    expect(await send(writeMessage('careful', 'boss@careful.example'), 'boss@careful.example')).toContain('250 2.0.0');
    expect(await readMailbox(server, 'Junk')).toHaveLength(1);
    expect(await why('boss@careful.example')).toMatch(/delivery {2}<anyone@localhost> -> account [^,]+, Junk/);
  });
}

describeProgram('swaks', 'swaks unbound python3-dkim openssl', tests, [
  'sh',
  '-c',
  'PATH=$PATH:/usr/sbin; command -v unbound && command -v dkimsign',
]);
