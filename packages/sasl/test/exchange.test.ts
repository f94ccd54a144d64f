import { fromUtf8, Secret } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offeredMechanisms, saslServerMechanisms } from '../src/index.ts';
import { prepare } from '../src/prepare.ts';
import { directory, type Exchange, login, tlsInfo } from './drive.ts';

const everything = saslServerMechanisms.map(({ name }) => name);
const tls = tlsInfo({ peerCertificate: { der: fromUtf8('certificate'), trusted: true } });
const passwordMechanisms = everything.filter((name) => /SCRAM|PLAIN|LOGIN|CRAM/.test(name));

interface Party {
  readonly username?: string;
  readonly password?: string;
  readonly token?: string;
  readonly authzid?: string;
  readonly anonymous?: string;
}

function run(mechanism: string, party: Party, successData = false): Promise<Exchange> {
  const { password = 'pencil', token = 'token', ...rest } = party;
  return login(mechanism, {
    client: {
      credentials: {
        username: 'user',
        password: new Secret(password),
        token: new Secret(token),
        external: true,
        anonymous: 'guest',
        ...rest,
      },
      announced: everything,
      tls,
    },
    server: { tls, mechanisms: everything, successData },
    source: directory({ username: 'user', password: 'pencil' }),
  });
}

describe('client and server machines', () => {
  for (const mechanism of everything) {
    it.each([true, false])(`${mechanism}: the right credentials succeed on both ends (data with success: %s)`, async (successData) => {
      const { server, client } = await run(mechanism, {}, successData);
      expect(client).toEqual({ type: 'success' });
      const authcid = mechanism === 'ANONYMOUS' ? 'anonymous' : 'user';
      expect(server).toMatchObject({ type: 'success', identity: { mechanism, authcid, authzid: authcid } });
      expect(server.type === 'success' && server.identity.channelBinding).toBe(mechanism.endsWith('-PLUS') ? 'tls-exporter' : undefined);
    });
  }

  it.each(passwordMechanisms)('%s: a wrong password and an unknown user fail alike', async (mechanism) => {
    for (const party of [{ password: 'pen' }, { username: 'nobody' }]) {
      const { server, client } = await run(mechanism, party);
      expect(server).toMatchObject({ type: 'failure', reason: 'invalid-credentials' });
      expect(client).toBeUndefined();
    }
  });

  it.each(everything.filter((name) => !/LOGIN|CRAM|ANONYMOUS|OAUTH/.test(name)))(
    'RFC 4422 §3.4.1: %s asks whether the user may act as another',
    async (mechanism) => {
      const allowed = await run(mechanism, { authzid: 'other' });
      expect(allowed.server).toMatchObject({ type: 'success', identity: { authcid: 'user', authzid: 'other' } });
      const { server } = await run(mechanism, { authzid: 'third' });
      expect(server).toMatchObject({ type: 'failure', reason: 'not-authorized', authcid: 'user' });
    },
  );

  it.each(['OAUTHBEARER', 'XOAUTH2'])('RFC 7628 §3.2.3: %s explains a refused token and fails', async (mechanism) => {
    const { server, client } = await run(mechanism, { token: 'old' });
    expect(server).toMatchObject({ type: 'failure', reason: 'invalid-credentials' });
    expect(client).toBeUndefined();
  });

  it('RFC 4505 §2: a visitor may be refused', async () => {
    expect((await run('ANONYMOUS', { anonymous: 'unwelcome' })).server).toMatchObject({ type: 'failure', reason: 'invalid-credentials' });
  });

  it.each(passwordMechanisms)('%s: any name and any password that can be prepared succeed', async (mechanism) => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((one) => prepare(one) !== undefined);
    await fc.assert(
      fc.asyncProperty(text, text, async (username, password) => {
        const { server, client } = await login(mechanism, {
          client: { credentials: { username, password: new Secret(password) }, announced: everything, tls, minIterations: 1 },
          server: { tls, mechanisms: everything },
          source: directory({ username, password, iterations: 2 }),
        });
        expect(client).toEqual({ type: 'success' });
        expect(server).toMatchObject({ type: 'success', identity: { authcid: prepare(username) } });
      }),
      { numRuns: 40 },
    );
  });
});

describe('what is offered', () => {
  it('without TLS: nothing that shows a password, and no channel binding', () => {
    expect(offeredMechanisms({})).toEqual(['SCRAM-SHA-256', 'SCRAM-SHA-1']);
    expect(offeredMechanisms({ plaintextWithoutTls: true })).toEqual(['SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN', 'LOGIN']);
  });

  it('RFC 5802 §6: -PLUS only where the connection has a channel binding', () => {
    const without = tlsInfo({ channelBindingTypes: [] });
    expect(offeredMechanisms({ tls: without })).toEqual(['SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN', 'LOGIN']);
    expect(offeredMechanisms({ tls: tlsInfo() })[0]).toBe('SCRAM-SHA-256-PLUS');
  });

  it('EXTERNAL only with a client certificate', () => {
    expect(offeredMechanisms({ tls: tlsInfo(), mechanisms: ['EXTERNAL'] })).toEqual([]);
    expect(offeredMechanisms({ tls, mechanisms: ['EXTERNAL'] })).toEqual(['EXTERNAL']);
  });
});
