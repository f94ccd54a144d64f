// Our machines against the library of Cyrus SASL, which is the client of postfix and of many others, and the server of most: every
// mechanism that both have, each side in each role.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { decodeBase64Lenient, encodeBase64 } from '@mox/encoding';
import { type ChannelBindingType, fromUtf8, hash, Secret, toHex } from '@mox/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answerSaslClientLookup,
  createSaslClient,
  createSaslServer,
  type SaslClientCredentials,
  type SaslClientOutcome,
  type SaslFailure,
  type SaslSuccess,
} from '../src/index.ts';
import { directory, settle, tlsInfo } from './drive.ts';

const python = '/usr/bin/python3';
const loads =
  'import ctypes, os, glob; ctypes.CDLL("libsasl2.so.2"); assert os.path.exists("/usr/sbin/saslpasswd2"); assert glob.glob("/usr/lib/*/sasl2/libscram.so")';
const available = spawnSync(python, ['-c', loads]).status === 0;

interface Answer {
  /** 0 for the end, 1 for more, anything else for a failure. */
  readonly result: number;
  readonly data: string | null;
  readonly log: string | null;
  readonly authcid?: string;
  readonly authzid?: string;
}

const folder = mkdtempSync(join(tmpdir(), 'mox-cyrus-'));
let child: ChildProcessWithoutNullStreams;
let lines: AsyncIterator<string>;

async function order(command: object): Promise<Answer> {
  child.stdin.write(`${JSON.stringify(command)}\n`);
  const { value, done } = await lines.next();
  if (done) throw new Error('the library of Cyrus SASL is gone');
  return JSON.parse(value);
}

const bytes = (text: string | null): Uint8Array => decodeBase64Lenient(fromUtf8(text ?? ''));

interface Binding {
  readonly type: ChannelBindingType;
  readonly data: Uint8Array;
}

interface Login {
  readonly mechanism: string;
  readonly username?: string;
  readonly password?: string;
  readonly authzid?: string;
  readonly ours?: Binding;
  readonly theirs?: Binding;
  /** The other side must bind. */
  readonly critical?: boolean;
  readonly successData?: boolean;
  readonly initialResponse?: boolean;
}

const theirBinding = ({ theirs, critical = false }: Login): object =>
  theirs ? { binding: { type: theirs.type, data: toHex(theirs.data), critical } } : {};
const tlsOf = (binding: Binding | undefined): ReturnType<typeof tlsInfo> =>
  tlsInfo({
    channelBindingTypes: binding ? [binding.type] : [],
    channelBinding: (type) => (binding && type === binding.type ? binding.data : undefined),
  });

interface Outcome {
  readonly server: SaslSuccess | SaslFailure;
  readonly client: Answer;
}

/** Their client, our server, which knows one user. */
async function serve(login: Login, user: { username: string; password: string }): Promise<Outcome> {
  const { mechanism, username = 'user', password = 'pencil', authzid = '', successData = false } = login;
  const all = [mechanism, mechanism.replace('-PLUS', ''), `${mechanism.replace('-PLUS', '')}-PLUS`];
  const server = createSaslServer(mechanism, { tls: tlsOf(login.ours), mechanisms: all, successData, plaintextWithoutTls: true });
  if (!server) throw new Error(`${mechanism} is not offered`);
  let client = await order({ op: 'start', role: 'client', mechanism, username, password, authzid, ...theirBinding(login) });
  let held = client.data;
  const initial = held !== null && login.initialResponse !== false ? bytes(held) : undefined;
  if (initial) held = null;
  const source = directory(user);
  let step = await settle(server, server.step(initial), source);
  while (step.type === 'challenge') {
    if (held === null) {
      client = await order({ op: 'step', data: encodeBase64(step.data) });
      if (client.result < 0) return { server: { type: 'failure', reason: 'aborted', problem: 'the client gave up' }, client };
    }
    step = await settle(server, server.step(bytes(held ?? client.data)), source);
    held = null;
  }
  if (step.type === 'success' && step.data) client = await order({ op: 'step', data: encodeBase64(step.data) });
  return { server: step, client };
}

/** Our client, their server. */
async function logIn(login: Login): Promise<{ readonly server: Answer; readonly client: SaslClientOutcome | undefined }> {
  const { mechanism, username = 'user', password = 'pencil', authzid, successData = false } = login;
  const credentials: SaslClientCredentials = {
    username,
    password: new Secret(password),
    anonymous: 'guest',
    ...(authzid !== undefined && { authzid }),
  };
  const client = createSaslClient(mechanism, {
    credentials,
    announced: [mechanism],
    tls: tlsOf(login.ours),
    minIterations: 4096,
    plaintextWithoutTls: true,
  });
  if (!client) throw new Error(`${mechanism} cannot be used`);
  let held = client.start();
  const initial = held && login.initialResponse !== false ? { initial: encodeBase64(held) } : {};
  if ('initial' in initial) held = undefined;
  let server = await order({ op: 'start', role: 'server', mechanism, successData, ...initial, ...theirBinding(login) });
  while (server.result === 1) {
    let response = held;
    held = undefined;
    if (!response) {
      let step = client.step(bytes(server.data));
      while (step.type === 'lookup') step = client.answer(await answerSaslClientLookup(step.lookup));
      if (step.type === 'failure') return { server, client: step };
      response = step.data;
    }
    server = await order({ op: 'step', data: encodeBase64(response) });
  }
  const last = server.data === null || !successData ? undefined : bytes(server.data);
  return { server, client: server.result === 0 ? client.finish(last) : undefined };
}

const channel = (type: ChannelBindingType, of: string = 'channel'): Binding => ({ type, data: hash('sha256', fromUtf8(`${type} ${of}`)) });
const bindingTypes: readonly ChannelBindingType[] = ['tls-exporter', 'tls-unique', 'tls-server-end-point'];
const scram = ['SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'];
const mechanisms = ['PLAIN', 'LOGIN', 'CRAM-MD5', ...scram];
const user = { username: 'user', password: 'pencil' };

/** Names and passwords as both sides may have to prepare them. */
const people: readonly (readonly [name: string, username: string, password: string])[] = [
  ['a comma and an equals sign', 'a,b=c', 'pen,cil='],
  ['letters beyond ASCII', 'jürgen', 'naïve-пароль'],
  ['a space', 'a b', 'pen cil'],
  ['characters of four bytes', 'user-😀', '🔑🔑'],
  ['a long password', 'long', 'x'.repeat(900)],
];

describe.skipIf(!available && !process.env['CI'])('Cyrus SASL (skipped where it is not installed)', () => {
  beforeAll(async () => {
    child = spawn(python, [join(import.meta.dirname, 'python-cyrus.py'), folder]);
    lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    for (const [, username, password] of [['', 'user', 'pencil'], ...people]) await order({ op: 'register', username, password });
  });
  afterAll(() => {
    child.kill();
    rmSync(folder, { recursive: true });
  });

  describe.each(mechanisms)('%s', (mechanism) => {
    it.each([true, false])('their client logs in (initial response: %s)', async (initialResponse) => {
      for (const successData of [true, false]) {
        const { server, client } = await serve({ mechanism, initialResponse, successData }, user);
        expect(server).toMatchObject({ type: 'success', identity: { mechanism, authcid: 'user', authzid: 'user' } });
        expect(client.result).toBe(0);
      }
    });

    it.each([true, false])('our client logs in (initial response: %s)', async (initialResponse) => {
      for (const successData of [true, false]) {
        const { server, client } = await logIn({ mechanism, initialResponse, successData });
        expect(server).toMatchObject({ result: 0, authcid: 'user@localhost' });
        expect(client).toEqual({ type: 'success' });
      }
    });

    it('a wrong password and an unknown user fail alike, both ways', async () => {
      for (const wrong of [{ password: 'pen' }, { username: 'nobody' }]) {
        expect((await serve({ mechanism, ...wrong }, user)).server).toMatchObject({ type: 'failure', reason: 'invalid-credentials' });
        expect((await logIn({ mechanism, ...wrong })).server.result).toBeLessThan(0);
      }
    });

    it.each(people)('RFC 4013 §2: %s, both ways', async (_name, username, password) => {
      const { server } = await serve({ mechanism, username, password }, { username, password });
      expect(server).toMatchObject({ type: 'success', identity: { authcid: username } });
      expect((await logIn({ mechanism, username, password })).server.result).toBe(0);
    });
  });

  it.each(['PLAIN', ...scram])('RFC 4422 §3.4.1: %s asks to act as another, both ways', async (mechanism) => {
    const allowed = await serve({ mechanism, authzid: 'other' }, user);
    expect(allowed.server).toMatchObject({ type: 'success', identity: { authcid: 'user', authzid: 'other' } });
    const refused = await serve({ mechanism, authzid: 'third' }, user);
    expect(refused.server).toMatchObject({ type: 'failure', reason: 'not-authorized' });
    expect((await logIn({ mechanism, authzid: 'other' })).server).toMatchObject({
      result: 0,
      authcid: 'user@localhost',
      authzid: 'other@localhost',
    });
    expect((await logIn({ mechanism, authzid: 'third' })).server.result).toBeLessThan(0);
  });

  it('RFC 4505 §2: ANONYMOUS, both ways', async () => {
    const { server } = await serve({ mechanism: 'ANONYMOUS', username: 'guest' }, user);
    expect(server).toMatchObject({ type: 'success', identity: { authcid: 'anonymous' } });
    expect((await logIn({ mechanism: 'ANONYMOUS' })).server.result).toBe(0);
  });

  describe.each(scram)('RFC 5802 §6: %s-PLUS', (name) => {
    const mechanism = `${name}-PLUS`;
    it.each(bindingTypes)('binds by %s, both ways', async (type) => {
      const both = { ours: channel(type), theirs: channel(type) };
      const { server, client } = await serve({ mechanism, ...both }, user);
      expect(server).toMatchObject({ type: 'success', identity: { mechanism, channelBinding: type } });
      expect(client.result).toBe(0);
      const login = await logIn({ mechanism, ...both });
      expect(login).toMatchObject({ server: { result: 0 }, client: { type: 'success' } });
    });

    it.each(bindingTypes)('somebody between the two is found out by %s, both ways', async (type) => {
      const both = { ours: channel(type), theirs: channel(type, 'another') };
      expect((await serve({ mechanism, ...both }, user)).server).toMatchObject({ type: 'failure', reason: 'channel-binding' });
      expect((await logIn({ mechanism, ...both })).server.result).toBeLessThan(0);
    });

    it('a type that the server does not bind by is refused', async () => {
      const both = { ours: channel('tls-exporter'), theirs: channel('tls-unique') };
      expect((await serve({ mechanism, ...both }, user)).server).toMatchObject({ type: 'failure', reason: 'channel-binding' });
      expect((await logIn({ mechanism, ...both })).server.result).toBeLessThan(0);
    });

    it('a client that must bind, and goes on where -PLUS was not offered, is refused', async () => {
      const both = { ours: channel('tls-exporter'), theirs: channel('tls-exporter'), critical: true };
      expect((await serve({ mechanism: name, ...both }, user)).server).toMatchObject({ type: 'failure', reason: 'channel-binding' });
    });

    it('our client, which could have bound and was told that it cannot, is found out', async () => {
      const both = { ours: channel('tls-exporter'), theirs: channel('tls-exporter') };
      expect((await logIn({ mechanism: name, ...both })).server.result).toBeLessThan(0);
    });
  });
});
