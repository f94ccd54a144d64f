// A sender, a list that forwards, and a zone: what the tests of this package check against.
import { sealArc, verifyArc } from '@mox/arc';
import { formatKeyRecord, makeKeyRecord, signDkim } from '@mox/dkim';
import { parseZone, type ZoneRecord, ZoneResolver } from '@mox/dns/testing';
import { concatBytes, fromUtf8, generateKeyPair, importPrivateKey, type PrivateKey, toUtf8 } from '@mox/runtime';
import { authenticateMessage, type MessageSource, makeAuthenticationResults } from '../src/index.ts';

export const now: number = Date.parse('2026-11-23T12:00:00Z');

export const message = 'From: Jane <jane@example.org>\r\nTo: list@lists.example\r\nSubject: Lunch\r\n\r\nAt noon.\r\n';

/** How the sender's own server delivers. */
export const direct: MessageSource = { ip: '192.0.2.1', helo: 'mail.example.org', mailFrom: 'jane@example.org' };
/** How the list does. */
export const forwarded: MessageSource = { ip: '198.51.100.7', helo: 'mx.lists.example', mailFrom: 'bounces@lists.example' };

const zone = `
  example.org.                TXT  "v=spf1 ip4:192.0.2.0/24 -all"
  _dmarc.example.org.         TXT  "v=DMARC1; p=reject; rua=mailto:dmarc@example.org"
  lists.example.              TXT  "v=spf1 ip4:198.51.100.7 -all"
  1.2.0.192.in-addr.arpa.     PTR  mail.example.org.
  mail.example.org.           A    192.0.2.1
  7.100.51.198.in-addr.arpa.  PTR  elsewhere.example.
  elsewhere.example.          A    198.51.100.8
`;

export interface World {
  readonly resolver: ZoneResolver;
  /** Signs a message as example.org. */
  sign(text: string): Promise<Uint8Array>;
  /** Changes a signed message as a list does, and seals it as lists.example. */
  forward(bytes: Uint8Array): Promise<Uint8Array>;
}

async function makeKey(name: string, type: 'rsa' | 'ed25519'): Promise<{ readonly key: PrivateKey; readonly record: string }> {
  const pair = await generateKeyPair(type === 'rsa' ? { type, bits: 2048 } : { type });
  const key = await importPrivateKey(pair.privateKey);
  if (!key) throw new Error('a new key cannot be read');
  const halves = formatKeyRecord(makeKeyRecord(type, pair.publicKey)).match(/.{1,200}/g) ?? [];
  return { key, record: `${name}. TXT ${halves.map((half) => `"${half}"`).join(' ')}\n` };
}

export async function makeWorld(more: readonly ZoneRecord[] = []): Promise<World> {
  const sender = await makeKey('key1._domainkey.example.org', 'ed25519');
  const list = await makeKey('arc1._domainkey.lists.example', 'rsa');
  const records = parseZone(zone + sender.record + list.record);
  if (!records.ok) throw new Error(records.error.message);
  const resolver = new ZoneResolver([...records.value, ...more]);
  return {
    resolver,
    async sign(text) {
      const signing = { domain: 'example.org', selector: 'key1', privateKey: sender.key, now };
      return fromUtf8((await signDkim(fromUtf8(text), [signing])) + text);
    },
    async forward(bytes) {
      const results = makeAuthenticationResults(await authenticateMessage(bytes, direct, { resolver, now }), 'mx.lists.example');
      const changed = fromUtf8(toUtf8(bytes).replace('Subject: ', 'Subject: [list] '));
      const chain = await verifyArc(bytes, { resolver });
      const set = await sealArc(changed, { domain: 'lists.example', selector: 'arc1', privateKey: list.key, results, chain, now });
      return concatBytes([fromUtf8(set ?? ''), changed]);
    },
  };
}
