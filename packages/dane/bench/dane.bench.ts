// Look-ups from a zone in memory, and verdicts on a chain of three. No npm package does DANE.
import { ZoneResolver } from '@mox/dns/testing';
import { unwrap } from '@mox/syntax';
import { benchmark } from '../../../tools/bench-harness.ts';
import { formatTlsaRecord, lookupDane, makeTlsaRecord, parseTlsaRecord, type TlsaRecord, verifyDane } from '../src/index.ts';
import { host, makeChains, now } from '../test/chains.ts';

const chains = await makeChains();
const chain = [chains.server.der, chains.authority.der];
const record = (usage: number, der: Uint8Array): TlsaRecord => unwrap(makeTlsaRecord({ certificate: der }, { usage }));
const [ee, ta, wrong] = [record(3, chains.server.der), record(2, chains.authority.der), record(2, chains.stranger.der)];
const zone = `${host}. A 192.0.2.1\n_25._tcp.${host}. TLSA ${formatTlsaRecord(ee)}`;
const resolver = new ZoneResolver(zone, { security: 'secure' });
const text = formatTlsaRecord(ee);

await benchmark('parse a record', { ours: () => parseTlsaRecord(text) });
await benchmark('look a server up', { ours: () => lookupDane({ host }, { resolver }) });
await benchmark('DANE-EE(3), chain of two', { ours: () => verifyDane({ chain, records: [ee], names: [host], now }) });
await benchmark('DANE-TA(2), chain of two', { ours: () => verifyDane({ chain, records: [ta], names: [host], now }) });
const records = Array.from({ length: 1500 }, (_, i) => ({ ...wrong, association: wrong.association.with(0, i & 255) }));
await benchmark('hostile: 1,500 records', { ours: () => verifyDane({ chain, records, names: [host], now }) });
const long = [chains.server.der, ...Array.from({ length: 1000 }, () => chains.authority.der)];
await benchmark('hostile: a chain of 1,000', { ours: () => verifyDane({ chain: long, records: [ta], names: [host], now }) });
