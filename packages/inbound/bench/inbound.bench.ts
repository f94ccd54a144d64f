// What taking a message in costs this side of the store: dialogue, trace fields, checks, decision.
// `node --conditions=@mox/source packages/inbound/bench/inbound.bench.ts`
import { createKeyCache, formatKeyRecord, makeKeyRecord, signDkim } from '@mox/dkim';
import { ZoneResolver } from '@mox/dns/testing';
import { fromLatin1, generateKeyPair, importPrivateKey, ManualClock, silentLogger, systemRandom } from '@mox/runtime';
import type { Store } from '@mox/store';
import { benchmark } from '../../../tools/bench-harness.ts';
import { createInbound, type Inbound } from '../src/index.ts';

/** A store that forgets everything at once. */
const account = {
  id: 'a',
  mailbox: async () => ({ id: 'inbox' }),
  addMessages: async () => ({ ok: true, added: [{ mailboxId: 'inbox', uid: 1, uidValidity: 1, modseq: 1, emailId: 'e', threadId: 't' }] }),
};
const forgetful = {
  accounts: {
    findByAddress: async () => ({ id: 'a', name: 'a', addresses: [], enabled: true, createdAt: 0 }),
    findByLogin: async () => undefined,
  },
  decisions: { record: async () => {} },
  account: async () => account,
  writeBlob: () => ({ write: async () => {}, finish: async () => ({ sizeBytes: 0, release: async () => {} }), abort: async () => {} }),
} as unknown as Store;

const now = Date.UTC(2026, 10, 23);
const options = {
  store: forgetful,
  clock: new ManualClock(now),
  random: systemRandom,
  logger: silentLogger,
  hostname: 'mx.example.org',
  credentials: async () => ({ type: 'refused' as const }),
};
const unchecked = createInbound(options);

const pair = await generateKeyPair({ type: 'rsa', bits: 2048 });
const privateKey = await importPrivateKey(pair.privateKey);
if (!privateKey) throw new Error('a new key cannot be read');
const key = formatKeyRecord(makeKeyRecord('rsa', pair.publicKey));
const resolver = new ZoneResolver(`
  example.net.                 TXT "v=spf1 ip4:192.0.2.1 -all"
  _dmarc.example.net.          TXT "v=DMARC1; p=reject"
  sel._domainkey.example.net.  TXT "${key.slice(0, 200)}" "${key.slice(200)}"
  1.2.0.192.in-addr.arpa.      PTR mail.example.net.
  mail.example.net.            A 192.0.2.1
`);
const checked = createInbound({ ...options, authentication: { resolver, keyCache: createKeyCache() } });

async function take(inbound: Inbound, pieces: readonly Uint8Array[]): Promise<void> {
  const served = inbound.serve({ mode: 'smtp' }, { id: 'c', remoteAddress: '192.0.2.1', localAddress: '192.0.2.2' });
  for (const piece of pieces) {
    served.session.receive(piece);
    for (let event = served.session.next(); event; event = served.session.next()) {
      if (event.type !== 'close' && event.type !== 'start-tls') await served.handle(event);
    }
    served.session.takeOutput();
  }
  await served.close();
}

const header =
  'From: Carol <carol@example.net>\r\nTo: anna@example.org\r\nSubject: hello\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.net>\r\n';
const line = `${'text '.repeat(15)}\r\n`;

/** One hundred transactions of one session. */
function session(content: string, recipients: number): Uint8Array[] {
  const envelope = `MAIL FROM:<carol@example.net>\r\n${'RCPT TO:<anna@example.org>\r\n'.repeat(recipients)}DATA\r\n`;
  const pieces = [fromLatin1('EHLO client.example\r\n')];
  const message = fromLatin1(`${content}.\r\n`);
  for (let i = 0; i < 100; i++) {
    pieces.push(fromLatin1(envelope));
    for (let at = 0; at < message.length; at += 65_536) pieces.push(message.subarray(at, at + 65_536));
  }
  return pieces;
}

const signingKey = privateKey;

async function row(name: string, content: string, recipients = 1): Promise<void> {
  const signature = await signDkim(fromLatin1(content), [{ domain: 'example.net', selector: 'sel', privateKey: signingKey, now }]);
  const pieces = session(signature + content, recipients);
  await benchmark(
    `100 messages, ${name}`,
    { 'not checked': () => take(unchecked, pieces), 'iprev, SPF, DKIM, ARC, DMARC': () => take(checked, pieces) },
    { bytes: 100 * content.length, rounds: 5 },
  );
}

await row('4 KB', `${header}\r\n${line.repeat(53)}`);
await row('100 KB', `${header}\r\n${line.repeat(1_330)}`);
await row('4 KB, 100 recipients', `${header}\r\n${line.repeat(53)}`, 100);
await row('hostile: 100 KB in one field', `X: ${'x'.repeat(100_000)}\r\n${header}\r\n`);
await row('hostile: 100 KB of fields to take out', `${'Return-Path: <x@y>\r\n'.repeat(5_000)}${header}\r\n`);
await row('hostile: 100 KB of Received', `${'Received: x\r\n'.repeat(7_700)}${header}\r\n`);
