// unbound in front of nsd with a tree of zones that Debian's signers signed, sound and broken in many ways: for verdicts to be compared.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment, freePort, nsdConfig, startServers, unboundConfig, waitFor } from './servers.ts';

/** What these zones need. */
export const programs: readonly string[] = ['unbound', 'nsd', 'dnssec-keygen', 'dnssec-signzone', 'dnssec-dsfromkey', 'delv'];

interface PeerZone {
  readonly name: string;
  /** Algorithm by its number; unsigned without. */
  readonly algorithm?: number;
  /** Words for the signer. */
  readonly sign?: readonly string[];
  /** Changes the text of the signed zone, each record on a line of its own. */
  readonly bend?: (text: string) => string;
  /** Changes the DS records in the zone above. */
  readonly bendDs?: (text: string) => string;
  readonly records?: string;
}

const records = `@ IN MX 10 mail
@ IN TXT "v=spf1 mx -all" "; and more"
mail IN A 192.0.2.1
mail IN A 192.0.2.2
mail IN AAAA 2001:db8::1
MiXed IN MX 10 MAIL
www IN CNAME mail
away IN CNAME www.plain.example.
wild-cname IN CNAME any.wild
*.alias IN CNAME mail
_25._tcp.mail IN TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
@ IN CAA 128 issue "ca.example"
_submissions._tcp IN SRV 0 1 465 Mail
*.wild IN A 192.0.2.9
deep.er.still IN A 192.0.2.4
old IN DNAME new
a.b.new IN A 192.0.2.7
odd IN TYPE65280 \\# 3 010203
odd IN NAPTR 100 10 "S" "SIP+D2U" "" _sip._udp.Example.
unsigned IN NS ns.nowhere.test.
`;

const types: Readonly<Record<number, string>> = {
  ...{ 5: 'RSASHA1', 7: 'NSEC3RSASHA1', 8: 'RSASHA256', 10: 'RSASHA512' },
  ...{ 13: 'ECDSAP256SHA256', 14: 'ECDSAP384SHA384', 15: 'ED25519', 16: 'ED448' },
};

const nsec3 = ['-3', 'aabb', '-H', '5'];
const dropLines = (pattern: RegExp) => (text: string) => text.replace(new RegExp(`^.*${pattern.source}.*\\n`, 'gm'), '');

const zones: readonly PeerZone[] = [
  ...Object.keys(types).map((algorithm) => ({ name: `a${algorithm}.example`, algorithm: Number(algorithm) })),
  ...[7, 8, 10, 13, 14, 15, 16].map((algorithm) => ({ name: `h${algorithm}.example`, algorithm, sign: nsec3 })),
  { name: 'optout.example', algorithm: 13, sign: ['-3', '-', '-H', '0', '-A'] },
  { name: 'sub.optout.example' },
  { name: 'signed.optout.example', algorithm: 13 },
  { name: 'plain.example' },
  { name: 'below.plain.example', algorithm: 13 },
  { name: 'a.b.a13.example', algorithm: 15 },
  { name: 'a.b.h13.example', algorithm: 8 },
  { name: 'expired.example', algorithm: 13, sign: ['-s', '20200101000000', '-e', '20200201000000'] },
  { name: 'future.example', algorithm: 13, sign: ['-s', '20350101000000', '-e', '20350201000000'] },
  { name: 'changed.example', algorithm: 13, bend: (text) => text.replace(/192\.0\.2\.2\n/, '192.0.2.66\n') },
  { name: 'removed.example', algorithm: 13, bend: (text) => text.replace(/^mail\.removed.*192\.0\.2\.2\n/m, '') },
  { name: 'stripped.example', algorithm: 13, bend: dropLines(/\bRRSIG\s+(?!DNSKEY)/) },
  { name: 'denied.example', algorithm: 13, bend: dropLines(/\b(?:IN\s+NSEC|RRSIG\s+NSEC)\b/) },
  { name: 'nokey.example', algorithm: 13, bend: dropLines(/\b(?:IN\s+DNSKEY|RRSIG\s+DNSKEY)\b/) },
  { name: 'nods.example', algorithm: 13, bendDs: () => '' },
  {
    name: 'wrongds.example',
    algorithm: 13,
    bendDs: (text) => text.replace(/(.)\n/g, (_, digit: string) => `${digit === '0' ? '1' : '0'}\n`),
  },
  { name: 'newalg.example', algorithm: 13, bendDs: (text) => text.replace(/ 13 2 /, ' 200 2 ') },
  { name: 'newdigest.example', algorithm: 13, bendDs: (text) => text.replace(/ 13 2 /, ' 13 200 ') },
  { name: 'manydigests.example', algorithm: 13, bendDs: (text) => `${text.replace(/ 13 2 /, ' 13 200 ')}${text}` },
  { name: 'iterated.example', algorithm: 13, sign: ['-3', 'aabb', '-H', '120'] },
];

const soa = `@ IN SOA ns hostmaster 1 3600 900 86400 120\n@ IN NS ns\nns IN A 127.0.0.1\n`;

function run(folder: string, command: string, words: readonly string[]): string {
  return execFileSync(command, words, { cwd: folder, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

/** Writes and signs a zone; gives its DS records. */
function signZone(folder: string, zone: PeerZone, delegations: string): string {
  const text = `$ORIGIN ${zone.name}.\n$TTL 300\n${soa}${zone.records ?? records}${delegations}`;
  writeFileSync(join(folder, zone.name), text);
  if (zone.algorithm === undefined) return '';
  const size = zone.algorithm < 13 ? ['-b', '1024'] : [];
  const make = (flags: readonly string[]): string =>
    run(folder, 'dnssec-keygen', ['-a', types[zone.algorithm ?? 13] ?? '', ...size, ...flags, zone.name]);
  const keys = [make(['-f', 'KSK']), make([])];
  const where = ['-o', zone.name, '-f', `${zone.name}.signed`, '-O', 'full', '-P', '-S', '-g', '-K', folder, zone.name];
  run(folder, 'dnssec-signzone', [...(zone.sign ?? []), ...where]);
  const path = join(folder, `${zone.name}.signed`);
  writeFileSync(join(folder, zone.name), (zone.bend ?? ((signed) => signed))(readFileSync(path, 'utf8')));
  const ds = `${run(folder, 'dnssec-dsfromkey', ['-2', keys[0] ?? ''])}\n`;
  return (zone.bendDs ?? ((same) => same))(ds);
}

/** Zones from the deepest up, so that each knows the DS records of those below it. */
function signAll(folder: string, all: readonly PeerZone[]): string {
  const delegations = new Map<string, string>();
  const deepestFirst = all.toSorted((a, b) => b.name.split('.').length - a.name.split('.').length);
  let last = '';
  for (const zone of deepestFirst) {
    last = signZone(folder, zone, delegations.get(zone.name) ?? '');
    const above = deepestFirst.find(({ name }) => name !== zone.name && zone.name.endsWith(`.${name}`) && closest(all, zone.name) === name);
    if (above) delegations.set(above.name, `${delegations.get(above.name) ?? ''}${zone.name}. IN NS ns.${zone.name}.\n${last}`);
  }
  return last;
}

function closest(all: readonly PeerZone[], name: string): string | undefined {
  const above = all.filter((zone) => name.endsWith(`.${zone.name}`)).map((zone) => zone.name);
  return above.toSorted((a, b) => b.length - a.length)[0];
}

const ownLines = (folder: string): string[] => [
  'minimal-responses: no',
  'qname-minimisation: no',
  'val-nsec3-keysize-iterations: "1024 100 2048 100 4096 100"',
  `trust-anchor-file: "${folder}/anchor"`,
];

export interface SignedPeers {
  /** Where unbound answers. */
  readonly port: number;
  readonly zones: readonly string[];
  /** The DS record of `example`, as zone text. */
  readonly anchor: string;
  /** What delv says of a question: `secure`, `insecure` or `bogus`. */
  delv(name: string, type: string): string;
  stop(): Promise<void>;
}

function askDelv(folder: string, port: number, name: string, type: string): string {
  const words = ['@127.0.0.1', '-p', String(port), '-a', join(folder, 'delv.anchor'), '+root=example', name, type];
  const { stdout } = spawnSync('delv', words, { env: environment, encoding: 'utf8' });
  if (/^; (?:negative response, )?fully validated/m.test(stdout)) return 'secure';
  return /^; (?:negative response, )?unsigned answer/m.test(stdout) ? 'insecure' : 'bogus';
}

export async function startSignedPeers(): Promise<SignedPeers> {
  const folder = mkdtempSync(join(tmpdir(), 'mox-dnssec-'));
  const ports = { port: await freePort(), authorityPort: await freePort() };
  const all: readonly PeerZone[] = [{ name: 'example', algorithm: 13, records: 'mail IN A 192.0.2.1\n' }, ...zones];
  const anchor = signAll(folder, all);
  const names = all.map(({ name }) => name);
  writeFileSync(join(folder, 'anchor'), anchor);
  const [, , , tag = '', algorithm = '', type = '', ...digest] = anchor.trim().split(/\s+/);
  writeFileSync(join(folder, 'delv.anchor'), `trust-anchors { example. static-ds ${tag} ${algorithm} ${type} "${digest.join('')}"; };\n`);
  writeFileSync(join(folder, 'nsd.conf'), nsdConfig(folder, ports.authorityPort, names));
  writeFileSync(join(folder, 'unbound.conf'), unboundConfig({ folder, ...ports, zones: names, lines: ownLines(folder) }));
  const stop = await startServers(folder, async () => {
    await waitFor(ports.authorityPort, 'plain.example');
    await waitFor(ports.port, 'plain.example');
  });
  return { port: ports.port, zones: names, anchor, delv: (name, kind) => askDelv(folder, ports.port, name, kind), stop };
}
