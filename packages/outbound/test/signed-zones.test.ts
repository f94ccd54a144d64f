// Deliveries by zones that nsd serves and unbound validates: signed, tampered with and unsigned ones.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatTlsaRecord, makeTlsaRecord } from '@mox/dane';
import { createSelfSignedCertificate, type IssuedCertificate } from '@mox/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createResolver, type NodeResolver } from '../../dns-node/src/index.ts';
import { environment, findMissing, freePort, nsdConfig, startServers, unboundConfig, waitFor } from '../../dns-node/test/servers.ts';
import type { Deliver } from '../src/index.ts';
import { makeMessage, makeSender, startOwn, stopAll } from './scripted-server.ts';

const signed = ['secure.example', 'bogus.example'];
const zones = [...signed, 'insecure.example'];
const day = 86_400_000;

let folder: string;
let stopServers: () => Promise<void> = async () => {};
let resolver: NodeResolver;
let deliver: Deliver;
/** How many messages the server has. */
let taken: readonly unknown[];

function run(program: string, ...words: readonly string[]): string {
  return execFileSync(program, words, { cwd: folder, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

function tlsaOf(certificate: IssuedCertificate): string {
  const record = makeTlsaRecord({ certificate: certificate.certificateDer });
  if (!record.ok) throw new Error(record.error.message);
  return formatTlsaRecord(record.value);
}

/** All names are the one server: with its TLSA record, with that of another, without any. */
function zoneText(zone: string, { port, own, other }: { readonly port: number; readonly own: string; readonly other: string }): string {
  return `$ORIGIN ${zone}.
$TTL 300
@ IN SOA ns hostmaster 1 3600 900 86400 120
@ IN NS ns
ns IN A 127.0.0.1
@ IN MX 10 mx
mx IN A 127.0.0.1
_${port}._tcp.mx IN TLSA ${own}
wrong IN MX 10 mxw
mxw IN A 127.0.0.1
_${port}._tcp.mxw IN TLSA ${other}
plain IN A 127.0.0.1
null IN MX 0 .
`;
}

function signZone(zone: string): string {
  const key = run('ldns-keygen', '-a', 'ECDSAP256SHA256', '-k', zone);
  run('ldns-signzone', '-n', '-f', `${zone}.signed`, zone, key);
  return readFileSync(join(folder, `${key}.key`), 'utf8')
    .replace(/;.*/, '')
    .trim();
}

async function startWorld(): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'mox-outbound-'));
  const validity = { notBefore: Date.now() - day, notAfter: Date.now() + day };
  const make = (): Promise<IssuedCertificate> => createSelfSignedCertificate({ names: ['mx.secure.example'], ...validity });
  const [own, other] = await Promise.all([make(), make()]);
  const server = await startOwn('127.0.0.1', 0, { chain: [own] });
  taken = server.taken;
  const { port } = server.listener.address;
  const records = { port, own: tlsaOf(own), other: tlsaOf(other) };
  for (const zone of zones) writeFileSync(join(folder, zone), zoneText(zone, records));
  const anchors = signed.map(signZone);
  const bogus = join(folder, 'bogus.example.signed');
  writeFileSync(bogus, readFileSync(bogus, 'utf8').replaceAll(/TLSA\t3 1 1 .{6}/g, 'TLSA\t3 1 1 abcdef'));
  const [resolverPort, authorityPort] = [await freePort(), await freePort()];
  writeFileSync(
    join(folder, 'nsd.conf'),
    nsdConfig(folder, authorityPort, [...signed.map((zone) => `${zone}.signed`), 'insecure.example']),
  );
  writeFileSync(
    join(folder, 'unbound.conf'),
    unboundConfig({ folder, port: resolverPort, authorityPort, zones, lines: anchors.map((anchor) => `trust-anchor: "${anchor}"`) }),
  );
  stopServers = await startServers(folder, async () => {
    await waitFor(authorityPort);
    await waitFor(resolverPort);
  });
  resolver = await createResolver({ servers: [{ address: '127.0.0.1', port: resolverPort, trusted: true }] });
  deliver = makeSender({ zone: '', resolver, port });
}

function tests(): void {
  beforeAll(startWorld, 60_000);

  afterAll(async () => {
    resolver?.close();
    await stopServers();
    await stopAll();
  });

  it.each([
    ['RFC 7672 §2.2', 'a TLSA record that matches', 'secure.example', 'relayed-without-dsn 2.0.0', 'tlsa', undefined],
    ['RFC 7672 §2.2', 'a TLSA record of another certificate', 'wrong.secure.example', 'deferred 4.7.5', 'tlsa', 'validation-failure'],
    ['RFC 7672 §2.2', 'no TLSA record', 'plain.secure.example', 'relayed-without-dsn 2.0.0', 'no-policy-found', undefined],
    [
      'RFC 7672 §2.1.3',
      'a TLSA record of an unsigned zone',
      'wrong.insecure.example',
      'relayed-without-dsn 2.0.0',
      'no-policy-found',
      undefined,
    ],
    ['RFC 7672 §2.1.2', 'a TLSA record that was tampered with', 'bogus.example', 'deferred 4.7.5', 'tlsa', 'dnssec-invalid'],
    ['RFC 7505 §4', 'a null MX', 'null.secure.example', 'failed 5.1.10', undefined, undefined],
    ['RFC 5321 §5.1', 'a domain that is not there', 'none.secure.example', 'failed 5.1.2', undefined, undefined],
  ])('%s: %s', async (_section, _title, nextHop, wanted, policy, failure) => {
    const before = taken.length;
    const { recipients, tlsResults } = await deliver(makeMessage(1, { nextHop }));
    const [recipient] = recipients;
    expect(`${recipient?.status} ${Object.values(recipient?.code ?? {}).join('.')}`).toBe(wanted);
    expect(taken.length - before).toBe(wanted.startsWith('relayed') ? 1 : 0);
    expect(tlsResults.map((result) => result.policy.type)).toEqual(policy === undefined ? [] : [policy]);
    expect(tlsResults.flatMap(({ failures }) => failures.map(({ resultType }) => resultType))).toEqual(
      failure === undefined ? [] : [failure],
    );
  });
}

const missing = findMissing(['nsd', 'unbound', 'ldns-keygen', 'ldns-signzone']);
if (missing.length === 0) describe('signed zones', tests);
else if (process.env['CI'])
  describe('signed zones', () => it('can be served', () => Promise.reject(new Error(`missing: ${missing.join(', ')}`))));
else describe.skip(`signed zones (skipped: ${missing.join(', ')} not installed)`, () => it('are needed', () => {}));
