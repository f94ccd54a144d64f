import { fromUtf8, Secret } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { loginClient, loginServer } from './login.ts';

const challenge = (text: string): unknown => ({ type: 'challenge', data: fromUtf8(text) });

describe('LOGIN', () => {
  it('asks for a name, then for a password', () => {
    const server = loginServer.create({});
    expect(server.step(undefined)).toEqual(challenge('Username:'));
    expect(server.step(fromUtf8('tim'))).toEqual(challenge('Password:'));
    expect(server.step(fromUtf8('secret'))).toMatchObject({ type: 'lookup', lookup: { type: 'password', authcid: 'tim' } });
  });

  it('takes the name as an initial response', () => {
    expect(loginServer.create({}).step(fromUtf8('tim'))).toEqual(challenge('Password:'));
  });

  it('an empty initial response is none: the name is asked for', () => {
    const server = loginServer.create({});
    expect(server.step(new Uint8Array(0))).toEqual(challenge('Username:'));
    expect(server.step(fromUtf8('tim'))).toEqual(challenge('Password:'));
  });

  it.each([
    [fromUtf8(''), fromUtf8('secret')],
    [fromUtf8('tim'), fromUtf8('')],
    [fromUtf8('t\0m'), fromUtf8('secret')],
    [Uint8Array.of(0xff), fromUtf8('secret')],
  ])('%j with %j is malformed, but only after the password', (name, password) => {
    const server = loginServer.create({});
    expect(server.step(undefined).type).toBe('challenge');
    expect(server.step(name)).toEqual(challenge('Password:'));
    expect(server.step(password)).toMatchObject({ type: 'failure', reason: 'malformed' });
  });

  it('a client does not take success before its password was sent', () => {
    const client = loginClient.create({ credentials: { username: 'tim', password: new Secret('secret') }, announced: [] });
    expect(client.start()).toBeUndefined();
    expect(client.step(fromUtf8('Username:'))).toEqual({ type: 'response', data: fromUtf8('tim') });
    expect(client.finish()).toMatchObject({ type: 'failure', reason: 'server-not-authenticated' });
  });

  it('a client gives up where the server asks on and on', () => {
    const client = loginClient.create({ credentials: { username: 'tim', password: new Secret('secret') }, announced: [] });
    client.start();
    client.step(fromUtf8('Username:'));
    expect(client.step(fromUtf8('Password:'))).toEqual({ type: 'response', data: fromUtf8('secret') });
    expect(client.step(fromUtf8('More:'))).toMatchObject({ type: 'failure', reason: 'malformed' });
  });
});
