// unbound in front of nsd, both on the loopback, with zones signed here: for tests against servers nobody here wrote.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const programs = ['unbound', 'nsd', 'ldns-keygen', 'ldns-signzone', 'openssl'];

/** The programs that are missing on this machine. */
export function missingPrograms(): readonly string[] {
  return programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`], { env: environment }).status !== 0);
}

/** Where servers are found: Debian keeps them out of the path of users. */
export const environment: NodeJS.ProcessEnv = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };

export interface LocalZones {
  /** Where unbound answers, by UDP and TCP. */
  readonly port: number;
  /** Where unbound answers over TLS. */
  readonly tlsPort: number;
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

export async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

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

function nsdConfig(folder: string, port: number, zones: readonly string[]): string {
  return `server:
  ip-address: 127.0.0.1@${port}
  username: ""
  zonesdir: "${folder}"
  pidfile: "${folder}/nsd.pid"
  xfrdfile: "${folder}/xfrd.state"
  zonelistfile: "${folder}/zone.list"
  xfrdir: "${folder}"
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
${zones.map((zone) => `zone:\n  name: "${zone.replace('.signed', '')}"\n  zonefile: "${zone}"\n`).join('')}`;
}

function unboundConfig(
  folder: string,
  ports: { port: number; tlsPort: number; authorityPort: number },
  anchors: readonly string[],
): string {
  return `server:
  interface: 127.0.0.1@${ports.port}
  interface: 127.0.0.1@${ports.tlsPort}
  tls-port: ${ports.tlsPort}
  tls-service-key: "${folder}/tls.key"
  tls-service-pem: "${folder}/tls.pem"
  do-not-query-localhost: no
  module-config: "validator iterator"
  chroot: ""
  username: ""
  directory: "${folder}"
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  num-threads: 1
  ede: yes
  val-log-level: 0
${anchors.map((anchor) => `  trust-anchor: "${anchor}"\n`).join('')}
remote-control:
  control-enable: no
${names.map((name) => `stub-zone:\n  name: "${name}"\n  stub-addr: 127.0.0.1@${ports.authorityPort}\n`).join('')}`;
}

async function answers(port: number, name: string): Promise<boolean> {
  const socket = createSocket('udp4');
  const labels = name.split('.').map((label) => `${String.fromCharCode(label.length)}${label}`);
  const query = Buffer.from(`\x12\x34\x01\0\0\x01\0\0\0\0\0\0${labels.join('')}\0\0\x06\0\x01`, 'latin1');
  try {
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.send(query);
    const [response] = (await once(socket, 'message', { signal: AbortSignal.timeout(1000) })) as [Buffer];
    return ((response[3] ?? 15) & 15) === 0;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

export async function waitFor(port: number, zone: string = 'insecure.example'): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await answers(port, zone)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nothing answers at port ${port}`);
}

/** Starts both servers: `secure.example` validates, `bogus.example` does not, `insecure.example` is not signed. */
export async function startLocalZones(): Promise<LocalZones> {
  const folder = mkdtempSync(join(tmpdir(), 'mox-dns-'));
  mkdirSync(folder, { recursive: true });
  const ports = { port: await freePort(), tlsPort: await freePort(), authorityPort: await freePort() };
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
  writeFileSync(join(folder, 'unbound.conf'), unboundConfig(folder, ports, anchors));
  const children: ChildProcess[] = [
    spawn('nsd', ['-d', '-c', join(folder, 'nsd.conf')], { env: environment, stdio: 'ignore' }),
    spawn('unbound', ['-d', '-c', join(folder, 'unbound.conf')], { env: environment, stdio: 'ignore' }),
  ];
  const stop = async (): Promise<void> => {
    // nsd writes its state when it ends: the folder goes last.
    const ends = children.filter(({ exitCode }) => exitCode === null).map((child) => once(child, 'exit'));
    for (const child of children) child.kill();
    await Promise.all(ends);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await waitFor(ports.authorityPort);
    await waitFor(ports.port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...ports, certificate: readFileSync(join(folder, 'tls.pem'), 'utf8'), stop };
}
