// Our machines against dovecot, which is the server that they log in to, and the client that logs in to them; over as much IMAP as it
// takes. Skipped where dovecot is not installed, or cannot be run: it wants root.
import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';
import { decodeBase64Lenient, encodeBase64 } from '@mox/encoding';
import { type ChannelBindingType, fromUtf8, Secret } from '@mox/runtime';
import { createSelfSignedCertificate } from '@mox/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DovecotServer, dovecotAvailable } from '../../../tools/dovecot.ts';
import {
  answerSaslClientLookup,
  createSaslClient,
  createSaslServer,
  type OauthError,
  type SaslClient,
  type SaslClientCredentials,
  type SaslClientOutcome,
  type SaslFailure,
  type SaslSuccess,
} from '../src/index.ts';
import { dovecotBindsChannels, startDovecotLogin } from './dovecot-server.ts';
import { directory, settle, tlsInfo } from './drive.ts';

const bytes = (text: string): Uint8Array => decodeBase64Lenient(fromUtf8(text));
const configurationUrl = 'https://id.example.org/.well-known/openid-configuration';

interface Certificate {
  readonly key: string;
  readonly cert: string;
}

async function makeCertificate(name: string): Promise<Certificate> {
  const now = Date.now();
  const made = await createSelfSignedCertificate({ names: [name], notBefore: now - 60_000, notAfter: now + 86_400_000 });
  return { key: made.privateKeyPem, cert: made.certificatePem };
}

/** A server of token introspection, which says whose a token is: `good-<name>` is of that name. */
function introspection(): Server {
  return createHttpServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const token = new URLSearchParams(body).get('token') ?? '';
      const username = /^good-(\w+)$/.exec(token)?.[1];
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(username ? { active: true, username, scope: 'mail' } : { active: false }));
    });
  });
}

interface Login {
  readonly mechanism: string;
  readonly credentials: SaslClientCredentials;
  /** With TLS, and this certificate where one is given. */
  readonly tls?: { readonly certificate?: Certificate };
  /** The initial response goes with the command (RFC 4959), or answers an empty challenge. */
  readonly initialResponse?: boolean;
}

interface LoggedIn {
  /** What the server says in the end. */
  readonly reply: string;
  readonly outcome: SaslClientOutcome | undefined;
  /** What it says of a token that will not do. */
  readonly oauth?: OauthError;
}

async function open(dovecot: DovecotServer, tls: Login['tls']): Promise<Socket> {
  if (!tls) return connect(dovecot.port, '127.0.0.1');
  const socket = connectTls({ port: dovecot.tlsPort, host: '127.0.0.1', rejectUnauthorized: false, ...tls.certificate });
  await once(socket, 'secureConnect');
  return socket;
}

function bindingOf(socket: Socket): Parameters<typeof tlsInfo>[0] {
  if (!('exportKeyingMaterial' in socket) || typeof socket.exportKeyingMaterial !== 'function') return {};
  const data: unknown = socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
  const exported = data instanceof Uint8Array ? new Uint8Array(data) : undefined;
  return {
    channelBindingTypes: ['tls-exporter'],
    channelBinding: (type: ChannelBindingType) => (type === 'tls-exporter' ? exported : undefined),
  };
}

interface Peer {
  read(): Promise<string>;
  say(line: string): unknown;
}

/** One AUTHENTICATE command, to its end. */
async function authenticate(peer: Peer, client: SaslClient, initialResponse: boolean): Promise<LoggedIn> {
  let held = client.start();
  const sent = initialResponse && held ? ` ${held.length === 0 ? '=' : encodeBase64(held)}` : '';
  if (sent !== '') held = undefined;
  peer.say(`a AUTHENTICATE ${client.mechanism}${sent}`);
  let oauth: OauthError | undefined;
  for (let line = await peer.read(); ; line = await peer.read()) {
    if (line.startsWith('*')) continue;
    if (!line.startsWith('+'))
      return { reply: line, outcome: line.startsWith('a OK') ? client.finish() : undefined, ...(oauth && { oauth }) };
    if (held) {
      peer.say(encodeBase64(held));
      held = undefined;
      continue;
    }
    let step = client.step(bytes(line.slice(2)));
    while (step.type === 'lookup') step = client.answer(await answerSaslClientLookup(step.lookup));
    if (step.type === 'failure') return { reply: '', outcome: step };
    oauth = step.oauth ?? oauth;
    peer.say(encodeBase64(step.data));
  }
}

/** Logs in to dovecot by a mechanism: with each of the credentials, one after the other on one connection. */
async function logins(dovecot: DovecotServer, how: Login & { readonly more?: readonly SaslClientCredentials[] }): Promise<LoggedIn[]> {
  const { mechanism, credentials, tls, initialResponse = true, more = [] } = how;
  const socket = await open(dovecot, tls);
  const lines = createInterface(socket)[Symbol.asyncIterator]();
  const peer: Peer = { read: async () => (await lines.next()).value ?? '', say: (line) => socket.write(`${line}\r\n`) };
  try {
    const announced = [...(await peer.read()).matchAll(/AUTH=(\S+?)(?=[\s\]])/g)].map((match) => match[1] ?? '');
    expect(announced).toContain(mechanism);
    const done: LoggedIn[] = [];
    for (const one of [credentials, ...more]) {
      const options = { credentials: one, announced, plaintextWithoutTls: true, host: 'localhost', port: dovecot.port };
      const client = createSaslClient(mechanism, tls ? { ...options, tls: tlsInfo(bindingOf(socket)) } : options);
      if (!client) throw new Error(`${mechanism}: not usable`);
      done.push(await authenticate(peer, client, initialResponse));
    }
    return done;
  } finally {
    socket.destroy();
  }
}

async function login(dovecot: DovecotServer, how: Login): Promise<LoggedIn> {
  const [only] = await logins(dovecot, how);
  return only ?? expect.unreachable('nothing was done');
}

describe.skipIf(!dovecotAvailable)('dovecot as the server (skipped where it is not installed)', () => {
  let dovecot: DovecotServer;
  let user: Certificate;
  const http = introspection();
  const right = { username: 'user', password: new Secret('pencil') };
  const wrong = { username: 'user', password: new Secret('pen') };

  beforeAll(async () => {
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const server = await makeCertificate('localhost');
    user = await makeCertificate('user');
    const plus = dovecotBindsChannels ? ' scram-sha-1-plus scram-sha-256-plus' : '';
    dovecot = await startDovecotLogin({
      key: server.key,
      certificate: server.cert,
      clientCa: user.cert,
      settings: `auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 oauthbearer xoauth2 external anonymous${plus}
auth_ssl_username_from_cert = yes
auth_anonymous_username = visitor
passdb {
  driver = oauth2
  mechanisms = oauthbearer xoauth2
  args = $FOLDER/oauth2.conf
}
passdb {
  driver = static
  mechanisms = external
  args = nopassword
}
passdb {
  driver = static
  mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
  args = password=pencil
}
`,
      files: {
        'oauth2.conf': `introspection_mode = post
introspection_url = http://127.0.0.1:${(http.address() as AddressInfo).port}/introspect
username_attribute = username
active_attribute = active
active_value = true
scope = mail
openid_configuration_url = ${configurationUrl}
`,
      },
    });
  }, 30_000);

  afterAll(async () => {
    await dovecot?.stop();
    http.close();
  });

  const passwords = ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256'];
  it.each(passwords)('RFC 4422 §3: %s with the right password, with and without an initial response, and with TLS', async (mechanism) => {
    for (const how of [{}, { initialResponse: false }, { tls: {} }]) {
      const { reply, outcome } = await login(dovecot, { mechanism, credentials: right, ...how });
      expect(reply, dovecot.log()).toContain('a OK');
      expect(outcome).toEqual({ type: 'success' });
    }
  });

  it.each(passwords)('RFC 4422 §3.6: %s with a wrong password', async (mechanism) => {
    expect((await login(dovecot, { mechanism, credentials: wrong })).reply).toContain('a NO [AUTHENTICATIONFAILED]');
  });

  it('RFC 4422 appendix A: EXTERNAL by a TLS certificate, for its name alone', async () => {
    const tls = { certificate: user };
    const credentials = { external: true };
    const { reply, outcome } = await login(dovecot, { mechanism: 'EXTERNAL', credentials: { ...credentials, authzid: 'user' }, tls });
    expect(reply, dovecot.log()).toContain('a OK');
    expect(outcome).toEqual({ type: 'success' });
    const without = await login(dovecot, { mechanism: 'EXTERNAL', credentials: { ...credentials, authzid: 'user' }, tls: {} });
    expect(without.reply).toContain('a NO');
  });

  it('RFC 4505 §2: ANONYMOUS', async () => {
    const { reply, outcome } = await login(dovecot, { mechanism: 'ANONYMOUS', credentials: { anonymous: 'guest@example.org' } });
    expect(reply, dovecot.log()).toContain('a OK');
    expect(outcome).toEqual({ type: 'success' });
  });

  it.each(['OAUTHBEARER', 'XOAUTH2'])('RFC 7628 §4.1: %s with a token that the introspection server knows', async (mechanism) => {
    for (const how of [{}, { initialResponse: false }, { tls: {} }]) {
      const { reply, outcome } = await login(dovecot, {
        mechanism,
        credentials: { username: 'user', token: new Secret('good-user') },
        ...how,
      });
      expect(reply, dovecot.log()).toContain('a OK');
      expect(outcome).toEqual({ type: 'success' });
    }
  });

  it.each(['OAUTHBEARER', 'XOAUTH2'])('RFC 7628 §4.3: %s with another token is told why, answers, and comes again', async (mechanism) => {
    const token = (text: string): SaslClientCredentials => ({ username: 'user', token: new Secret(text) });
    const tokens = { credentials: token('bad'), more: [token('good-other'), token('good-user')] };
    const [first, second, third] = await logins(dovecot, { mechanism, ...tokens });
    expect(first?.reply, dovecot.log()).toContain('a NO');
    expect(first?.oauth).toBeDefined();
    expect(second?.reply).toContain('a NO');
    expect(third).toEqual({ reply: expect.stringContaining('a OK'), outcome: { type: 'success' } });
  });

  it('RFC 7628 §4.3: a question without a token is refused; dovecot 2.3 does not say which would do, and takes one after it', async () => {
    const token = (text: string): SaslClientCredentials => ({ username: 'user', token: new Secret(text) });
    const [first, second] = await logins(dovecot, { mechanism: 'OAUTHBEARER', credentials: token(''), more: [token('good-user')] });
    expect(first?.reply, dovecot.log()).toContain('a NO');
    expect(second?.outcome).toEqual({ type: 'success' });
  });

  it('RFC 7628 §3.2.2: the scope and the provider that dovecot names are read', async () => {
    const { oauth } = await login(dovecot, { mechanism: 'OAUTHBEARER', credentials: { username: 'user', token: new Secret('bad') } });
    expect(oauth).toMatchObject({ status: 'invalid_token', openidConfiguration: configurationUrl });
  });

  it.skipIf(!dovecotBindsChannels)('RFC 5802 §6: -PLUS over TLS (skipped: this dovecot binds no channel)', async () => {
    for (const mechanism of ['SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256-PLUS'])
      expect((await login(dovecot, { mechanism, credentials: right, tls: {} })).outcome).toEqual({ type: 'success' });
  });
});

type Outcome = SaslSuccess | SaslFailure;

/** As much of an IMAP server as dovecot's proxy wants before it logs in. */
async function serveImap(socket: Socket): Promise<Outcome> {
  const source = directory({ username: 'user', password: 'pencil' });
  socket.on('error', () => socket.destroy());
  const lines = createInterface(socket)[Symbol.asyncIterator]();
  const read = async (): Promise<string> => (await lines.next()).value ?? '';
  const say = (line: string): unknown => socket.write(`${line}\r\n`);
  say('* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=LOGIN AUTH=OAUTHBEARER AUTH=XOAUTH2] ready');
  for (let line = await read(); line !== ''; line = await read()) {
    const [tag = '', verb, name = '', initial] = line.split(' ');
    if (verb?.toUpperCase() !== 'AUTHENTICATE') {
      if (verb?.toUpperCase() === 'CAPABILITY') say('* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN');
      say(`${tag} OK done`);
      continue;
    }
    const mechanisms = ['PLAIN', 'LOGIN', 'OAUTHBEARER', 'XOAUTH2'];
    const machine = createSaslServer(name, { mechanisms, plaintextWithoutTls: true, oauth: () => ({ scope: 'mail' }) });
    if (!machine) throw new Error(line);
    let step = await settle(machine, machine.step(initial === undefined ? undefined : bytes(initial === '=' ? '' : initial)), source);
    while (step.type === 'challenge') {
      say(`+ ${encodeBase64(step.data)}`);
      step = await settle(machine, machine.step(bytes(await read())), source);
    }
    say(step.type === 'success' ? `${tag} OK welcome` : `${tag} NO [AUTHENTICATIONFAILED] no`);
    return step;
  }
  throw new Error('nobody logged in');
}

describe.skipIf(!dovecotAvailable)('dovecot as the client (skipped where it is not installed)', () => {
  let dovecot: DovecotServer;
  const imap = createServer();
  imap.on('connection', (socket) => open.add(socket));
  const open = new Set<Socket>();

  beforeAll(async () => {
    imap.listen(0, '127.0.0.1');
    await once(imap, 'listening');
    const server = await makeCertificate('localhost');
    dovecot = await startDovecotLogin({
      key: server.key,
      certificate: server.cert,
      clientCa: server.cert,
      settings: `auth_mechanisms = plain
passdb {
  driver = static
  args = nopassword=y proxy=y host=127.0.0.1 port=${(imap.address() as AddressInfo).port} proxy_mech=%d destuser=%n
}
`,
    });
  }, 30_000);

  afterAll(async () => {
    await dovecot?.stop();
    for (const socket of open) socket.destroy();
    imap.close();
  });

  /** Logs in to the proxy, which then logs in to our server. Gives what our server made of it, and what the proxy says in the end. */
  async function proxied(mechanism: string, secret: string): Promise<{ readonly outcome: Outcome; readonly reply: () => Promise<string> }> {
    const served = once(imap, 'connection').then(([socket]) => serveImap(socket));
    const socket = connect(dovecot.port, '127.0.0.1');
    const lines = createInterface(socket)[Symbol.asyncIterator]();
    await lines.next();
    socket.write(`a LOGIN user@${mechanism} ${secret}\r\n`);
    const outcome = await served;
    const reply = async (): Promise<string> => {
      for (;;) {
        const line = (await lines.next()).value ?? '';
        if (!line.startsWith('*')) return line;
      }
    };
    return { outcome, reply };
  }

  it.each([
    ['plain', 'pencil', 'pen'],
    ['login', 'pencil', 'pen'],
    ['oauthbearer', 'token', 'old'],
    ['xoauth2', 'token', 'old'],
  ])('RFC 4422 §3: its %s', async (mechanism, good, bad) => {
    const well = await proxied(mechanism, good);
    expect(well.outcome, dovecot.log()).toMatchObject({
      type: 'success',
      identity: { mechanism: mechanism.toUpperCase(), authcid: 'user' },
    });
    expect(await well.reply()).toContain('a OK');
    const badly = await proxied(mechanism, bad);
    expect(badly.outcome).toMatchObject({ type: 'failure', reason: 'invalid-credentials' });
    // Where it is told why, this client gives up without the word that RFC 7628 §3.2.3 wants of it, and tries again for a while.
    if (good === 'pencil') expect(await badly.reply()).toContain('a NO');
  });
});
