import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import {
  type CloseReason,
  type Connection,
  connect,
  type Listener,
  type ListenOptions,
  listen,
  NetError,
  type ServedSession,
  systemClock,
  TlsCertificates,
} from '@mox/net-node';
import { fromUtf8, type Logger, type PeerCertificate, silentLogger } from '@mox/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { localhostCertificate, otherCertificate } from './certificate.ts';
import { echo, type LineEvent, ToySession } from './toy-session.ts';

const listeners: Listener[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const listener of listeners.splice(0)) await listener.close({ graceMilliseconds: 0 });
});

async function start(options: Partial<ListenOptions<LineEvent>> = {}): Promise<Listener> {
  const listener = await listen({ host: '127.0.0.1', port: 0, serve: (connection) => echo(connection), ...options });
  listeners.push(listener);
  return listener;
}

/** A peer that keeps what it hears. */
class Peer {
  readonly socket: Socket;
  #heard = '';

  constructor(socket: Socket) {
    this.socket = socket;
    sockets.push(socket);
    socket.setEncoding('utf8').on('error', () => {});
    socket.on('data', (text: string) => {
      this.#heard += text;
    });
  }

  async hear(text: string): Promise<void> {
    while (!this.#heard.startsWith(text)) {
      if (this.#heard.length >= text.length || this.socket.readableEnded) expect(this.#heard).toBe(text);
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'end')]);
    }
    this.#heard = this.#heard.slice(text.length);
  }

  say(text: string): void {
    this.socket.write(text);
  }

  async end(): Promise<void> {
    if (!this.socket.readableEnded) await once(this.socket, 'end');
    expect(this.#heard).toBe('');
  }
}

async function dial(listener: Listener): Promise<Peer> {
  const socket = connectSocket({ port: listener.address.port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  return new Peer(socket);
}

async function dialTls(listener: Listener, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connectTls({ port: listener.address.port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  sockets.push(socket);
  await once(socket, 'secureConnect');
  return socket;
}

describe('a session on a socket', () => {
  it('greets, answers pipelined lines in order, and closes when the session says so', async () => {
    const peer = await dial(await start());
    peer.say('a\nb\nQUIT\nc\n');
    await peer.hear('hello\necho a\necho b\nbye\n');
    await peer.end();
  });

  it('handles one event after the other, however slow', async () => {
    const handled: string[] = [];
    const serve = (): ServedSession<LineEvent> => {
      const session = new ToySession();
      return {
        session,
        async handle(event) {
          handled.push(`begin ${event.line}`);
          await sleep(5);
          handled.push(`end ${event.line}`);
          session.answer(event.line);
        },
      };
    };
    const peer = await dial(await start({ serve }));
    peer.say('a\nb\n');
    await peer.hear('hello\na\nb\n');
    expect(handled).toEqual(['begin a', 'end a', 'begin b', 'end b']);
  });

  it('RFC 2920 §3.2: replies to pipelined commands leave in one piece; what was said does not wait for a slow handler', async () => {
    const serve = (): ServedSession<LineEvent> => {
      const session = new ToySession('');
      return {
        session,
        async handle(event) {
          if (event.line === 'slow') await sleep(50);
          session.answer(event.line);
        },
      };
    };
    const peer = await dial(await start({ serve }));
    const pieces: string[] = [];
    peer.socket.on('data', (text: string) => pieces.push(text));
    peer.say('a\nb\nc\nslow\nd\n');
    await peer.hear('a\nb\nc\nslow\nd\n');
    expect(pieces).toEqual(['a\nb\nc\n', 'slow\nd\n']);
  });

  it('goes on after an answer that came outside of handle, with flush', async () => {
    const serve = (connection: Connection): ServedSession<LineEvent> => {
      const session = new ToySession();
      return {
        session,
        handle(event) {
          setTimeout(() => {
            session.answer(event.line);
            void connection.flush();
          }, 5);
        },
      };
    };
    const peer = await dial(await start({ serve }));
    peer.say('a\nb\n');
    await peer.hear('hello\na\nb\n');
  });

  it('reads no more than its limit while an event waits for its answer', async () => {
    let session: ToySession | undefined;
    let release = (): void => {};
    const serve = (): ServedSession<LineEvent> => {
      const toy = new ToySession();
      session = toy;
      return {
        session: toy,
        async handle() {
          await new Promise<void>((resolve) => {
            release = resolve;
          });
          toy.answer('done');
        },
      };
    };
    const peer = await dial(await start({ serve, session: { bufferLimitBytes: 10_000 } }));
    peer.say(`x\n${'y'.repeat(5_000_000)}`);
    await sleep(100);
    expect(session?.mostBuffered).toBeLessThan(200_000);
    release();
    await peer.hear('hello\ndone\n');
  });

  it('gives up a peer that takes nothing of what is sent to it, and holds little for it', async () => {
    const reasons: CloseReason[] = [];
    let sent = 0;
    const serve = (connection: Connection): ServedSession<LineEvent> => {
      const session = new ToySession();
      return {
        session,
        async handle() {
          while (!connection.signal.aborted) {
            session.say(new Uint8Array(10_000));
            sent += 10_000;
            await connection.flush();
          }
        },
        close: (reason) => void reasons.push(reason),
      };
    };
    const peer = await dial(await start({ serve, session: { writeTimeoutMilliseconds: 100 } }));
    peer.socket.pause();
    peer.say('x\n');
    await expect.poll(() => reasons).toEqual(['write-timeout']);
    expect(sent).toBeLessThan(20_000_000); // what the system buffers on loopback
  });

  it('does not give up a peer that is slow', async () => {
    const serve = (connection: Connection): ServedSession<LineEvent> => {
      const session = new ToySession('');
      return {
        session,
        async handle() {
          for (let i = 0; i < 100; i++) {
            session.say('z'.repeat(100_000));
            await connection.flush();
          }
          session.bye('');
        },
      };
    };
    const peer = await dial(await start({ serve, session: { writeTimeoutMilliseconds: 400 } }));
    let heard = 0;
    peer.socket.on('data', (text: string) => {
      heard += text.length;
      peer.socket.pause();
      setTimeout(() => peer.socket.resume(), 1);
    });
    peer.say('x\n');
    await expect.poll(() => heard, { timeout: 20_000 }).toBe(10_000_001);
  });

  it('sends all that was said before the close, to a slow peer too', async () => {
    const serve = (): ServedSession<LineEvent> => {
      const session = new ToySession('');
      return {
        session,
        handle() {
          session.say('z'.repeat(20_000_000));
          session.bye('');
        },
      };
    };
    const peer = await dial(await start({ serve, session: { lingerMilliseconds: 20 } }));
    let heard = 0;
    peer.socket.on('data', (text: string) => {
      heard += text.length;
    });
    peer.say('x\n');
    await once(peer.socket, 'data');
    peer.socket.pause();
    await sleep(100);
    peer.socket.resume();
    await once(peer.socket, 'end');
    expect(heard).toBe(20_000_001);
  });

  it('tells the session when its deadline has passed, and follows one that moves', async () => {
    const serve = (): ServedSession<LineEvent> => {
      const session = new ToySession();
      session.deadline = systemClock.now() + 600;
      return {
        session,
        handle(event) {
          session.deadline = systemClock.now() + 800;
          session.answer(event.line);
        },
      };
    };
    const peer = await dial(await start({ serve }));
    const started = performance.now();
    await sleep(20);
    peer.say('a\n');
    await peer.hear('hello\na\ntoo slow\n');
    await peer.end();
    expect(performance.now() - started).toBeGreaterThan(790);
  });

  it('answers what a peer sent before it closed its side', async () => {
    const peer = await dial(await start());
    peer.socket.end('a\nb\n');
    await peer.hear('hello\necho a\necho b\n');
    await peer.end();
  });

  it('ends the connection where a handler throws, and logs it', async () => {
    const errors: string[] = [];
    const logger: Logger = { ...silentLogger, error: (message) => void errors.push(message) };
    const serve = (): ServedSession<LineEvent> => ({
      session: new ToySession(),
      handle: () => Promise.reject(new Error('a bug')),
    });
    const peer = await dial(await start({ serve, logger }));
    await peer.hear('hello\n');
    peer.say('a\n');
    await peer.end();
    expect(errors).toEqual(['a connection was ended by a fault of this program']);
  });

  it('tells the service once that the connection is over', async () => {
    const reasons: CloseReason[] = [];
    const signals: AbortSignal[] = [];
    const serve = (connection: Connection): ServedSession<LineEvent> => {
      signals.push(connection.signal);
      return { ...echo(connection), close: (reason) => void reasons.push(reason) };
    };
    const peer = await dial(await start({ serve }));
    await peer.hear('hello\n');
    peer.socket.resetAndDestroy();
    await expect.poll(() => reasons).toEqual(['peer']);
    expect(signals[0]?.aborted).toBe(true);
  });
});

describe('TLS', () => {
  const certificates = new TlsCertificates([localhostCertificate, otherCertificate]);

  it('RFC 3207 §4.2: STARTTLS in place; what was said in clear text before is dropped', async () => {
    const sessions: ToySession[] = [];
    const serve = (connection: Connection): ServedSession<LineEvent> => {
      const served = echo(connection);
      sessions.push(served.session);
      return served;
    };
    const listener = await start({ serve, tls: { mode: 'starttls', certificates } });
    const clear = connectSocket(listener.address.port, '127.0.0.1');
    sockets.push(clear);
    clear.write('STARTTLS\ninjected\n');
    const said: string[] = [];
    while (!said.join('').endsWith('go ahead\n')) said.push(String((await once(clear, 'data'))[0]));
    clear.removeAllListeners('data');
    const socket = connectTls({ socket: clear, rejectUnauthorized: false, servername: 'localhost' });
    const peer = new Peer(socket);
    peer.say('secret\n');
    await peer.hear('echo secret\n');
    expect(sessions[0]?.tls).toMatchObject({ protocol: 'TLSv1.3', serverName: 'localhost' });
  });

  it.each(['TLSv1.3', 'TLSv1.2'] as const)('RFC 8314 §3: implicit %s; both ends compute the same channel bindings', async (version) => {
    const infos: (Connection['tls'] | undefined)[] = [];
    const serve = (connection: Connection): ServedSession<LineEvent> => {
      infos.push(connection.tls);
      return echo(connection);
    };
    const listener = await start({ serve, tls: { mode: 'implicit', certificates } });
    const client = await connect<LineEvent>({
      host: '127.0.0.1',
      port: listener.address.port,
      tls: { mode: 'implicit', allowUntrusted: true, serverName: 'localhost', maximumVersion: version },
      serve(connection) {
        infos.push(connection.tls);
        const session = new ToySession('a\n');
        return {
          session,
          handle(event) {
            if (event.line === 'hello') session.parked = false;
            else session.bye('QUIT');
          },
        };
      },
    });
    expect(await client.closed).toBe('session');
    const [one, other] = infos;
    expect(one?.protocol).toBe(version);
    expect(one?.channelBindingTypes).toEqual([version === 'TLSv1.3' ? 'tls-exporter' : 'tls-unique', 'tls-server-end-point']);
    expect(other?.channelBindingTypes).toEqual(one?.channelBindingTypes);
  });

  it.each([
    ['TLSv1.3', 'tls-exporter', 'RFC 9266 §2', 32],
    ['TLSv1.2', 'tls-unique', 'RFC 5929 §3', 12],
    ['TLSv1.3', 'tls-server-end-point', 'RFC 5929 §4', 32],
  ] as const)('%s, %s: %s', async (version, type, _rfc, length) => {
    const data: (Uint8Array | undefined)[] = [];
    const serve = (connection: Connection): ServedSession<LineEvent> => {
      const session = new ToySession();
      return {
        session,
        handle() {
          data.push(connection.tls?.channelBinding(type));
          session.answer('ok');
        },
      };
    };
    const listener = await start({ serve, tls: { mode: 'implicit', certificates } });
    await connect<LineEvent>({
      host: '127.0.0.1',
      port: listener.address.port,
      tls: { mode: 'implicit', allowUntrusted: true, serverName: 'localhost', maximumVersion: version },
      serve(connection) {
        const session = new ToySession('a\n');
        data.push(connection.tls?.channelBinding(type));
        return {
          session,
          handle() {
            session.parked = false;
          },
        };
      },
    });
    await expect.poll(() => data.length).toBe(2);
    expect(data[0]).toHaveLength(length);
    expect(data[0]).toEqual(data[1]);
  });

  it('RFC 6066 §3: the certificate is that of the name asked for; a new one is taken without a restart', async () => {
    const own = new TlsCertificates([localhostCertificate, otherCertificate]);
    const listener = await start({ tls: { mode: 'implicit', certificates: own } });
    const subject = async (servername: string): Promise<string | undefined> =>
      (await dialTls(listener, { servername })).getPeerX509Certificate()?.subject;
    expect(await subject('other.example')).toBe('CN=other.example');
    expect(await subject('unknown.example')).toBe('CN=localhost');
    own.replace([otherCertificate]);
    expect(await subject('unknown.example')).toBe('CN=other.example');
    expect(() => own.replace([{ ...otherCertificate, privateKeyPem: localhostCertificate.privateKeyPem }])).toThrow(NetError);
    expect(await subject('other.example')).toBe('CN=other.example');
  });

  it('RFC 7301 §3.2: a protocol that is spoken is agreed on, others are turned away', async () => {
    const listener = await start({ tls: { mode: 'implicit', certificates, alpn: ['toy'] } });
    expect((await dialTls(listener, { ALPNProtocols: ['other', 'toy'] })).alpnProtocol).toBe('toy');
    await expect(dialTls(listener, { ALPNProtocols: ['http/1.1'] })).rejects.toThrow(/alert/);
    expect((await dialTls(listener)).alpnProtocol).toBe(false);
  });

  it('a peer that does not speak TLS, or says nothing, is given up', async () => {
    const listener = await start({ tls: { mode: 'implicit', certificates, handshakeTimeoutMilliseconds: 100 } });
    const talker = await dial(listener);
    talker.say('EHLO example.org\r\n');
    await once(talker.socket, 'end');
    const silent = await dial(listener);
    await once(silent.socket, 'end');
    await expect.poll(() => listener.connections).toBe(0);
  });

  it('an untrusted certificate fails a client that does not allow it', async () => {
    const listener = await start({ tls: { mode: 'implicit', certificates } });
    const options = { host: '127.0.0.1', port: listener.address.port, serve: (connection: Connection) => echo(connection) };
    await expect(connect({ ...options, tls: { mode: 'implicit', serverName: 'localhost' } })).rejects.toMatchObject({ code: 'tls-failed' });
    const roots = [localhostCertificate.certificatePem];
    const trusted = await connect({ ...options, tls: { mode: 'implicit', serverName: 'localhost', roots } });
    expect(trusted.connection.tls?.peerCertificate?.trusted).toBe(true);
    trusted.destroy();
  });

  it('RFC 8446 §4.4.2: all certificates that the server sent are told, in its order, and why its own is not trusted', async () => {
    const bundle = `${localhostCertificate.certificatePem}\n${otherCertificate.certificatePem}`;
    const listener = await start({
      tls: { mode: 'implicit', certificates: new TlsCertificates([{ ...localhostCertificate, certificatePem: bundle }]) },
    });
    const options = { host: '127.0.0.1', port: listener.address.port, serve: (connection: Connection) => echo(connection) };
    const ask = async (tls: object): Promise<PeerCertificate | undefined> => {
      const client = await connect({ ...options, tls: { mode: 'implicit', allowUntrusted: true, ...tls } });
      client.destroy();
      return client.connection.tls?.peerCertificate;
    };
    const [der, other] = [localhostCertificate, otherCertificate].map((one) => new Uint8Array(new X509Certificate(one.certificatePem).raw));
    expect(await ask({ serverName: 'localhost' })).toEqual({ der, chain: [other], trusted: false, problem: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    const roots = [localhostCertificate.certificatePem];
    expect(await ask({ serverName: 'mx.example', roots })).toMatchObject({ trusted: false, problem: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect(await ask({ serverName: 'localhost', roots })).toEqual({ der, chain: [other], trusted: true });
  });

  it('RFC 6066 §3: an address is no server name, and the certificate is checked for it', async () => {
    const names: (string | undefined)[] = [];
    const serve = (connection: Connection): ServedSession<LineEvent> => {
      names.push(connection.tls?.serverName);
      return echo(connection);
    };
    const listener = await start({ serve, tls: { mode: 'implicit', certificates } });
    const roots = [localhostCertificate.certificatePem];
    const options = { host: '127.0.0.1', port: listener.address.port, serve: (connection: Connection) => echo(connection) };
    const client = await connect({ ...options, tls: { mode: 'implicit', roots } });
    expect(client.connection.tls?.peerCertificate?.trusted).toBe(true);
    await expect.poll(() => names).toEqual([undefined]);
    client.destroy();
  });

  it('a service is told why a handshake failed', async () => {
    const talker = createServer((socket) => {
      socket.on('error', () => {}).once('data', () => socket.end('no TLS here'));
      socket.write('STARTTLS\n');
    }).listen(0, '127.0.0.1');
    await once(talker, 'listening');
    const { port } = talker.address() as AddressInfo;
    const told = await new Promise<unknown[]>((resolve, reject) => {
      const serve = (): ServedSession<LineEvent> => ({
        session: new ToySession(),
        handle() {},
        close: (...reasons: readonly unknown[]) => resolve(reasons as unknown[]),
      });
      connect({ host: '127.0.0.1', port, tls: { mode: 'starttls', serverName: 'localhost' }, serve }).catch(reject);
    });
    talker.close();
    expect(told[0]).toBe('tls-failed');
    expect(told[1]).toMatch(/TLS handshake: .+/);
  });
});

describe('a listener', () => {
  it('says in words why it cannot listen', async () => {
    const { port } = (await start()).address;
    await expect(start({ port })).rejects.toMatchObject({ code: 'address-in-use', message: expect.stringContaining(`port ${port}`) });
    await expect(start({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'address-not-available' });
  });

  it('tells connections beyond the limit so, and takes others when there is room', async () => {
    const listener = await start({ limits: { perAddress: 1 }, refusal: (limit) => fromUtf8(`full: ${limit}\n`) });
    const first = await dial(listener);
    await first.hear('hello\n');
    const second = await dial(listener);
    await second.hear('full: address\n');
    await second.end();
    first.say('QUIT\n');
    await first.hear('bye\n');
    first.socket.end();
    await expect.poll(() => listener.connections).toBe(0);
    await (await dial(listener)).hear('hello\n');
  });

  it('stops cleanly: sessions say goodbye, nobody new comes in', async () => {
    const listener = await start();
    const peer = await dial(listener);
    await peer.hear('hello\n');
    peer.socket.on('end', () => peer.socket.end());
    const closing = listener.close();
    await peer.hear('server stops\n');
    await peer.end();
    await closing;
    await expect(dial(listener)).rejects.toThrow('ECONNREFUSED');
  });

  it('ends connections that outstay the grace', async () => {
    const reasons: CloseReason[] = [];
    const serve = (): ServedSession<LineEvent> => ({
      session: new ToySession(),
      handle() {},
      shutdown() {},
      close: (reason) => void reasons.push(reason),
    });
    const listener = await start({ serve });
    await (await dial(listener)).hear('hello\n');
    await listener.close({ graceMilliseconds: 20 });
    expect(reasons).toEqual(['shutdown']);
  });
});
