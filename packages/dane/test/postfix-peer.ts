// Runs in a network of its own (see postfix.test.ts): nsd and unbound at port 53, servers with STARTTLS at port 25, and postfix, which sends a
// message to each destination. Prints what became of each by postfix, and what would by us.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, createSecureContext, TLSSocket } from 'node:tls';
import type { Resolver } from '@mox/dns';
import { StubResolver } from '../../dns-node/src/index.ts';
import { environment, nsdConfig, startServers, unboundConfig, waitFor } from '../../dns-node/test/servers.ts';
import { decideTls, lookupDane, verifyDane } from '../src/index.ts';
import { makeWorld, type PeerServer, type PeerWorld } from './postfix-cases.ts';

const folder = mkdtempSync(join(tmpdir(), 'mox-dane-'));
const authorityPort = 5353;

function run(command: string, ...words: string[]): string {
  return execFileSync(command, words, { cwd: folder, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

function signZone(zone: string): string {
  const key = run('ldns-keygen', '-a', 'ECDSAP256SHA256', '-k', zone);
  run('ldns-signzone', '-n', '-f', `${zone}.signed`, zone, key);
  return readFileSync(join(folder, `${key}.key`), 'utf8')
    .replace(/;.*/, '')
    .trim();
}

/** Writes, signs and breaks the zones; starts who answers for them. */
async function startDns({ zones }: PeerWorld): Promise<() => Promise<void>> {
  for (const [zone, text] of Object.entries(zones)) {
    const header = `$TTL 300\n${zone}. IN SOA ns.${zone}. hostmaster.${zone}. 1 3600 900 86400 120\n${zone}. IN NS ns.${zone}.\n`;
    writeFileSync(join(folder, zone), `${header}ns.${zone}. IN A 127.0.0.1\n${text}\n`);
  }
  const anchors = ['secure.example', 'bogus.example'].map(signZone);
  const broken = readFileSync(join(folder, 'bogus.example.signed'), 'utf8');
  writeFileSync(
    join(folder, 'bogus.example.signed'),
    broken
      .replace(/\b127\.0\.1\.1\b/g, '127.0.1.2')
      .replace(/MX\t10 mx-/g, 'MX\t11 mx-')
      .replace(/TLSA\t3 1 1 /g, 'TLSA\t3 0 1 '),
  );
  const lines = anchors.map((anchor) => `trust-anchor: "${anchor}"`);
  const settings = { folder, port: 53, authorityPort, zones: [...Object.keys(zones), 'lame.example'], lines };
  writeFileSync(join(folder, 'unbound.conf'), unboundConfig(settings));
  writeFileSync(
    join(folder, 'nsd.conf'),
    nsdConfig(folder, authorityPort, ['secure.example.signed', 'bogus.example.signed', 'insecure.example']),
  );
  return startServers(folder, async () => {
    await waitFor(authorityPort);
    await waitFor(53);
  });
}

/** As much SMTP as a client needs to say STARTTLS and to leave a message. */
function serveSmtp(socket: Socket, server: PeerServer, secure: boolean): void {
  let inData = false;
  let rest = '';
  const say = (line: string): unknown => socket.write(`${line}\r\n`);
  const answer = (line: string): void => {
    const verb = line.slice(0, 4).toUpperCase();
    if (inData) inData = line !== '.' || (say('250 2.0.0 kept'), false);
    else if (verb === 'EHLO') say(server.chain && !secure ? '250-peer\r\n250 STARTTLS' : '250 peer');
    else if (verb === 'STAR') upgrade();
    else if (verb === 'DATA') inData = say('354 go on') !== undefined;
    else if (verb === 'QUIT') socket.end('221 bye\r\n');
    else say('250 2.0.0 fine');
  };
  const read = (piece: Buffer): void => {
    rest += piece.toString('latin1');
    for (let at = rest.indexOf('\n'); at >= 0; at = rest.indexOf('\n')) {
      const line = rest.slice(0, at).replace(/\r$/, '');
      rest = rest.slice(at + 1);
      answer(line);
    }
  };
  const upgrade = (): void => {
    say('220 go on');
    socket.off('data', read);
    const [leaf] = server.chain ?? [];
    const cert = (server.chain ?? []).map(({ certificatePem }) => certificatePem).join('');
    const tls = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ key: leaf?.privateKeyPem ?? '', cert }) });
    tls.on('error', () => socket.destroy());
    serveSmtp(tls, server, true);
  };
  socket.on('data', read).on('error', () => socket.destroy());
  if (!secure) say('220 peer ESMTP');
}

function startSmtp(servers: readonly PeerServer[]): Promise<unknown> {
  return Promise.all(
    servers.map((server) => once(createServer((socket) => serveSmtp(socket, server, false)).listen(25, server.address), 'listening')),
  );
}

const main = `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = sender.insecure.example
mydestination =
mynetworks = 127.0.0.0/8
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtpd_recipient_limit = 2000
default_process_limit = 100
smtp_tls_security_level = dane
smtp_dns_support_level = dnssec
smtp_host_lookup = dns
smtp_tls_loglevel = 1
smtp_tls_connection_reuse = no
smtp_connection_cache_on_demand = no
notify_classes =
maillog_file = ${folder}/log
maillog_file_prefixes = ${folder}
`;
const master = [
  '127.0.0.1:2525 inet n - n - - smtpd',
  ...[
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
  ],
  ...['bounce', 'defer', 'trace'].map((name) => `${name} unix - - n - 0 bounce`),
  ...['proxymap unix - - n - - proxymap', 'smtp unix - - n - 50 smtp', 'scache unix - - n - 1 scache'],
  ...['retry', 'error'].map((name) => `${name} unix - - n - - error`),
  ...['anvil unix - - n - 1 anvil', 'postlog unix-dgram n - n - 1 postlogd', ''],
].join('\n');

async function submit(domains: readonly string[]): Promise<void> {
  const socket = connect(2525, '127.0.0.1');
  const lines = ['EHLO x', 'MAIL FROM:<>', ...domains.map((domain) => `RCPT TO:<u@${domain}>`), 'DATA'];
  let replies = '';
  socket.on('data', (piece) => (replies += piece));
  const count = (): number => replies.split('\n').filter((line) => /^\d{3} /.test(line)).length;
  const settle = async (most: number): Promise<void> => {
    for (let i = 0; i < 1000 && count() < most; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  for (const [i, line] of lines.entries()) {
    await settle(i + 1);
    socket.write(`${line}\r\n`);
  }
  await settle(lines.length + 1);
  socket.write('Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n');
  await once(socket, 'close');
}

/** How a message was sent: `trusted` is postfix's word for a server that DANE authenticated, but that was not found securely. */
type Outcome = 'verified' | 'trusted' | 'encrypted' | 'plain' | 'deferred';
type Outcomes = ReadonlyMap<string, readonly [Outcome, reason: string]>;

const levels: Readonly<Record<string, Outcome>> = {
  Verified: 'verified',
  Trusted: 'trusted',
  Untrusted: 'encrypted',
  Anonymous: 'encrypted',
};

/** What the log says of each destination; undefined where it has not come to all of them. */
function readLog(domains: readonly string[]): Outcomes | undefined {
  const outcomes = new Map<string, readonly [Outcome, string]>();
  const connections = new Map<string, string>();
  for (const line of readFileSync(join(folder, 'log'), 'utf8').split('\n')) {
    const [, process = ''] = /postfix\/smtp\[(\d+)\]/.exec(line) ?? [];
    const [, level, server] = /: (\w+) TLS connection established to (\S+): /.exec(line) ?? [];
    if (level !== undefined) connections.set(`${process} ${server}`, level);
    const [, domain, relay, status, reason = ''] = /to=<u@([^>]+)>, relay=([^,]+),.*status=(\w+) \((.*)\)/.exec(line) ?? [];
    if (domain === undefined) continue;
    const sent = levels[connections.get(`${process} ${relay}`) ?? ''] ?? 'plain';
    connections.delete(`${process} ${relay}`);
    outcomes.set(domain, [status === 'sent' ? sent : 'deferred', reason]);
  }
  return domains.every((domain) => outcomes.has(domain)) ? outcomes : undefined;
}

async function askPostfix(domains: readonly string[]): Promise<Outcomes> {
  for (const part of ['etc', 'queue', 'data']) mkdirSync(join(folder, part), { mode: 0o755 });
  chmodSync(folder, 0o755);
  const id = (kind: 'u' | 'g'): number => Number(run('id', `-${kind}`, 'postfix'));
  chownSync(join(folder, 'data'), id('u'), id('g'));
  writeFileSync(join(folder, 'etc/main.cf'), main);
  writeFileSync(join(folder, 'etc/master.cf'), master);
  const postfix = spawn('/usr/sbin/postfix', ['-c', join(folder, 'etc'), 'start-fg'], { stdio: 'ignore' });
  try {
    for (let i = 0; i < 100 && !(await canConnect(2525)); i++) await new Promise((resolve) => setTimeout(resolve, 100));
    await submit(domains);
    for (let i = 0; i < 900; i++) {
      const outcomes = readLog(domains);
      if (outcomes) return outcomes;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`postfix did not answer for all: ${readFileSync(join(folder, 'log'), 'utf8').slice(-2000)}`);
  } finally {
    postfix.kill();
    await once(postfix, 'exit');
  }
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const done = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false);
  socket.destroy();
  return done;
}

/** Certificates of a server after STARTTLS, or undefined where it does not offer it. */
async function readChain(address: string, serverName: string): Promise<readonly Uint8Array[] | undefined> {
  const socket = connect(25, address);
  const line = async (): Promise<string> => String((await once(socket, 'data'))[0]);
  await line();
  socket.write('EHLO x\r\n');
  if (!(await line()).includes('STARTTLS')) {
    socket.destroy();
    return undefined;
  }
  socket.write('STARTTLS\r\n');
  await line();
  const tls = connectTls({ socket, servername: serverName, rejectUnauthorized: false });
  await once(tls, 'secureConnect');
  const chain: Uint8Array[] = [];
  for (let one = tls.getPeerCertificate(true); !chain.some((der) => one.raw.equals(der)); one = one.issuerCertificate) {
    chain.push(new Uint8Array(one.raw));
    if (!one.issuerCertificate) break;
  }
  tls.destroy();
  return chain;
}

type NextHop = { readonly domain: string; readonly expanded?: string; readonly secure: boolean };

async function tryHost(host: string, nextHop: NextHop | undefined, resolver: Resolver): Promise<readonly [Outcome, string]> {
  const lookup = await lookupDane({ host, ...(nextHop && { nextHop }) }, { resolver });
  const decision = decideTls(lookup);
  const why = `${lookup.status}, ${decision}${lookup.problem ? `: ${lookup.problem}` : ''}`;
  if (decision === 'skip') return ['deferred', why];
  const [address] = (await resolver.query(host, 'A')).records;
  if (!address) return ['deferred', 'no address'];
  const chain = await readChain(address.data, lookup.baseDomain ?? host);
  if (decision === 'opportunistic') return [chain ? 'encrypted' : 'plain', why];
  if (!chain) return ['deferred', `${why}: no STARTTLS`];
  if (decision === 'encrypt') return ['encrypted', why];
  const result = await verifyDane({ chain, records: lookup.records, names: lookup.names, now: Date.now() });
  const taken = lookup.nextHopSecure ? 'verified' : 'trusted';
  return [result.status === 'authenticated' ? taken : 'deferred', `${why}: ${result.problem ?? result.status}`];
}

/** What becomes of mail for a domain by our packages: MX hosts in order, the first that takes it. */
async function askOurs(domain: string, resolver: Resolver): Promise<readonly [Outcome, string]> {
  const mx = await resolver.query(domain, 'MX');
  if (mx.status !== 'ok' && mx.status !== 'nodata') return ['deferred', `MX: ${mx.status}`];
  const expanded = mx.aliases.at(-1);
  const nextHop = { domain, ...(expanded !== undefined && { expanded }), secure: mx.security === 'secure' };
  const hosts = mx.records.toSorted((a, b) => a.data.preference - b.data.preference).map(({ data }) => data.exchange);
  let outcome: readonly [Outcome, string] = ['deferred', ''];
  if (hosts.length === 0) return tryHost(domain, undefined, resolver);
  for (const host of hosts) {
    outcome = await tryHost(host, nextHop, resolver);
    if (outcome[0] !== 'deferred') return outcome;
  }
  return outcome;
}

const world = await makeWorld(Date.now());
const stopDns = await startDns(world);
try {
  await startSmtp(world.servers);
  const domains = world.cases.map(({ domain }) => domain);
  const theirs = await askPostfix(domains);
  const resolver = new StubResolver({ servers: [{ address: '127.0.0.1' }] });
  const rows: unknown[] = [];
  for (const { name, domain } of world.cases) {
    const [ours, why] = await askOurs(domain, resolver);
    const [their, reason] = theirs.get(domain) ?? ['missing', ''];
    rows.push({ name, domain, ours, why, theirs: their, reason });
  }
  process.stdout.write(JSON.stringify(rows));
} finally {
  await stopDns();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
