// Destinations for the comparison with postfix: what stands in DNS of each, and which server is there.

import { unwrap } from '@mox/syntax';
import {
  type Certificate,
  createCertificateAuthority,
  createSelfSignedCertificate,
  type IssuedCertificate,
  issueCertificate,
  parseCertificate,
} from '@mox/x509';
import { formatTlsaRecord, makeTlsaRecord } from '../src/index.ts';

/** A server at an address of its own. */
export interface PeerServer {
  readonly address: string;
  /** Leaf first; without, the server has no STARTTLS. */
  readonly chain?: readonly IssuedCertificate[];
}

/** A domain that mail is sent to. */
export interface PeerCase {
  readonly name: string;
  readonly domain: string;
}

export interface PeerWorld {
  readonly servers: readonly PeerServer[];
  readonly cases: readonly PeerCase[];
  /** Text of each zone, without the header. */
  readonly zones: Readonly<Record<'secure.example' | 'bogus.example' | 'insecure.example', string>>;
}

type About = 'leaf' | 'issuer' | 'root' | 'stranger';

interface Authorities {
  readonly root: IssuedCertificate;
  readonly issuer: IssuedCertificate;
  readonly stranger: IssuedCertificate;
}

const day = 86_400_000;

async function makeServers(authorities: Authorities, now: number): Promise<Readonly<Record<string, PeerServer>>> {
  const { root, issuer } = authorities;
  const validity = { notBefore: now - 10 * day, notAfter: now + day };
  const issue = (names: readonly string[], times = validity): Promise<IssuedCertificate> => issueCertificate({ names, ...times, issuer });
  const leaf = await issue(['*.secure.example']);
  const chains: Readonly<Record<string, readonly IssuedCertificate[] | undefined>> = {
    whole: [leaf, issuer, root],
    short: [leaf, issuer],
    bare: [leaf],
    expired: [await issue(['*.secure.example'], { notBefore: now - 10 * day, notAfter: now - day }), issuer, root],
    future: [await issue(['*.secure.example'], { notBefore: now + day, notAfter: now + 2 * day }), issuer, root],
    misnamed: [await issue(['mail.other.example']), issuer, root],
    nextHop: [await issue(['next-hop.secure.example']), issuer, root],
    insecure: [await issue(['*.insecure.example']), issuer, root],
    selfSigned: [await createSelfSignedCertificate({ names: ['*.secure.example'], ...validity })],
    plain: undefined,
  };
  const rows = Object.entries(chains).map(([kind, chain], i): [string, PeerServer] => [
    kind,
    { address: `127.0.1.${i + 1}`, ...(chain && { chain }) },
  ]);
  return Object.fromEntries(rows);
}

/** Writes the zones of all cases. */
class ZoneWriter {
  readonly lines: Record<'secure.example' | 'bogus.example' | 'insecure.example', string[]> = {
    'secure.example': [],
    'bogus.example': [],
    'insecure.example': [],
  };
  readonly cases: PeerCase[] = [];

  add(...lines: readonly string[]): void {
    for (const line of lines) {
      const [owner = ''] = line.split(' ');
      const zone = (Object.keys(this.lines) as (keyof typeof this.lines)[]).find(
        (name) => owner === `${name}.` || owner.endsWith(`.${name}.`),
      );
      if (!zone) throw new Error(`no zone for ${line}`);
      this.lines[zone].push(line);
    }
  }

  /** A domain that has one MX host of its own. */
  domain(name: string, server: PeerServer | undefined, lines: (host: string) => readonly string[], zone: string = 'secure.example'): void {
    const label = `c${this.cases.length}`;
    const host = `mx-${label}.secure.example.`;
    this.cases.push({ name, domain: `${label}.${zone}` });
    this.add(`${label}.${zone}. MX 10 ${host}`, ...(server ? [`${host} A ${server.address}`] : []), ...lines(host));
  }
}

const tlsa = (host: string, ...records: readonly string[]): readonly string[] => records.map((record) => `_25._tcp.${host} TLSA ${record}`);

/** All destinations. Times of certificates are about `now`. */
export async function makeWorld(now: number): Promise<PeerWorld> {
  const validity = { notBefore: now - 10 * day, notAfter: now + 10 * day };
  const root = await createCertificateAuthority({ commonName: 'Root', ...validity });
  const issuer = await createCertificateAuthority({ commonName: 'Issuer', ...validity, issuer: root });
  const stranger = await createCertificateAuthority({ commonName: 'Stranger', ...validity });
  const servers = await makeServers({ root, issuer, stranger }, now);
  const writer = new ZoneWriter();
  const read = (one: IssuedCertificate | undefined): Certificate => unwrap(parseCertificate(one?.certificateDer ?? new Uint8Array(0)));
  const record = (usage: number, selector: number, matchingType: number, about: About | IssuedCertificate = 'leaf'): string => {
    const issued = typeof about === 'object' ? about : { leaf: servers['whole']?.chain?.[0], issuer, root, stranger }[about];
    return formatTlsaRecord(unwrap(makeTlsaRecord({ certificate: read(issued).der }, { usage, selector, matchingType })));
  };
  const server = (kind: string): PeerServer => servers[kind] as PeerServer;
  for (const kind of ['whole', 'short', 'bare']) {
    for (const about of ['leaf', 'issuer', 'root', 'stranger'] as const) {
      for (const usage of [0, 1, 2, 3]) {
        for (const [selector, matchingType] of [
          [0, 0],
          [0, 1],
          [0, 2],
          [1, 0],
          [1, 1],
          [1, 2],
        ] as const) {
          // Every selector and matching type for the usages of SMTP.
          if (usage < 2 && (selector === 0 || matchingType !== 1)) continue;
          const text = record(usage, selector, matchingType, about);
          writer.domain(`${kind}: ${usage} ${selector} ${matchingType} of the ${about}`, server(kind), (host) => tlsa(host, text));
        }
      }
    }
  }
  addSets(writer, server, record);
  addFaults(writer, server, record);
  addZones(writer, server, record);
  return {
    servers: Object.values(servers),
    cases: writer.cases,
    zones: {
      'secure.example': writer.lines['secure.example'].join('\n'),
      'bogus.example': writer.lines['bogus.example'].join('\n'),
      'insecure.example': writer.lines['insecure.example'].join('\n'),
    },
  };
}

type ServerOf = (kind: string) => PeerServer;
type RecordOf = (usage: number, selector: number, matchingType: number, about?: About | IssuedCertificate) => string;

/** Sets of records: a key that is rolled over, records that cannot be used, digests of which one is stronger. */
function addSets(writer: ZoneWriter, server: ServerOf, record: RecordOf): void {
  const wrong = record(3, 1, 1, 'stranger');
  const right = record(3, 1, 1);
  const cut = right.slice(0, -2);
  const sets: readonly (readonly [name: string, ...records: readonly string[]])[] = [
    ['two keys, the second right', wrong, right],
    ['an authority and a key, the key right', record(2, 1, 1, 'stranger'), right],
    ['an authority and a key, the authority right', record(2, 1, 1, 'root'), wrong],
    ['PKIX-EE beside the right key', record(1, 1, 1), right],
    ['PKIX-EE beside a wrong key', record(1, 1, 1), wrong],
    ['PKIX-TA and PKIX-EE', record(0, 1, 1, 'root'), record(1, 1, 1)],
    ['the stronger digest wrong', record(3, 1, 2, 'stranger'), right],
    ['the stronger digest right', record(3, 1, 2), wrong],
    ['the stronger digest wrong, of another selector', record(3, 0, 2, 'stranger'), right],
    ['the stronger digest wrong, of another usage', record(2, 1, 2, 'stranger'), right],
    ['the stronger digest cut short', record(3, 1, 2).slice(0, -2), right],
    ['a digest cut short', cut],
    ['a digest cut short beside the right key', cut, right],
    ['a digest cut short beside a wrong key', cut, wrong],
    ['a digest that is too long', `${right}00`],
    ['an unknown usage', '4 1 1 00ff'],
    ['the private usage', '255 1 1 00ff'],
    ['an unknown selector', right.replace('3 1 1', '3 2 1')],
    ['an unknown matching type', right.replace('3 1 1', '3 1 3')],
    ['an unknown matching type beside a wrong key', right.replace('3 1 1', '3 1 3'), wrong],
    ['no certificate', '3 0 0 3003020100'],
    ['no certificate as an authority', '2 0 0 3003020100'],
    ['no key', '3 1 0 3003020100'],
    ['no key beside the right one', '3 1 0 3003020100', right],
    ['twenty wrong keys and the right one', ...Array.from({ length: 20 }, (_, i) => `3 1 1 ${String(i).padStart(64, '0')}`), right],
  ];
  for (const kind of ['whole', 'plain'])
    for (const [name, ...records] of sets) writer.domain(`${kind}: ${name}`, server(kind), (host) => tlsa(host, ...records));
}

/** Certificates with a fault each. */
function addFaults(writer: ZoneWriter, server: ServerOf, record: RecordOf): void {
  for (const kind of ['expired', 'future', 'misnamed', 'selfSigned', 'insecure']) {
    const leaf = server(kind).chain?.[0];
    writer.domain(`${kind}: DANE-EE`, server(kind), (host) => tlsa(host, record(3, 1, 1, leaf)));
    writer.domain(`${kind}: DANE-EE of the whole certificate`, server(kind), (host) => tlsa(host, record(3, 0, 1, leaf)));
    writer.domain(`${kind}: DANE-TA of the root`, server(kind), (host) => tlsa(host, record(2, 0, 1, 'root')));
    writer.domain(`${kind}: DANE-TA of the certificate itself`, server(kind), (host) => tlsa(host, record(2, 0, 1, leaf)));
    writer.domain(`${kind}: nothing`, server(kind), () => []);
  }
  const root = record(2, 0, 1, 'root');
  const hop = server('nextHop').address;
  writer.cases.push({ name: 'the name of the next hop', domain: 'next-hop.secure.example' });
  writer.add(
    'next-hop.secure.example. MX 10 mx-hop.secure.example.',
    `mx-hop.secure.example. A ${hop}`,
    ...tlsa('mx-hop.secure.example.', root),
  );
  writer.domain('the name of another next hop', server('nextHop'), (host) => tlsa(host, root));
}

/** Zones that are signed, unsigned and broken; aliases; answers that do not come. */
function addZones(writer: ZoneWriter, server: ServerOf, record: RecordOf): void {
  const right = record(3, 1, 1);
  const wrong = record(3, 1, 1, 'stranger');
  const root = record(2, 0, 1, 'root');
  const { address } = server('whole');
  const plain = server('plain').address;
  const alias = (host: string, target: string): string => `${host} CNAME ${target}`;
  for (const kind of ['whole', 'plain']) {
    writer.domain(`${kind}: no records`, server(kind), () => []);
    writer.domain(`${kind}: another type at the name`, server(kind), (host) => [`_25._tcp.${host} TXT x`]);
    writer.domain(`${kind}: MX not signed, host signed, right`, server(kind), (host) => tlsa(host, right), 'insecure.example');
    writer.domain(`${kind}: MX not signed, host signed, wrong`, server(kind), (host) => tlsa(host, wrong), 'insecure.example');
    writer.domain(`${kind}: MX not signed, host signed, root`, server(kind), (host) => tlsa(host, root), 'insecure.example');
    writer.domain(`${kind}: records by alias`, server(kind), (host) => [alias(`_25._tcp.${host}`, 'tlsa.secure.example.')]);
    writer.domain(`${kind}: records by alias into an unsigned zone`, server(kind), (host) => [
      alias(`_25._tcp.${host}`, 'tlsa.insecure.example.'),
    ]);
    writer.domain(`${kind}: records by alias into a broken zone`, server(kind), (host) => [
      alias(`_25._tcp.${host}`, 'tlsa.bogus.example.'),
    ]);
    writer.domain(`${kind}: records by alias to nowhere`, server(kind), (host) => [alias(`_25._tcp.${host}`, 'nobody.secure.example.')]);
    writer.domain(`${kind}: records by alias into a zone that nobody serves`, server(kind), (host) => [
      alias(`_25._tcp.${host}`, 'x.lame.example.'),
    ]);
    const at = server(kind).address;
    const target = `target-${kind}`;
    writer.add(`${target}.secure.example. A ${at}`, ...tlsa(`${target}.secure.example.`, right));
    writer.add(
      `${target}-bare.secure.example. A ${at}`,
      `${target}.insecure.example. A ${at}`,
      ...tlsa(`${target}.insecure.example.`, right),
    );
    writer.domain(`${kind}: the host is an alias`, undefined, (host) => [alias(host, `${target}.secure.example.`)]);
    writer.domain(`${kind}: the host is an alias, with wrong records of its own`, undefined, (host) => [
      alias(host, `${target}.secure.example.`),
      ...tlsa(host, wrong),
    ]);
    writer.domain(`${kind}: the host is an alias, with the only records`, undefined, (host) => [
      alias(host, `${target}-bare.secure.example.`),
      ...tlsa(host, right),
    ]);
    writer.domain(`${kind}: the host is an alias without records`, undefined, (host) => [alias(host, `${target}-bare.secure.example.`)]);
    writer.domain(`${kind}: the host is an alias into an unsigned zone`, undefined, (host) => [alias(host, `${target}.insecure.example.`)]);
    writer.domain(`${kind}: the host is an alias into an unsigned zone, with wrong records`, undefined, (host) => [
      alias(host, `${target}.insecure.example.`),
      ...tlsa(host, wrong),
    ]);
    writer.domain(`${kind}: the host is an alias into an unsigned zone, with right records`, undefined, (host) => [
      alias(host, `${target}.insecure.example.`),
      ...tlsa(host, right),
    ]);
    writer.domain(`${kind}: the host is an alias into a broken zone`, undefined, (host) => [
      alias(host, 'host.bogus.example.'),
      ...tlsa(host, right),
    ]);
    writer.domain(`${kind}: the host is an alias of an alias`, undefined, (host) => [alias(host, `twice-${kind}.secure.example.`)]);
    writer.add(alias(`twice-${kind}.secure.example.`, `${target}.secure.example.`));
    writer.cases.push({ name: `${kind}: no MX`, domain: `direct-${kind}.secure.example` });
    writer.add(`direct-${kind}.secure.example. A ${at}`, ...tlsa(`direct-${kind}.secure.example.`, right));
    writer.cases.push({ name: `${kind}: no MX, an alias`, domain: `direct-alias-${kind}.secure.example` });
    writer.add(alias(`direct-alias-${kind}.secure.example.`, `${target}.secure.example.`));
    writer.cases.push({ name: `${kind}: the domain is an alias of one with MX`, domain: `domain-alias-${kind}.secure.example` });
    writer.add(
      alias(`domain-alias-${kind}.secure.example.`, `expanded-${kind}.secure.example.`),
      `expanded-${kind}.secure.example. MX 10 ${target}.secure.example.`,
    );
    writer.cases.push({ name: `${kind}: the domain is unsigned, the host too`, domain: `host-${kind}.insecure.example` });
    writer.add(`host-${kind}.insecure.example. MX 10 ${target}.insecure.example.`);
    writer.cases.push({ name: `${kind}: the first host refused by DANE, the second taken`, domain: `two-${kind}.secure.example` });
    writer.add(
      `two-${kind}.secure.example. MX 10 first-${kind}.secure.example.`,
      `two-${kind}.secure.example. MX 20 second-${kind}.secure.example.`,
    );
    writer.add(
      `first-${kind}.secure.example. A ${address}`,
      ...tlsa(`first-${kind}.secure.example.`, wrong),
      `second-${kind}.secure.example. A ${at}`,
    );
  }
  writer.add(
    ...[right].map((text) => `tlsa.secure.example. TLSA ${text}`),
    `tlsa.insecure.example. TLSA ${right}`,
    `tlsa.bogus.example. TLSA ${right}`,
  );
  writer.add(`host.bogus.example. A ${address}`, ...tlsa('host.bogus.example.', right));
  writer.cases.push({ name: 'MX of a broken zone', domain: 'mx.bogus.example' });
  writer.add('mx.bogus.example. MX 10 mx-bogus.secure.example.', `mx-bogus.secure.example. A ${plain}`);
  writer.cases.push({ name: 'the address of the host in a broken zone', domain: 'to-bogus.secure.example' });
  writer.add('to-bogus.secure.example. MX 10 host.bogus.example.');
  writer.cases.push({ name: 'a host without an address', domain: 'nowhere.secure.example' });
  writer.add('nowhere.secure.example. MX 10 nobody.secure.example.');
  writer.cases.push({ name: 'a wildcard for the records', domain: 'starred.secure.example' });
  writer.add(
    'starred.secure.example. MX 10 mx-starred.secure.example.',
    `mx-starred.secure.example. A ${address}`,
    `*.mx-starred.secure.example. TLSA ${right}`,
  );
}
