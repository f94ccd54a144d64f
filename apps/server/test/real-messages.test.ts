// Messages of every shape go in by SMTP and by APPEND, and come out byte for byte.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMailbox, withImap, withoutTrace } from './support/imap-reader.ts';
import { generatedMessages, largeMessage, numberedMessage, vectorMessages } from './support/messages.ts';
import { ensureBuilt, type ServerProcess, startServer } from './support/server-process.ts';
import { SmtpPeer } from './support/smtp-peer.ts';

const samples = [...generatedMessages(), ...vectorMessages()];
let server: ServerProcess;

beforeAll(async () => {
  await ensureBuilt();
  server = await startServer();
});

afterAll(async () => {
  expect(await server?.stop()).toBe(0);
});

function firstDifference(a: Buffer, b: Buffer): string {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  const from = Math.max(0, (at < 0 ? a.length : at) - 30);
  return JSON.stringify([a.length, b.length, at, a.toString('latin1', from, from + 80), b.toString('latin1', from, from + 80)]);
}

describe(`${samples.length} messages of all shapes`, () => {
  it('RFC 5321 §4.4: by SMTP they come out as they went in, below the trace fields', async () => {
    const peer = await SmtpPeer.open(server.ports.smtp);
    await peer.say('EHLO client.example');
    const taken: typeof samples = [];
    for (const sample of samples) {
      const hasLongLine = /[^\r\n]{999}/.test(sample.bytes.toString('latin1'));
      const hasNul = sample.bytes.includes(0);
      const reply = await peer.send(sample.bytes);
      if (!hasLongLine && !hasNul) expect(`${sample.name}: ${reply}`).toMatch(/: 250 /);
      if (reply.startsWith('250')) taken.push(sample);
    }
    peer.close();
    const messages = await readMailbox(server);
    expect(messages).toHaveLength(taken.length);
    for (const [i, sample] of taken.entries()) {
      const came = withoutTrace(messages[i] ?? Buffer.alloc(0));
      const sent = withoutTrace(sample.bytes);
      if (!came.equals(sent)) expect(`${sample.name}: ${firstDifference(came, sent)}`).toBe('the same');
    }
  });

  it('RFC 9051 §6.3.12: by APPEND they come out as they went in, lone line feeds, too', async () => {
    const odd = { name: 'lone line feeds', bytes: Buffer.from('Subject: x\n\nbody\rmore\n') };
    const all = [...samples, odd].filter(({ bytes }) => !bytes.includes(0)); // RFC 9051 §4.3: a literal has no NUL
    await withImap(server, async (client) => {
      await client.mailboxCreate('Shapes');
      for (const { bytes } of all) await client.append('Shapes', bytes);
    });
    const messages = await readMailbox(server, 'Shapes');
    expect(messages).toHaveLength(all.length);
    for (const [i, sample] of all.entries()) {
      const came = messages[i] ?? Buffer.alloc(0);
      if (!came.equals(sample.bytes)) expect(`${sample.name}: ${firstDifference(came, sample.bytes)}`).toBe('the same');
    }
  });

  it('every one of them has an envelope and a structure', async () => {
    await withImap(server, async (client) => {
      await client.mailboxOpen('Shapes');
      const messages = await client.fetchAll('1:*', { envelope: true, bodyStructure: true, size: true });
      for (const message of messages) {
        expect(message.envelope).toBeDefined();
        expect(message.bodyStructure?.type ?? 'text/plain').toMatch(/\//);
      }
    });
  });
});

describe('large amounts', () => {
  it('a 50 MB attachment goes in by SMTP and by APPEND and comes out, in little memory', async () => {
    const message = largeMessage(50_000_000);
    const before = server.residentBytes();
    const peer = await SmtpPeer.open(server.ports.smtp);
    await peer.say('EHLO client.example');
    expect(await peer.send(message)).toMatch(/^250 /);
    peer.close();
    await withImap(server, async (client) => {
      await client.mailboxCreate('Large');
      await client.append('Large', message);
      await client.mailboxOpen('Large');
    });
    const [appended] = await readMailbox(server, 'Large');
    expect(appended?.equals(message)).toBe(true);
    const inbox = await withImap(server, async (client) => {
      const { exists } = await client.mailboxOpen('INBOX');
      const last = await client.fetchOne(String(exists), { source: true });
      return last ? last.source : undefined;
    });
    expect(withoutTrace(inbox ?? Buffer.alloc(0)).equals(message)).toBe(true);
    expect(server.residentBytes() - before).toBeLessThan(100_000_000);
  }, 120_000);

  it('a mailbox of 20,000 messages opens, is searched and read', async () => {
    const count = Number(process.env['MOX_TEST_MESSAGES'] ?? 20_000);
    const connections = await Promise.all(Array.from({ length: 20 }, () => SmtpPeer.open(server.ports.smtp)));
    let next = 0;
    await Promise.all(
      connections.map(async (peer) => {
        await peer.say('EHLO client.example');
        while (next < count) {
          const reply = await peer.send(numberedMessage(next++, 500), { to: 'many@localhost' });
          if (!reply.startsWith('250')) throw new Error(reply);
        }
        peer.close();
      }),
    );
    await withImap(server, async (client) => {
      const { exists } = await client.mailboxOpen('INBOX');
      expect(exists).toBeGreaterThanOrEqual(count);
      const found = await client.search({ header: { 'message-id': `<${count - 7}@test.example>` } }, { uid: true });
      expect(found).toHaveLength(1);
      const subjects = new Set<string>();
      for await (const { envelope } of client.fetch(`${exists - count + 1}:*`, { envelope: true, flags: true })) {
        subjects.add(envelope?.subject ?? '');
      }
      expect(subjects.size).toBe(count);
    });
  }, 180_000);
});
