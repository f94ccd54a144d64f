import { ManualClock, Secret, silentLogger, systemRandom } from '@mox/runtime';
import type { SaslLookup } from '@mox/sasl';
import { type AccountInfo, type Accounts, type Credential, StoreError } from '@mox/store';
import { beforeAll, expect, it } from 'vitest';
import { credentialSource, decoyHash } from './credential-source.ts';
import { newCredentials } from './new-credentials.ts';
import { VerifiedPasswords } from './verified-passwords.ts';

const account: AccountInfo = { id: 'a1', name: 'mox@localhost', addresses: ['mox@localhost', '@'], enabled: true, createdAt: 0 };
let credentials: readonly Credential[] = [];

beforeAll(async () => {
  credentials = await newCredentials(new Secret('right'));
});

function source(change: Partial<AccountInfo> = {}, fault?: StoreError): ReturnType<typeof credentialSource> {
  const accounts: Pick<Accounts, 'findByLogin' | 'credentials'> = {
    findByLogin: async (login) => {
      if (fault) throw fault;
      return login === account.name ? { ...account, ...change } : undefined;
    },
    credentials: async () => credentials,
  };
  const clock = new ManualClock();
  return credentialSource({
    accounts: accounts as Accounts,
    logger: silentLogger,
    decoyHash: decoyHash(new Secret('nobody knows')),
    verified: new VerifiedPasswords(clock, systemRandom),
  });
}

function password(authcid: string, text: string): SaslLookup {
  return { type: 'password', mechanism: 'PLAIN', authcid, password: new Secret(text) };
}

it('accepts the right password, the second time too, and none other', async () => {
  const look = source();
  const accepted = { type: 'accepted', authcid: 'mox@localhost' };
  expect(await look(password('mox@localhost', 'right'))).toEqual(accepted);
  expect(await look(password('mox@localhost', 'right'))).toEqual(accepted);
  expect(await look(password('mox@localhost', 'wrong'))).toEqual({ type: 'refused' });
});

it('an unknown user is refused like a wrong password, in a time alike', async () => {
  const look = source();
  await look(password('nobody', 'x')); // the decoy is made at the first one
  const time = async (login: string): Promise<number> => {
    const started = performance.now();
    expect(await look(password(login, 'wrong'))).toEqual({ type: 'refused' });
    return performance.now() - started;
  };
  const [known, unknown] = [await time('mox@localhost'), await time('nobody')];
  expect(unknown / known).toBeGreaterThan(0.1);
});

it('a disabled account is told so only with the right password, and does not log in by SCRAM', async () => {
  const look = source({ enabled: false });
  expect(await look(password('mox@localhost', 'wrong'))).toEqual({ type: 'refused' });
  expect(await look(password('mox@localhost', 'right'))).toMatchObject({ type: 'refused', reason: 'disabled' });
  expect(await look({ type: 'scram', mechanism: 'SCRAM-SHA-256', authcid: 'mox@localhost', hash: 'sha256' })).toEqual({ type: 'refused' });
});

it.each(['sha1', 'sha256', 'sha512'] as const)('RFC 5802 §3: gives what SCRAM with %s needs', async (hash) => {
  const answer = await source()({ type: 'scram', mechanism: 'SCRAM', authcid: 'mox@localhost', hash });
  expect(answer).toMatchObject({ type: 'scram', authcid: 'mox@localhost', credentials: { hash } });
});

it('a fault of the store is temporary, what is not served is refused', async () => {
  expect(await source({}, new StoreError('io', 'broken'))(password('x', 'y'))).toEqual({ type: 'temporary', problem: 'broken' });
  expect(await source()({ type: 'anonymous', mechanism: 'ANONYMOUS', trace: '' })).toMatchObject({ type: 'refused' });
});
