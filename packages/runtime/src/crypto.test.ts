import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  createHash,
  fromUtf8,
  generateKeyPair,
  hash,
  hmac,
  importPrivateKey,
  importPublicKey,
  pbkdf2,
  randomBytes,
  systemRandom,
  toHex,
} from './index.ts';
import * as node from './platform-node.ts';
import * as web from './platform-web.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));

describe('hashes', () => {
  it('RFC 6234 §8.5: SHA-256 of "abc"', () => {
    expect(toHex(hash('sha256', fromUtf8('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('fed in pieces gives what it gives at once', () => {
    const pieces = createHash('sha1').update(fromUtf8('ab')).update(fromUtf8('c')).digest();
    expect(toHex(pieces)).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
  });

  it.each(['md5', 'sha1', 'sha256', 'sha384', 'sha512'] as const)('%s is the same on the web', (algorithm) => {
    const data = fromUtf8('what do ya want for nothing?');
    expect(web.createHash(algorithm).update(data).digest()).toEqual(node.createHash(algorithm).update(data).digest());
    expect(web.hmac(algorithm, fromUtf8('Jefe'), data)).toEqual(node.hmac(algorithm, fromUtf8('Jefe'), data));
  });

  it('RFC 1321 appendix A.5: MD5 of the test suite', () => {
    const suite = [
      ['', 'd41d8cd98f00b204e9800998ecf8427e'],
      ['a', '0cc175b9c0f1b6a831c399e269772661'],
      ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
    ] as const;
    for (const [text, digest] of suite) expect(toHex(hash('md5', fromUtf8(text)))).toBe(digest);
  });

  it('RFC 2104 §2: a key longer than a block is hashed first', () => {
    const [key, data] = [new Uint8Array(200).fill(7), fromUtf8('text')];
    expect(hmac('sha256', key, data)).toEqual(hmac('sha256', hash('sha256', key), data));
    expect(web.hmac('sha256', key, data)).toEqual(hmac('sha256', key, data));
  });

  it('RFC 2202 §2: HMAC-MD5 of test case 2', () => {
    expect(toHex(hmac('md5', fromUtf8('Jefe'), fromUtf8('what do ya want for nothing?')))).toBe('750c783e6ab0b503eaa86e310a5db738');
  });
});

describe('pbkdf2', () => {
  const parameters = {
    algorithm: 'sha1',
    password: fromUtf8('password'),
    salt: fromUtf8('salt'),
    iterations: 4096,
    lengthBytes: 20,
  } as const;

  it('RFC 8018 §5.2 with the vector of RFC 6070 §2: 4096 iterations with SHA-1', async () => {
    expect(toHex(await pbkdf2(parameters))).toBe('4b007901b765489abead49d926f721d065a429c1');
  });

  it('is the same on the web', async () => {
    expect(toHex(await web.pbkdf2(parameters))).toBe('4b007901b765489abead49d926f721d065a429c1');
  });
});

describe('signatures', () => {
  it.each([
    [{ type: 'rsa', bits: 2048 }, 'rsa-sha256'],
    [{ type: 'ed25519' }, 'ed25519'],
  ] as const)('%j: made on one platform, verified on the other', async (type, algorithm) => {
    const pair = await generateKeyPair(type);
    const data = fromUtf8('signed');
    for (const [signer, verifier] of [
      [node, web],
      [web, node],
    ] as const) {
      const signature = await (await signer.importPrivateKey(pair.privateKey))?.sign(algorithm, data);
      const key = await verifier.importPublicKey('spki', pair.publicKey);
      expect(key).toMatchObject({ type: type.type, bits: type.type === 'rsa' ? 2048 : 256 });
      expect(await key?.verify(algorithm, data, signature ?? data)).toBe(true);
      expect(await key?.verify(algorithm, fromUtf8('other'), signature ?? data)).toBe(false);
      expect(await key?.verify('rsa-sha512', data, signature ?? data)).toBe(false);
    }
  });

  it('RFC 8032 §7.1: the signature of test 2, on both platforms', async () => {
    const seed = '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb';
    const publicKey = bytes('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
    const signature =
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00';
    for (const platform of [node, web]) {
      const key = await platform.importPrivateKey(bytes(`302e020100300506032b657004220420${seed}`));
      expect(toHex((await key?.sign('ed25519', bytes('72'))) ?? bytes(''))).toBe(signature);
      const verifier = await platform.importPublicKey('raw', publicKey);
      expect(await verifier?.verify('ed25519', bytes('72'), bytes(signature))).toBe(true);
      expect(await verifier?.verify('ed25519', bytes('73'), bytes(signature))).toBe(false);
    }
  });

  it('RFC 8017 §8.2: an RSA key reads the same from SubjectPublicKeyInfo and from RSAPublicKey', async () => {
    const pair = await generateKeyPair({ type: 'rsa', bits: 2048 });
    const data = fromUtf8('signed');
    for (const algorithm of ['rsa-sha1', 'rsa-sha256', 'rsa-sha512'] as const) {
      const signature = (await (await importPrivateKey(pair.privateKey))?.sign(algorithm, data)) ?? data;
      for (const platform of [node, web]) {
        // SubjectPublicKeyInfo of a 2048-bit key is 24 bytes of head and the RSAPublicKey
        const key = await platform.importPublicKey('pkcs1', pair.publicKey.slice(24));
        expect(await key?.verify(algorithm, data, signature)).toBe(true);
        expect(await key?.verify(algorithm, data, signature.slice(1))).toBe(false);
      }
    }
  });

  it('a raw Ed25519 key is the tail of its SubjectPublicKeyInfo (RFC 8410 §4)', async () => {
    const pair = await generateKeyPair({ type: 'ed25519' });
    const signature = await (await importPrivateKey(pair.privateKey))?.sign('ed25519', pair.publicKey);
    const raw = await importPublicKey('raw', pair.publicKey.slice(-32));
    expect(await raw?.verify('ed25519', pair.publicKey, signature ?? pair.publicKey)).toBe(true);
  });

  it.each([
    ['ec', { namedCurve: 'P-256' }, 'p256', 'ecdsa-p256-sha256', 'sha256'],
    ['ec', { namedCurve: 'P-384' }, 'p384', 'ecdsa-p384-sha384', 'sha384'],
    ['ed25519', {}, 'ed25519', 'ed25519', undefined],
    ['ed448', {}, 'ed448', 'ed448', undefined],
  ] as const)('%s %j: a bare key checks raw signatures, on every platform that has it', async (kind, options, type, algorithm, digest) => {
    const pair = generateKeyPairSync(kind as 'ec', options as { namedCurve: string });
    const { x = '', y = '' } = pair.publicKey.export({ format: 'jwk' });
    const point = new Uint8Array(Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]));
    const data = fromUtf8('signed');
    const signature = new Uint8Array(sign(digest, data, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }));
    for (const platform of [node, web]) {
      const key = await platform.importBarePublicKey({ type, bytes: point });
      expect(key !== undefined).toBe(await platform.supportsKeyType(type));
      if (!key) continue;
      expect(key.type).toBe(type);
      expect(await key.verify(algorithm, data, signature)).toBe(true);
      expect(await key.verify(algorithm, fromUtf8('other'), signature)).toBe(false);
      expect(await key.verify(algorithm, data, signature.slice(1))).toBe(false);
      expect(await key.verify('rsa-sha256', data, signature)).toBe(false);
      expect(await platform.importBarePublicKey({ type, bytes: point.slice(1) })).toBeUndefined();
    }
  });

  it('RFC 8017 §8.2: a bare RSA key is a modulus and an exponent', async () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const { n = '', e = '' } = pair.publicKey.export({ format: 'jwk' });
    const [modulus, exponent] = [new Uint8Array(Buffer.from(n, 'base64url')), new Uint8Array(Buffer.from(e, 'base64url'))];
    const data = fromUtf8('signed');
    for (const platform of [node, web]) {
      const key = await platform.importBarePublicKey({ type: 'rsa', modulus, exponent });
      expect(key).toMatchObject({ type: 'rsa', bits: 1024 });
      for (const digest of ['sha1', 'sha256', 'sha512'] as const) {
        const signature = new Uint8Array(sign(digest, data, pair.privateKey));
        expect(await key?.verify(`rsa-${digest}`, data, signature)).toBe(true);
        expect(await key?.verify(`rsa-${digest}`, fromUtf8('other'), signature)).toBe(false);
      }
    }
  });

  it('what is no key is undefined, not an exception', async () => {
    for (const platform of [node, web]) {
      expect(await platform.importPublicKey('spki', fromUtf8('no key'))).toBeUndefined();
      expect(await platform.importPublicKey('pkcs1', fromUtf8('no key'))).toBeUndefined();
      expect(await platform.importPublicKey('raw', fromUtf8('no key'))).toBeUndefined();
      expect(await platform.importPrivateKey('no key')).toBeUndefined();
    }
  });

  it('a key of the wrong type does not sign', async () => {
    const key = await importPrivateKey((await generateKeyPair({ type: 'ed25519' })).privateKey);
    await expect(async () => key?.sign('rsa-sha256', fromUtf8('x'))).rejects.toThrow('cannot sign rsa-sha256');
  });
});

describe('randomBytes', () => {
  it.each([0, 1, 65_536, 65_537, 200_000])('gives %i bytes, other ones each time', (count) => {
    const [one, other] = [randomBytes(count), randomBytes(count)];
    expect([one.length, other.length]).toEqual([count, count]);
    if (count > 16) expect([toHex(one.slice(-16)), toHex(one.slice(0, 16))]).not.toContain(toHex(other.slice(-16)));
    if (count > 16) expect(toHex(one.slice(-16))).not.toBe('0'.repeat(32));
  });

  it('is what systemRandom gives', () => {
    expect(systemRandom.bytes(7)).toHaveLength(7);
  });
});
