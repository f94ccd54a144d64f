// Servers on the loopback for tests of sending: one that says what it is told to, and our own with TLS.

import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { ZoneResolver, type ZoneResolverOptions } from '@mox/dns/testing';
import { type Listener, listen, systemClock, TlsCertificates } from '@mox/net-node';
import { fromUtf8, silentLogger, systemRandom } from '@mox/runtime';
import { type SmtpReply, type SmtpServerEvent, SmtpServerSession } from '@mox/smtp';
import type { IssuedCertificate } from '@mox/x509';
import { createOutbound, type Deliver, type OutboundOptions, type OutgoingMessage } from '../src/index.ts';

const closers: (() => unknown)[] = [];

/** Ends all servers that were started. */
export async function stopAll(): Promise<void> {
  await Promise.all(closers.splice(0).map((close) => close()));
}

/** What a scripted server does at a step: says it; closes, for `CLOSE`; or says nothing, for `SILENCE`. */
export type Line = string;

export interface Script {
  readonly greeting?: Line;
  readonly ehlo?: Line;
  readonly mail?: Line;
  /** By recipient, or for all. */
  readonly rcpt?: Line | ((address: string) => Line);
  readonly data?: Line;
  readonly end?: Line;
  readonly starttls?: Line;
}

export interface Scripted {
  readonly port: number;
  /** Commands of all connections. */
  readonly heard: string[];
  /** Messages that were taken. */
  readonly taken: string[][];
  connections: number;
}

/** A server in clear text that follows a script, whatever it says. */
export async function startScripted(host: string, port: number, script: Script): Promise<Scripted> {
  const scripted = { port: 0, heard: [] as string[], taken: [] as string[][], connections: 0 };
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    scripted.connections++;
    socket.setNoDelay(true);
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
    converse(socket, script, scripted);
  });
  server.listen(port, host);
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  scripted.port = (server.address() as AddressInfo).port;
  return scripted;
}

function converse(socket: Socket, script: Script, scripted: Scripted): void {
  const say = (line: Line): void => {
    if (line === 'CLOSE') socket.destroy();
    else if (line !== 'SILENCE') socket.write(`${line}\r\n`);
  };
  let content: string | undefined;
  let recipients: string[] = [];
  let buffered = '';
  say(script.greeting ?? '220 mx.example ESMTP');
  const command = (line: string): void => {
    scripted.heard.push(line);
    const address = /<(.*)>/.exec(line)?.[1] ?? '';
    if (/^EHLO|^HELO/.test(line)) say(script.ehlo ?? '250-mx.example\r\n250 PIPELINING');
    else if (line.startsWith('MAIL')) say(script.mail ?? '250 2.1.0 ok');
    else if (line.startsWith('RCPT')) {
      const reply = typeof script.rcpt === 'function' ? script.rcpt(address) : (script.rcpt ?? '250 2.1.5 ok');
      if (reply.startsWith('2')) recipients.push(address);
      say(reply);
    } else if (line === 'DATA') {
      const reply = script.data ?? '354 go ahead';
      if (reply.startsWith('354')) content = '';
      say(reply);
    } else if (line === 'STARTTLS') say(script.starttls ?? '502 5.5.1 no');
    else if (line === 'QUIT') socket.end('221 2.0.0 bye\r\n');
    else say('250 2.0.0 ok');
  };
  socket.on('data', (bytes) => {
    buffered += bytes.toString('latin1');
    for (let end = buffered.indexOf('\r\n'); end >= 0; end = buffered.indexOf('\r\n')) {
      const line = buffered.slice(0, end);
      buffered = buffered.slice(end + 2);
      if (content === undefined) command(line);
      else if (line === '.') {
        content = undefined;
        const reply = script.end ?? '250 2.0.0 taken';
        if (reply.startsWith('2') || reply === 'CLOSE' || reply === 'SILENCE') scripted.taken.push(recipients);
        recipients = [];
        say(reply);
      } else content += line;
    }
  });
}

export interface OwnServer {
  readonly listener: Listener;
  /** Recipients of messages that were taken, and whether the session was under TLS. */
  readonly taken: { readonly recipients: readonly string[]; readonly tls: boolean; readonly serverName: string | undefined }[];
  readonly mails: { readonly requireTls: boolean }[];
}

/** Our own server, with TLS by the certificates given, the server's own first. */
export async function startOwn(
  host: string,
  port: number,
  options: {
    readonly chain?: readonly IssuedCertificate[];
    readonly requireTls?: boolean;
    readonly dsn?: boolean;
    readonly reply?: SmtpReply;
  } = {},
): Promise<OwnServer> {
  const { chain = [], requireTls = false, dsn = false, reply } = options;
  const own: OwnServer & { listener?: Listener } = { taken: [], mails: [] } as never;
  const certificates =
    chain[0] &&
    new TlsCertificates([
      { certificatePem: chain.map((one) => one.certificatePem).join('\n'), privateKeyPem: chain[0].privateKeyPem, names: [] },
    ]);
  const listener = await listen<SmtpServerEvent>({
    host,
    port,
    ...(certificates ? { tls: { mode: 'starttls', certificates } } : {}),
    serve: () => {
      const tlsAvailable = chain.length > 0;
      const session = new SmtpServerSession({ mode: 'smtp', hostname: 'mx.example', clock: systemClock, tlsAvailable, requireTls, dsn });
      return {
        session,
        handle(event) {
          if (event.type === 'mail') own.mails.push({ requireTls: 'REQUIRETLS' in event.parameters.raw });
          if (event.type === 'message-end') {
            const { tls } = session.facts;
            const recipients = event.transaction.recipients.map(({ address }) => address.localpart);
            own.taken.push({ recipients, tls: tls !== undefined, serverName: tls?.serverName });
          }
          if (session.parked) session.answer(event.type === 'message-end' ? reply : undefined);
        },
      };
    },
  });
  closers.push(() => listener.close({ graceMilliseconds: 0 }));
  return Object.assign(own, { listener });
}

/** A port that is free at two addresses of the loopback. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface SenderOptions extends Partial<OutboundOptions> {
  readonly zone: string;
  readonly dns?: ZoneResolverOptions;
}

export function makeSender({ zone, dns, ...rest }: SenderOptions): Deliver {
  return createOutbound({
    hostname: 'client.example.net',
    resolver: new ZoneResolver(zone, dns),
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    fetch: async () => Promise.reject(new Error('no policy host')),
    timeouts: { greetingSeconds: 2, commandSeconds: 2, dataSeconds: 2, endSeconds: 2 },
    ...rest,
  });
}

const body = fromUtf8('Subject: hello\r\n\r\n.Hi\r\n');

/** A message to so many recipients: r0@example.org, r1@example.org ... */
export function makeMessage(
  count: number,
  more: Partial<Omit<OutgoingMessage, 'envelope'>> & { readonly envelope?: Partial<OutgoingMessage['envelope']> } = {},
): OutgoingMessage {
  const recipients = Array.from({ length: count }, (_, i) => ({ address: `r${i}@example.org` }));
  return {
    nextHop: 'example.org',
    sizeBytes: body.length,
    content: async () =>
      (async function* () {
        yield body;
      })(),
    ...more,
    envelope: { sender: 'carol@example.net', recipients, ...more.envelope },
  };
}
