import { fromUtf8, Secret, toUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { parsePlainMessage, plainClient, plainServer } from './plain.ts';

describe('PLAIN', () => {
  it('RFC 4616 §4: the first example asks for tim and his password', () => {
    const step = plainServer.create({}).step(fromUtf8('\0tim\0tanstaaftanstaaf'));
    expect(step).toMatchObject({ type: 'lookup', lookup: { type: 'password', mechanism: 'PLAIN', authcid: 'tim' } });
  });

  it('RFC 4616 §4: the second example acts as Ursel', () => {
    const server = plainServer.create({});
    server.step(fromUtf8('Ursel\0Kurt\0xipj3plmq'));
    expect(server.answer({ type: 'accepted' })).toEqual({
      type: 'lookup',
      lookup: { type: 'authorize', mechanism: 'PLAIN', authcid: 'Kurt', authzid: 'Ursel' },
    });
    expect(server.answer({ type: 'refused' })).toMatchObject({ type: 'failure', reason: 'not-authorized', authcid: 'Kurt' });
  });

  it.each([
    '',
    'tim',
    '\0tim',
    '\0tim\0',
    '\0\0password',
    'a\0b\0c\0d',
    '\0tim\0pass\0',
    '\0t\x07m\0password',
    '\0tim\0pass\x7fword',
    '\x07\0tim\0password',
  ])('RFC 4616 §2: %j is malformed', (message) => {
    expect(plainServer.create({}).step(fromUtf8(message))).toMatchObject({ type: 'failure', reason: 'malformed' });
  });

  it('RFC 4616 §2: what is no UTF-8 is malformed', () => {
    expect(plainServer.create({}).step(Uint8Array.of(0, 0xff, 0, 65))).toMatchObject({ type: 'failure', reason: 'malformed' });
  });

  it('RFC 4616 §2: names and passwords of 255 octets are accepted', () => {
    const long = 'x'.repeat(255);
    expect(plainServer.create({}).step(fromUtf8(`${long}\0${long}\0${long}`)).type).toBe('lookup');
  });

  it('RFC 4422 §3.3: without an initial response the client is asked by an empty challenge', () => {
    const server = plainServer.create({});
    expect(server.step(undefined)).toEqual({ type: 'challenge', data: new Uint8Array(0) });
    expect(server.step(fromUtf8('\0tim\0pass')).type).toBe('lookup');
  });

  it('the name that the service knows the user by is the identity', () => {
    const server = plainServer.create({});
    server.step(fromUtf8('tim@example.org\0tim@example.org\0pass'));
    expect(server.answer({ type: 'accepted', authcid: 'tim' })).toEqual({
      type: 'success',
      identity: { mechanism: 'PLAIN', authcid: 'tim', authzid: 'tim' },
    });
  });

  it('a directory that is down, and reasons that it gives', () => {
    const outcome = (answer: Parameters<ReturnType<typeof plainServer.create>['answer']>[0]): unknown => {
      const server = plainServer.create({});
      server.step(fromUtf8('\0tim\0pass'));
      return server.answer(answer);
    };
    expect(outcome({ type: 'temporary', problem: 'down' })).toMatchObject({ type: 'failure', reason: 'temporary', problem: 'down' });
    expect(outcome({ type: 'refused', reason: 'expired' })).toMatchObject({ type: 'failure', reason: 'expired', authcid: 'tim' });
    expect(outcome({ type: 'refused' })).toMatchObject({
      reason: 'invalid-credentials',
      problem: 'the directory refused the name and password',
    });
    expect(() => outcome({ type: 'cram-md5', digest: new Uint8Array(16) })).toThrow(expect.objectContaining({ code: 'wrong-answer' }));
  });

  it('the client writes what the server reads', () => {
    const credentials = { username: 'tim', password: new Secret('secret'), authzid: 'ursel' };
    expect(toUtf8(plainClient.create({ credentials, announced: [] }).start() ?? new Uint8Array(0))).toBe('ursel\0tim\0secret');
  });

  it('the client refuses to send what SASLprep refuses', () => {
    const client = plainClient.create({ credentials: { username: 'tim', password: new Secret('a\0b') }, announced: [] });
    expect(() => client.start()).toThrow(expect.objectContaining({ code: 'unusable-credentials' }));
  });

  it('mutants of a message never throw', () => {
    for (const mutant of mutants(['ursel\0tim\0secret', '\0jürgen\0pässword'], { count: 3000 })) {
      const message = parsePlainMessage(mutant);
      if (message) expect(message.authcid).not.toBe('');
      expect(['lookup', 'failure']).toContain(plainServer.create({}).step(mutant).type);
    }
  });
});
