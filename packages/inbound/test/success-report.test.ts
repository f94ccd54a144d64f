import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDsn } from '@mox/dsn';
import { fromUtf8, ManualClock, silentLogger, systemRandom, toLatin1 } from '@mox/runtime';
import { openStore, type Store } from '@mox/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInbound } from '../src/index.ts';
import { readMailbox } from './real-mail.ts';

let directory: string;
let store: Store;
const clock = new ManualClock(Date.UTC(2026, 10, 23));

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mox-inbound-'));
  store = await openStore({ directory, clock, workers: 1 });
  await store.accounts.create({ name: 'anna', addresses: ['anna@example.org'], credentials: [] });
  await store.accounts.create({ name: 'bob', addresses: ['bob@example.org', 'eve@example.org'], credentials: [] });
});

afterAll(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

/** Submits as anna. */
async function submit(lines: readonly string[]): Promise<string> {
  const inbound = createInbound({
    store,
    clock,
    random: systemRandom,
    logger: silentLogger,
    hostname: 'mx.example.org',
    credentials: async () => ({ type: 'accepted' }),
  });
  const service = inbound.serve(
    { mode: 'submission', sasl: { plaintextWithoutTls: true } },
    { id: 'c', remoteAddress: '::1', localAddress: '::1' },
  );
  const all = ['EHLO client.example', `AUTH PLAIN ${btoa('\0anna\0secret')}`, ...lines, ''];
  service.session.receive(fromUtf8(all.join('\r\n')));
  for (let event = service.session.next(); event; event = service.session.next()) {
    if (event.type !== 'close' && event.type !== 'start-tls') await service.handle(event);
  }
  const said = toLatin1(service.session.takeOutput() ?? new Uint8Array());
  await service.close();
  return said;
}

/** All messages of an account's inbox. */
async function inbox(login: string): Promise<Uint8Array[]> {
  return (await readMailbox(store, login)).map(({ bytes }) => bytes);
}

const message = ['DATA', 'Subject: hello', 'Message-ID: <1@client.example>', '', 'secret body', '.'];

describe('reports of success', () => {
  it('RFC 3461 §5.2.3: who asks with NOTIFY=SUCCESS gets a report, about those recipients, from the null reverse-path', async () => {
    const said = await submit([
      'MAIL FROM:<anna@example.org> RET=FULL ENVID=e+2B1',
      'RCPT TO:<bob@example.org> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Bob@example.org',
      'RCPT TO:<eve@example.org> NOTIFY=FAILURE',
      ...message,
    ]);
    expect(said).toMatch(/\r\n250 2\.0\.0 \w+ message accepted\r\n$/);
    expect(await inbox('bob')).toHaveLength(1);
    const reports = await inbox('anna');
    expect(reports).toHaveLength(1);
    const [report = new Uint8Array(0)] = reports;
    const text = toLatin1(report);
    expect(text).toMatch(/^Return-Path: <>\r\n/);
    expect(text).toMatch(/\r\nTo: .*anna@example\.org/);
    expect(text).not.toContain('secret body');
    const dsn = parseDsn(report);
    expect(dsn?.defects).toEqual([]);
    expect(dsn?.status.originalEnvelopeId).toBe('e+1');
    expect(dsn?.status.recipients).toMatchObject([
      {
        action: 'delivered',
        originalRecipient: { type: 'rfc822', address: 'Bob@example.org' },
        finalRecipient: { type: 'rfc822', address: 'bob@example.org' },
      },
    ]);
    expect(dsn?.originalHeaders.find(({ nameLower }) => nameLower === 'subject')?.value).toBe('hello');
    const [decision] = await store.decisions.find({ text: 'bob@example.org' });
    expect(decision?.outcome).toBe('delivered');
  });

  it.each(['NOTIFY=NEVER', 'NOTIFY=FAILURE,DELAY', ''])('RFC 3461 §5.2.3: none is made with %j', async (parameter) => {
    const before = (await inbox('anna')).length;
    await submit(['MAIL FROM:<anna@example.org>', `RCPT TO:<bob@example.org> ${parameter}`.trim(), ...message]);
    expect(await inbox('anna')).toHaveLength(before);
  });

  it('RFC 3461 §5.2.3: none is made for the null reverse-path', async () => {
    const before = (await inbox('anna')).length;
    await submit(['MAIL FROM:<>', 'RCPT TO:<bob@example.org> NOTIFY=SUCCESS', ...message]);
    expect(await inbox('anna')).toHaveLength(before);
  });
});
