import { describe, expect, it } from 'vitest';
import { createHash, fromUtf8, generateKeyPair, hash, hmac, importPrivateKey, importPublicKey, pbkdf2, toHex } from './index.ts';
import * as node from './platform-node.ts';
import * as web from './platform-web.ts';

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

  it('RFC 6070 §2: 4096 iterations with SHA-1', async () => {
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

  it('a raw Ed25519 key is the tail of its SubjectPublicKeyInfo (RFC 8410 §4)', async () => {
    const pair = await generateKeyPair({ type: 'ed25519' });
    const signature = await (await importPrivateKey(pair.privateKey))?.sign('ed25519', pair.publicKey);
    const raw = await importPublicKey('raw', pair.publicKey.slice(-32));
    expect(await raw?.verify('ed25519', pair.publicKey, signature ?? pair.publicKey)).toBe(true);
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
