import { generateKeyPairSync, sign } from 'node:crypto';
import { RecordingResolver, ReplayingResolver, ZoneResolver } from '@mox/dns/testing';
import { encodeBase64 } from '@mox/encoding';
import { concatBytes, formatTrace, fromUtf8, hash, toUtf8 } from '@mox/runtime';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { bodies, makeKey, messageWith, withSignature } from '../test/messages.ts';
import { readRawFields } from './header-fields.ts';
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
    ['v=DKIM1; k=rsa; p=MTIz', 'permerror', 'tag "p" is not a usable key of type rsa', '§6.1.2'],
    ['v=DKIM1; k=ed25519; p=MTIz', 'permerror', 'tag "p" is not a usable key of type ed25519', '§6.1.2'],
    ['v=DKIM1; k=elgamal; p=MTIz', 'permerror', 'key type "elgamal" is not known', '§3.6.1'],
    ['v=DKIM1; k=ed25519; s=tlsrpt; p=KEY', 'permerror', 'the key is for "tlsrpt", not for "email"', '§3.6.1'],
    ['v=DKIM1; k=ed25519; s=tlsrpt:*; p=KEY', 'pass', undefined, '§3.6.1'],
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
    const denied = new ZoneResolver([], { security: 'bogus' });
    expect(await check(signed, denied)).toMatchObject({ status: 'temperror', problem: 'key unavailable: bogus' });
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

  it.each([
    ['Read this first:\r\n', 'policy'],
    ['no field\r\n', 'policy'],
    ['From jane@example.org Mon Nov 23 10:00:00 2026\r\n', 'pass'],
    [': x\r\n', 'policy'],
    ['\u00fcber: x\r\n', 'policy'],
    ['X-Other : x\r\n', 'pass'],
    ['X-Empty:\r\n', 'pass'],
  ])('RFC 6376 §3.8: %j on top of the header section, where some see the body begin: %s', async (line, status) => {
    const signed = withSignature(`${line}${await signDkim(message, [signing])}`, message);
    const [result] = await verifyDkim(signed, { resolver: zone(), now });
    expect(result).toMatchObject({ status, verified: true });
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
    const atOnce = await verifyDkim(signed, { resolver: zone(), now });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(signed.length), { maxLength: 8 }), async (cuts) => {
        const bounds = [0, ...cuts.toSorted((a, b) => a - b), signed.length];
        const verifier = new DkimVerifier({ resolver: zone(), now });
        // The caller may use its bytes again.
        for (const [i, end] of bounds.slice(1).entries()) {
          const piece = signed.slice(bounds[i], end);
          verifier.write(piece);
          piece.fill(0);
        }
        const results = await verifier.end();
        expect(results.map((result) => result.status)).toEqual(['pass', 'pass']);
        expect(results).toEqual(atOnce);
      }),
      { numRuns: 200 },
    );
    const signer = new DkimSigner([signing]);
    for (const byte of whole) signer.write(Uint8Array.of(byte));
    expect(fields.startsWith(await signer.end())).toBe(true);
    const halves = new DkimSigner([signing]);
    halves.write(whole.subarray(0, 20));
    expect(fields.startsWith(await halves.end(whole.subarray(20)))).toBe(true);
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

  it('RFC 8616 §5: U-labels and UTF-8 in the signature field of a message', async () => {
    const resolver = new ZoneResolver([
      { name: 'xn--schlssel-95a._domainkey.xn--bcher-kva.example', type: 'TXT', ttlSeconds: 60, data: [fromUtf8(key.record)] },
    ]);
    const tags =
      'v=1; a=ed25519-sha256; c=relaxed/relaxed; d=b\u00fccher.example; s=schl\u00fcssel;\r\n i=j\u00f6rg@mail.b\u00fccher.example; h=from';
    const body = encodeBase64(hash('sha256', fromUtf8('hello world\r\n\r\nsecond\r\n')));
    const field = `DKIM-Signature: ${tags}; bh=${body}; b=`;
    const data = `from:Jane <jane@example.org>\r\ndkim-signature:${field.slice(16).replace('\r\n', '')}`;
    const signature = await key.privateKey.sign('ed25519', hash('sha256', fromUtf8(data)));
    const [result] = await verifyDkim(withSignature(`${field}${encodeBase64(signature)}\r\n`, message), { resolver, now });
    expect(result).toMatchObject({
      status: 'pass',
      signature: { domain: 'xn--bcher-kva.example', identity: 'j\u00f6rg@mail.xn--bcher-kva.example' },
    });
  });

  it('RFC 6376 §3.5: a signature that counts DKIM-Signature once more than there are holds: its own field is none of them', async () => {
    const first = withSignature(await signDkim(message, [signing]), message);
    const headers = ['From', 'DKIM-Signature'];
    const second = withSignature(await signDkim(first, [{ ...signing, headers, oversign: headers }]), first);
    expect((await verifyDkim(second, { resolver: zone(), now })).map((result) => result.status)).toEqual(['pass', 'pass']);
    const third = withSignature(await signDkim(second, [signing]), second);
    expect((await verifyDkim(third, { resolver: zone(), now })).map((result) => result.status)).toEqual(['pass', 'fail', 'pass']);
  });

  it('RFC 6376 §6.1.2: of several key records the one that fits is used, and else the one that comes nearest is told of', async () => {
    const signed = withSignature(await signDkim(message, [signing]), message);
    const other = await makeKey('ed25519');
    const records = (...texts: string[]): ZoneResolver =>
      new ZoneResolver(texts.map((text) => ({ name: 'sel._domainkey.example.org', type: 'TXT', ttlSeconds: 60, data: [fromUtf8(text)] })));
    expect(await check(signed, records('v=spf1 -all', other.record, key.record))).toMatchObject({ status: 'pass' });
    const rsa = await makeKey('rsa');
    for (const texts of [
      [other.record, rsa.record],
      [rsa.record, other.record],
    ])
      expect(await check(signed, records(...texts))).toEqual({ status: 'fail', problem: 'signature did not verify' });
  });

  it('RFC 6376 §3.6.2.2: a record in several strings', async () => {
    const signed = withSignature(await signDkim(message, [signing]), message);
    const data = key.record.match(/.{1,7}/g)?.map((text) => fromUtf8(text)) ?? [];
    expect(
      await check(signed, new ZoneResolver([{ name: 'sel._domainkey.example.org', type: 'TXT', ttlSeconds: 60, data }])),
    ).toMatchObject({ status: 'pass' });
  });

  it('RFC 8301 §3.2: a key that would take long to check with is none', async () => {
    const huge = new Uint8Array(1200).fill(255);
    const der = (tag: number, ...parts: Uint8Array[]): Uint8Array => {
      const contents = concatBytes(parts);
      return concatBytes([Uint8Array.of(tag, 0x82, contents.length >> 8, contents.length & 255), contents]);
    };
    const rsa = await makeKey('rsa');
    const signed = withSignature(await signDkim(message, [{ ...signing, privateKey: rsa.privateKey }]), message);
    const record = (modulus: Uint8Array, exponent: Uint8Array): ZoneResolver =>
      zone(`v=DKIM1; p=${encodeBase64(der(0x30, der(2, Uint8Array.of(0), modulus), der(2, exponent)))}`);
    const refused = { status: 'permerror', problem: 'tag "p" is not a usable key of type rsa' };
    expect(await check(signed, record(huge, Uint8Array.of(1, 0, 1)))).toEqual(refused);
    const longExponent = huge.subarray(0, 300).map((byte) => byte >> 1);
    expect(await check(signed, record(huge.subarray(0, 384), longExponent))).toEqual(refused);
  });

  it('RFC 8301 §3.2: a signature by a key of 512 bits is right, and does not pass', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 512 });
    const body = encodeBase64(hash('sha256', fromUtf8('hello world\r\n\r\nsecond\r\n')));
    const tags = `v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel; h=from; bh=${body}; b=`;
    const data = `from:Jane <jane@example.org>\r\ndkim-signature:${tags}`;
    const signature = encodeBase64(sign('sha256', fromUtf8(data), weak.privateKey));
    const record = `v=DKIM1; p=${encodeBase64(weak.publicKey.export({ type: 'spki', format: 'der' }))}`;
    const [result] = await verifyDkim(withSignature(`DKIM-Signature: ${tags}${signature}\r\n`, message), { resolver: zone(record), now });
    expect(result).toMatchObject({ status: 'policy', verified: true, problem: 'a key of 512 bits, fewer than 1024' });
  });

  it.each([0, 31, 33, 64])('RFC 8463 §4.2: an Ed25519 key of %i bytes is none', async (length) => {
    const signed = withSignature(await signDkim(message, [signing]), message);
    const record = `v=DKIM1; k=ed25519; p=${encodeBase64(new Uint8Array(length).fill(1))}`;
    const problem = length === 0 ? 'the key is revoked' : 'tag "p" is not a usable key of type ed25519';
    expect(await check(signed, zone(record))).toEqual({ status: 'permerror', problem });
  });

  it('RFC 6376 §3.6.2: a key behind a CNAME', async () => {
    const signed = withSignature(await signDkim(message, [signing]), message);
    const resolver = new ZoneResolver(`
      sel._domainkey.example.org.  CNAME  key7.hosted.example.
      key7.hosted.example.         CNAME  key7.keys.hosted.example.
      key7.keys.hosted.example.    TXT    "${key.record}"
    `);
    expect(await check(signed, resolver)).toMatchObject({ status: 'pass' });
    expect(await check(signed, new ZoneResolver('sel._domainkey.example.org. CNAME gone.hosted.example.'))).toEqual({
      status: 'permerror',
      problem: 'no key for signature',
    });
  });

  it.each([
    ['s=tlsrpt', 'tlsrpt', 'pass'],
    ['s=tlsrpt', 'email', 'permerror'],
    ['s=email', 'tlsrpt', 'permerror'],
    ['s=*', 'tlsrpt', 'pass'],
    ['s=email : TLSRPT', 'tlsrpt', 'pass'],
    ['t=', 'tlsrpt', 'pass'],
    ['s=other', 'other', 'pass'],
  ])('RFC 8460 §3: a key with %s for the service %s: %s', async (tag, service, status) => {
    const signed = withSignature(await signDkim(message, [signing]), message);
    const keyCache = createKeyCache();
    const resolver = zone(key.record.replace('p=', `${tag}; p=`));
    const [other] = await verifyDkim(signed, { resolver, now, keyCache, options: { service: 'another' } });
    const [result] = await verifyDkim(signed, { resolver, now, keyCache, options: { service } });
    // What a key is for is not kept in the cache.
    expect([result?.status, other?.status]).toEqual([status, tag.includes('*') || tag === 't=' ? 'pass' : 'permerror']);
  });

  it('a recording of the DNS gives the same results again', async () => {
    const fields = await signDkim(message, [signing, { ...signing, selector: 'none' }]);
    const recording = new RecordingResolver(zone());
    const live = await verifyDkim(withSignature(fields, message), { resolver: recording, now });
    expect(live.map(({ status }) => status)).toEqual(['pass', 'permerror']);
    expect(recording.recorded).toHaveLength(2);
    expect(await verifyDkim(withSignature(fields, message), { resolver: new ReplayingResolver(recording.recorded), now })).toEqual(live);
  });

  it('one question for all signatures by one key', async () => {
    const fields = await signDkim(message, [signing, { ...signing, canonicalization: { header: 'simple', body: 'simple' } }]);
    const resolver = zone();
    let questions = 0;
    const counting: Pick<ZoneResolver, 'query'> = {
      query: (...question) => {
        questions++;
        return resolver.query(...question);
      },
    };
    const results = await verifyDkim(withSignature(fields.repeat(5), message), { resolver: counting, now });
    expect(results.map((result) => result.status)).toEqual(Array.from({ length: 10 }, () => 'pass'));
    expect(questions).toBe(1);
  });

  it.each([
    ['body', (text: string) => text.replace('hello', 'Hello'), 'body hash (canonicalization=relaxed canonicalBytes=23 bodyHash='],
    ['field', (text: string) => text.replace('Jane <', 'Joe <'), 'signature (canonicalization=relaxed headers='],
  ])('the trace of a failure tells what differs: %s', async (_what, change, expected) => {
    const signed = withSignature(await signDkim(message, [signing]), message);
    const [result] = await verifyDkim(fromUtf8(change(toUtf8(signed))), { resolver: zone(), now });
    const text = formatTrace(result?.trace ?? []);
    expect(text).toContain(expected);
    if (_what === 'field')
      expect(text).toContain(
        'absent=sender:reply-to:cc:in-reply-to:references:mime-version:content-type:content-transfer-encoding headerHash=',
      );
    else
      expect(text).toContain(
        ` signed=${encodeBase64(result?.signature?.bodyHash ?? new Uint8Array(0))}) -> wrong: body hash did not verify`,
      );
  });

  it.each([
    ['v=1; x', 'a tag without "=": "x"'],
    ['v=1; a=rsa-sha256; 2x=y; d=example.org', 'not a tag name: "2x=y"'],
    [`v=1; ${'x'.repeat(100)}`, `a tag without "=": "${'x'.repeat(40)}"`],
    ['v=1;; d=x', 'not a tag name: ""'],
    ['v=1; a=rsa-sha256; b=AAAA; c=none', 'required tag "h" is missing'],
    ['v=1; a=rsa-sha256; b=AAAA; c=none; h=from', 'unknown canonicalization "none"'],
  ])('RFC 6376 §6.1.1: the trace of a field that cannot be read shows it, and what is wrong: %s', async (value, problem) => {
    const [result] = await verifyDkim(withSignature(`DKIM-Signature: ${value}\r\n`, message), { resolver: zone(), now });
    expect(result).toMatchObject({ status: 'neutral', problem });
    expect(result?.trace[0]?.steps).toMatchObject([{ step: 'signature field', inputs: { field: value }, detail: problem }]);
  });

  it('the trace of a refusal tells the line that is no field, and the times', async () => {
    const signed = await signDkim(message, [{ ...signing, expirySeconds: 3600 }]);
    const [odd] = await verifyDkim(withSignature(`Read this first:\r\n${'x'.repeat(200)}\r\n\tand more\r\n${signed}`, message), {
      resolver: zone(),
      now,
    });
    expect(formatTrace(odd?.trace ?? [])).toContain(
      'policy (line=Read this first:) -> refused: the header section has a line that is no field',
    );
    const [long] = await verifyDkim(withSignature(`${'x'.repeat(200)}\r\n${signed}`, message), { resolver: zone(), now });
    expect(formatTrace(long?.trace ?? [])).toContain(`policy (line=${'x'.repeat(80)}) -> refused`);
    const later = now + 4_000_000;
    const [expired] = await verifyDkim(withSignature(signed, message), { resolver: zone(), now: later });
    expect(formatTrace(expired?.trace ?? [])).toContain(
      `policy (x=${now / 1000 + 3600} nowSeconds=${later / 1000}) -> refused: the signature has expired`,
    );
  });

  it('the trace of a refused key tells what its record says', async () => {
    const signed = withSignature(await signDkim(message, [signing]), message);
    const [result] = await verifyDkim(signed, { resolver: zone(key.record.replace('k=', 'h=sha1; k=')), now });
    expect(formatTrace(result?.trace ?? [])).toContain(
      'use of the key (algorithm=ed25519-sha256 identity=@example.org k=ed25519 h=sha1 t=) -> refused: inappropriate hash algorithm',
    );
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

it('a message that is text is a mistake of the program, and told so', async () => {
  const text = 'From: jane@example.org\r\n\r\nhi\r\n' as unknown as Uint8Array;
  await expect(verifyDkim(text, { resolver: new ZoneResolver(''), now: 0 })).rejects.toThrow('without an encoding');
  await expect(signDkim(text, [])).rejects.toThrow(TypeError);
  expect(() => new DkimVerifier({ resolver: new ZoneResolver(''), now: 0 }).write(text)).toThrow(TypeError);
});

describe('signDkim', () => {
  it('RFC 5322 §2.3: writes fields whose lines all end in CRLF', async () => {
    for (const signings of [[signing], [signing, { ...signing, canonicalization: { header: 'simple', body: 'simple' } as const }]]) {
      const fields = await signDkim(message, signings);
      expect(fields).toMatch(/^(?:DKIM-Signature: (?:[\x20-\x7e\t]|\r\n[ \t])+\r\n)+$/);
      expect(readRawFields(fields).fields).toHaveLength(signings.length);
    }
  });

  it.each([
    ['jane@example.org', 'jane@example.org'],
    ['@mail.Example.org', '@mail.example.org'],
    ['j\u00f6 rg;=x@example.org', 'j=C3=B6=20rg=3B=3Dx@example.org'],
  ])('RFC 6376 §2.11: identity %j is i=%s', async (identity, expected) => {
    const fields = await signDkim(message, [{ ...signing, identity }]);
    expect(fields).toContain(` i=${expected}; `);
    expect(await check(withSignature(fields, message))).toMatchObject({ status: 'pass' });
  });

  it.each(['jane@example.net', 'jane@badexample.org', 'example.org', 'x@'])(
    'RFC 6376 §3.5: identity %j is not within the domain',
    async (identity) => {
      await expect(signDkim(message, [{ ...signing, identity }])).rejects.toMatchObject({ code: 'invalid-identity' });
    },
  );

  it.each(['From:To', 'a;b', '', 'From\r\nX', '\u00fc'])('RFC 6376 §3.5: %j is no name for the tag h', async (name) => {
    await expect(signDkim(message, [{ ...signing, headers: ['From', name] }])).rejects.toMatchObject({ code: 'invalid-header-name' });
  });

  it.each([
    [{ lengthBytes: -1 }, 'invalid-length'],
    [{ lengthBytes: 1.5 }, 'invalid-length'],
    [{ lengthBytes: Number.NaN }, 'invalid-length'],
    [{ expirySeconds: 0 }, 'invalid-time'],
    [{ expirySeconds: -60 }, 'invalid-time'],
    [{ expirySeconds: 0.5 }, 'invalid-time'],
    [{ expirySeconds: 1e12 }, 'invalid-time'],
    [{ now: Number.NaN }, 'invalid-time'],
    [{ now: -1 }, 'invalid-time'],
    [{ now: 1e15 }, 'invalid-time'],
    [{ domain: 'localhost' }, 'invalid-domain'],
    [{ selector: 'a..b' }, 'invalid-domain'],
  ])('RFC 6376 §3.5: %j makes no signature that verifiers take', async (change, code) => {
    await expect(signDkim(message, [{ ...signing, ...change }])).rejects.toMatchObject({ name: 'DkimSignError', code });
  });

  it('RFC 6376 §3.5: x= needs a time to count from', async () => {
    const { now: _, ...timeless } = signing;
    expect(await signDkim(message, [timeless])).not.toMatch(/ [tx]=/);
    await expect(signDkim(message, [{ ...timeless, expirySeconds: 60 }])).rejects.toMatchObject({ code: 'invalid-time' });
  });

  it.each([
    [0, 0],
    [7, 7],
    [23, 23],
    [24, 23],
    [99, 23],
  ])('RFC 6376 §3.5: of a body of 23 bytes lengthBytes %i signs %i', async (lengthBytes, expected) => {
    const fields = await signDkim(message, [{ ...signing, lengthBytes }]);
    expect(fields).toContain(` l=${expected};`);
    expect(await check(withSignature(fields, message))).toMatchObject({ status: 'pass' });
  });

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
