import { ZoneResolver } from '@mox/dns/testing';
import { concatBytes, formatTrace, fromUtf8, toUtf8 } from '@mox/runtime';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { bodies, makeKey, messageWith, withSignature } from '../test/messages.ts';
import { createKeyCache } from './lookup-key.ts';
import { DkimSigner, type DkimSigning, signDkim } from './sign.ts';
import { DkimVerifier, verifyDkim } from './verify.ts';

const now = Date.parse('2026-11-23T12:00:00Z');
let key: Awaited<ReturnType<typeof makeKey>>;
let signing: DkimSigning;
const message = messageWith('hello  world\r\n\r\nsecond \r\n');

beforeAll(async () => {
  key = await makeKey('ed25519');
  signing = { domain: 'example.org', selector: 'sel', privateKey: key.privateKey, now };
});

function zone(record: string = key.record): ZoneResolver {
  return new ZoneResolver([{ name: 'sel._domainkey.example.org', type: 'TXT', ttlSeconds: 60, data: [fromUtf8(record)] }]);
}

async function check(
  signed: Uint8Array,
  resolver: ZoneResolver = zone(),
  time: number = now,
): Promise<{ status: string | undefined; problem: string | undefined }> {
  const [result] = await verifyDkim(signed, { resolver, now: time });
  return { status: result?.status, problem: result?.problem };
}

describe('verifyDkim', () => {
  it('a message without a signature has no results', async () => {
    expect(await verifyDkim(message, { resolver: zone(), now })).toEqual([]);
  });

  it.each([
    ['v=DKIM1; k=ed25519; p=', 'permerror', 'the key is revoked', '§3.6.1'],
    ['v=DKIM1; k=rsa; p=MTIz', 'permerror', 'tag "p" is not a key of type rsa', '§6.1.2'],
    ['v=DKIM1; k=elgamal; p=MTIz', 'permerror', 'key type "elgamal" is not known', '§3.6.1'],
    ['v=DKIM1; k=ed25519; s=tlsrpt; p=KEY', 'permerror', 'the key is not for mail', '§3.6.1'],
    ['v=DKIM1; k=ed25519; h=sha1; p=KEY', 'permerror', 'inappropriate hash algorithm', '§6.1.2'],
    ['v=DKIM1; k=ed25519; h=sha1:sha256; t=y; s=email; p=KEY', 'pass', undefined, '§3.6.1'],
    ['v=nonsense', 'permerror', 'key record: tag "v" must come first and be "DKIM1"', '§6.1.2'],
  ])('key record %j -> %s: %s (RFC 6376 %s)', async (record, status, problem, _section) => {
    const signed = withSignature(await signDkim(message, [signing]), message);
    expect(await check(signed, zone(record.replace('KEY', /p=(.*)/.exec(key.record)?.[1] ?? '')))).toEqual({ status, problem });
  });

  it('RFC 6376 §6.1.2: no key is permanent, no answer is temporary', async () => {
    const signed = withSignature(await signDkim(message, [signing]), message);
    expect(await check(signed, new ZoneResolver(''))).toEqual({ status: 'permerror', problem: 'no key for signature' });
    expect(await check(signed, new ZoneResolver('', { failures: { 'sel._domainkey.example.org': 'timeout' } }))).toMatchObject({
      status: 'temperror',
    });
    const bogus = new ZoneResolver([{ name: 'sel._domainkey.example.org', type: 'TXT', ttlSeconds: 60, data: [fromUtf8(key.record)] }], {
      security: 'bogus',
    });
    expect(await check(signed, bogus)).toMatchObject({ status: 'temperror' });
  });

  it('RFC 6376 §3.6.1: t=s allows no subdomain in i=', async () => {
    const signed = withSignature(await signDkim(message, [{ ...signing, identity: 'jane@sub.example.org' }]), message);
    expect(await check(signed)).toMatchObject({ status: 'pass' });
    expect(await check(signed, zone(key.record.replace('p=', 't=s; p=')))).toMatchObject({ status: 'permerror' });
  });

  it('RFC 6376 §6.1.1: an expired signature, and one from the future', async () => {
    const signed = withSignature(await signDkim(message, [{ ...signing, expirySeconds: 3600 }]), message);
    expect(await check(signed)).toMatchObject({ status: 'pass' });
    expect(await check(signed, zone(), now + 4_000_000)).toEqual({ status: 'policy', problem: 'the signature has expired' });
    expect(await check(signed, zone(), now - 4_000_000)).toEqual({ status: 'policy', problem: 'the signature is from the future' });
  });

  it('RFC 8301 §3.2: a signature by a key that is too short is right, and does not pass', async () => {
    const rsa = await makeKey('rsa');
    const signed = withSignature(await signDkim(message, [{ ...signing, privateKey: rsa.privateKey }]), message);
    const [result] = await verifyDkim(signed, { resolver: zone(rsa.record), now, options: { fewestKeyBits: 3072 } });
    expect(result).toMatchObject({ status: 'policy', verified: true, keyBits: 2048, problem: 'a key of 2048 bits, fewer than 3072' });
  });

  it('RFC 6376 §3.5: l= lets things be added, which is told; and not be taken away', async () => {
    const short = messageWith('hello\r\n');
    const fields = await signDkim(short, [{ ...signing, lengthBytes: 7 }]);
    const [result] = await verifyDkim(withSignature(fields, messageWith('hello\r\nadded\r\n')), { resolver: zone(), now });
    expect(result).toMatchObject({ status: 'pass', unsignedBytes: 7 });
    expect(await check(withSignature(fields, messageWith('hell')))).toEqual({
      status: 'fail',
      problem: 'the body is shorter than what was signed',
    });
  });

  it('RFC 6376 §5.4: a field that is added to what was oversigned breaks the signature', async () => {
    const fields = await signDkim(message, [signing]);
    expect(await check(withSignature(`${fields}Subject: another\r\n`, message))).toEqual({
      status: 'fail',
      problem: 'signature did not verify',
    });
    expect(await check(withSignature(`${fields}X-Other: another\r\n`, message))).toMatchObject({ status: 'pass' });
  });

  it.each(Object.entries(bodies))('a message with LF line ends, from a file: %s', async (_title, body) => {
    const whole = messageWith(body);
    const fields = await signDkim(whole, [signing]);
    const lines = toUtf8(withSignature(fields, whole)).replaceAll('\r\n', '\n');
    expect(await check(fromUtf8(lines))).toMatchObject({ status: 'pass' });
  });

  it('every split of a message gives the same signature and the same result', async () => {
    const whole = messageWith('a  b \r\n\r\n\r\nc\r\n');
    const fields = await signDkim(whole, [signing, { ...signing, canonicalization: { header: 'simple', body: 'simple' } }]);
    const signed = withSignature(fields, whole);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(signed.length), { maxLength: 8 }), async (cuts) => {
        const bounds = [0, ...cuts.toSorted((a, b) => a - b), signed.length];
        const verifier = new DkimVerifier({ resolver: zone(), now });
        for (const [i, end] of bounds.slice(1).entries()) verifier.write(signed.subarray(bounds[i], end));
        expect((await verifier.end()).map((result) => result.status)).toEqual(['pass', 'pass']);
      }),
      { numRuns: 200 },
    );
    const signer = new DkimSigner([signing]);
    for (const byte of whole) signer.write(Uint8Array.of(byte));
    expect(fields.startsWith(await signer.end())).toBe(true);
  });

  it('at most so many signatures are looked at, and header sections are bounded', async () => {
    const fields = await signDkim(message, [signing]);
    const results = await verifyDkim(withSignature(fields.repeat(20), message), { resolver: zone(), now, options: { mostSignatures: 3 } });
    expect(results.map((result) => result.status)).toEqual(['pass', 'pass', 'pass', 'policy']);
    expect(await verifyDkim(concatBytes([fromUtf8(`X: ${'y'.repeat(2 << 20)}\r\n`), message]), { resolver: zone(), now })).toMatchObject([
      { status: 'policy' },
    ]);
  });

  it('keys are cached by their record', async () => {
    const keyCache = createKeyCache({ entries: 1 });
    const signed = withSignature(await signDkim(message, [signing]), message);
    for (let i = 0; i < 2; i++) expect((await verifyDkim(signed, { resolver: zone(), now, keyCache }))[0]?.status).toBe('pass');
    expect(keyCache.get(key.record)).toMatchObject({ ok: true });
  });

  it('mutants never throw, and none that changes what is signed passes', async () => {
    const signed = withSignature(
      await signDkim(message, [{ ...signing, canonicalization: { header: 'simple', body: 'simple' } }]),
      message,
    );
    const resolver = zone();
    for (const mutant of mutants([signed], { count: 1500, seed: 3 })) await verifyDkim(mutant, { resolver, now });
    for (let at = signed.length - 40; at < signed.length - 2; at++) {
      const changed = signed.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect((await check(changed)).status, `byte ${at}`).not.toBe('pass');
    }
  });

  it('the trace tells what was looked at', async () => {
    const [result] = await verifyDkim(withSignature(await signDkim(message, [signing]), message), { resolver: zone(), now });
    expect(formatTrace(result?.trace ?? [])).toBe(`signature d=example.org s=sel a=ed25519-sha256 -> pass  [RFC 6376 §6.1]
  key -> ok  [RFC 6376 §6.1.2]
    dns sel._domainkey.example.org TXT -> ok: ${JSON.stringify(key.record)}
  body hash (canonicalization=relaxed canonicalBytes=23) -> right  [RFC 6376 §6.1.3]
  signature (headers=${result?.signature?.headers.join(':')}) -> right  [RFC 6376 §6.1.3]`);
  });
});

describe('signDkim', () => {
  it('refuses what cannot be signed', async () => {
    await expect(signDkim(fromUtf8('To: x\r\n\r\n'), [signing])).rejects.toMatchObject({ code: 'no-from' });
    await expect(signDkim(message, [{ ...signing, domain: 'a b' }])).rejects.toMatchObject({ code: 'invalid-domain' });
  });

  it('RFC 6376 §3.5: lines of the field stay short', async () => {
    const fields = await signDkim(message, [
      {
        ...signing,
        headers: Array.from({ length: 60 }, (_, i) => (i === 0 ? 'From' : `X-Some-Field-${i}`)),
        oversign: Array.from({ length: 60 }, (_, i) => `X-Some-Field-${i}`),
      },
    ]);
    for (const line of fields.split('\r\n')) expect(line.length).toBeLessThanOrEqual(78);
    expect(await check(withSignature(fields, message))).toMatchObject({ status: 'pass' });
  });
});
