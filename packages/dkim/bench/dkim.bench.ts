// DKIM beside mailauth and beside the cryptography alone.
import type { DnsAnswer, RecordType, Resolver } from '@mox/dns';
import { createHash, fromUtf8, generateKeyPair, hash, importPrivateKey, importPublicKey, type PublicKey } from '@mox/runtime';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { benchmark } from '../../../tools/bench-harness.ts';
import { createKeyCache, formatKeyRecord, makeKeyRecord, signDkim, verifyDkim } from '../src/index.ts';

const now = Date.now();
const header =
  'From: Jane <jane@example.org>\r\nTo: joe@example.net\r\nSubject: A message\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n';
const line = 'The quick brown fox jumps over the lazy dog, and then it does so once more.\r\n';
const base64Line = `${'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0'}\r\n`;
const small = fromUtf8(header + line.repeat(49));
const large = fromUtf8(header + base64Line.repeat(Math.ceil(5_000_000 / base64Line.length)));
const text5 = fromUtf8(header + line.repeat(Math.ceil(5_000_000 / line.length)));

async function importKey(spki: Uint8Array): Promise<PublicKey> {
  const key = await importPublicKey('spki', spki);
  if (!key) throw new Error('a new key cannot be read');
  return key;
}

async function makeSet(type: 'rsa' | 'ed25519') {
  const pair = await generateKeyPair(type === 'rsa' ? { type, bits: 2048 } : { type });
  const privateKey = await importPrivateKey(pair.privateKey);
  const publicKey = await importKey(pair.publicKey);
  if (!privateKey) throw new Error('a new key cannot be read');
  const pem = [
    '-----BEGIN PRIVATE KEY-----',
    ...(Buffer.from(pair.privateKey)
      .toString('base64')
      .match(/.{1,64}/g) ?? []),
    '-----END PRIVATE KEY-----',
    '',
  ].join('\n');
  const selector = type === 'rsa' ? 'sel' : 'ed';
  const record = formatKeyRecord(makeKeyRecord(type, pair.publicKey));
  const answer: DnsAnswer = {
    status: 'ok',
    security: 'insecure',
    aliases: [],
    ttlSeconds: 60,
    records: [{ name: `${selector}._domainkey.example.org`, type: 'TXT', ttlSeconds: 60, data: [fromUtf8(record)] }],
  };
  const resolver: Resolver = { query: async <T extends RecordType>() => answer as unknown as DnsAnswer<T> };
  const sign = async (message: Uint8Array): Promise<Uint8Array> =>
    Buffer.concat([fromUtf8(await signDkim(message, [{ domain: 'example.org', selector, privateKey, now }])), message]);
  return { selector, privateKey, publicKey, spki: pair.publicKey, pem, record, resolver, sign, resolve: async () => [[record]] };
}

async function mailauthSign(message: Uint8Array, set: Awaited<ReturnType<typeof makeSet>>, algorithm: string): Promise<void> {
  const key = { signingDomain: 'example.org', selector: set.selector, privateKey: set.pem };
  const { signatures } = await dkimSign(Buffer.from(message), {
    canonicalization: 'relaxed/relaxed',
    ...key,
    signatureData: [{ ...key, algorithm }],
  });
  if (!signatures) throw new Error('mailauth has not signed');
}

const rsa = await makeSet('rsa');
const ed25519 = await makeSet('ed25519');
const keyCache = createKeyCache();

type KeySet = Awaited<ReturnType<typeof makeSet>>;

/** The least that a check can be: the body hashed, what is signed of the header section hashed, the signature checked. */
async function rawCheck(
  set: KeySet,
  signed: Uint8Array,
  options: { readonly importEachTime?: boolean } = {},
): Promise<() => Promise<boolean>> {
  const headerBytes = signed.length - small.length + header.length;
  const [head, body] = [signed.subarray(0, headerBytes), signed.subarray(headerBytes)];
  const algorithm = set === ed25519 ? 'ed25519' : 'rsa-sha256';
  const data = (): Uint8Array => (set === ed25519 ? hash('sha256', head) : head);
  const signature = await set.privateKey.sign(algorithm, data());
  const check = (key: PublicKey): Promise<boolean> => {
    hash('sha256', body);
    return key.verify(algorithm, data(), signature);
  };
  return options.importEachTime ? async () => check(await importKey(set.spki)) : () => check(set.publicKey);
}

/** What is compiled while it is measured would be measured too: a server has done all this many times. */
async function warm(...calls: readonly (() => unknown)[]): Promise<void> {
  for (const call of calls) for (let i = 0; i < 4000; i++) await call();
}

for (const [name, set] of [
  ['rsa2048', rsa],
  ['ed25519', ed25519],
] as const) {
  const signed = await set.sign(small);
  const ours = (): unknown => verifyDkim(signed, { resolver: set.resolver, now, keyCache });
  const cold = (): unknown => verifyDkim(signed, { resolver: set.resolver, now });
  const mailauth = (): unknown => dkimVerify(Buffer.from(signed), { resolver: set.resolve });
  await warm(ours, cold, mailauth);
  await benchmark(`dkim: verify ${name}, 4 KB`, { 'ours, key cached': ours, 'raw crypto': await rawCheck(set, signed), mailauth });
  await benchmark(`dkim: verify ${name}, 4 KB, key not cached`, {
    ours: cold,
    'raw crypto, key imported each time': await rawCheck(set, signed, { importEachTime: true }),
    mailauth,
  });
}

const both = await ed25519.sign(await rsa.sign(small));
const records = { query: (name: string) => (name.startsWith('ed.') ? ed25519 : rsa).resolver.query(name, 'TXT') } as Resolver;
const checkBoth = [await rawCheck(rsa, await rsa.sign(small)), await rawCheck(ed25519, await ed25519.sign(small))] as const;
await benchmark('dkim: verify rsa2048, 4 KB, two signatures (rsa + ed25519)', {
  'ours, key cached': () => verifyDkim(both, { resolver: records, now, keyCache }),
  'raw crypto': async () => {
    await checkBoth[0]();
    await checkBoth[1]();
  },
  mailauth: () => dkimVerify(Buffer.from(both), { resolver: async (name: string) => (name.startsWith('ed.') ? ed25519 : rsa).resolve() }),
});

for (const [name, set] of [
  ['rsa2048', rsa],
  ['ed25519', ed25519],
] as const) {
  const head = small.subarray(0, 700);
  const signing = { domain: 'example.org', selector: set.selector, privateKey: set.privateKey, now };
  const algorithm = name === 'rsa2048' ? 'rsa-sha256' : 'ed25519-sha256';
  await benchmark(`dkim: sign ${name}, 4 KB`, {
    ours: () => signDkim(small, [signing]),
    'raw crypto': () => {
      hash('sha256', small);
      return name === 'rsa2048' ? set.privateKey.sign('rsa-sha256', head) : set.privateKey.sign('ed25519', hash('sha256', head));
    },
    mailauth: () => mailauthSign(small, set, algorithm),
  });
}

for (const [name, message] of [
  ['base64', large],
  ['text', text5],
] as const) {
  const signed = await rsa.sign(message);
  await benchmark(
    `dkim: verify 5 MB of ${name}`,
    {
      ours: () => verifyDkim(signed, { resolver: rsa.resolver, now, keyCache }),
      'hash alone': () => createHash('sha256').update(signed).digest(),
      mailauth: () => dkimVerify(Buffer.from(signed), { resolver: rsa.resolve }),
    },
    { bytes: signed.length },
  );
  await benchmark(
    `dkim: sign 5 MB of ${name}`,
    {
      ours: () => signDkim(message, [{ domain: 'example.org', selector: 'sel', privateKey: rsa.privateKey, now }]),
      mailauth: () => mailauthSign(message, rsa, 'rsa-sha256'),
    },
    { bytes: message.length },
  );
}

const many = await signDkim(small, [{ domain: 'example.org', selector: 'sel', privateKey: ed25519.privateKey, now }]);
const hostile: Readonly<Record<string, Uint8Array>> = {
  '1,000 signatures': fromUtf8(many.repeat(1000) + new TextDecoder().decode(small)),
  'a field of 1 MB': await ed25519.sign(fromUtf8(`Subject: ${'x '.repeat(500_000)}\r\n${header}body\r\n`)),
  'a field of 300,000 folds': await ed25519.sign(fromUtf8(`Subject: ${'\r\n x'.repeat(250_000)}\r\n${header}body\r\n`)),
  '5 MB of spaces': await ed25519.sign(fromUtf8(`${header}${' '.repeat(5_000_000)}x\r\n`)),
  '5 MB of empty lines': await ed25519.sign(fromUtf8(`${header}${'\r\n'.repeat(2_500_000)}x\r\n`)),
  '100,000 tags': fromUtf8(`DKIM-Signature: ${'b=;'.repeat(100_000)}\r\n${header}`),
};
for (const [name, message] of Object.entries(hostile)) {
  await benchmark(
    `dkim: hostile, ${name}`,
    { ours: () => verifyDkim(message, { resolver: ed25519.resolver, now, keyCache }) },
    { bytes: message.length },
  );
}
