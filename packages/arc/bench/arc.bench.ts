// Chains of the usual length, the longest allowed, and hostile ones.

import { createKeyCache, formatKeyRecord, makeKeyRecord } from '@mox/dkim';
import type { DnsAnswer, RecordType, Resolver } from '@mox/dns';
import { concatBytes, fromUtf8, generateKeyPair, importPrivateKey, toUtf8 } from '@mox/runtime';
import { arc as mailauthArc } from 'mailauth/lib/arc/index.js';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { benchmark } from '../../../tools/bench-harness.ts';
import { sealArc, verifyArc } from '../src/index.ts';

const pair = await generateKeyPair({ type: 'rsa', bits: 2048 });
const privateKey = await importPrivateKey(pair.privateKey);
if (!privateKey) throw new Error('a new key cannot be read');
const data = [fromUtf8(formatKeyRecord(makeKeyRecord('rsa', pair.publicKey)))];
const answer: DnsAnswer = {
  status: 'ok',
  security: 'insecure',
  aliases: [],
  ttlSeconds: 60,
  records: [{ name: 'arc._domainkey.example.net', type: 'TXT', ttlSeconds: 60, data }],
};
const resolver: Resolver = { query: async <T extends RecordType>() => answer as unknown as DnsAnswer<T> };
const deps = { resolver, keyCache: createKeyCache() };

async function chainOf(length: number): Promise<Uint8Array> {
  let message = fromUtf8(
    `From: a@example.org\r\nTo: b@example.net\r\nSubject: x\r\n\r\n${'The quick brown fox jumps over the lazy dog.\r\n'.repeat(90)}`,
  );
  for (let i = 0; i < length; i++) {
    const chain = await verifyArc(message, deps);
    const fields = await sealArc(message, {
      domain: 'example.net',
      selector: 'arc',
      privateKey: privateKey ?? never(),
      now: 0,
      chain,
      results: { authservId: 'mx', results: [] },
    });
    message = concatBytes([fromUtf8(fields ?? ''), message]);
  }
  return message;
}

function never(): never {
  throw new Error('no key');
}

const resolve = async (): Promise<string[][]> => [[toUtf8(data[0] ?? never())]];

async function mailauthVerify(message: Uint8Array): Promise<unknown> {
  const { arc } = (await dkimVerify(Buffer.from(message), { resolver: resolve })) as unknown as { arc: Parameters<typeof mailauthArc>[0] };
  return mailauthArc(arc, { resolver: resolve });
}

for (const length of [1, 3, 50]) {
  const message = await chainOf(length);
  await benchmark(
    `arc: verify ${length} sets, 4 KB`,
    { ours: () => verifyArc(message, deps), mailauth: () => mailauthVerify(message) },
    { bytes: message.length },
  );
}
const many = fromUtf8(`${'ARC-Seal: i=1; cv=none; a=rsa-sha256; d=x.example; s=s; b=AA\r\n'.repeat(15_000)}From: a@example.org\r\n\r\n`);
await benchmark('arc: hostile, 15,000 seals', { ours: () => verifyArc(many, deps) }, { bytes: many.length });
