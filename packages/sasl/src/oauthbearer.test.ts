import { fromUtf8, Secret, toUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { oauthbearerClient, oauthbearerServer } from './oauthbearer.ts';
import { xoauth2Client, xoauth2Server } from './xoauth2.ts';

const token = 'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==';
const example = `n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer ${token}\x01\x01`;

describe('OAUTHBEARER', () => {
  it('RFC 7628 §4.1: the example asks whose the token is', () => {
    const step = oauthbearerServer.create({}).step(fromUtf8(example));
    expect(step).toMatchObject({
      type: 'lookup',
      lookup: { type: 'oauth', mechanism: 'OAUTHBEARER', authzid: 'user@example.com', host: 'server.example.com', port: 143 },
    });
    expect(step.type === 'lookup' && step.lookup.type === 'oauth' && step.lookup.token.reveal()).toBe(token);
  });

  it('RFC 7628 §4.1: the client writes the example', () => {
    const credentials = { username: 'user@example.com', token: new Secret(token) };
    const client = oauthbearerClient.create({ credentials, announced: [], host: 'server.example.com', port: 143 });
    expect(toUtf8(client.start() ?? new Uint8Array(0))).toBe(example);
  });

  it('RFC 7628 §4.3: a refused token is explained, then the exchange fails', () => {
    const server = oauthbearerServer.create({});
    server.step(fromUtf8(example));
    const step = server.answer({ type: 'refused', oauth: { scope: 'example_scope', openidConfiguration: 'https://example.com/openid' } });
    expect(step.type === 'challenge' && JSON.parse(toUtf8(step.data))).toEqual({
      status: 'invalid_token',
      scope: 'example_scope',
      'openid-configuration': 'https://example.com/openid',
    });
    expect(server.step(Uint8Array.of(1))).toMatchObject({ type: 'failure', reason: 'invalid-credentials' });
  });

  it('RFC 7628 §3.2.3: the client hears why, and answers with a single U+0001', () => {
    const client = oauthbearerClient.create({ credentials: { token: new Secret('t') }, announced: [] });
    client.start();
    const step = client.step(fromUtf8('{"status":"invalid_token"}'));
    expect(step).toEqual({ type: 'response', data: Uint8Array.of(1), problem: expect.stringContaining('invalid_token') });
    expect(client.finish()).toMatchObject({ type: 'failure', reason: 'refused' });
  });

  it.each([
    '',
    '\x01',
    'n,,',
    'n,,\x01\x01',
    'n,,\x01auth=Bearer \x01\x01',
    'n,,\x01auth=Basic abc\x01\x01',
    'n,,\x01auth=Bearer a b\x01\x01',
    'n,,\x01auth=Bearer abc\x01',
    'n,,\x01auth=Bearer abc',
    'x,,\x01auth=Bearer abc\x01\x01',
    'p=tls-unique,,\x01auth=Bearer abc\x01\x01',
    'n,user,\x01auth=Bearer abc\x01\x01',
    'n,a==,\x01auth=Bearer abc\x01\x01',
    'n,,more\x01auth=Bearer abc\x01\x01',
    'n,,\x01=x\x01auth=Bearer abc\x01\x01',
    'n,,\x01host=a\0b\x01auth=Bearer abc\x01\x01',
    'n,,\x01host=\u00e9\x01auth=Bearer abc\x01\x01',
  ])('RFC 7628 §3.1: %j is malformed', (message) => {
    expect(oauthbearerServer.create({}).step(fromUtf8(message))).toMatchObject({ type: 'failure', reason: 'malformed' });
  });

  it('RFC 7628 §3.1: unknown keys are passed over; the scheme is known in any case', () => {
    expect(oauthbearerServer.create({}).step(fromUtf8('y,,\x01qs=a=b\x01auth=bearer abc\x01\x01')).type).toBe('lookup');
  });

  it('a token of nobody fails', () => {
    const server = oauthbearerServer.create({});
    server.step(fromUtf8('n,,\x01auth=Bearer abc\x01\x01'));
    expect(server.answer({ type: 'accepted' }).type).toBe('challenge');
    expect(server.step(Uint8Array.of(1))).toMatchObject({ type: 'failure', reason: 'invalid-credentials' });
  });

  it('the token of one user does not open the account of another', () => {
    const server = oauthbearerServer.create({});
    server.step(fromUtf8(example));
    expect(server.answer({ type: 'accepted', authcid: 'somebody' })).toMatchObject({
      type: 'lookup',
      lookup: { type: 'authorize', authcid: 'somebody', authzid: 'user@example.com' },
    });
    const refusal = server.answer({ type: 'refused' });
    expect(refusal.type === 'challenge' && toUtf8(refusal.data), 'RFC 7628 §3.2.2').toBe('{"status":"invalid_token"}');
    expect(server.step(Uint8Array.of(1))).toMatchObject({ type: 'failure', reason: 'not-authorized', authcid: 'somebody' });
  });

  it('mutants of a message never throw', () => {
    for (const mutant of mutants([example], { count: 3000, tokens: ['\x01', ',', '=', 'a=', 'auth=', 'Bearer '] })) {
      expect(['lookup', 'failure']).toContain(oauthbearerServer.create({}).step(mutant).type);
    }
  });
});

describe('XOAUTH2', () => {
  const message = 'user=someuser@example.com\x01auth=Bearer ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\x01\x01';

  it('asks whose the token is', () => {
    expect(xoauth2Server.create({}).step(fromUtf8(message))).toMatchObject({
      type: 'lookup',
      lookup: { type: 'oauth', authzid: 'someuser@example.com' },
    });
  });

  it('the client writes what the server reads', () => {
    const credentials = { username: 'someuser@example.com', token: new Secret('ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg') };
    expect(toUtf8(xoauth2Client.create({ credentials, announced: [] }).start() ?? new Uint8Array(0))).toBe(message);
  });

  it.each(['', 'user=a', 'user=a\x01auth=Bearer t\x01', 'auth=Bearer t\x01user=a\x01\x01', 'user=\x01auth=Bearer t\x01\x01'])(
    '%j is malformed',
    (text) => {
      expect(xoauth2Server.create({}).step(fromUtf8(text))).toMatchObject({ type: 'failure', reason: 'malformed' });
    },
  );

  it('a refused token is explained in the words of its inventor', () => {
    const server = xoauth2Server.create({});
    server.step(fromUtf8(message));
    const step = server.answer({ type: 'refused', oauth: { scope: 'https://mail.example.com/' } });
    expect(step.type === 'challenge' && toUtf8(step.data)).toBe('{"status":"401","schemes":"bearer","scope":"https://mail.example.com/"}');
    expect(server.step(new Uint8Array(0))).toMatchObject({ type: 'failure', reason: 'invalid-credentials' });
  });
});
