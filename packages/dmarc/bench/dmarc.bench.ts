// DMARC checks over an in-memory zone, ours beside mailauth; aggregate reports beside what saxes alone takes; hostile ones.
import type { DnsAnswer, RecordType, Resolver } from '@mox/dns';
import { compress } from '@mox/encoding';
import { concatBytes, fromUtf8 } from '@mox/runtime';
import { dmarc as mailauthDmarc } from 'mailauth/lib/dmarc/index.js';
import { SaxesParser } from 'saxes';
import { benchmark } from '../../../tools/bench-harness.ts';
import {
  type AggregateRecord,
  type AggregateReport,
  checkDmarc,
  formatAggregateReport,
  mergeAggregateRecords,
  parseAggregateReport,
  parseDmarcRecord,
  readAggregateReport,
} from '../src/index.ts';

const deep = `${Array.from({ length: 60 }, (_, i) => `l${i}`).join('.')}.example.com`;
const texts = new Map([
  ['_dmarc.example.com', 'v=DMARC1; p=reject; rua=mailto:dmarc@example.com'],
  ['_dmarc.strict.example', 'v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:dmarc@strict.example'],
  ['_dmarc.long.example', `v=DMARC1; p=reject; rua=${'mailto:someone@example.com,'.repeat(2000)}mailto:a@example.com`],
]);
const none: DnsAnswer = { status: 'nxdomain', security: 'insecure', records: [], aliases: [], ttlSeconds: 60 };
const answers = new Map<string, DnsAnswer>(
  [...texts].map(([name, text]) => [
    name,
    { ...none, status: 'ok', records: [{ name, type: 'TXT', ttlSeconds: 60, data: [fromUtf8(text)] }] },
  ]),
);
const resolver: Resolver = {
  query: async <T extends RecordType>(name: string) => (answers.get(name) ?? none) as unknown as DnsAnswer<T>,
};
async function resolve(name: string): Promise<string[][]> {
  const text = texts.get(name);
  if (text === undefined) throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
  return [[text]];
}

function checkRow(title: string, from: string, spf: string, dkim: readonly string[]): Promise<unknown> {
  return benchmark(title, {
    ours: () =>
      checkDmarc(
        { fromDomains: [from], spf: { domain: spf, status: 'pass' }, dkim: dkim.map((domain) => ({ domain, status: 'pass' })) },
        { resolver },
      ),
    mailauth: () =>
      mailauthDmarc({
        headerFrom: [`x@${from}`],
        spfDomains: [{ domain: spf }],
        dkimDomains: dkim.map((domain) => ({ id: domain, domain })),
        resolver: resolve,
      } as never),
  });
}

await checkRow('dmarc: author domain with its own record, aligned', 'example.com', 'example.com', ['example.com']);
await checkRow('dmarc: strict alignment', 'strict.example', 'a.strict.example', ['b.strict.example']);
await checkRow('dmarc: subdomains, three tree walks', 'news.example.com', 'bounce.example.com', ['mail.example.com']);
await checkRow('dmarc: hostile, 62 labels each', deep, `x.${deep}`, [`y.${deep}`]);
await checkRow(
  'dmarc: hostile, 200 signatures of subdomains',
  'example.com',
  'example.net',
  Array.from({ length: 200 }, (_, i) => `s${i}.example.com`),
);
await checkRow('dmarc: hostile, a record of 2,000 addresses', 'long.example', 'long.example', []);
const semicolons = `v=DMARC1${';'.repeat(60_000)}`;
await benchmark(
  'dmarc: hostile, a record of 60,000 semicolons',
  { ours: () => parseDmarcRecord(semicolons) },
  { bytes: semicolons.length },
);

const record = (i: number): AggregateRecord => ({
  sourceIp: `192.0.${(i >> 8) & 255}.${i & 255}`,
  count: 1 + (i % 9),
  disposition: i % 3 === 0 ? 'reject' : 'pass',
  dkim: i % 3 === 0 ? 'fail' : 'pass',
  spf: 'fail',
  reasons: i % 7 === 0 ? [{ type: 'mailing_list', comment: 'from a list' }] : [],
  headerFrom: `sub${i % 20}.example.com`,
  envelopeFrom: `bounce-${i}.example.net`,
  dkimResults: [{ domain: 'example.com', selector: `s${i % 5}`, result: i % 3 === 0 ? 'fail' : 'pass' }],
  spfResults: [{ domain: `bounce-${i}.example.net`, scope: 'mfrom', result: 'softfail' }],
});
const reportOf = (count: number): AggregateReport => ({
  organizationName: 'Receiver',
  email: 'dmarc@receiver.example',
  reportId: '20261122',
  start: 0,
  end: 86_399_000,
  errors: [],
  policy: { domain: 'example.com', p: 'reject' },
  records: Array.from({ length: count }, (_, i) => record(i)),
});

const report = reportOf(590);
const xml = formatAggregateReport(report);
const bytes = fromUtf8(xml);
const packed = await compress('gzip', bytes);
const saxesAlone = (text: string): void => {
  const parser = new SaxesParser({ xmlns: false, position: false });
  parser.on('error', () => {});
  parser.write(text).close();
};
const saxesWithHandlers = (text: string): number => {
  const parser = new SaxesParser({ xmlns: false, position: false });
  let length = 0;
  parser.on('error', () => {});
  parser.on('opentag', ({ name }) => (length += name.length));
  parser.on('closetag', ({ name }) => (length += name.length));
  parser.on('text', (piece) => (length += piece.length));
  parser.write(text).close();
  return length;
};
const size = { bytes: bytes.length };
await benchmark(
  `report: parse ${Math.round(bytes.length / 1000)} KB of XML`,
  {
    ours: () => parseAggregateReport(bytes),
    'saxes alone': () => saxesAlone(xml),
    'saxes with handlers': () => saxesWithHandlers(xml),
  },
  size,
);
await benchmark(`report: read it from ${Math.round(packed.length / 1000)} KB of gzip`, { ours: () => readAggregateReport(packed) }, size);
const padded = concatBytes([packed, new Uint8Array(512)]);
await benchmark('report: read it from gzip with padding behind', { ours: () => readAggregateReport(padded) }, size);
await benchmark('report: write it', { ours: () => formatAggregateReport(report) }, size);
const doubled = [...report.records, ...report.records];
await benchmark('report: merge 1,180 records', { ours: () => mergeAggregateRecords(doubled) });

const head = '<feedback><report_metadata/><policy_published/>';
const many = xml.slice(xml.indexOf('<record>'), xml.indexOf('</record>') + 9).replace(/\s+/g, '');
const hostile: readonly (readonly [string, string])[] = [
  ['80,000 records', `${head}${many.repeat(80_000)}</feedback>`],
  ['a million elements deep', '<a>'.repeat(1_000_000)],
  ['a million elements in a record', `${head}<record>${'<x/>'.repeat(1_000_000)}</record></feedback>`],
  [
    'entities of entities',
    `<!DOCTYPE feedback [${Array.from({ length: 20_000 }, (_, i) => `<!ENTITY e${i + 1} "&e${i};&e${i};">`).join('')}]>${head}<record>&e9;</record></feedback>`,
  ],
  ['200,000 attributes', `<feedback ${Array.from({ length: 200_000 }, (_, i) => `a${i}=""`).join(' ')}>${head.slice(10)}</feedback>`],
  ['a megabyte of ampersands', `${head}<record>${'&'.repeat(1_000_000)}</record></feedback>`],
  ['a megabyte of tags that close nothing', `${head}${'</x>'.repeat(250_000)}</feedback>`],
  ['a megabyte of "<"', '<'.repeat(1_000_000)],
  ['tags of 16 KB of attributes', `${head}${`<x ${'a="" b="" '.repeat(1000)}/>`.repeat(100)}</feedback>`],
  ['tags of 16 KB of names', `${head}${`<x ${Array.from({ length: 1500 }, (_, i) => `a${i}=""`).join(' ')}/>`.repeat(100)}</feedback>`],
  ['a character reference each', `${head}<record>${'&#228;'.repeat(200_000)}</record></feedback>`],
  ['unknown entities in 100,000 elements', `${head}${'<x>&nbsp;</x>'.repeat(100_000)}</feedback>`],
];
const few = { rounds: 3, roundMilliseconds: 100 };
for (const [title, text] of hostile) {
  await benchmark(
    `report: hostile, ${title} (${(text.length / 1e6).toFixed(1)} MB)`,
    { ours: () => parseAggregateReport(text) },
    { ...few, bytes: text.length },
  );
}
const bomb = await compress('gzip', new Uint8Array(1 << 30));
await benchmark(
  `report: hostile, ${(bomb.length / 1e6).toFixed(1)} MB of gzip for 1 GB`,
  { ours: () => readAggregateReport(bomb) },
  { ...few, bytes: bomb.length },
);
// Eight blocks of DEFLATE that bring codes of their own, and nothing else.
const emptyBlocks =
  '04c081000000000090ff6b100007020000000040feaf41001c080000000000f9bf060170200000000000e4ff1a04c081000000000090ff6b100007020000000040feaf41001c080000000000f9bf060170200000000000e4ff1a';
const blocks = concatBytes([packed.subarray(0, 10), Buffer.from(emptyBlocks.repeat(40_000), 'hex')]);
await benchmark(
  `report: hostile, ${(blocks.length / 1e6).toFixed(1)} MB of gzip for nothing`,
  { ours: () => readAggregateReport(blocks) },
  { ...few, bytes: blocks.length },
);
