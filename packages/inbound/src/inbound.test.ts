import { type LogFields, type Logger, ManualClock } from '@mox/runtime';
import type { CredentialSource } from '@mox/sasl';
import type { SmtpServerEvent } from '@mox/smtp';
import { StoreError } from '@mox/store';
import { describe, expect, it } from 'vitest';
import { playDialogue } from '../../../tools/dialogue.ts';
import { diskFull, type FakeAccount, FakeStore } from '../test/fake-store.ts';
import { createInbound, type InboundListener } from './index.ts';

const accounts: readonly FakeAccount[] = [
  { id: 'anna', addresses: ['anna@example.org', 'anna@xn--bcher-kva.example'] },
  { id: 'bob', addresses: ['bob@example.org'], quotaBytes: 1000 },
];

const credentials: CredentialSource = async (lookup) =>
  lookup.type === 'password' && lookup.password.reveal() === 'secret' ? { type: 'accepted' } : { type: 'refused' };

const tls = { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', channelBindingTypes: [], channelBinding: () => undefined } as const;

interface Played {
  readonly fake: FakeStore;
  readonly log: { readonly message: string; readonly fields: LogFields | undefined }[];
}

async function play(script: string, options: Partial<InboundListener> & { fake?: FakeStore; secure?: boolean } = {}): Promise<Played> {
  const { fake = new FakeStore(accounts), secure, ...listener } = options;
  const log: { message: string; fields: LogFields | undefined }[] = [];
  const write = (message: string, fields?: LogFields): number => log.push({ message, fields });
  const logger: Logger = { debug: write, info: write, warn: write, error: write };
  const inbound = createInbound({
    store: fake.store,
    clock: new ManualClock(Date.UTC(2026, 10, 23, 12)),
    random: { bytes: (count) => new Uint8Array(count) },
    logger,
    hostname: 'mx.example.org',
    credentials,
  });
  const connection = { id: 'c1', remoteAddress: '192.0.2.1', localAddress: '198.51.100.1', ...(secure ? { tls } : {}) };
  const service = inbound.serve({ mode: 'smtp', ...listener }, connection);
  await playDialogue<SmtpServerEvent>(service.session, script, {
    role: 'server',
    on: async (event) => {
      if (event.type !== 'start-tls' && event.type !== 'close') await service.handle(event);
    },
  });
  await service.close();
  return { fake, log };
}

/** The start of a session: greeting and capabilities, whatever they are. */
function hello(verb: string, lines: number): string {
  return `S: 220 …\nC: ${verb} client.example\n${'S: 250-…\n'.repeat(lines - 1)}S: 250 …\n`;
}

const id = '06amy05g000000000';

describe('mail from other hosts', () => {
  it('RFC 5321 §4.4: is delivered with Return-Path and Received on top', async () => {
    const { fake } = await play(`${hello('EHLO', 8)}
      C: MAIL FROM:<carol@example.net>
      S: 250 2.1.0 …
      C: RCPT TO:<Anna@EXAMPLE.org>
      S: 250 2.1.5 …
      C: DATA
      S: 354 …
      C: Subject: hello
      C:
      C: text
      C: .
      S: 250 2.0.0 ${id} message accepted`);
    expect(fake.delivered.map(({ content }) => content)).toEqual([
      `Return-Path: <carol@example.net>\r\nReceived: from client.example ([192.0.2.1])\r\n\tby mx.example.org with ESMTP id ${id}\r\n\tfor <Anna@example.org>; Mon, 23 Nov 2026 12:00:00 +0000\r\nSubject: hello\r\n\r\ntext\r\n`,
    ]);
    expect(fake.recorded).toMatchObject([
      {
        id,
        outcome: 'delivered',
        direction: 'inbound',
        reply: `250 2.0.0 ${id} message accepted`,
        envelope: { sender: 'carol@example.net', recipients: ['anna@example.org'] },
        message: { subject: 'hello' },
        deliveries: [{ recipient: 'anna@example.org', accountId: 'anna', mailbox: 'INBOX', emailId: 'email-anna' }],
      },
    ]);
    expect(fake.blobs).toMatchObject([{ released: true, aborted: false }]);
  });

  it('RFC 5321 §3.3: an unknown recipient gets 550, and the refusal is kept', async () => {
    const { fake } = await play(`${hello('EHLO', 8)}
      C: MAIL FROM:<carol@example.net>
      S: 250 2.1.0 …
      C: RCPT TO:<nobody@example.org>
      S: 550 5.1.1 No such mailbox here
      C: DATA
      S: 554 5.5.1 No valid recipients
      C: QUIT
      S: 221 …`);
    expect(fake.delivered).toEqual([]);
    expect(fake.recorded).toMatchObject([
      {
        outcome: 'refused',
        envelope: { recipients: ['nobody@example.org'] },
        reply: '550 5.1.1 No such mailbox here',
        reason: 'the address leads to no account',
        checks: [{ step: 'recipient nobody@example.org', outcome: 'refused' }],
      },
    ]);
  });

  it('RFC 5321 §2.3.8: a message that the session refuses is recorded with what the client was told', async () => {
    const { fake } = await play(`${hello('EHLO', 8)}
      C: MAIL FROM:<carol@example.net>
      S: 250 …
      C: RCPT TO:<anna@example.org>
      S: 250 …
      C: DATA
      S: 354 …
      C: bare\\nline feed
      C: .
      S: 554 5.6.0 …`);
    expect(fake.delivered).toEqual([]);
    expect(fake.blobs).toMatchObject([{ aborted: true }]);
    expect(fake.recorded).toMatchObject([{ outcome: 'refused', reply: expect.stringMatching(/^554 5\.6\.0 /) }]);
  });

  it('RFC 8601 §5: fields that only this host may write are taken out', async () => {
    const { fake } = await play(`${hello('EHLO', 8)}
      C: MAIL FROM:<>
      S: 250 …
      C: RCPT TO:<anna@example.org>
      S: 250 …
      C: DATA
      S: 354 …
      C: Return-Path: <evil@example.net>
      C: Delivered-To: anna@example.org
      C: Authentication-Results: (x) MX.example.org;
      C:  spf=pass
      C: Authentication-Results: other.example; spf=pass
      C: Bcc: dora@example.net
      C:
      C: Return-Path: in the body
      C: .
      S: 250 …`);
    const [message] = fake.delivered;
    expect(message?.content).toContain('Return-Path: <>\r\n');
    expect(message?.content.split('\r\n').slice(4)).toEqual([
      'Authentication-Results: other.example; spf=pass',
      'Bcc: dora@example.net',
      '',
      'Return-Path: in the body',
      '',
    ]);
    expect(message?.decision?.checks).toContainEqual(
      expect.objectContaining({ outcome: 'removed', detail: 'Return-Path, Delivered-To, Authentication-Results' }),
    );
  });

  it('RFC 5321 §6.3: a message that goes round in circles is refused', async () => {
    const { fake } = await play(`${hello('EHLO', 8)}
      C: MAIL FROM:<carol@example.net>
      S: 250 …
      C: RCPT TO:<anna@example.org>
      S: 250 …
      C: DATA
      S: 354 …
      ${'C: Received: from a by b\n'.repeat(101)}
      C:
      C: .
      S: 554 5.4.6 …`);
    expect(fake.delivered).toEqual([]);
    expect(fake.recorded).toMatchObject([{ outcome: 'refused', reason: expect.stringContaining('Received') }]);
    expect(fake.blobs).toMatchObject([{ released: true }]);
  });

  it('one blob goes to all accounts, each address is named', async () => {
    const { fake } = await play(`${hello('EHLO', 8)}
      C: MAIL FROM:<carol@example.net>
      S: 250 …
      C: RCPT TO:<anna@example.org>
      S: 250 …
      C: RCPT TO:<anna@xn--bcher-kva.example>
      S: 250 …
      C: RCPT TO:<bob@example.org>
      S: 250 …
      C: DATA
      S: 354 …
      C:
      C: .
      S: 250 …`);
    expect(fake.delivered.map(({ accountId }) => accountId)).toEqual(['anna', 'bob']);
    expect(fake.delivered[0]?.content).not.toContain('for <');
    expect(fake.recorded[0]?.deliveries).toHaveLength(3);
  });
});

describe('faults', () => {
  const transaction = (recipients: string[], lines: number, body = 'text'): string => `
      C: MAIL FROM:<carol@example.net>
      S: 250 …
      ${recipients.map((address) => `C: RCPT TO:<${address}>\nS: 250 …`).join('\n')}
      C: DATA
      S: 354 …
      ${`C: ${body}\n`.repeat(lines)}
      C: .`;

  it.each([
    ['as its header comes in', 'Subject: x\nC:'],
    ['at its end', 'Subject: x'],
  ])('RFC 3463 §3.4: a disk that is full %s is 452 4.3.1, and the session goes on', async (_, body) => {
    const fake = new FakeStore(accounts);
    fake.writeFault = diskFull;
    const refused = `${transaction(['anna@example.org'], 1, body)}\nS: 452 4.3.1 …\n`;
    const { log } = await play(`${hello('EHLO', 8)}${refused}${refused}C: QUIT\nS: 221 …`, { fake });
    expect(fake.delivered).toEqual([]);
    expect(fake.blobs).toMatchObject([{ aborted: true }, { aborted: true }]);
    expect(fake.recorded).toMatchObject([{ outcome: 'failed' }, { outcome: 'failed' }]);
    expect(log.filter(({ message }) => message.includes('failed')).map(({ fields }) => fields?.['problem'])).toEqual([
      'no space left on device',
      'no space left on device',
    ]);
  });

  it('RFC 3463 §3.4: a fault while delivering is 451 4.3.0', async () => {
    const fake = new FakeStore([{ id: 'anna', addresses: ['@'], fault: new StoreError('damaged', 'database disk image is malformed') }]);
    await play(`${hello('EHLO', 8)}${transaction(['anna@example.org'], 1)}\nS: 451 4.3.0 Local error, try again later`, { fake });
    expect(fake.recorded).toMatchObject([{ outcome: 'failed', reason: 'database disk image is malformed', deliveries: [] }]);
  });

  it('RFC 5321 §4.2.5: a full mailbox among several delivers to none, and is refused by itself the next time', async () => {
    const fake = new FakeStore(accounts);
    await play(
      `${hello('EHLO', 8)}${transaction(['anna@example.org', 'bob@example.org'], 20, 'x'.repeat(100))}\nS: 452 4.2.2 …
      C: MAIL FROM:<carol@example.net>
      S: 250 …
      C: RCPT TO:<bob@example.org>
      S: 452 4.2.2 …
      C: RCPT TO:<anna@example.org>
      S: 250 …`,
      { fake },
    );
    expect(fake.delivered).toEqual([]);
  });

  it('RFC 2033 §4.2: in LMTP each recipient has a reply of its own', async () => {
    const fake = new FakeStore([
      { id: 'anna', addresses: ['anna@example.org'] },
      { id: 'bob', addresses: ['bob@example.org'], fault: diskFull },
    ]);
    await play(
      `${hello('LHLO', 8)}${transaction(['anna@example.org', 'bob@example.org', 'anna@example.org'], 1)}\nS: 250 …\nS: 452 4.3.1 …\nS: 250 …`,
      { mode: 'lmtp', fake },
    );
    expect(fake.delivered).toHaveLength(1);
    expect(fake.delivered[0]?.content).toContain('with LMTP id');
  });

  it('a connection that ends within a message leaves nothing behind', async () => {
    const { fake } = await play(`${hello('EHLO', 8)}
      C: MAIL FROM:<carol@example.net>
      S: 250 …
      C: RCPT TO:<anna@example.org>
      S: 250 …
      C: DATA
      S: 354 …
      C: Subject: x
      C:
      C: half`);
    expect(fake.blobs).toMatchObject([{ aborted: true, released: false }]);
    expect(fake.delivered).toEqual([]);
  });
});

describe('submission', () => {
  const submission = { mode: 'submission', secure: true, sasl: {} } as const;
  const login = `${hello('EHLO', 10)}
      C: AUTH PLAIN ${btoa('\0anna\0secret')}
      S: 235 2.7.0 …
  `;

  it('RFC 6409 §8: Date and Message-ID are added where they are missing, RFC 3848 §1: ESMTPSA, RFC 8601 §2.7.4: auth=pass', async () => {
    const { fake } = await play(
      `${login}
      C: MAIL FROM:<anna@example.org>
      S: 250 …
      C: RCPT TO:<bob@example.org>
      S: 250 …
      C: DATA
      S: 354 …
      C: From: Anna <anna@example.org>
      C: Bcc: secret@example.org
      C:
      C: text
      C: .
      S: 250 …`,
      submission,
    );
    expect(fake.delivered[0]?.content).toBe(
      `Return-Path: <anna@example.org>\r\nAuthentication-Results: mx.example.org;\r\n auth=pass smtp.mailfrom=anna@example.org\r\nReceived: from client.example ([192.0.2.1])\r\n\tby mx.example.org with ESMTPSA id ${id}\r\n\tfor <bob@example.org> tls TLS_AES_256_GCM_SHA384; Mon, 23 Nov 2026 12:00:00 +0000\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <${id}@mx.example.org>\r\nFrom: Anna <anna@example.org>\r\n\r\ntext\r\n`,
    );
    expect(fake.recorded).toMatchObject([{ direction: 'submission', session: { login: { account: 'anna', mechanism: 'PLAIN' } } }]);
  });

  it('RFC 6409 §6.1: a sender that is not the own gets 550 5.7.1', async () => {
    const { fake } = await play(`${login}\nC: MAIL FROM:<bob@example.org>\nS: 550 5.7.1 …`, submission);
    expect(fake.recorded).toMatchObject([{ outcome: 'refused', envelope: { sender: 'bob@example.org' } }]);
  });

  it('RFC 6409 §6.3: a From that is not the own gets 550 5.7.1', async () => {
    const { fake } = await play(
      `${login}
      C: MAIL FROM:<anna@example.org>
      S: 250 …
      C: RCPT TO:<bob@example.org>
      S: 250 …
      C: DATA
      S: 354 …
      C: From: "Bob" <bob@example.org>
      C:
      C: text
      C: .
      S: 550 5.7.1 …`,
      submission,
    );
    expect(fake.delivered).toEqual([]);
  });

  it('a login that fails is told to the log, not to the peer', async () => {
    const { log } = await play(`${hello('EHLO', 10)}\nC: AUTH PLAIN ${btoa('\0anna\0wrong')}\nS: 535 5.7.8 …`, submission);
    expect(log).toContainEqual({
      message: 'login failed',
      fields: expect.objectContaining({ login: 'anna', reason: 'invalid-credentials' }),
    });
  });
});
