// Our verdicts beside those of OpenSSL's own DANE, on chains made by its command line tool: a TLS server of it sends each chain, its client
// and ours judge by the same records.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unwrap } from '@mox/syntax';
import { type Certificate, parseCertificate } from '@mox/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatTlsaRecord, makeTlsaRecord, type TlsaRecord, verifyDane } from '../src/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'mox-dane-'));
const path = (name: string): string => join(directory, name);
const host = 'mx.example.org';

function openssl(...args: string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], cwd: directory });
}

function there(): boolean {
  try {
    return openssl('version').startsWith('OpenSSL');
  } catch {
    return false;
  }
}

/** Makes a key and a certificate, signed by another or by itself. */
function make(name: string, kind: string, by?: string, extensions: string = ''): void {
  const key = kind === 'rsa' ? ['-newkey', 'rsa:2048'] : ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${kind}`];
  openssl('req', '-new', '-nodes', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
  writeFileSync(path('extensions'), extensions);
  const signer = by ? ['-CA', `${by}.pem`, '-CAkey', `${by}.key`] : ['-signkey', `${name}.key`];
  openssl('x509', '-req', '-in', `${name}.csr`, ...signer, '-days', '30', '-extfile', 'extensions', '-out', `${name}.pem`);
}

const read = (name: string): Certificate => unwrap(parseCertificate(readFileSync(path(`${name}.pem`), 'utf8')));
const ca = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n';

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  return typeof address === 'object' && address ? address.port : 0;
}

async function reachable(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, '127.0.0.1');
    const done = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false);
    socket.destroy();
    if (done) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Runs OpenSSL's server with a chain as long as the work takes. */
async function withServer<T>(leaf: string, chain: readonly string[], work: (port: number) => Promise<T>): Promise<T> {
  writeFileSync(path('chain.pem'), chain.map((name) => readFileSync(path(`${name}.pem`), 'utf8')).join(''));
  const port = await freePort();
  const args = ['s_server', '-accept', `127.0.0.1:${port}`, '-cert', `${leaf}.pem`, '-key', `${leaf}.key`, '-quiet'];
  const server = spawn('openssl', [...args, ...(chain.length > 0 ? ['-cert_chain', 'chain.pem'] : [])], {
    cwd: directory,
    stdio: 'ignore',
  });
  try {
    await reachable(port);
    return await work(port);
  } finally {
    server.kill();
  }
}

/** Whether OpenSSL's client takes the server for the one that the record means. */
async function theirVerdict(port: number, record: TlsaRecord): Promise<string> {
  const dane = ['-dane_tlsa_domain', host, '-dane_tlsa_rrdata', formatTlsaRecord(record), '-dane_ee_no_namechecks'];
  const args = ['s_client', '-connect', `127.0.0.1:${port}`, ...dane, '-CAfile', 'root.pem', '-verify_return_error'];
  const client = promisify(execFile)('openssl', args, { cwd: directory });
  client.child.stdin?.end();
  return await client.then(
    () => 'authenticated',
    () => 'failed',
  );
}

async function ourVerdict(record: TlsaRecord, names: readonly string[]): Promise<string> {
  const chain = names.map((name) => read(name).der);
  return (await verifyDane({ chain, records: [record], names: [host], now: Date.now(), usages: [0, 1, 2, 3], roots: [read('root')] }))
    .status;
}

const servers: readonly (readonly [string, readonly string[]])[] = [
  ['server', ['middle']],
  ['server', ['middle', 'root']],
  ['server', []],
  ['misnamed', ['middle']],
  ['self', []],
];

describe.skipIf(!there() && !process.env['CI'])('the verdicts of openssl (skipped where it is not installed)', () => {
  beforeAll(() => {
    make('root', 'rsa', undefined, ca);
    make('middle', 'P-384', 'root', ca);
    make('server', 'P-256', 'middle', `subjectAltName=DNS:*.example.org\nextendedKeyUsage=serverAuth\n`);
    make('misnamed', 'rsa', 'middle', 'subjectAltName=DNS:example.net\n');
    make('self', 'rsa', undefined, `subjectAltName=DNS:${host}\n`);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(servers)('RFC 6698 §2.1: %s with %j', async (leaf, chain) => {
    const combinations = [0, 1, 2, 3].flatMap((usage) => ['root', 'middle', leaf].map((about) => [usage, about] as const));
    await withServer(leaf, chain, async (port) => {
      for (const [index, [usage, about]] of combinations.entries()) {
        const record = unwrap(
          makeTlsaRecord({ certificate: read(about).der }, { usage, selector: index % 2, matchingType: 1 + (index % 2) }),
        );
        const described = `${usage} about ${about}`;
        expect(`${described}: ${await ourVerdict(record, [leaf, ...chain])}`).toBe(`${described}: ${await theirVerdict(port, record)}`);
      }
    });
  });

  it('RFC 7671 §5.2.2: an authority that is in DNS alone', async () => {
    await withServer('server', ['middle'], async (port) => {
      for (const selector of [0, 1]) {
        const record = unwrap(makeTlsaRecord({ certificate: read('root').der }, { usage: 2, selector, matchingType: 0 }));
        expect([await ourVerdict(record, ['server', 'middle']), await theirVerdict(port, record)]).toEqual([
          'authenticated',
          'authenticated',
        ]);
      }
    });
  });
});
