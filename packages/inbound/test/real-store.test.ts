import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, fromLatin1, ManualClock, silentLogger, systemRandom, toLatin1 } from '@mox/runtime';
import type { SmtpSendResult } from '@mox/smtp';
import { openStore, type Store } from '@mox/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInbound, type InboundSession } from '../src/index.ts';
import { readMailbox, sendMail } from './real-mail.ts';

let directory: string;
let store: Store;
let clock: Clock;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mox-inbound-'));
  clock = new ManualClock(Date.UTC(2026, 10, 23));
  store = await openStore({ directory, clock, workers: 1 });
  await store.accounts.create({ name: 'anna', addresses: ['anna@example.org'], credentials: [] });
  await store.accounts.create({ name: 'bob', addresses: ['bob@example.org', '@'], credentials: [], quotaBytes: 200_000 });
});

afterAll(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

function connect(): InboundSession {
  const inbound = createInbound({
    store,
    clock,
    random: systemRandom,
    logger: silentLogger,
    hostname: 'mx.example.org',
    credentials: async () => ({ type: 'refused' }),
  });
  return inbound.serve({ mode: 'smtp' }, { id: 'c', remoteAddress: '2001:db8::1', localAddress: '::1' });
}

/** Sends one message. */
function send(recipients: readonly string[], content: Uint8Array): Promise<SmtpSendResult | undefined> {
  return sendMail(connect(), clock, { sender: 'carol@example.net', recipients, content });
}

/** All messages of an account's inbox, as text. */
async function inbox(login: string): Promise<string[]> {
  return (await readMailbox(store, login)).map(({ bytes }) => toLatin1(bytes));
}

describe('with the embedded store', () => {
  it('RFC 5321 §4.4: a message comes out as it went in, below the trace fields; the decision is kept with it', async () => {
    const message = `Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <1@example.net>\r\n\r\n${'.dots and \xe9\r\n'.repeat(10_000)}`;
    const result = await send(['anna@example.org', 'bob@example.org'], fromLatin1(message));
    expect(result?.recipients.map(({ status }) => status)).toEqual(['accepted', 'accepted']);
    for (const login of ['anna', 'bob']) {
      const [text = ''] = await inbox(login);
      expect(text.slice(text.indexOf('Subject:'))).toBe(message);
      expect(text).toMatch(/^Return-Path: <carol@example\.net>\r\nReceived: from client\.example \(\[IPv6:2001:db8::1\]\)\r\n/);
    }
    const id = /250 2\.0\.0 ([0-9a-z]{17}) /.exec(`250 2.0.0 ${[result?.data?.text].flat().join(' ')} `)?.[1] ?? '';
    expect(await store.decisions.find({ text: id })).toMatchObject([
      { id, outcome: 'delivered', message: { subject: 'grüße', messageId: '<1@example.net>' } },
    ]);
  });

  it('RFC 5321 §4.5.3.1.10: a mailbox over its quota is refused with 452 4.2.2', async () => {
    const result = await send(['bob@example.org'], fromLatin1('x'.repeat(150_000)));
    expect(result?.recipients).toMatchObject([{ status: 'deferred', reply: { code: 452, enhanced: '4.2.2' } }]);
    expect(await inbox('bob')).toHaveLength(1);
  });

  it('a message without any header, one that starts with white space, and an empty one', async () => {
    await send(['anna@example.org'], fromLatin1('no header\r\nat all\r\n'));
    await send(['anna@example.org'], fromLatin1('\tevil\r\nSubject: x\r\n'));
    await send(['anna@example.org'], fromLatin1(''));
    const texts = (await inbox('anna')).slice(1).map((text) => text.split('\r\n').slice(4).join('\r\n'));
    expect(texts).toEqual(['no header\r\nat all\r\n', '\r\n\tevil\r\nSubject: x\r\n', '']);
  });
});
