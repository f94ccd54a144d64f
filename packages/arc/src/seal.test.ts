import { generateKeyPairSync } from 'node:crypto';
import { formatKeyRecord, makeKeyRecord } from '@mox/dkim';
import { RecordingResolver, ReplayingResolver, ZoneResolver } from '@mox/dns/testing';
import { concatBytes, fromUtf8, generateKeyPair, importPrivateKey, type PrivateKey, toUtf8 } from '@mox/runtime';
import fc from 'fast-check';
import { arc as mailauthArc } from 'mailauth/lib/arc/index.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { sealArc } from './seal.ts';
import type { ArcResult } from './verification.ts';
import { ArcVerifier, verifyArc } from './verify.ts';

const message = fromUtf8(
  'From: jane@example.org\r\nTo: list@example.net\r\nSubject: [list]  hello\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\nhello \r\n\r\n',
);
const now = Date.parse('2026-11-23T12:00:00Z');
let privateKey: PrivateKey;
let resolver: ZoneResolver;
let record = '';

beforeAll(async () => {
  const pair = await generateKeyPair({ type: 'rsa', bits: 2048 });
  const key = await importPrivateKey(pair.privateKey);
  if (!key) throw new Error('a new key cannot be read');
  privateKey = key;
  record = formatKeyRecord(makeKeyRecord('rsa', pair.publicKey));
  resolver = new ZoneResolver([{ name: 'arc._domainkey.example.net', type: 'TXT', ttlSeconds: 60, data: [fromUtf8(record)] }]);
});

async function seal(bytes: Uint8Array, chain?: ArcResult): Promise<Uint8Array> {
  const found = chain ?? (await verifyArc(bytes, { resolver }));
  const results = { authservId: 'mx.example.net', results: [{ method: 'arc', result: found.status, properties: [] }] };
  const fields = await sealArc(bytes, { domain: 'example.net', selector: 'arc', privateKey, now, chain: found, results });
  if (fields === undefined) throw new Error('no set may be added');
  // RFC 5322 §2.3
  expect(fields).toMatch(/^(?:[\w-]+: (?:[\x20-\x7e\t]|\r\n[ \t])+\r\n){3}$/);
  return concatBytes([fromUtf8(fields), bytes]);
}

describe('sealArc', () => {
  it('RFC 8617 §5.1: a chain of several sets holds, and tells its custodians', async () => {
    let sealed = message;
    for (let i = 0; i < 4; i++) sealed = await seal(sealed);
    const result = await verifyArc(sealed, { resolver });
    expect(result).toMatchObject({ status: 'pass', oldestPass: 0, nextInstance: 5 });
    expect(result.sets.map((set) => [set.instance, set.seal.chainValidation, set.authenticationResults?.results[0]?.result])).toEqual([
      [1, 'none', 'none'],
      [2, 'pass', 'pass'],
      [3, 'pass', 'pass'],
      [4, 'pass', 'pass'],
    ]);
  });

  it('RFC 8617 §5.2: a change between two sets leaves the chain whole and tells where', async () => {
    const first = await seal(message);
    const changed = fromUtf8(toUtf8(first).replace('hello', 'list footer'));
    const second = await seal(changed, await verifyArc(first, { resolver }));
    expect(await verifyArc(second, { resolver })).toMatchObject({ status: 'pass', oldestPass: 2 });
  });

  it('RFC 8617 §5.1.2: the seal of a broken chain covers its own set, and no other follows', async () => {
    const broken = fromUtf8(toUtf8(await seal(message)).replace('hello', 'changed'));
    const chain = await verifyArc(broken, { resolver });
    expect(chain).toMatchObject({ status: 'fail', nextInstance: 2 });
    const sealed = await seal(broken, chain);
    const after = await verifyArc(sealed, { resolver });
    expect(after).toMatchObject({ status: 'fail', problem: 'ARC-Seal 2 says that the chain is broken' });
    expect(after.nextInstance).toBeUndefined();
    const results = { authservId: 'x', results: [] };
    expect(await sealArc(sealed, { domain: 'example.net', selector: 'arc', privateKey, now, chain: after, results })).toBeUndefined();
  });

  it('RFC 6376 §3.8: a line that is no field, where some see the body begin, breaks the chain', async () => {
    const sealed = await seal(message);
    expect(await verifyArc(concatBytes([fromUtf8('Read this first:\r\n'), sealed]), { resolver })).toMatchObject({
      status: 'fail',
      problem: 'the header section has a line that is no field',
    });
    expect(await verifyArc(concatBytes([fromUtf8('X-Read-This: first\r\n'), sealed]), { resolver })).toMatchObject({ status: 'pass' });
  });

  it('one question for all signatures by one key', async () => {
    let questions = 0;
    const counting: Pick<ZoneResolver, 'query'> = {
      query: (...question) => {
        questions++;
        return resolver.query(...question);
      },
    };
    const sealed = await seal(await seal(await seal(message)));
    expect((await verifyArc(sealed, { resolver: counting })).status).toBe('pass');
    expect(questions).toBe(1);
  });

  it('RFC 8617 §5.2: more than 50 sets are a broken chain, to which none is added', async () => {
    const fields = 'ARC-Seal: i=1; cv=none; a=rsa-sha256; d=x.example; s=s; b=AA==\r\n'.repeat(51);
    const result = await verifyArc(concatBytes([fromUtf8(fields), message]), { resolver });
    expect(result).toMatchObject({ status: 'fail', problem: 'more than 50 sets' });
    expect(result.nextInstance).toBeUndefined();
  });

  it('RFC 8617 §5.1.1: a seal covers the sets in the order of their instances, wherever they stand', async () => {
    const [first, second] = [await seal(message), await seal(await seal(message))];
    const oldest = first.subarray(0, first.length - message.length);
    const newest = second.subarray(0, second.length - first.length);
    const swapped = concatBytes([oldest, newest, message]);
    expect(await verifyArc(swapped, { resolver })).toMatchObject({ status: 'pass', oldestPass: 0, nextInstance: 3 });
  });

  it('a recording of the DNS gives the same result again', async () => {
    const sealed = await seal(await seal(message));
    const recording = new RecordingResolver(resolver);
    const live = await verifyArc(sealed, { resolver: recording });
    expect(live.status).toBe('pass');
    expect(await verifyArc(sealed, { resolver: new ReplayingResolver(recording.recorded) })).toEqual(live);
  });

  it('what we seal holds in mailauth', async () => {
    let sealed = message;
    for (let i = 0; i < 3; i++) sealed = await seal(sealed);
    const { dkimVerify } = await import('mailauth/lib/dkim/verify.js');
    const { arc } = (await dkimVerify(Buffer.from(sealed), { resolver: async () => [[record]] })) as unknown as {
      arc: Parameters<typeof mailauthArc>[0];
    };
    expect((await mailauthArc(arc, { resolver: async () => [[record]] })).status.result).toBe('pass');
  });

  it('every split of the message gives the same', async () => {
    const sealed = await seal(await seal(message));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(sealed.length), { maxLength: 6 }), async (cuts) => {
        const bounds = [0, ...cuts.toSorted((a, b) => a - b), sealed.length];
        const verifier = new ArcVerifier({ resolver });
        for (const [i, end] of bounds.slice(1).entries()) verifier.write(sealed.subarray(bounds[i], end));
        expect((await verifier.end()).status).toBe('pass');
      }),
      { numRuns: 50 },
    );
  });

  it('mutants never throw', async () => {
    const sealed = await seal(await seal(message));
    for (const mutant of mutants([sealed], { count: 600, tokens: ['i=1;', 'i=51;', 'cv=fail;', 'ARC-Seal: ', '\r\n', ';', 'h=from;'] }))
      await verifyArc(mutant, { resolver });
  });

  it.each([
    [{ domain: 'a b' }, 'invalid-domain'],
    [{ domain: 'localhost' }, 'invalid-domain'],
    [{ selector: '' }, 'invalid-domain'],
    [{ now: Number.NaN }, 'invalid-time'],
    [{ now: 1e15 }, 'invalid-time'],
    [{ headers: ['Subject', 'a;b'] }, 'invalid-header-name'],
    [{ headers: ['Subject:To'] }, 'invalid-header-name'],
    [{ headers: [''] }, 'invalid-header-name'],
  ])('RFC 6376 §3.5: %j makes no set that verifiers take', async (change, code) => {
    const chain = await verifyArc(message, { resolver });
    const results = { authservId: 'x', results: [] };
    const sealing = { domain: 'example.net', selector: 'arc', privateKey, now, chain, results, ...change };
    await expect(sealArc(message, sealing)).rejects.toMatchObject({ name: 'ArcSealError', code });
  });

  it('RFC 8301 §3.2: a key of fewer than 1024 bits does not seal', async () => {
    const { privateKey: weak } = generateKeyPairSync('rsa', { modulusLength: 768 });
    const key = await importPrivateKey(weak.export({ type: 'pkcs8', format: 'der' }));
    if (!key) throw new Error('the key cannot be read');
    const chain = await verifyArc(message, { resolver });
    const results = { authservId: 'x', results: [] };
    const sealing = { domain: 'example.net', selector: 'arc', privateKey: key, now, chain, results };
    await expect(sealArc(message, sealing)).rejects.toMatchObject({ code: 'weak-key' });
  });

  it.each([
    [['Subject'], ['From', 'Subject']],
    [
      ['subject', 'FROM'],
      ['subject', 'FROM'],
    ],
    [
      ['ARC-Seal', 'Authentication-Results', 'X-None', 'To'],
      ['From', 'To'],
    ],
    [[], ['From']],
  ])('RFC 8617 §4.1.2: asked for %j the message signature signs %j', async (headers, expected) => {
    const sealed = await seal(message);
    const chain = await verifyArc(sealed, { resolver });
    const results = { authservId: 'x', results: [] };
    const fields = await sealArc(sealed, { domain: 'example.net', selector: 'arc', privateKey, now, chain, results, headers });
    const after = await verifyArc(concatBytes([fromUtf8(fields ?? ''), sealed]), { resolver });
    expect(after).toMatchObject({ status: 'pass', oldestPass: 0 });
    expect(after.sets.at(-1)?.messageSignature?.headers).toEqual(expected);
  });

  it('a message without From is refused', async () => {
    const chain = await verifyArc(message, { resolver });
    await expect(
      sealArc(fromUtf8('To: x\r\n\r\n'), {
        domain: 'example.net',
        selector: 'arc',
        privateKey,
        now,
        chain,
        results: { authservId: 'x', results: [] },
      }),
    ).rejects.toMatchObject({ code: 'no-from' });
  });
});
