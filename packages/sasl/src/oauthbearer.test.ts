import { fromUtf8, Secret, toUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { parseOauthError } from './oauth-error.ts';
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
    const step = client.step(fromUtf8('{"status":"invalid_token","scope":"mail"}'));
    const oauth = { status: 'invalid_token', scope: 'mail' };
    expect(step).toEqual({ type: 'response', data: Uint8Array.of(1), problem: expect.stringContaining('invalid_token'), oauth });
    expect(client.finish()).toMatchObject({ type: 'failure', reason: 'refused', oauth });
  });

  it('RFC 7628 §4.3: a client without a token asks which would do, gets one and comes in', () => {
    const question = 'n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=\x01\x01';
    const at = { announced: [], host: 'server.example.com', port: 143 };
    const asking = oauthbearerClient.create({ credentials: { username: 'user@example.com', token: new Secret('') }, ...at });
    expect(toUtf8(asking.start() ?? new Uint8Array(0))).toBe(question);
    const advice = { scope: 'example_scope', openidConfiguration: 'https://example.com/.well-known/openid-config' };
    const options = { oauth: ({ authzid }: { authzid?: string }) => (authzid?.endsWith('@example.com') ? advice : {}) };
    const server = oauthbearerServer.create(options);
    const told = server.step(fromUtf8(question));
    if (told.type !== 'challenge') expect.unreachable(told.type);
    expect(toUtf8(told.data)).toBe(
      '{"status":"invalid_token","scope":"example_scope","openid-configuration":"https://example.com/.well-known/openid-config"}',
    );
    const heard = asking.step(told.data);
    expect(heard).toMatchObject({ type: 'response', data: Uint8Array.of(1), oauth: { status: 'invalid_token', ...advice } });
    expect(server.step(Uint8Array.of(1))).toMatchObject({ type: 'failure', reason: 'invalid-credentials', problem: 'no token' });
    const second = oauthbearerServer.create(options);
    const coming = oauthbearerClient.create({ credentials: { username: 'user@example.com', token: new Secret(token) }, ...at });
    expect(second.step(coming.start())).toMatchObject({ type: 'lookup', lookup: { type: 'oauth' } });
    expect(second.answer({ type: 'accepted', authcid: 'user@example.com' })).toMatchObject({ type: 'success' });
    expect(coming.finish()).toEqual({ type: 'success' });
  });

  it.each([
    ['no token', 'n,,\x01\x01', 'invalid_token'],
    ['an empty token', 'n,,\x01auth=\x01\x01', 'invalid_token'],
    ['a scheme without its token', 'n,,\x01auth=Bearer \x01\x01', 'invalid_request'],
    ['another scheme', 'n,,\x01auth=Basic abc\x01\x01', 'invalid_request'],
    ['a token with a blank', 'n,,\x01auth=Bearer a b\x01\x01', 'invalid_request'],
    ['two tokens', 'n,,\x01auth=Bearer a\x01auth=Bearer b\x01\x01', 'invalid_request'],
    ['two hosts', 'n,,\x01host=mail.example.org\x01host=b.example\x01auth=Bearer a\x01\x01', 'invalid_request'],
    ['another host', 'n,,\x01host=b.example\x01auth=Bearer a\x01\x01', 'invalid_request'],
    ['another port', 'n,,\x01host=mail.example.org\x01port=143\x01auth=Bearer a\x01\x01', 'invalid_request'],
    ['a port with a zero', 'n,,\x01port=0993\x01auth=Bearer a\x01\x01', 'invalid_request'],
    ['a port that is none', 'n,,\x01port=65536\x01auth=Bearer a\x01\x01', 'invalid_request'],
  ])('RFC 7628 §3.1, RFC 7628 §3.2.2: %s is explained, then refused', (_what, message, status) => {
    const server = oauthbearerServer.create({
      endpoint: { hosts: ['imap.example.org', 'mail.example.org'], port: 993 },
      oauth: () => ({ scope: 'mail' }),
    });
    const step = server.step(fromUtf8(message));
    expect(step.type === 'challenge' && JSON.parse(toUtf8(step.data))).toEqual({ status, scope: 'mail' });
    expect(server.step(Uint8Array.of(1))).toMatchObject({ type: 'failure', reason: 'invalid-credentials' });
  });

  it.each(['host=mail.example.org\x01port=993', 'host=IMAP.example.org.', 'port=993', 'qs=a\x01qs=b'])(
    'RFC 7628 §3.2: %j is where the service is, as far as the client says',
    (pairs) => {
      const server = oauthbearerServer.create({ endpoint: { hosts: ['imap.example.org', 'mail.example.org'], port: 993 } });
      expect(server.step(fromUtf8(`n,,\x01${pairs}\x01auth=Bearer a\x01\x01`)).type).toBe('lookup');
    },
  );

  it('RFC 7628 §3.2.2: what the answer says of a token goes before what is said to all', () => {
    const server = oauthbearerServer.create({ oauth: () => ({ scope: 'mail', openidConfiguration: 'https://id.example/' }) });
    server.step(fromUtf8(example));
    const step = server.answer({ type: 'refused', oauth: { status: 'insufficient_scope', scope: 'imap' } });
    expect(step.type === 'challenge' && JSON.parse(toUtf8(step.data))).toEqual({
      status: 'insufficient_scope',
      scope: 'imap',
      'openid-configuration': 'https://id.example/',
    });
  });

  it.each<[string, object | undefined]>([
    [
      '{"status":"invalid_token","schemes":"bearer mac","scope":"https://mail.example.com/"}',
      { status: 'invalid_token', scope: 'https://mail.example.com/' },
    ],
    ['{"status":400,"scope":""}', { status: '400' }],
    ['{"status":"invalid_token","openid-configuration":"http://id.example/"}', { status: 'invalid_token' }],
    ['{"status":"a\\u0000b","scope":["x"]}', {}],
    ['{"openid-configuration":"HTTPS://id.example/x"}', { openidConfiguration: 'HTTPS://id.example/x' }],
    ['[]', undefined],
    ['null', undefined],
    ['"invalid_token"', undefined],
    ['{', undefined],
    ['', undefined],
    [`{"status":"${'x'.repeat(20_000)}"}`, undefined],
  ])('RFC 7628 §3.2.2: the error result %.60j', (json, expected) => {
    expect(parseOauthError(fromUtf8(json))).toEqual(expected);
  });

  it('mutants of an error result never throw', () => {
    for (const mutant of mutants(['{"status":"invalid_token","scope":"mail","openid-configuration":"https://id.example/"}'], {
      count: 2000,
    }))
      parseOauthError(mutant);
  });

  it.each([
    '',
    '\x01',
    'n,,',
    'n,,\x01',
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
      const server = oauthbearerServer.create({});
      const step = server.step(mutant);
      // What is explained is refused all the same.
      expect(['lookup', 'failure']).toContain(step.type === 'challenge' ? server.step(Uint8Array.of(1)).type : step.type);
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
