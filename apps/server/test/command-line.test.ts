// The program as an operator uses it.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { numberedMessage } from './support/messages.ts';
import { type Ran, run } from './support/programs.ts';
import { ensureBuilt, freePortOffset, moxCommand, newDirectory, type ServerProcess, startServer } from './support/server-process.ts';
import { SmtpPeer } from './support/smtp-peer.ts';

const folder = mkdtempSync(join(tmpdir(), 'mox-cli-'));
let server: ServerProcess;

function mox(...words: string[]): Promise<Ran> {
  return run(process.execPath, [...moxCommand, ...words]);
}

beforeAll(async () => {
  await ensureBuilt();
  server = await startServer();
});

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true });
});

describe('mox', () => {
  it('helps', async () => {
    const help = await mox('help');
    expect(help).toMatchObject({ code: 0, error: '' });
    expect(help.out).toContain('localserve');
    expect((await mox()).out).toBe(help.out);
    expect((await mox('help', 'why')).out).toContain('usage: mox why [options] <transaction id');
    expect((await mox('localserve', '--help')).out).toContain('--port-offset NUMBER');
  });

  it('says what was meant by an unknown word', async () => {
    expect(await mox('localsevre')).toMatchObject({ code: 2, error: expect.stringContaining('did you mean: mox localserve') });
    expect(await mox('localserve', '--dri', 'x')).toMatchObject({ code: 2, error: expect.stringContaining('did you mean: --dir') });
    expect(await mox('account')).toMatchObject({ code: 2, error: expect.stringContaining('account list') });
    expect(await mox('why')).toMatchObject({ code: 2, error: expect.stringContaining('wants <transaction id') });
  });

  it('tells its version', async () => {
    expect((await mox('version')).out).toMatch(/^mox \d+\.\d+\.\d+\nnode 2\d/);
    expect(JSON.parse((await mox('version', '--json')).out)).toHaveProperty('mox');
  });
});

describe('mox config check', () => {
  it('tells file, line, column and what to do', async () => {
    const file = join(folder, 'bad.yaml');
    writeFileSync(file, 'hostname: localhost\naccount: {name: a@b, password: c}\nlimits:\n  recipents: 3\n');
    const result = await mox('config', 'check', file);
    expect(result.code).toBe(1);
    expect(result.out).toBe(`${file}:4:3: unknown setting: limits.recipents\n  remedy: did you mean recipients?\n`);
    expect(JSON.parse((await mox('config', 'check', '--json', file)).out)).toMatchObject({ ok: false, problems: [{ line: 4 }] });
  });

  it('a server with a bad configuration does not start, and says why', async () => {
    const directory = newDirectory(await freePortOffset(), { portOffset: 'many' });
    expect(await mox('localserve', '--dir', directory)).toMatchObject({
      code: 1,
      error: expect.stringMatching(/mox\.yaml:\d+:\d+: portOffset/),
    });
    rmSync(directory, { recursive: true });
  });
});

describe('mox localserve', () => {
  it('makes all it needs at the first run, keeps it for the next, and stops cleanly', async () => {
    const directory = join(folder, 'new', 'data');
    const portOffset = await freePortOffset();
    const first = await startServer({ directory, portOffset });
    expect(statSync(join(directory, 'mox.yaml')).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const text of [first.password, 'mox@localhost', `localhost:${first.ports.imaps}`, 'swaks --server', 'curl -k']) {
      expect(first.output()).toContain(text);
    }
    const certificate = readFileSync(join(directory, 'tls/certificate.pem'), 'utf8');
    expect(await first.stop()).toBe(0);
    expect(first.log()).toMatch(/info {2}stopped\n$/);
    const second = await startServer({ directory, portOffset });
    expect(second.password).toBe(first.password);
    expect(readFileSync(join(directory, 'tls/certificate.pem'), 'utf8')).toBe(certificate);
    expect(await second.stop()).toBe(0);
  });

  it('a second one on the same directory is told so', async () => {
    const offset = String(await freePortOffset());
    const second = await mox('localserve', '--dir', server.directory, '--port-offset', offset);
    expect(second).toMatchObject({ code: 1, error: expect.stringContaining('a mox server runs on this directory') });
  });

  it('a port in use is named, with a remedy', async () => {
    const portOffset = await freePortOffset();
    const blocker = createServer().listen(587 + portOffset, '127.0.0.1');
    const directory = newDirectory(portOffset);
    const result = await mox('localserve', '--dir', directory, '--port-offset', String(portOffset));
    blocker.close();
    expect(result.code).toBe(1);
    expect(result.error).toContain(`port ${587 + portOffset}`);
    expect(result.error).toContain('--port-offset');
    rmSync(directory, { recursive: true });
  });

  it('logs JSON where asked to', async () => {
    const other = await startServer({ words: ['--log', 'json'] });
    expect(await other.stop()).toBe(0);
    for (const line of other.log().trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('message');
  });
});

describe('mox why', () => {
  it('explains a message that was taken, by its id, its Message-ID and its addresses, while the server runs', async () => {
    const peer = await SmtpPeer.open(server.ports.smtp);
    await peer.say('EHLO client.example');
    const reply = await peer.send(numberedMessage('to be explained'), { from: 'who@example.org', to: 'whoever@localhost' });
    peer.close();
    const id = /^250 2\.\d\.\d (\S+)/.exec(reply)?.[1] ?? '';
    for (const text of [id, '<to be explained@test.example>', 'who@example.org', 'whoever@localhost']) {
      await expect.poll(async () => (await mox('why', text, '--dir', server.directory)).out, { timeout: 5_000 }).toContain('delivered');
    }
    const { out } = await mox('why', id, '--dir', server.directory);
    expect(out).toContain('greeted as client.example');
    expect(out).toContain('from <who@example.org> to <whoever@localhost>');
    expect(out).toMatch(/reply {5}250 /);
    expect(JSON.parse((await mox('why', id, '--json', '--dir', server.directory)).out)).toMatchObject([{ id, outcome: 'delivered' }]);
  });

  it('explains a refusal', async () => {
    const peer = await SmtpPeer.open(server.ports.smtp);
    await peer.say('EHLO client.example');
    await peer.say('MAIL FROM:<refused@example.org>');
    await peer.say('RCPT TO:<mox@localhost>');
    await peer.say('DATA');
    expect(await peer.say('Subject: x\r\n\r\nbare\nline feed\r\n.')).toMatch(/^5/);
    peer.close();
    await expect
      .poll(async () => (await mox('why', 'refused@example.org', '--dir', server.directory)).out, { timeout: 5_000 })
      .toContain('refused');
  });

  it('says so where nothing is known', async () => {
    expect(await mox('why', 'nobody@example.org', '--dir', server.directory)).toMatchObject({
      code: 1,
      out: 'nothing is known of nobody@example.org\n',
    });
    expect(await mox('why', 'x', '--dir', join(folder, 'nothing'))).toMatchObject({
      code: 2,
      error: expect.stringContaining('no mox data'),
    });
    expect(existsSync(join(folder, 'nothing'))).toBe(false);
  });
});

describe('mox account', () => {
  it('lists accounts while the server runs, and adds them while it does not', async () => {
    expect((await mox('account', 'list', '--dir', server.directory)).out).toContain('mox@localhost  enabled');
    expect(await mox('account', 'add', 'x@localhost', '--dir', server.directory)).toMatchObject({
      code: 1,
      error: expect.stringContaining('stop it first'),
    });
    const directory = newDirectory(await freePortOffset());
    expect((await mox('account', 'add', 'second@localhost', '--dir', directory, '--password', 'two')).out).toContain(
      'added second@localhost',
    );
    expect((await mox('account', 'add', 'second@localhost', '--dir', directory)).error).toContain('belongs to an account already');
    expect((await mox('account', 'password', 'second@localhost', '--dir', directory)).code).toBe(0);
    rmSync(directory, { recursive: true });
  });
});
