import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { unwrap } from '@mox/syntax';
import { afterEach, describe, expect, it } from 'vitest';
import { type DnsMessage, formatMessage, HttpsExchanger, parseMessage } from '../src/index.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(
  handle: (query: DnsMessage, request: IncomingMessage, response: ServerResponse) => void,
  variables: string = '',
): Promise<HttpsExchanger> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => handle(unwrap(parseMessage(new Uint8Array(Buffer.concat(pieces)))), request, response));
  }).listen(0, '127.0.0.1');
  closing.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/dns-query${variables}`;
  return new HttpsExchanger({ url, fetch });
}

function answer(response: ServerResponse, message: DnsMessage): void {
  response.setHeader('content-type', 'application/dns-message').end(formatMessage(message));
}

const record = { name: 'example.org', type: 'MX' as const, ttlSeconds: 60, data: { preference: 10, exchange: 'mail.example.org' } };

describe('HttpsExchanger', () => {
  it('RFC 8484 §4.1: asks by POST with an ID of 0, and for signatures without judgement', async () => {
    let asked: DnsMessage | undefined;
    let headers: IncomingMessage['headers'] = {};
    const exchanger = await serve((query, request, response) => {
      [asked, headers] = [query, request.headers];
      answer(response, { ...query, response: true, answers: [record] });
    });
    const result = await exchanger.exchange('Example.org.', 'MX');
    expect(asked).toMatchObject({
      id: 0,
      checkingDisabled: true,
      edns: { dnssecOk: true },
      questions: [{ name: 'example.org', type: 'MX' }],
    });
    expect(headers).toMatchObject({ 'content-type': 'application/dns-message', accept: 'application/dns-message' });
    expect(result).toMatchObject({ status: 'message', message: { answers: [{ ...record, canonicalData: expect.any(Uint8Array) }] } });
  });

  it.each<[string, string, (query: DnsMessage, response: ServerResponse) => void]>([
    ['an error of the server', 'servfail', (_, response) => response.writeHead(500).end()],
    ['another media type', 'servfail', (_, response) => response.setHeader('content-type', 'text/html').end('<p>')],
    ['a redirect', 'timeout', (_, response) => response.writeHead(302, { location: '/' }).end()],
    ['a closed connection', 'timeout', (_, response) => response.destroy()],
    ['no message', 'malformed-answer', (_, response) => response.setHeader('content-type', 'application/dns-message').end('no')],
    [
      'another question',
      'malformed-answer',
      (query, response) => answer(response, { ...query, response: true, questions: [{ name: 'evil.example', type: 'MX', class: 1 }] }),
    ],
    ['a query', 'malformed-answer', (query, response) => answer(response, query)],
  ])('RFC 8484 §4.2.1: %s is %s', async (_, status, handle) => {
    const exchanger = await serve((query, _request, response) => handle(query, response));
    expect((await exchanger.exchange('example.org', 'MX')).status).toBe(status);
  });

  it.each([
    ['no Age', undefined, 60],
    ['an Age', '25', 35],
    ['an Age beyond its life', '100', 0],
    ['an Age that is none', 'old', 60],
  ])('RFC 8484 §5.1: a record behind %s', async (_, age, ttlSeconds) => {
    const exchanger = await serve((query, _request, response) => {
      if (age !== undefined) response.setHeader('age', age);
      answer(response, { ...query, response: true, answers: [record], authorities: [record], additionals: [record] });
    });
    const aged = [{ ...record, ttlSeconds }];
    expect(await exchanger.exchange('example.org', 'MX')).toMatchObject({
      message: { answers: aged, authorities: aged, additionals: aged },
    });
  });

  it('RFC 8484 §4.1, RFC 8484 §4.2.1: a template; any status of success; any response code', async () => {
    let path: string | undefined;
    const exchanger = await serve((query, request, response) => {
      path = request.url;
      response.statusCode = 203;
      answer(response, { ...query, response: true, rcode: 3 });
    }, '{?dns}');
    expect(await exchanger.exchange('example.org', 'MX')).toMatchObject({ status: 'message', message: { rcode: 3 } });
    expect(path).toBe('/dns-query');
  });

  it('an abort is an exception with its reason, a name that is none is not asked', async () => {
    const exchanger = await serve(() => {});
    const controller = new AbortController();
    const waiting = exchanger.exchange('example.org', 'MX', { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await expect(waiting).rejects.toThrow('enough');
    expect((await exchanger.exchange('a..b', 'MX')).status).toBe('malformed-name');
  });
});
