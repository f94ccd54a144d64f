// All checks of a message, ours beside mailauth, from an in-memory zone.
import { createKeyCache } from '@mox/dkim';
import type { RecordType } from '@mox/dns';
import { fromUtf8 } from '@mox/runtime';
import { authenticate } from 'mailauth';
import { benchmark } from '../../../tools/bench-harness.ts';
import { authenticateMessage } from '../src/index.ts';
import { direct, forwarded, makeWorld, message, now } from '../test/world.ts';

const { resolver, sign, forward } = await makeWorld();
const body = 'A line of text that says nothing much.\r\n'.repeat(100);
const signed = await sign(message + body);
const sealed = await forward(signed);

/** The same zone, as mailauth asks. */
async function resolve(name: string, type: string): Promise<never> {
  const { records } = await resolver.query(name, type as RecordType);
  if (records.length === 0) throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
  const texts = (data: unknown): unknown =>
    type === 'TXT' ? (data as readonly Uint8Array[]).map((piece) => Buffer.from(piece).toString()) : data;
  return records.map(({ data }) => texts(data)) as never;
}

async function row(title: string, bytes: Uint8Array, source: typeof direct): Promise<void> {
  const keyCache = createKeyCache();
  const given = { ip: source.ip, helo: source.helo, sender: source.mailFrom, mta: 'mx.example.net', resolver: resolve, disableBimi: true };
  await benchmark(
    title,
    {
      ours: () => authenticateMessage(bytes, source, { resolver, now, keyCache }),
      mailauth: () => authenticate(Buffer.from(bytes), given),
    },
    { bytes: bytes.length },
  );
}

await row('authenticate: a signed message of 4 KB', signed, direct);
await row('authenticate: one that a list sealed', sealed, forwarded);
const signature = 'DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=none; h=from; bh=AAAA; b=AAAA\r\n';
const hostile = fromUtf8(signature.repeat(5000) + message);
await benchmark(
  'authenticate: hostile, 5,000 signatures',
  { ours: () => authenticateMessage(hostile, direct, { resolver, now }) },
  { bytes: hostile.length },
);
