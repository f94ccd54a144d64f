// The server is killed again and again while mail comes in: what it took is there afterwards, once.

import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { readMailbox } from './support/imap-reader.ts';
import { largeMessage, numberedMessage } from './support/messages.ts';
import { ensureBuilt, freePortOffset, newDirectory, startServer } from './support/server-process.ts';
import { SmtpPeer } from './support/smtp-peer.ts';

const rounds = Number(process.env['MOX_KILL_ROUNDS'] ?? 6);
const connections = 8;

beforeAll(ensureBuilt);

/** Sends until the connection breaks; gives the numbers acknowledged and those begun. */
async function load(port: number, round: number, connection: number, acknowledged: string[], begun: Set<string>): Promise<void> {
  const peer = await SmtpPeer.open(port);
  await peer.say('EHLO client.example');
  for (let i = 0; ; i++) {
    const name = `${round}-${connection}-${i}`;
    begun.add(name);
    // One in ten is too large for a row of the database, and is kept in a file.
    const size = i % 10 === 9 ? 200_000 : 2_000;
    const reply = await peer.send(numberedMessage(name, size));
    if (!reply.startsWith('250')) return peer.close();
    acknowledged.push(name);
  }
}

it(`RFC 5321 §4.2.5: ${rounds} times killed under load, no acknowledged message is lost, doubled or half`, async () => {
  const portOffset = await freePortOffset();
  const directory = newDirectory(portOffset);
  const acknowledged: string[] = [];
  const begun = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const server = await startServer({ directory, portOffset });
    const loads = Array.from({ length: connections }, (_, connection) => load(server.ports.smtp, round, connection, acknowledged, begun));
    await sleep(300 + Math.random() * 700);
    await server.kill();
    await Promise.all(loads);
  }
  const server = await startServer({ directory, portOffset });
  const messages = await readMailbox(server);
  const names = messages.map((message) => /^Subject: message (\S+)\r$/m.exec(message.toString('latin1'))?.[1] ?? '(none)');
  const counts = Map.groupBy(names, (name) => name);
  expect(acknowledged.length).toBeGreaterThan(rounds * connections);
  expect(acknowledged.filter((name) => !counts.has(name))).toEqual([]);
  expect([...counts].filter(([, found]) => found.length > 1).map(([name]) => name)).toEqual([]);
  expect(names.filter((name) => !begun.has(name))).toEqual([]);
  for (const [i, message] of messages.entries()) {
    const size = Number(names[i]?.split('-')[2]) % 10 === 9 ? 200_000 : 2_000;
    expect(message.subarray(-numberedMessage(names[i] ?? '', size).length).equals(numberedMessage(names[i] ?? '', size))).toBe(true);
  }
  expect(await server.stop()).toBe(0);
  rmSync(directory, { recursive: true });
}, 180_000);

it('a large message that was cut off leaves nothing behind', async () => {
  const server = await startServer();
  const peer = await SmtpPeer.open(server.ports.smtp);
  await peer.say('EHLO client.example');
  peer.socket.write('MAIL FROM:<a@example.org>\r\nRCPT TO:<mox@localhost>\r\nDATA\r\n');
  for (let i = 0; i < 3; i++) await peer.reply();
  await peer.write(largeMessage(5_000_000));
  peer.close();
  await sleep(100);
  expect(await readMailbox(server)).toEqual([]);
  expect(await server.stop()).toBe(0);
});
