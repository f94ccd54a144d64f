import { concatBytes, fromUtf8, Secret, type TlsInfo, toUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { directory, exchange, settle, tlsInfo } from '../test/drive.ts';
import { createSaslClient } from './client-mechanisms.ts';
import type { SaslServerOptions } from './sasl-server.ts';
import { makeScramCredentials } from './scram-credentials.ts';
import { createSaslServer } from './server-mechanisms.ts';

const source = directory({ username: 'user', password: 'pencil' });
const everything = ['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'];
const none = tlsInfo({ channelBindingTypes: [], channelBinding: () => undefined });

function first(mechanism: string, message: string, options: SaslServerOptions = {}): unknown {
  return createSaslServer(mechanism, options)?.step(fromUtf8(message));
}

/** The outcome for a client with one view of the connection and a server with another. */
async function bound(
  client: TlsInfo | undefined,
  server: TlsInfo,
  mechanism = 'SCRAM-SHA-256-PLUS',
  announced = everything,
): Promise<unknown> {
  const machine = createSaslClient(mechanism, {
    credentials: { username: 'user', password: new Secret('pencil') },
    announced,
    ...(client ? { tls: client } : {}),
  });
  const other = createSaslServer(mechanism, { tls: server });
  return machine && other && (await exchange(machine, other, source)).server;
}

describe('RFC 5802 §6: channel binding', () => {
  it.each(['tls-exporter', 'tls-unique', 'tls-server-end-point'] as const)('%s: bound to the same channel succeeds', async (type) => {
    const tls = tlsInfo({ channelBindingTypes: [type], channelBinding: (asked) => (asked === type ? Uint8Array.of(1, 2, 3) : undefined) });
    expect(await bound(tls, tls)).toMatchObject({ type: 'success', identity: { channelBinding: type } });
  });

  it('bound to another channel fails: somebody sits in the middle', async () => {
    const other = tlsInfo({ channelBinding: () => Uint8Array.of(9) });
    expect(await bound(other, tlsInfo())).toMatchObject({ type: 'failure', reason: 'channel-binding' });
  });

  it('a client that could bind, told that the server cannot, shows the downgrade', async () => {
    expect(await bound(tlsInfo(), tlsInfo(), 'SCRAM-SHA-256', ['SCRAM-SHA-256'])).toMatchObject({
      type: 'failure',
      reason: 'channel-binding',
    });
    expect(await bound(tlsInfo(), none, 'SCRAM-SHA-256', ['SCRAM-SHA-256'])).toMatchObject({ type: 'success' });
    expect(await bound(none, tlsInfo(), 'SCRAM-SHA-256')).toMatchObject({ type: 'success' });
  });

  it('a client that takes a mechanism without -PLUS, where only another hash has it, is no sign of a downgrade', async () => {
    const mechanisms = ['SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256'];
    for (const announced of [mechanisms, mechanisms.map((name) => name.toLowerCase())]) {
      const client = createSaslClient('SCRAM-SHA-256', {
        credentials: { username: 'user', password: new Secret('pencil') },
        announced,
        tls: tlsInfo(),
      });
      const server = createSaslServer('SCRAM-SHA-256', { tls: tlsInfo(), mechanisms });
      expect(client && server && (await exchange(client, server, source)).server).toMatchObject({ type: 'success' });
    }
  });

  it('a server that does not offer -PLUS by its own choice takes "y"', () => {
    expect(first('SCRAM-SHA-256', 'y,,n=user,r=abc', { tls: tlsInfo(), mechanisms: ['SCRAM-SHA-256'] })).toMatchObject({ type: 'lookup' });
  });

  it.each([
    ['SCRAM-SHA-256-PLUS', 'n,,n=user,r=abc'],
    ['SCRAM-SHA-256-PLUS', 'y,,n=user,r=abc'],
    ['SCRAM-SHA-256-PLUS', 'p=tls-unique,,n=user,r=abc'],
    ['SCRAM-SHA-256-PLUS', 'p=tls-unknown,,n=user,r=abc'],
    ['SCRAM-SHA-256', 'p=tls-exporter,,n=user,r=abc'],
    ['SCRAM-SHA-256', 'y,,n=user,r=abc'],
  ])('%s with %j fails', (mechanism, message) => {
    expect(first(mechanism, message, { tls: tlsInfo() })).toMatchObject({ type: 'failure', reason: 'channel-binding' });
  });

  it('is not offered without a binding', () => {
    expect(createSaslServer('SCRAM-SHA-256-PLUS', { tls: none })).toBeUndefined();
    expect(createSaslServer('SCRAM-SHA-256-PLUS', {})).toBeUndefined();
  });
});

describe('SCRAM on a server', () => {
  const serverFirst = async (authcid: string, options: SaslServerOptions): Promise<string> => {
    const server = createSaslServer('SCRAM-SHA-256', options);
    if (!server) throw new Error('not offered');
    const step = await settle(server, server.step(fromUtf8(`n,,n=${authcid},r=abc`)), source);
    return step.type === 'challenge' ? toUtf8(step.data).replace(/^r=[^,]*,/, '') : step.type;
  };

  it('unknown names get a salt that stays the same, differs by name, and looks like a real one', async () => {
    const decoyKey = new Secret(Uint8Array.of(1, 2, 3));
    const nobody = await serverFirst('nobody', { decoyKey });
    expect(await serverFirst('nobody', { decoyKey })).toBe(nobody);
    expect(await serverFirst('nobody', { decoyKey: new Secret(Uint8Array.of(4)) })).not.toBe(nobody);
    expect(await serverFirst('nobody', {})).toBe(await serverFirst('nobody', {}));
    expect(await serverFirst('nobody2', { decoyKey })).not.toBe(nobody);
    const real = await serverFirst('user', { decoyKey });
    expect(nobody.replace(/s=[^,]*/, '').length).toBe(real.replace(/s=[^,]*/, '').length);
    expect(nobody).toHaveLength(real.length);
    expect(await serverFirst('nobody', { decoyKey, decoyIterations: 10000 })).toMatch(/,i=10000$/);
  });

  it('RFC 7677 §4: 4096 iterations at least are announced', async () => {
    expect(await serverFirst('user', {})).toMatch(/,i=4096$/);
    expect(await serverFirst('nobody', {})).toMatch(/,i=4096$/);
  });

  it('a password that would fit made-up keys does not exist, whatever is sent', async () => {
    const server = createSaslServer('SCRAM-SHA-256', {});
    if (!server) throw new Error('not offered');
    const step = await settle(server, server.step(fromUtf8('n,,n=nobody,r=abc')), source);
    const nonce = step.type === 'challenge' ? /^r=([^,]*)/.exec(toUtf8(step.data))?.[1] : '';
    const final = server.step(fromUtf8(`c=biws,r=${nonce},p=${btoa('\0'.repeat(32))}`));
    expect(final).toMatchObject({ type: 'failure', reason: 'invalid-credentials', authcid: 'nobody' });
  });

  const finals: readonly (readonly [string, (nonce: string) => string, string])[] = [
    ['another nonce', (nonce) => `c=biws,r=${nonce}x,p=QQ==`, 'invalid-credentials'],
    ['another GS2 header', (nonce) => `c=eSws,r=${nonce},p=QQ==`, 'channel-binding'],
    ['an empty binding', (nonce) => `c=AA==,r=${nonce},p=QQ==`, 'channel-binding'],
    ['a short proof', (nonce) => `c=biws,r=${nonce},p=QQ==`, 'invalid-credentials'],
    ['no proof', (nonce) => `c=biws,r=${nonce}`, 'malformed'],
    ['nothing', () => '', 'malformed'],
  ];
  it.each(finals)('RFC 5802 §5.1: %s in the last message fails', async (_, message, reason) => {
    const server = createSaslServer('SCRAM-SHA-256', {});
    if (!server) throw new Error('not offered');
    const step = await settle(server, server.step(fromUtf8('n,,n=user,r=abc')), source);
    const nonce = step.type === 'challenge' ? (/^r=([^,]*)/.exec(toUtf8(step.data))?.[1] ?? '') : '';
    expect(server.step(fromUtf8(message(nonce)))).toMatchObject({ type: 'failure', reason });
  });

  it('RFC 5802 §5.1: a proof that is too long fails even where its start is right', async () => {
    const client = createSaslClient('SCRAM-SHA-256', { credentials: { username: 'user', password: new Secret('pencil') }, announced: [] });
    const server = createSaslServer('SCRAM-SHA-256', {});
    if (!client || !server) throw new Error('not offered');
    const longer = {
      ...client,
      answer: (answer: Parameters<typeof client.answer>[0]) => {
        const step = client.answer(answer);
        if (step.type !== 'response') return step;
        const text = toUtf8(step.data);
        const proof = Uint8Array.from(atob(/,p=(.*)$/.exec(text)?.[1] ?? ''), (c) => c.charCodeAt(0));
        const padded = btoa(String.fromCharCode(...concatBytes([proof, Uint8Array.of(0)])));
        return { ...step, data: fromUtf8(text.replace(/,p=.*$/, `,p=${padded}`)) };
      },
    };
    expect((await exchange(longer, server, source)).server).toMatchObject({ type: 'failure', reason: 'invalid-credentials' });
  });

  it('a directory that is down is temporary; wrong answers are misuse', async () => {
    const asked = (): NonNullable<ReturnType<typeof createSaslServer>> => {
      const server = createSaslServer('SCRAM-SHA-256', {});
      if (!server) throw new Error('not offered');
      server.step(fromUtf8('n,,n=user,r=abc'));
      return server;
    };
    expect(asked().answer({ type: 'temporary' })).toMatchObject({ type: 'failure', reason: 'temporary' });
    const misuse = expect.objectContaining({ code: 'wrong-answer' });
    expect(() => asked().answer({ type: 'accepted' })).toThrow(misuse);
    const credentials = await makeScramCredentials({ password: new Secret('x'), hash: 'sha1', iterations: 1 });
    expect(() => asked().answer({ type: 'scram', credentials })).toThrow(misuse);
  });

  it('RFC 5802 §5: after its signature the server takes nothing but an empty response', async () => {
    const client = createSaslClient('SCRAM-SHA-256', { credentials: { username: 'user', password: new Secret('pencil') }, announced: [] });
    const server = createSaslServer('SCRAM-SHA-256', {});
    if (!client || !server) throw new Error('not offered');
    const shouting = {
      ...client,
      step: (data: Uint8Array) =>
        toUtf8(data).startsWith('v=') ? ({ type: 'response', data: fromUtf8('x') } as const) : client.step(data),
    };
    expect((await exchange(shouting, server, source)).server).toMatchObject({ type: 'failure', reason: 'malformed' });
  });
});
