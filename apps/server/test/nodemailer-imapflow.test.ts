// The clients that the npm registry has most: nodemailer sends, imapflow reads.
import { createTransport, type SendMailOptions } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMailbox, withImap } from './support/imap-reader.ts';
import { ensureBuilt, type ServerProcess, startServer } from './support/server-process.ts';

let server: ServerProcess;

beforeAll(async () => {
  await ensureBuilt();
  server = await startServer();
});

afterAll(async () => {
  expect(await server?.stop()).toBe(0);
});

interface Way {
  readonly port: keyof ServerProcess['ports'];
  readonly secure?: boolean;
  readonly auth?: 'PLAIN' | 'LOGIN';
}

async function send(way: Way, mail: SendMailOptions): Promise<string> {
  const transport = createTransport({
    host: '127.0.0.1',
    port: server.ports[way.port],
    secure: way.secure ?? false,
    requireTLS: way.auth !== undefined && !way.secure,
    tls: { rejectUnauthorized: false },
    ...(way.auth ? { auth: { user: server.user, pass: server.password }, authMethod: way.auth } : {}),
  });
  const info = await transport.sendMail({ from: 'mox@localhost', to: 'mox@localhost', ...mail });
  transport.close();
  return info.response;
}

describe('nodemailer', () => {
  it.each<[string, Way]>([
    ['SMTP', { port: 'smtp' }],
    ['submission with STARTTLS, PLAIN', { port: 'submission', auth: 'PLAIN' }],
    ['submission with STARTTLS, LOGIN', { port: 'submission', auth: 'LOGIN' }],
    ['submission over TLS, PLAIN', { port: 'submissions', secure: true, auth: 'PLAIN' }],
  ])('sends by %s', async (name, way) => {
    expect(await send(way, { subject: `by ${name}`, text: 'Hello.' })).toMatch(/^250 2\.0\.0 /);
    const subjects = await withImap(server, async (client) => {
      await client.mailboxOpen('INBOX');
      return (await client.fetchAll('1:*', { envelope: true })).map(({ envelope }) => envelope?.subject);
    });
    expect(subjects).toContain(`by ${name}`);
  });

  it('is refused submission without a login, and with a wrong password', async () => {
    await expect(send({ port: 'submission' }, { text: 'x' })).rejects.toThrow(/530|authentication/i);
    const transport = createTransport({
      host: '127.0.0.1',
      port: server.ports.submissions,
      secure: true,
      tls: { rejectUnauthorized: false },
      auth: { user: server.user, pass: 'wrong' },
    });
    await expect(transport.verify()).rejects.toThrow(/535/);
    await expect.poll(server.log).toMatch(/login failed .*=mox@localhost/);
  });

  it('sends attachments, alternatives and international text, which arrive whole', async () => {
    const attachment = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 256));
    await send(
      { port: 'smtp' },
      {
        from: '"Jürgen Ä" <sender@example.org>',
        subject: 'Grüße, 世界 ✓',
        text: 'plain',
        html: '<p>rich</p>',
        attachments: [{ filename: 'naïve.bin', content: attachment }],
      },
    );
    await withImap(server, async (client) => {
      const { exists } = await client.mailboxOpen('INBOX');
      const message = await client.fetchOne(String(exists), { envelope: true, bodyStructure: true });
      if (!message) throw new Error('no message');
      expect(message.envelope?.subject).toBe('Grüße, 世界 ✓');
      expect(message.envelope?.from).toEqual([{ name: 'Jürgen Ä', address: 'sender@example.org' }]);
      expect(message.bodyStructure?.type).toBe('multipart/mixed');
      expect(message.bodyStructure?.childNodes?.map(({ type }) => type)).toEqual(['multipart/alternative', 'application/octet-stream']);
      const { content } = await client.download(String(exists), '2');
      const parts: Buffer[] = [];
      for await (const part of content ?? []) parts.push(part as Buffer);
      expect(Buffer.concat(parts).equals(attachment)).toBe(true);
    });
  });
});

describe('imapflow', () => {
  it('logs in with STARTTLS, and is refused with a wrong password', async () => {
    const starttls = { port: server.ports.imap, secure: false, doSTARTTLS: true };
    expect(await withImap(server, (client) => client.status('INBOX', { messages: true }), starttls)).toHaveProperty('messages');
    await expect(withImap(server, async () => {}, { auth: { user: server.user, pass: 'wrong' } })).rejects.toThrow();
  });

  it('finds the standard mailboxes with their uses', async () => {
    const list = await withImap(server, (client) => client.list());
    const uses = Object.fromEntries(list.map(({ path, specialUse }) => [path, specialUse]));
    expect(uses).toMatchObject({
      INBOX: '\\Inbox',
      Drafts: '\\Drafts',
      Sent: '\\Sent',
      Archive: '\\Archive',
      Trash: '\\Trash',
      Junk: '\\Junk',
    });
  });

  it('makes, renames and deletes mailboxes, with names of any script', async () => {
    await withImap(server, async (client) => {
      await client.mailboxCreate(['Projekte', 'Größe 世界']);
      await client.mailboxRename('Projekte', 'Arbeit');
      expect((await client.list()).map(({ path }) => path)).toEqual(expect.arrayContaining(['Arbeit', 'Arbeit/Größe 世界']));
      await client.mailboxDelete('Arbeit/Größe 世界');
      await client.mailboxDelete('Arbeit');
      expect((await client.list()).map(({ path }) => path)).not.toContain('Arbeit');
    });
  });

  it('appends, flags, searches, copies, moves and deletes', async () => {
    await withImap(server, async (client) => {
      await client.mailboxCreate('Work');
      for (let i = 1; i <= 10; i++) {
        const text = `Subject: work ${i}\r\nFrom: a${i}@example.org\r\n\r\nbody number ${i}\r\n`;
        const date = new Date(Date.UTC(2026, 0, i, 12));
        expect(await client.append('Work', text, i % 2 ? ['\\Seen'] : ['$Label'], date)).toMatchObject({ uid: i });
      }
      await client.mailboxOpen('Work');
      expect(await client.search({ seen: true }, { uid: true })).toEqual([1, 3, 5, 7, 9]);
      expect(await client.search({ keyword: '$Label' }, { uid: true })).toEqual([2, 4, 6, 8, 10]);
      expect(await client.search({ subject: 'WORK 7' }, { uid: true })).toEqual([7]);
      expect(await client.search({ body: 'number 10' }, { uid: true })).toEqual([10]);
      expect(await client.search({ since: new Date(Date.UTC(2026, 0, 9)) }, { uid: true })).toEqual([9, 10]);
      await client.messageFlagsAdd('1:3', ['\\Flagged'], { uid: true });
      expect(await client.search({ flagged: true }, { uid: true })).toEqual([1, 2, 3]);
      expect(await client.messageCopy('1:2', 'Archive', { uid: true })).toMatchObject({ destination: 'Archive' });
      expect(await client.messageMove('3:4', 'Trash', { uid: true })).toMatchObject({ destination: 'Trash' });
      await client.messageDelete('5', { uid: true });
      expect(await client.search({ all: true }, { uid: true })).toEqual([1, 2, 6, 7, 8, 9, 10]);
      expect(await client.status('Archive', { messages: true })).toMatchObject({ messages: 2 });
      const message = await client.fetchOne('2', { internalDate: true, flags: true, size: true }, { uid: true });
      if (!message) throw new Error('no message');
      expect(message.internalDate).toEqual(new Date(Date.UTC(2026, 0, 2, 12)));
      expect(message.flags).toEqual(new Set(['\\Flagged', '$Label']));
    });
    expect(await readMailbox(server, 'Trash')).toHaveLength(2);
  });

  it('is told of new mail, flags and expunges while it idles', async () => {
    await withImap(server, async (idler) => {
      await idler.mailboxCreate('Watched');
      await idler.mailboxOpen('Watched');
      const told: string[] = [];
      idler.on('exists', ({ count }) => told.push(`exists ${count}`));
      idler.on('flags', ({ seq, flags }) => told.push(`flags ${seq} ${[...flags].join(' ')}`));
      idler.on('expunge', (event) => told.push(`expunge ${'seq' in event ? event.seq : ''}`));
      const idling = idler.idle();
      await withImap(server, async (other) => {
        await other.append('Watched', 'Subject: 1\r\n\r\nx\r\n');
        await expect.poll(() => told).toEqual(['exists 1']);
        await other.mailboxOpen('Watched');
        await other.messageFlagsAdd('1', ['\\Flagged']);
        await expect.poll(() => told.at(-1)).toMatch(/^flags 1 \\Flagged/);
        await other.messageDelete('1');
        await expect.poll(() => told.at(-1)).toMatch(/^expunge 1/);
      });
      await idler.noop();
      await idling;
    });
  });
});
