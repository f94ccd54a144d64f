// Policies fetched over HTTPS from a server on loopback, with certificates good and bad.
import { createServer as createHttpServer } from 'node:http';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCertificateAuthority, createSelfSignedCertificate, issueCertificate } from '../../x509/src/index.ts';
import { fetchMtaStsPolicy, type PolicyFetch } from '../src/index.ts';

const policy = 'version: STSv1\r\nmode: enforce\r\nmx: *.example.com\r\nmax_age: 604800\r\n';
const validity = { notBefore: Date.now() - 86_400_000, notAfter: Date.now() + 86_400_000 };
const past = { notBefore: Date.now() - 200_000_000, notAfter: Date.now() - 100_000_000 };
const names = ['mta-sts.example.com'];

const servers: NetServer[] = [];
let ca = '';
const ports = new Map<string, number>();
let hungUp: Promise<void>;

async function listen(name: string, server: NetServer): Promise<void> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ports.set(name, (server.address() as AddressInfo).port);
}

/** Serves by path: the policy, silence, or text without end. */
function serveHttps(options: { readonly key: string; readonly cert: string }): Server {
  const server = createServer(options, (incoming, response) => {
    const host = incoming.headers.host;
    if (host === 'mta-sts.silent.example') return;
    response.writeHead(host === 'mta-sts.moved.example' ? 302 : 200, { 'content-type': 'text/plain', location: 'https://evil.example/' });
    if (host !== 'mta-sts.endless.example') return void response.end(policy);
    const more = (): void => void response.write('x: y\r\n'.repeat(1000), (error) => error ?? setImmediate(more));
    hungUp = new Promise((resolve) => response.on('close', resolve));
    more();
  });
  return server;
}

beforeAll(async () => {
  const root = await createCertificateAuthority({ commonName: 'Root', ...validity });
  ca = root.certificatePem;
  const all = [...names, 'mta-sts.silent.example', 'mta-sts.moved.example', 'mta-sts.endless.example'];
  const issued = {
    good: await issueCertificate({ names: all, ...validity, issuer: root }),
    expired: await issueCertificate({ names, ...past, issuer: root }),
    'of another name': await issueCertificate({ names: ['example.com', 'mta-sts.example.net'], ...validity, issuer: root }),
    'self-signed': await createSelfSignedCertificate({ names, ...validity }),
  };
  for (const [name, { privateKeyPem: key, certificatePem: cert }] of Object.entries(issued)) await listen(name, serveHttps({ key, cert }));
  await listen(
    'without TLS',
    createHttpServer((_, response) => response.end(policy)),
  );
});

afterAll(() => {
  for (const server of servers) {
    if ('closeAllConnections' in server && typeof server.closeAllConnections === 'function') server.closeAllConnections();
    server.close();
  }
});

/** Fetches from a port on loopback as if it were the host of the URL; fails as `fetch` does. */
const fetchFrom =
  (port: number): PolicyFetch =>
  async (url, { signal }) => {
    const { hostname, pathname } = new URL(url);
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path: pathname, servername: hostname, headers: { host: hostname }, ca, agent: false };
      request({ ...options, ...(signal && { signal }) }, (response) => {
        const headers = { get: (name: string) => String(response.headers[name] ?? '') };
        resolve({ status: response.statusCode ?? 0, headers, body: response });
      })
        .on('error', (cause) => reject(new TypeError('fetch failed', { cause })))
        .end();
    });
  };

const fetchPolicy = (server: string, domain = 'example.com', signal?: AbortSignal) =>
  fetchMtaStsPolicy(domain, { fetch: fetchFrom(ports.get(server) ?? expect.unreachable()), ...(signal && { signal }) });

describe('fetchMtaStsPolicy over HTTPS', () => {
  it.each([
    ['expired', 'sts-webpki-invalid', /expired/],
    ['of another name', 'sts-webpki-invalid', /altnames/],
    ['self-signed', 'sts-webpki-invalid', /self-signed/],
    ['without TLS', 'sts-policy-fetch-error', /wrong version number|packet length|SSL|EPROTO/],
  ])('RFC 8461 §3.3: a host whose certificate is %s gives no policy: %s', async (server, result, problem) => {
    expect(await fetchPolicy(server)).toMatchObject({ ok: false, result, problem: expect.stringMatching(problem) });
  });

  it('RFC 8461 §3.3: a good host gives one; redirects are not followed', async () => {
    expect(await fetchPolicy('good')).toMatchObject({ ok: true, text: policy });
    expect(await fetchPolicy('good', 'moved.example')).toMatchObject({ ok: false, result: 'sts-policy-fetch-error' });
  });

  it('RFC 8461 §3.3: more than 64 KB are not read, and the connection is closed', async () => {
    expect(await fetchPolicy('good', 'endless.example')).toMatchObject({ ok: false, result: 'sts-policy-invalid' });
    await hungUp;
  });

  it('RFC 8461 §3.3: a host that says nothing is a failed fetch once the time is up; an abort is an exception', async () => {
    const late = await fetchPolicy('good', 'silent.example', AbortSignal.timeout(50));
    expect(late).toMatchObject({ ok: false, result: 'sts-policy-fetch-error' });
    const controller = new AbortController();
    const pending = fetchPolicy('good', 'silent.example', AbortSignal.any([controller.signal, AbortSignal.timeout(60_000)]));
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
  });
});
