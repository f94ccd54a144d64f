import {
  fromBase64,
  fromLatin1,
  generateKeyPair,
  hash,
  importPrivateKey,
  importPublicKey,
  randomBytes,
  toBase64,
  toLatin1,
  toUtf8Strict,
} from '@mox/runtime';
import { benchmark } from '../../../tools/bench-harness.ts';
import * as web from '../src/platform-web.ts';

const megabyte = randomBytes(1_048_576);
const base64 = toBase64(megabyte);
const text = toLatin1(megabyte);
const bytes = megabyte.length;

await benchmark(
  'runtime: sha256 of 1 MB',
  { node: () => hash('sha256', megabyte), web: () => web.createHash('sha256').update(megabyte).digest() },
  { bytes },
);
await benchmark('runtime: toLatin1 of 1 MB', { node: () => toLatin1(megabyte), web: () => web.toLatin1(megabyte) }, { bytes });
await benchmark('runtime: fromLatin1 of 1 MB', { node: () => fromLatin1(text), web: () => web.fromLatin1(text) }, { bytes });
await benchmark('runtime: fromBase64 of 1 MB', { node: () => fromBase64(base64), web: () => web.fromBase64(base64) }, { bytes });

for (const [name, type, algorithm] of [
  ['rsa2048', { type: 'rsa', bits: 2048 }, 'rsa-sha256'],
  ['ed25519', { type: 'ed25519' }, 'ed25519'],
] as const) {
  const pair = await generateKeyPair(type);
  const data = megabyte.subarray(0, 4096);
  const [privateKey, publicKey, webKey] = await Promise.all([
    importPrivateKey(pair.privateKey),
    importPublicKey('spki', pair.publicKey),
    web.importPublicKey('spki', pair.publicKey),
  ]);
  if (!privateKey || !publicKey || !webKey) throw new Error('no key');
  const signature = await privateKey.sign(algorithm, data);
  const verify = { node: () => publicKey.verify(algorithm, data, signature), web: () => webKey.verify(algorithm, data, signature) };
  await benchmark(`runtime: verify ${name}, 4 KB`, verify);
  await benchmark(`runtime: sign ${name}, 4 KB`, { node: () => privateKey.sign(algorithm, data) });
  await benchmark(`runtime: import of a public key, ${name}`, { node: () => importPublicKey('spki', pair.publicKey) });
}

const badUtf8 = new Uint8Array(bytes).fill(0xe2);
const badBase64 = `${' '.repeat(bytes)}!`;
const badPem = `-----BEGIN PRIVATE KEY-----${'\n'.repeat(bytes)}-----BEGIN PRIVATE KEY-----`;
await benchmark('runtime: hostile, 1 MB that is not UTF-8', { node: () => toUtf8Strict(badUtf8) }, { bytes });
await benchmark(
  'runtime: hostile, 1 MB of blanks as base64',
  { node: () => fromBase64(badBase64), web: () => web.fromBase64(badBase64) },
  { bytes },
);
await benchmark(
  'runtime: hostile, 1 MB of PEM without end',
  { node: () => importPrivateKey(badPem), web: () => web.importPrivateKey(badPem) },
  { bytes },
);
