// What peers do wrong, and what the machine does: a clear reply, bounded memory, the server stays up, nothing lost.
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMailbox, withImap } from './support/imap-reader.ts';
import { largeMessage, numberedMessage } from './support/messages.ts';
import { ensureBuilt, freePortOffset, newDirectory, type ServerProcess, startServer } from './support/server-process.ts';
import { SmtpPeer } from './support/smtp-peer.ts';

let server: ServerProcess;

beforeAll(async () => {
  await ensureBuilt();
  server = await startServer({
    config: {
      timeouts: { smtpSeconds: 1, loginSeconds: 1, imapSeconds: 1.5 },
      limits: { messageSizeBytes: 5_000_000, recipients: 10 },
    },
  });
});

afterAll(async () => {
  expect(await server?.stop()).toBe(0);
});

/** Says raw bytes to a port and gives all that was heard until the server closed. */
async function converse(port: number, said: string | Buffer, keepSaying: number = 0): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  let heard = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    heard += text;
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  socket.write(said);
  const filler = Buffer.alloc(65_536, 'x');
  for (let sent = 0; sent < keepSaying && !socket.destroyed; sent += filler.length) {
    if (!socket.write(filler)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
  }
  await closed;
  return heard;
}

async function isWell(): Promise<void> {
  const peer = await SmtpPeer.open(server.ports.smtp);
  expect(await peer.say('EHLO client.example')).toMatch(/^250/);
  peer.close();
}

describe('SMTP', () => {
  it('RFC 5321 §4.5.3.1.4: a command too long is refused, without end it costs no memory', async () => {
    const peer = await SmtpPeer.open(server.ports.smtp);
    expect(await peer.say(`EHLO ${'x'.repeat(5_000)}`)).toMatch(/^500 /);
    expect(await peer.say('EHLO client.example')).toMatch(/^250/);
    peer.close();
    const before = server.residentBytes();
    await converse(server.ports.smtp, '', 200_000_000);
    expect(server.residentBytes() - before).toBeLessThan(100_000_000);
    await isWell();
  });

  it('RFC 5321 §4.5.3.2: a client that says nothing is told so and let go', async () => {
    expect(await converse(server.ports.smtp, '')).toMatch(/^220 .*\r\n421 /);
    expect(
      await converse(server.ports.smtp, 'EHLO a.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<mox@localhost>\r\nDATA\r\nhalf'),
    ).toMatch(/\r\n354 .*\r\n421 /);
  });

  it('RFC 5321 §4.1.1.4: only CR LF . CR LF ends a message; what looks like an end to others is refused whole', async () => {
    for (const end of ['\n.\n', '\r.\r', '\n.\r\n', '\r\n.\n', '\r\n.\r', '\r.\r\n']) {
      const peer = await SmtpPeer.open(server.ports.smtp);
      await peer.say('EHLO client.example');
      await peer.write(`MAIL FROM:<a@example.org>\r\nRCPT TO:<mox@localhost>\r\nDATA\r\n`);
      for (let i = 0; i < 3; i++) await peer.reply();
      await peer.write(
        `Subject: x\r\n\r\nfirst${end}MAIL FROM:<evil@example.org>\r\nRCPT TO:<mox@localhost>\r\nDATA\r\nSubject: smuggled\r\n\r\n\r\n.\r\n`,
      );
      expect(await peer.reply(), JSON.stringify(end)).toMatch(/^5/);
      expect(await peer.say('NOOP')).toMatch(/^(250|421)/);
      peer.close();
    }
    const messages = await readMailbox(server);
    expect(messages.filter((message) => message.includes('smuggled'))).toEqual([]);
  });

  it('RFC 1870 §6.1: a message too large is refused before it is sent, and while it is', async () => {
    const peer = await SmtpPeer.open(server.ports.smtp);
    expect(await peer.say('EHLO client.example')).toContain('SIZE 5000000');
    expect(await peer.say('MAIL FROM:<a@example.org> SIZE=5000001')).toMatch(/^552 /);
    expect(await peer.send(largeMessage(6_000_000))).toMatch(/^552 /);
    expect(await peer.send(numberedMessage('after the large one'))).toMatch(/^250 /);
    peer.close();
  });

  it('200 MB that nobody asked for cost little memory', async () => {
    const before = server.residentBytes();
    let highest = before;
    const timer = setInterval(() => {
      highest = Math.max(highest, server.residentBytes());
    }, 50);
    await converse(server.ports.smtp, 'EHLO a.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<mox@localhost>\r\nDATA\r\n', 200_000_000);
    clearInterval(timer);
    expect(highest - before).toBeLessThan(100_000_000);
    await isWell();
  }, 60_000);

  it('RFC 5321 §4.5.3.1.10: too many recipients', async () => {
    const peer = await SmtpPeer.open(server.ports.smtp);
    await peer.say('EHLO client.example');
    await peer.say('MAIL FROM:<a@example.org>');
    for (let i = 0; i < 10; i++) expect(await peer.say(`RCPT TO:<r${i}@localhost>`)).toMatch(/^250 /);
    expect(await peer.say('RCPT TO:<r11@localhost>')).toMatch(/^452 /);
    peer.close();
  });
});

describe('IMAP', () => {
  it('a command without end is ended, and costs no memory', async () => {
    const before = server.residentBytes();
    expect(await converse(server.ports.imap, 'a ', 200_000_000)).toMatch(/\* BYE /);
    expect(server.residentBytes() - before).toBeLessThan(100_000_000);
  });

  it('RFC 9051 §5.4: a client that says nothing is told so and let go', async () => {
    expect(await converse(server.ports.imap, '')).toMatch(/^\* OK .*\r\n\* BYE /);
  });

  it('RFC 7888 §4: a literal too large is refused, whichever way it is announced', async () => {
    const message = largeMessage(6_000_000);
    await withImap(server, async (client) => {
      await expect(client.append('INBOX', message)).rejects.toThrow();
      expect(await client.status('INBOX', { messages: true })).toHaveProperty('messages');
    });
    const before = server.residentBytes();
    await converse(server.ports.imap, 'a LOGIN {99999999+}\r\n', 200_000_000);
    expect(server.residentBytes() - before).toBeLessThan(100_000_000);
  });

  it('nesting without end', async () => {
    await withImap(server, async (client) => {
      await client.mailboxOpen('INBOX');
      const depth = 90_000;
      const message = `Subject: nested\r\n${'Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n'.repeat(depth)}`;
      const appended = await client.append('INBOX', message);
      if (!appended) throw new Error('not appended');
      const found = await client.fetchOne(String(appended.uid), { bodyStructure: true, envelope: true }, { uid: true });
      expect(found).toBeTruthy();
    });
    expect(await converse(server.ports.imap, `a SEARCH ${'('.repeat(100_000)}\r\nb LOGOUT\r\n`)).toMatch(/BAD|BYE/);
  });
});

describe('TLS', () => {
  it('a peer that speaks no TLS where TLS is wanted is let go', async () => {
    expect(await converse(server.ports.imaps, 'a LOGIN x y\r\n')).not.toContain('OK');
    expect(await converse(server.ports.submissions, 'EHLO x\r\n')).not.toContain('250');
    await isWell();
  });
});

describe('a disk that is full', () => {
  it('gets a clear reply, loses nothing, and goes on when there is room', async (context) => {
    const parent = mkdtempSync(join(tmpdir(), 'mox-disk-'));
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', parent], { encoding: 'utf8' });
    if (mount.status !== 0) {
      rmSync(parent, { recursive: true });
      context.skip(`no small disk could be mounted: ${mount.stderr || mount.error?.message}`);
    }
    try {
      const portOffset = await freePortOffset();
      const directory = newDirectory(portOffset, {}, parent);
      const full = await startServer({ directory, portOffset });
      const peer = await SmtpPeer.open(full.ports.smtp);
      await peer.say('EHLO client.example');
      const replies: string[] = [];
      for (let i = 0; i < 200 && !replies.at(-1)?.startsWith('4'); i++) replies.push(await peer.send(numberedMessage(i, 150_000)));
      expect(replies.at(-1)).toMatch(/^452 4\.3\.1 /);
      const taken = replies.filter((reply) => reply.startsWith('250')).length;
      expect(taken).toBeGreaterThan(3);
      expect(await readMailbox(full)).toHaveLength(taken);
      execFileSync('mount', ['-o', 'remount,size=64m', parent]);
      expect(await peer.send(numberedMessage('room again', 150_000))).toMatch(/^250 /);
      peer.close();
      expect(await readMailbox(full)).toHaveLength(taken + 1);
      expect(await full.stop()).toBe(0);
      const again = await startServer({ directory, portOffset });
      expect(await readMailbox(again)).toHaveLength(taken + 1);
      expect(await again.stop()).toBe(0);
    } finally {
      spawnSync('umount', ['-l', parent]);
      mkdirSync(parent, { recursive: true });
      rmSync(parent, { recursive: true });
    }
  }, 90_000);
});
