// Mail of a real sender, a list and a forger, through the service into the embedded store.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyCache } from '@mox/dkim';
import type { DnsAnswer, Resolver } from '@mox/dns';
import { parseAuthenticationResults } from '@mox/message-format';
import { concatBytes, formatTrace, fromUtf8, ManualClock, silentLogger, systemRandom, toUtf8 } from '@mox/runtime';
import type { SmtpSendResult } from '@mox/smtp';
import { openStore, type Store } from '@mox/store';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { direct, forwarded, makeWorld, message, now, type World } from '../../message-authentication/test/world.ts';
import { createInbound, type InboundAuthentication, type InboundListener } from '../src/index.ts';
import { readMailbox, sendMail } from './real-mail.ts';

let world: World;
let signed: Uint8Array;
let directory: string;
let store: Store;
const clock = new ManualClock(now);

beforeAll(async () => {
  world = await makeWorld();
  signed = await world.sign(message);
});

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mox-inbound-'));
  store = await openStore({ directory, clock, workers: 1 });
  await store.accounts.create({ name: 'anna', addresses: ['anna@example.com'], credentials: [] });
});

afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

interface Sent {
  readonly content: Uint8Array;
  readonly source?: typeof direct;
  readonly authentication?: Partial<InboundAuthentication>;
  readonly listener?: InboundListener;
}

async function send({ content, source = direct, authentication, listener = { mode: 'smtp' } }: Sent): Promise<SmtpSendResult | undefined> {
  const inbound = createInbound({
    store,
    clock,
    random: systemRandom,
    logger: silentLogger,
    hostname: 'mx.example.com',
    credentials: async () => ({ type: 'refused' }),
    authentication: { resolver: world.resolver, keyCache: createKeyCache(), ...authentication },
  });
  const service = inbound.serve(listener, { id: 'c', remoteAddress: source.ip, localAddress: '203.0.113.1' });
  const protocol = listener.mode === 'lmtp' ? 'lmtp' : 'smtp';
  return sendMail(service, clock, { sender: source.mailFrom, recipients: ['anna@example.com'], content, protocol });
}

/** The results that the one message in a mailbox carries on top, short. */
async function resultsIn(path: string): Promise<readonly string[]> {
  const [stored] = await readMailbox(store, 'anna', path);
  const text = toUtf8(stored?.bytes ?? new Uint8Array(0)).replaceAll(/\r\n[ \t]+/g, ' ');
  const field = /^Return-Path: [^\r]*\r\nAuthentication-Results: ([^\r]*)\r\nReceived: /.exec(text)?.[1] ?? '';
  const parsed = parseAuthenticationResults(field);
  if (!parsed.ok) throw new Error(`no results on top of ${text}`);
  expect(parsed.value.authservId).toBe('mx.example.com');
  return parsed.value.results.map(({ method, result }) => `${method}=${result}`);
}

/** A message of the domain that asks for rejection, from nobody it knows. */
const forger = { ip: '203.0.113.66', helo: 'evil.example', mailFrom: 'jane@example.org' };

describe('mail from other hosts', () => {
  it('RFC 8601 §4.1: carries on top what iprev, SPF, DKIM and DMARC found', async () => {
    expect((await send({ content: signed }))?.recipients).toMatchObject([{ status: 'accepted' }]);
    expect(await resultsIn('INBOX')).toEqual(['iprev=pass', 'spf=pass', 'dkim=pass', 'dmarc=pass']);
  });

  it('RFC 8601 §4.1: also where the message is larger than memory is given to it', async () => {
    const large = await world.sign(
      `${message}${'0123456789'.repeat(7)}\r\n`.padEnd(message.length + 72, ' ') + 'a line\r\n'.repeat(100_000),
    );
    await send({ content: large });
    expect(await resultsIn('INBOX')).toEqual(['iprev=pass', 'spf=pass', 'dkim=pass', 'dmarc=pass']);
    const [stored] = await readMailbox(store, 'anna');
    const text = toUtf8(stored?.bytes ?? new Uint8Array(0));
    expect(text.slice(text.indexOf('DKIM-Signature:'))).toBe(toUtf8(large));
    expect(await store.check()).toEqual([]);
  });

  it('RFC 8601 §5: results that claim to be of this host are taken out, and make no difference to a signature', async () => {
    const forged = concatBytes([fromUtf8('Authentication-Results: MX.example.com; dmarc=pass\r\n'), signed]);
    await send({ content: forged });
    const [stored] = await readMailbox(store, 'anna');
    expect(toUtf8(stored?.bytes ?? new Uint8Array(0)).match(/^Authentication-Results:/gm)).toHaveLength(1);
    expect(await resultsIn('INBOX')).toContain('dkim=pass');
  });

  it('RFC 7372 §3.3: a message that fails DMARC and came straight from its writer is refused with 550 5.7.26, and why is kept', async () => {
    const result = await send({ content: fromUtf8(message), source: forger });
    expect(result?.recipients).toMatchObject([{ status: 'refused', reply: { code: 550, enhanced: '5.7.26' } }]);
    const [decision] = await store.decisions.find({ text: 'jane@example.org' });
    expect(decision).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('example.org asks for reject (RFC 9989)') });
    const trace = formatTrace(decision?.checks ?? []);
    expect(trace).toContain('dns _dmarc.example.org TXT -> ok: "v=DMARC1; p=reject; rua=mailto:dmarc@example.org"');
    expect(trace).toContain('[RFC 7208 §5.1]');
  });

  const list = 'List-Id: <lunch.lists.example>\r\n';
  it.each([
    ['has a field of a list', async () => fromUtf8(list + message), 'it has a field list-id'],
    ['has a signature of its domain that a change broke', async () => fromUtf8(toUtf8(signed).replace('Lunch', 'Dinner')), 'does not hold'],
    [
      'has one whose From is in upper case',
      async () => fromUtf8(toUtf8(signed).replace('Lunch', 'Dinner').replace('jane@example.org', 'jane@EXAMPLE.org')),
      'does not hold',
    ],
    ['has ARC sets', () => world.forward(signed), 'it has ARC sets'],
  ])('RFC 9989 §7.4: one that fails but %s goes to Junk', async (_, content, reason) => {
    const result = await send({ content: await content(), source: { ...forger, mailFrom: 'bounces@evil.example' } });
    expect(result?.recipients).toMatchObject([{ status: 'accepted' }]);
    expect(await readMailbox(store, 'anna')).toEqual([]);
    expect(await readMailbox(store, 'anna', 'Junk')).toMatchObject([{ flags: ['$Junk'] }]);
    const [decision] = await store.decisions.find({ text: 'bounces@evil.example' });
    expect(decision).toMatchObject({ outcome: 'delivered', reason: expect.stringContaining(reason), deliveries: [{ mailbox: 'Junk' }] });
  });

  it('RFC 8617 §7.2.1: one that a trusted list changed goes to the inbox, and the reason names the list', async () => {
    await send({ content: await world.forward(signed), source: forwarded, authentication: { trustedSealers: ['lists.example'] } });
    expect(await resultsIn('INBOX')).toEqual(['iprev=fail', 'spf=pass', 'dkim=fail', 'arc=pass', 'dmarc=fail']);
    const [decision] = await store.decisions.find({ text: forwarded.mailFrom });
    expect(decision?.reason).toContain('lists.example, which is trusted');
  });

  it.each([
    ['quarantine', 'Junk'],
    ['none', 'INBOX'],
  ] as const)('RFC 9989 §7.4: an operator who enforces no more than %s finds it in %s', async (dmarc, path) => {
    await send({ content: fromUtf8(message), source: forger, authentication: { dmarc } });
    expect(await resultsIn(path)).toEqual(['iprev=permerror', 'spf=fail', 'dkim=none', 'dmarc=fail']);
  });

  it('an account without a mailbox for junk gets it into the inbox, marked', async () => {
    const account = await store.account((await store.accounts.findByLogin('anna'))?.id ?? '');
    const junk = (await account?.mailboxes())?.find(({ role }) => role === 'junk');
    await account?.deleteMailbox(junk?.id ?? '');
    await send({ content: fromUtf8(message), source: forger, authentication: { dmarc: 'quarantine' } });
    expect(await readMailbox(store, 'anna')).toMatchObject([{ flags: ['$Junk'] }]);
  });

  it('mail of an exempt client, by LMTP or without a resolver is not checked, and says so or nothing', async () => {
    await send({ content: fromUtf8(message), source: forger, authentication: { exempt: (address) => address === forger.ip } });
    await send({ content: fromUtf8(message), source: forger, listener: { mode: 'lmtp' } });
    const texts = (await readMailbox(store, 'anna')).map(({ bytes }) => toUtf8(bytes));
    expect(texts).toHaveLength(2);
    expect(texts.filter((text) => text.includes('Authentication-Results'))).toEqual([]);
    const decisions = await store.decisions.find({ text: 'jane@example.org' });
    expect(decisions.flatMap(({ checks }) => checks.filter(({ outcome }) => outcome === 'not checked'))).toHaveLength(1);
  });
});

describe('what goes wrong with the checks', () => {
  it('RFC 7208 §4.6.4: a sender whose DNS is slow gets temporary errors, and the message is taken', async () => {
    const slow: Resolver = {
      query: async (name, type) => {
        clock.advance(30_000);
        return world.resolver.query(name, type);
      },
    };
    const result = await send({ content: fromUtf8(message), source: forger, authentication: { resolver: slow, limitSeconds: 40 } });
    clock.advance(now - clock.now());
    expect(result?.recipients).toMatchObject([{ status: 'accepted' }]);
    expect(await resultsIn('INBOX')).toContain('dmarc=temperror');
  });

  it('a fault of a check costs no mail and is kept', async () => {
    const broken: Resolver = {
      query: async (): Promise<DnsAnswer<never>> => {
        throw new Error('no socket');
      },
    };
    await send({ content: signed, authentication: { resolver: broken } });
    expect(await readMailbox(store, 'anna')).toHaveLength(1);
    const [decision] = await store.decisions.find({ text: 'jane@example.org' });
    expect(decision?.checks).toContainEqual(expect.objectContaining({ outcome: 'fault', detail: 'no socket' }));
  });
});
