// Connections as a whole: limits, stopping, addresses of both families, TLS by the book.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createTransport } from 'nodemailer';
import { beforeAll, describe, expect, it } from 'vitest';
import { readMailbox } from './support/imap-reader.ts';
import { numberedMessage } from './support/messages.ts';
import { ensureBuilt, startServer } from './support/server-process.ts';
import { SmtpPeer } from './support/smtp-peer.ts';

beforeAll(ensureBuilt);

/** All that a server says until it closes. */
async function listenTo(port: number, host: string = '127.0.0.1'): Promise<{ readonly socket: Socket; readonly heard: Promise<string> }> {
  const socket = connect({ port, host });
  let text = '';
  socket.setEncoding('latin1').on('data', (more: string) => {
    text += more;
  });
  socket.on('error', () => {});
  const heard = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  await once(socket, 'data');
  return { socket, heard };
}

describe('limits', () => {
  it('a connection too many is told so in the words of its protocol; when one leaves, the next is served', async () => {
    const server = await startServer({ config: { limits: { connectionsPerAddress: 2 } } });
    const first = await SmtpPeer.open(server.ports.smtp);
    const second = await SmtpPeer.open(server.ports.smtp);
    expect(await (await listenTo(server.ports.smtp)).heard).toBe('421 4.7.0 localhost too many connections, try again later\r\n');
    const imap = [await listenTo(server.ports.imap), await listenTo(server.ports.imap)];
    expect(await (await listenTo(server.ports.imap)).heard).toMatch(/^\* BYE /);
    await first.say('QUIT');
    await expect
      .poll(async () => {
        const { socket, heard } = await listenTo(server.ports.smtp);
        socket.end('QUIT\r\n');
        return heard;
      })
      .toMatch(/^220 /);
    second.close();
    for (const { socket } of imap) socket.destroy();
    expect(await server.stop()).toBe(0);
  });
});

describe('stopping', () => {
  it('says goodbye to every client, and keeps what was acknowledged', async () => {
    const server = await startServer();
    const busy = await SmtpPeer.open(server.ports.smtp);
    await busy.say('EHLO client.example');
    expect(await busy.send(numberedMessage(1))).toMatch(/^250 /);
    const smtp = await listenTo(server.ports.smtp);
    const imap = await listenTo(server.ports.imap);
    const started = performance.now();
    server.child.kill('SIGTERM');
    expect(await smtp.heard).toMatch(/^220 .*\r\n421 4\.3\.2 .*\r\n$/);
    expect(await imap.heard).toMatch(/^\* OK .*\r\n\* BYE .*\r\n$/);
    expect(await busy.reply()).toMatch(/^421 /);
    await once(server.child, 'exit');
    expect(server.child.exitCode).toBe(0);
    expect(performance.now() - started).toBeLessThan(8_000);
    const again = await startServer({ directory: server.directory });
    expect(await readMailbox(again)).toHaveLength(1);
    await again.stop();
  });
});

describe('addresses', () => {
  it('is reached by IPv4 and IPv6', async (context) => {
    const server = await startServer({ config: { addresses: ['127.0.0.1', '::1'] } });
    if (!server.log().includes('host=::1')) context.skip('this machine has no IPv6');
    for (const host of ['127.0.0.1', '::1']) {
      const peer = await SmtpPeer.open(server.ports.smtp, host);
      expect(await peer.say('EHLO client.example')).toMatch(/^250/);
      peer.close();
    }
    expect(await server.stop()).toBe(0);
  });

  it('RFC 6531 §3.2: addresses of any script', async () => {
    const server = await startServer();
    const transport = createTransport({ host: '127.0.0.1', port: server.ports.smtp, tls: { rejectUnauthorized: false } });
    const info = await transport.sendMail({ from: 'jürgen@bücher.example', to: '用户@例え.テスト', subject: 'ünï', text: 'x' });
    expect(info.response).toMatch(/^250 /);
    const [message] = await readMailbox(server);
    expect(message?.toString()).toContain('Return-Path: <jürgen@');
    transport.close();
    expect(await server.stop()).toBe(0);
  });
});

describe('TLS', () => {
  it('the certificate is made for this host, and old versions are turned away', async () => {
    const server = await startServer();
    const options = { host: '127.0.0.1', port: server.ports.imaps, rejectUnauthorized: false, servername: 'localhost' };
    const socket = connectTls(options);
    await once(socket, 'secureConnect');
    const certificate = socket.getPeerX509Certificate();
    expect(certificate?.subjectAltName).toContain('DNS:localhost');
    expect(certificate?.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(socket.getProtocol()).toBe('TLSv1.3');
    socket.destroy();
    const old = connectTls({ ...options, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    await expect(once(old, 'secureConnect')).rejects.toThrow();
    expect(await server.stop()).toBe(0);
  });
});
