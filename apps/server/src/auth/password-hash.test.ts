import { scryptSync } from 'node:crypto';
import { Secret } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { hashPassword, verifyPassword } from './password-hash.ts';

describe('password hashes', () => {
  it('are verified, salted, and in the PHC string format', async () => {
    const [one, other] = [await hashPassword(new Secret('passwörd')), await hashPassword(new Secret('passwörd'))];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(other);
    expect(await verifyPassword(new Secret('passwörd'), one)).toBe(true);
    expect(await verifyPassword(new Secret('password'), one)).toBe(false);
  });

  it('are computed a few at a time, all in the end', async () => {
    const hashes = await Promise.all(Array.from({ length: 7 }, (_, i) => hashPassword(new Secret(`p${i}`))));
    const checks = await Promise.all(hashes.map((hash, i) => verifyPassword(new Secret(`p${i}`), hash)));
    expect(checks).toEqual(Array(7).fill(true));
  });

  it('RFC 7914 §12: scrypt of other programs', async () => {
    const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
    const hash = scryptSync('pleaseletmein', 'SodiumChloride', 64, { N: 2 ** 14, r: 8, p: 1 });
    const text = `$scrypt$ln=14,r=8,p=1$${base64(Buffer.from('SodiumChloride'))}$${base64(hash)}`;
    expect(await verifyPassword(new Secret('pleaseletmein'), text)).toBe(true);
  });

  it.each([
    '',
    'plain',
    '$argon2id$v=19$m=99999999,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA',
    '$scrypt$ln=40,r=8,p=1$AAAA$AAAA',
    '$md5$x=1$AAAA$AAAA',
    '$scrypt$ln=1e2,r=8,p=1$AAAA$AAAA',
  ])('%j verifies nothing', async (hash) => {
    expect(await verifyPassword(new Secret('x'), hash)).toBe(false);
  });
});
