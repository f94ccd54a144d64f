import { Secret, toHex } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { formatScramCredentials, makeScramCredentials, parseScramCredentials } from './scram-credentials.ts';

describe('SCRAM credentials', () => {
  it.each(['sha1', 'sha256', 'sha512'] as const)('%s: a new salt each time, and they survive being written down', async (hash) => {
    const password = new Secret('pencil');
    const [one, other] = [await makeScramCredentials({ password, hash }), await makeScramCredentials({ password, hash })];
    expect(toHex(one.salt)).not.toBe(toHex(other.salt));
    expect(parseScramCredentials(formatScramCredentials(one))).toEqual(one);
  });

  it('RFC 5802 §2.2: the password is normalized before it is hashed', async () => {
    const salt = Uint8Array.of(1, 2, 3);
    const [one, other] = await Promise.all(
      ['\u2168', 'IX'].map((password) => makeScramCredentials({ password: new Secret(password), hash: 'sha256', salt, iterations: 1 })),
    );
    expect(one).toEqual(other);
  });

  it('refuses what cannot be used', async () => {
    const made = (password: string, rest: object): Promise<unknown> =>
      makeScramCredentials({ password: new Secret(password), hash: 'sha1', ...rest });
    await expect(made('', {})).rejects.toMatchObject({ code: 'unusable-credentials' });
    await expect(made('a\0b', {})).rejects.toMatchObject({ code: 'unusable-credentials' });
    await expect(made('a', { iterations: 0 })).rejects.toMatchObject({ code: 'bad-parameter' });
    await expect(made('a', { salt: new Uint8Array(0) })).rejects.toMatchObject({ code: 'bad-parameter' });
  });

  it.each(['', 'SCRAM-SHA-1', 'SCRAM-SHA-1$4096:QQ==$QQ==:QQ==', 'SCRAM-MD5$4096:QQ==$QQ==:QQ==', 'SCRAM-SHA-1$0:QQ==$QQ==:QQ=='])(
    '%j are none',
    (text) => {
      expect(parseScramCredentials(text)).toBeUndefined();
    },
  );

  it('mutants never throw', async () => {
    const text = formatScramCredentials(await makeScramCredentials({ password: new Secret('x'), hash: 'sha256', iterations: 1 }));
    for (const mutant of mutants([text], { count: 2000, tokens: ['$', ':', '=', 'SCRAM-SHA-512'] }))
      parseScramCredentials(new TextDecoder().decode(mutant));
  });
});
