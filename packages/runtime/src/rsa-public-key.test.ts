import { generateKeyPairSync, publicEncrypt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { importBarePublicKey, importPublicKey } from './index.ts';
import * as web from './platform-web.ts';
import { readRsaKey, rsaKeyInSpki } from './rsa-public-key.ts';

function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const all = Buffer.concat(contents);
  const length = all.length < 128 ? [all.length] : [0x82, all.length >> 8, all.length & 255];
  return new Uint8Array(Buffer.concat([Uint8Array.of(tag, ...length), all]));
}

const number = (bits: number): Uint8Array => {
  const bytes = new Uint8Array(Math.ceil((bits + 1) / 8)).fill(0xff);
  bytes[0] = bits % 8 === 0 ? 0 : (1 << (bits % 8)) - 1;
  return bytes;
};

const rsaKey = (bits: number, exponentBits: number): Uint8Array => der(0x30, der(2, number(bits)), der(2, number(exponentBits)));

describe('readRsaKey', () => {
  it.each([512, 768, 1023, 1024, 2047, 2048, 4096])(
    'RFC 8017 appendix A.1.1: %i bits are told as the platform tells them',
    async (bits) => {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: Math.max(bits, 512) });
      const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
      const pkcs1 = new Uint8Array(publicKey.export({ type: 'pkcs1', format: 'der' }));
      expect(rsaKeyInSpki(spki)).toEqual(pkcs1);
      expect(readRsaKey(pkcs1)).toEqual({ bits: publicKey.asymmetricKeyDetails?.modulusLength, exponentBits: 17 });
      expect((await importPublicKey('spki', spki))?.bits).toBe(bits);
      expect(publicEncrypt(publicKey, Buffer.from('x')).length).toBe(Math.ceil(bits / 8));
    },
  );

  it.each([
    ['nothing', new Uint8Array(0)],
    ['a byte behind it', Uint8Array.of(...rsaKey(1024, 17), 0)],
    ['a length beyond its end', rsaKey(1024, 17).subarray(0, 100)],
    ['a length without end', Uint8Array.of(0x30, 0x80, 2, 1, 3, 2, 1, 3, 0, 0)],
    ['no exponent', der(0x30, der(2, number(1024)))],
    ['a modulus of zero', der(0x30, der(2, Uint8Array.of(0)), der(2, number(17)))],
    ['other tags', der(0x31, der(2, number(1024)), der(2, number(17)))],
  ])('is undefined for %s', (_what, bytes) => {
    expect(readRsaKey(bytes)).toBeUndefined();
    expect(rsaKeyInSpki(bytes)).toBeUndefined();
  });

  it('a key whose exponent makes every check slow is none, on both platforms', async () => {
    for (const platform of [{ importPublicKey }, web]) {
      expect(await platform.importPublicKey('pkcs1', rsaKey(2048, 64))).toMatchObject({ bits: 2048 });
      expect(await platform.importPublicKey('pkcs1', rsaKey(2048, 65))).toBeUndefined();
      expect(await platform.importPublicKey('pkcs1', rsaKey(3072, 3071))).toBeUndefined();
    }
  });

  it.each([
    [2048, 64, true],
    [2048, 65, false],
    [8192, 17, true],
    [8193, 17, false],
    [3072, 3071, false],
  ])('a key of %i bits with an exponent of %i is taken, whatever it comes as: %s', async (bits, exponentBits, isTaken) => {
    const bare = { type: 'rsa', modulus: number(bits), exponent: number(exponentBits) } as const;
    for (const platform of [{ importPublicKey, importBarePublicKey }, web]) {
      expect((await platform.importPublicKey('pkcs1', rsaKey(bits, exponentBits)))?.bits).toBe(isTaken ? bits : undefined);
      expect((await platform.importBarePublicKey(bare))?.bits).toBe(isTaken ? bits : undefined);
    }
  });

  it('a bare key without a number is none', async () => {
    const empty = new Uint8Array(0);
    for (const platform of [{ importBarePublicKey }, web]) {
      expect(await platform.importBarePublicKey({ type: 'rsa', modulus: empty, exponent: number(17) })).toBeUndefined();
      expect(await platform.importBarePublicKey({ type: 'rsa', modulus: number(1024), exponent: empty })).toBeUndefined();
    }
  });

  it('a key of another kind is left to the platform', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
    expect(rsaKeyInSpki(spki)).toBeUndefined();
    expect(await importPublicKey('spki', spki)).toMatchObject({ type: 'ed25519' });
  });
});
