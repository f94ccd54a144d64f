// What tests read back with imapflow.
import { ImapFlow, type ImapFlowOptions } from 'imapflow';
import type { ServerProcess } from './server-process.ts';

/** Runs a job with an imapflow client that is logged in over TLS. */
export async function withImap<T>(
  server: ServerProcess,
  job: (client: ImapFlow) => Promise<T>,
  options: Partial<ImapFlowOptions> = {},
): Promise<T> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: server.ports.imaps,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: server.user, pass: server.password },
    logger: false,
    ...options,
  });
  client.on('error', () => {}); // told by the calls that fail
  await client.connect();
  try {
    return await job(client);
  } finally {
    await client.logout().catch(() => client.close());
  }
}

/** Every message of a mailbox, whole, in order of uid. */
export function readMailbox(server: ServerProcess, path: string = 'INBOX'): Promise<Buffer[]> {
  return withImap(server, async (client) => {
    const lock = await client.getMailboxLock(path);
    try {
      const messages: Buffer[] = [];
      if (client.mailbox && client.mailbox.exists > 0) {
        for await (const message of client.fetch('1:*', { source: true })) messages.push(message.source ?? Buffer.alloc(0));
      }
      return messages;
    } finally {
      lock.release();
    }
  });
}

/** A message without the trace fields that delivery put on top (RFC 5321 §4.4). */
export function withoutTrace(message: Buffer): Buffer {
  let rest = message;
  for (;;) {
    const text = rest.toString('latin1', 0, 8_192);
    const field = /^(?:Return-Path|Received|Delivered-To|Authentication-Results|Received-SPF):[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*/i.exec(
      text,
    );
    if (!field) return rest;
    rest = rest.subarray(field[0].length);
  }
}
