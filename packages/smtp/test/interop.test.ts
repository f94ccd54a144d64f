// Our sessions against programs nobody here wrote: npm's smtp-server and nodemailer, and the test programs of postfix.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Session, TransportEvent } from '@mox/runtime';
import { Secret } from '@mox/runtime';
import nodemailer from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { type SmtpClientEvent, type SmtpClientOptions, SmtpClientSession, type SmtpSendResult, SmtpServerSession } from '../src/index.ts';
import { RecordingService } from './support.ts';

const clock = { now: () => Date.now() };
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** Runs a session on a socket, as simply as it can be done. */
function drive<Event extends { readonly type: string }>(
  socket: Socket,
  session: Session<Event>,
  handle: (event: Event) => void | Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let pumping = Promise.resolve();
    const pump = async (): Promise<void> => {
      for (;;) {
        const event: Event | TransportEvent | undefined = session.next();
        const output = session.takeOutput();
        if (output) socket.write(output);
        if (!event) return;
        if (event.type === 'close') socket.end();
        else await handle(event as Event);
      }
    };
    const go = (): void => {
      pumping = pumping.then(pump).catch(reject);
    };
    socket.on('data', (bytes) => {
      session.receive(bytes);
      go();
    });
    socket.on('end', () => {
      session.receiveEnd();
      go();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve());
    go();
  });
}

async function listenWith(
  server: { listen(port: number, host: string, done: () => void): unknown; address?: () => unknown },
  of: Server,
): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = of.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** What was taken over all connections. */
interface Taken {
  readonly port: number;
  readonly services: readonly RecordingService[];
}

/** Our server on a port. */
async function serve(): Promise<Taken> {
  const services: RecordingService[] = [];
  const server = createServer((socket) => {
    const service = new RecordingService({ password: 'pencil' });
    services.push(service);
    const session = new SmtpServerSession({
      mode: 'submission',
      hostname: 'mx.example',
      clock,
      sasl: { plaintextWithoutTls: true },
      authenticationRequired: false,
    });
    drive(socket, session, (event) => service.handle(session, event)).catch(() => {});
  });
  cleanUps.push(() => server.close());
  return { port: await listenWith(server, server), services };
}

/** Sends messages with our client, one after another. */
async function send(
  port: number,
  contents: readonly string[],
  options: Partial<SmtpClientOptions> = {},
): Promise<readonly SmtpSendResult[]> {
  const session = new SmtpClientSession({ hostname: 'client.example', clock, plaintextWithoutTls: true, ...options });
  const results: SmtpSendResult[] = [];
  const failed: unknown[] = [];
  const socket = connect(port, '127.0.0.1');
  await drive<SmtpClientEvent>(socket, session, (event) => {
    if (event.type === 'failed') failed.push(event);
    if (event.type === 'content-wanted') {
      session.write(new TextEncoder().encode(contents[results.length] ?? ''));
      session.endContent();
    }
    if (event.type === 'result') results.push(event.result);
    if (event.type !== 'ready' && event.type !== 'result') return;
    if (results.length === contents.length) session.quit();
    else session.send({ sender: 'a@example.org', recipients: ['b@example.net', 'c@example.net'].map((address) => ({ address })) });
  });
  expect(failed).toEqual([]);
  return results;
}

const contents = [
  'Subject: one\r\n\r\n.\r\n..\r\ntext\r\n',
  'Subject: two\r\n\r\nno line end',
  `Subject: three\r\n\r\n${'x'.repeat(70)}\r\n`.repeat(5_000),
];

describe('our client', () => {
  it('RFC 5321 §3.3: sends to smtp-server, with AUTH and without', async () => {
    const got: string[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      disableReverseLookup: true,
      onAuth: (auth, _, done) => (auth.password === 'pencil' ? done(null, { user: auth.username }) : done(new Error('no'))),
      onData: (stream, _, done) => {
        let text = '';
        stream.on('data', (bytes: Buffer) => {
          text += bytes.toString('latin1');
        });
        stream.on('end', () => {
          got.push(text);
          done();
        });
      },
    });
    cleanUps.push(() => new Promise<void>((resolve) => server.close(resolve)));
    const port = await listenWith({ listen: (any, host, done) => server.listen(any, host, done) }, server.server);
    for (const credentials of [undefined, { username: 'user', password: new Secret('pencil') }]) {
      got.length = 0;
      const results = await send(port, contents, credentials ? { credentials } : {});
      expect(results.flatMap(({ recipients }) => recipients.map(({ status }) => status))).toEqual(
        Array.from({ length: 6 }, () => 'accepted'),
      );
      expect(got).toEqual(contents.map((content) => (content.endsWith('\r\n') ? content : `${content}\r\n`)));
    }
  });

  const sink = '/usr/sbin/smtp-sink';
  it.skipIf(!existsSync(sink) && !process.env['CI'])('RFC 2033 §4.2: sends to smtp-sink by SMTP and LMTP, pipelined or not', async () => {
    for (const [flags, options] of [
      [[], {}],
      [['-P'], {}],
      [['-p'], {}],
      [['-L'], { protocol: 'lmtp' }],
    ] as const) {
      const port = await freePort();
      const child = spawn(sink, [...(process.getuid?.() === 0 ? ['-u', 'nobody'] : []), ...flags, `127.0.0.1:${port}`, '100'], {
        stdio: 'ignore',
      });
      cleanUps.push(() => child.kill());
      await waitFor(port, child);
      const results = await send(port, contents, options);
      expect(results.map(({ recipients }) => recipients.map(({ status }) => status))).toEqual(contents.map(() => ['accepted', 'accepted']));
    }
  });
});

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenWith(server, server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until a port answers. */
async function waitFor(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      }).on('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it does not listen');
}

describe('our server', () => {
  it('RFC 5321 §3.3: takes mail from nodemailer, international, with DSN and attachments', async () => {
    const { port, services } = await serve();
    const transport = nodemailer.createTransport({ host: '127.0.0.1', port, ignoreTLS: true, auth: { user: 'user', pass: 'pencil' } });
    await transport.sendMail({
      from: 'é@example.org',
      to: ['b@example.net', '例@bücher.example'],
      subject: 'grüße',
      text: '.\r\n..\r\nhello',
      attachments: [{ filename: 'x.bin', content: Buffer.alloc(300_000, 7) }],
      dsn: { id: 'i+d', return: 'headers', notify: ['failure', 'delay'], recipient: 'é@example.org' },
    });
    transport.close();
    const [service] = services;
    expect(service?.messages).toMatchObject([{ sender: 'é@example.org', recipients: ['b@example.net', '例@bücher.example'] }]);
    expect(service?.messages[0]?.content).toContain('\r\n\r\n.\r\n..\r\nhello\r\n');
    expect(service?.events.find(({ type }) => type === 'authenticated')).toMatchObject({ identity: { authcid: 'user' } });
  });

  const source = '/usr/sbin/smtp-source';
  it.skipIf(!existsSync(source) && !process.env['CI'])('RFC 5321 §3.3: takes mail from smtp-source over many sessions', async () => {
    const { port, services } = await serve();
    const run = (...flags: string[]): Promise<number | null> =>
      new Promise((resolve) => {
        const child = spawn(source, [
          '-m',
          '40',
          '-s',
          '8',
          '-l',
          '2000',
          '-r',
          '3',
          ...flags,
          '-f',
          'a@example.org',
          '-t',
          'b@example.net',
          `127.0.0.1:${port}`,
        ]);
        child.on('exit', resolve);
      });
    expect(await run()).toBe(0);
    expect(await run('-d')).toBe(0);
    const messages = services.flatMap((service) => service.messages);
    expect(messages).toHaveLength(80);
    for (const { recipients, content } of messages) {
      expect(recipients).toHaveLength(3);
      expect(content).toMatch(/^From: [^]*\r\n$/);
      expect(content.length).toBeGreaterThan(1_990);
    }
  });
});
