// unbound in front of nsd, both on the loopback, with zones signed here: for tests against servers nobody here wrote.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment, freePort, nsdConfig, startServers, unboundConfig, waitFor } from './servers.ts';

/** What these zones need. */
export const programs: readonly string[] = ['unbound', 'nsd', 'ldns-keygen', 'ldns-signzone', 'openssl'];

export interface LocalZones {
  /** Where unbound answers, by UDP and TCP. */
  readonly port: number;
  /** Where unbound answers over TLS. */
  readonly tlsPort: number;
  /** Where unbound answers over HTTPS, which is HTTP/2. */
  readonly httpsPort: number;
  /** Trust anchors of the signed zones, as DNSKEY records. */
  readonly anchors: readonly string[];
  /** The certificate that TLS shows, for `dns.example`, in PEM. */
  readonly certificate: string;
  /** Where nsd, which is authoritative and no resolver, answers. */
  readonly authorityPort: number;
  stop(): Promise<void>;
}

const names: readonly string[] = ['secure.example', 'bogus.example', 'insecure.example'];

const header = (zone: string): string => `$ORIGIN ${zone}.
$TTL 300
@ IN SOA ns hostmaster 1 3600 900 86400 120
@ IN NS ns
ns IN A 127.0.0.1
`;

const records = `
@ IN MX 10 mail
@ IN TXT "v=spf1 mx -all" "; and more"
mail IN A 192.0.2.1
mail IN AAAA 2001:db8::1
www IN CNAME mail
away IN CNAME www.insecure.example.
_25._tcp.mail IN TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
@ IN CAA 128 issue "ca.example"
_submissions._tcp IN SRV 0 1 465 mail
*.wild IN A 192.0.2.9
odd IN TYPE65280 \\# 3 010203
`;
const large = Array.from({ length: 20 }, (_, i) => `large IN TXT "${String(i).padStart(2, '0')}${'x'.repeat(200)}"\n`).join('');

function run(folder: string, command: string, ...words: string[]): string {
  return execFileSync(command, words, { cwd: folder, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

/** Signs a zone; returns the DNSKEY record for a trust anchor. */
function signZone(folder: string, zone: string): string {
  writeFileSync(join(folder, zone), header(zone) + records + large);
  const key = run(folder, 'ldns-keygen', '-a', 'ECDSAP256SHA256', '-k', zone);
  run(folder, 'ldns-signzone', '-n', '-f', `${zone}.signed`, zone, key);
  return readFileSync(join(folder, `${key}.key`), 'utf8')
    .replace(/;.*/, '')
    .trim();
}

function breakZone(folder: string, zone: string): void {
  const path = join(folder, `${zone}.signed`);
  writeFileSync(path, readFileSync(path, 'utf8').replace('192.0.2.1\n', '192.0.2.66\n'));
}

/** Lines for DNS over TLS and over HTTPS, and for who is trusted. */
function ownLines(folder: string, { tlsPort, httpsPort }: { tlsPort: number; httpsPort: number }, anchors: readonly string[]): string[] {
  return [
    `interface: 127.0.0.1@${tlsPort}`,
    `interface: 127.0.0.1@${httpsPort}`,
    `tls-port: ${tlsPort}`,
    `https-port: ${httpsPort}`,
    `tls-service-key: "${folder}/tls.key"`,
    `tls-service-pem: "${folder}/tls.pem"`,
    ...anchors.map((anchor) => `trust-anchor: "${anchor}"`),
  ];
}

/** Starts both servers: `secure.example` validates, `bogus.example` does not, `insecure.example` is not signed. */
export async function startLocalZones(): Promise<LocalZones> {
  const folder = mkdtempSync(join(tmpdir(), 'mox-dns-'));
  mkdirSync(folder, { recursive: true });
  const ports = { port: await freePort(), tlsPort: await freePort(), httpsPort: await freePort(), authorityPort: await freePort() };
  const anchors = ['secure.example', 'bogus.example'].map((zone) => signZone(folder, zone));
  breakZone(folder, 'bogus.example');
  writeFileSync(join(folder, 'insecure.example'), header('insecure.example') + records + large);
  const subject = ['-subj', '/CN=dns.example', '-addext', 'subjectAltName=DNS:dns.example'];
  run(
    folder,
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    'tls.key',
    '-out',
    'tls.pem',
    ...subject,
  );
  writeFileSync(
    join(folder, 'nsd.conf'),
    nsdConfig(folder, ports.authorityPort, ['secure.example.signed', 'bogus.example.signed', 'insecure.example']),
  );
  writeFileSync(join(folder, 'unbound.conf'), unboundConfig({ folder, ...ports, zones: names, lines: ownLines(folder, ports, anchors) }));
  const stop = await startServers(folder, async () => {
    await waitFor(ports.authorityPort);
    await waitFor(ports.port);
  });
  return { ...ports, anchors, certificate: readFileSync(join(folder, 'tls.pem'), 'utf8'), stop };
}
