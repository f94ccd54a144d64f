import { compress } from '@mox/encoding';
import { concatBytes, fromUtf8, ManualClock, systemRandom, toBase64, toUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { composeAggregateMessage, packAggregateReport, readAggregateMessage } from './aggregate-message.ts';
import type { AggregateReport } from './aggregate-report.ts';
import { formatAggregateReport } from './format-aggregate-report.ts';
import { readAggregateReport, readAggregateReports } from './read-aggregate-report.ts';
import { formatAggregateFilename, formatAggregateSubject, parseAggregateFilename, parseAggregateSubject } from './report-names.ts';

const report: AggregateReport = {
  organizationName: 'Receiver',
  email: 'dmarc@mail.receiver.example',
  reportId: '2024-03-27_example.com@mail.receiver.example',
  start: 1_013_662_812_000,
  end: 1_013_749_130_000,
  errors: [],
  policy: { domain: 'example.com', p: 'reject' },
  records: [
    {
      sourceIp: '2001:db8::1',
      count: 7,
      disposition: 'reject',
      dkim: 'fail',
      spf: 'fail',
      reasons: [],
      headerFrom: 'example.com',
      dkimResults: [],
      spfResults: [],
    },
  ],
};
const xml = fromUtf8(formatAggregateReport(report));

function numbers(format: readonly (readonly [value: number, bytes: number])[]): Uint8Array {
  return Uint8Array.from(format.flatMap(([value, bytes]) => Array.from({ length: bytes }, (_, i) => (value / 256 ** i) & 255)));
}

/** A ZIP archive of files; check sums are left at zero. */
async function zip(
  files: readonly (readonly [name: string, content: Uint8Array])[],
  options: { readonly method?: number; readonly flags?: number } = {},
): Promise<Uint8Array> {
  const { method = 8, flags = 0 } = options;
  const pieces: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, content] of files) {
    const packed = method === 8 ? await compress('deflate-raw', content) : content;
    const common = numbers([
      [20, 2],
      [flags, 2],
      [method, 2],
      [0, 4],
      [0, 4],
      [packed.length, 4],
      [content.length, 4],
      [name.length, 2],
      [0, 2],
    ]);
    const local = concatBytes([numbers([[0x04034b50, 4]]), common, fromUtf8(name), packed]);
    directory.push(
      concatBytes([
        numbers([
          [0x02014b50, 4],
          [20, 2],
        ]),
        common,
        numbers([
          [0, 2],
          [0, 2],
          [0, 2],
          [0, 4],
          [offset, 4],
        ]),
        fromUtf8(name),
      ]),
    );
    pieces.push(local);
    offset += local.length;
  }
  const entries = concatBytes([new Uint8Array(0), ...directory]);
  return concatBytes([
    ...pieces,
    entries,
    numbers([
      [0x06054b50, 4],
      [0, 4],
      [files.length, 2],
      [files.length, 2],
      [entries.length, 4],
      [offset, 4],
      [0, 2],
    ]),
  ]);
}

const good = { ok: true, value: { report, defects: [] } };

describe('readAggregateReport', () => {
  it.each<[string, () => Promise<Uint8Array>]>([
    ['plain', async () => xml],
    ['in gzip', () => compress('gzip', xml)],
    ['in gzip twice', async () => compress('gzip', await compress('gzip', xml))],
    ['in gzip with a line end behind', async () => concatBytes([await compress('gzip', xml), fromUtf8('\r\n')])],
    ['in gzip with padding behind', async () => concatBytes([await compress('gzip', xml), new Uint8Array(512)])],
    ['in gzip with the end of a mail behind', async () => concatBytes([await compress('gzip', xml), fromUtf8('\r\n--b--\r\n')])],
    [
      'in gzip of several members',
      async () => concatBytes([await compress('gzip', xml.subarray(0, 100)), await compress('gzip', xml.subarray(100))]),
    ],
    ['in ZIP', () => zip([['report.xml', xml]])],
    ['in ZIP, stored', () => zip([['report.xml', xml]], { method: 0 })],
    [
      'in ZIP beside others',
      () =>
        zip([
          ['folder/', new Uint8Array(0)],
          ['read.me', fromUtf8('x')],
          ['report.XML', xml],
        ]),
    ],
    [
      'in ZIP beside what macOS adds',
      () =>
        zip([
          ['__MACOSX/._report.xml', fromUtf8('\0\x05\x16\x07')],
          ['report.xml', xml],
        ]),
    ],
    ['in gzip in ZIP', async () => zip([['report.xml.gz', await compress('gzip', xml)]])],
    ['in ZIP with a comment behind', async () => concatBytes([await zip([['report.xml', xml]]), new Uint8Array(1000)])],
  ])('RFC 9990 §3.5.2: %s', async (_, make) => {
    expect(await readAggregateReport(await make())).toMatchObject(good);
  });

  it.each<[string, () => Promise<Uint8Array>, RegExp]>([
    ['nothing', async () => new Uint8Array(0), /feedback/],
    ['an encrypted archive', () => zip([['report.xml', xml]], { flags: 1 }), /encrypted/],
    ['a method of tomorrow', () => zip([['report.xml', xml]], { method: 99 }), /method 99/],
    ['an archive of nothing', () => zip([]), /feedback|without files/],
    ['an archive cut short', async () => (await zip([['report.xml', xml]])).slice(0, -30), /damaged/],
    ['gzip cut short', async () => (await compress('gzip', xml)).slice(0, 60), /damaged/],
    ['gzip in gzip in gzip', async () => compress('gzip', await compress('gzip', await compress('gzip', xml))), /too many times/],
  ])('%s is an error', async (_, make, message) => {
    expect(await readAggregateReport(await make())).toMatchObject({ ok: false, error: { message: expect.stringMatching(message) } });
  });

  it('RFC 9990 §8.1: bombs are not unpacked', async () => {
    const zeros = new Uint8Array(80 << 20);
    const [gzip, archive] = [await compress('gzip', zeros), await zip([['report.xml', zeros]])];
    for (const bomb of [gzip, archive]) {
      expect(await readAggregateReport(bomb)).toMatchObject({
        ok: false,
        error: { message: expect.stringMatching(/^more than \d+ bytes/) },
      });
      expect(await readAggregateReport(bomb, { mostBytes: 1000 })).toMatchObject({
        ok: false,
        error: { message: 'more than 1000 bytes when unpacked' },
      });
    }
    // A thousand times what was packed, though below the limit in bytes.
    const small = await compress('gzip', new Uint8Array(10 << 20));
    expect(await readAggregateReport(small)).toMatchObject({ ok: false, error: { message: expect.stringContaining('more than') } });
    expect(await readAggregateReport(small, { mostRatio: 2000 })).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('feedback') },
    });
  });

  const second = fromUtf8(formatAggregateReport({ ...report, reportId: '2' }));
  it('several reports in one archive are all read', async () => {
    const archive = await zip([
      ['a.xml', xml],
      ['read.me', fromUtf8('x')],
      ['b.xml.gz', await compress('gzip', second)],
      ['c.xml', fromUtf8('nonsense')],
    ]);
    const defects = [{ path: 'archive', problem: expect.stringContaining('feedback') }];
    const all = [
      { report, defects },
      { report: { reportId: '2' }, defects: [] },
    ];
    expect(await readAggregateReports(archive)).toMatchObject({ ok: true, value: all });
    expect(await readAggregateReport(archive)).toMatchObject({
      ok: true,
      value: { report, defects: [...defects, { path: 'archive', problem: 'has 1 more report' }] },
    });
    const mail = fromUtf8(`Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n${toBase64(archive)}`);
    expect(await readAggregateMessage(mail)).toMatchObject({ ok: true, value: { report, others: [{ report: { reportId: '2' } }] } });
    expect(await readAggregateReports(xml)).toMatchObject({ ok: true, value: [{ report, defects: [] }] });
  });

  it('RFC 9990 §8.1: the reports of an archive are bounded together', async () => {
    const archive = await zip([
      ['a.xml', xml],
      ['b.xml', second],
    ]);
    const few = await readAggregateReports(archive, { mostRecords: 1 });
    expect(few).toMatchObject({
      ok: true,
      value: [{ report: { records: [{ count: 7 }] } }, { report: { records: [] }, defects: [{ path: 'record[0]' }, { path: 'record' }] }],
    });
    const short = await readAggregateReports(archive, { mostBytes: xml.length + 100 });
    expect(short).toMatchObject({ ok: true, value: [{ report, defects: [{ problem: expect.stringContaining('more than 100 bytes') }] }] });
    const bombs = await zip(Array.from({ length: 64 }, (_, i) => [`${i}.xml`, i === 1 ? new Uint8Array(20 << 20) : xml] as const));
    const read = await readAggregateReports(bombs);
    expect(read.ok && [read.value.length, read.value[0]?.defects.length]).toEqual([1, 1]);
  });

  it('mutants of archives never throw', async () => {
    const seeds = [await compress('gzip', xml), await zip([['report.xml', xml]]), await zip([['report.xml', xml]], { method: 0 })];
    for (const mutant of mutants(seeds, { count: 600, tokens: ['PK\u0001\u0002', 'PK\u0003\u0004', 'PK\u0005\u0006', '\0\0\0\0'] }))
      await readAggregateReport(mutant);
  });
});

describe('names', () => {
  it.each([
    ['mail.receiver.example!example.com!1013662812!1013749130.xml.gz', { extension: 'xml.gz' }],
    ['mail.receiver.example!example.com!1013662812!1013749130!abc123.xml', { extension: 'xml', uniqueId: 'abc123' }],
    ['mail.receiver.example!example.com!1013662812!1013749130.zip', { extension: 'zip' }],
  ])('RFC 9990 §3.5.2: %s', (filename, rest) => {
    const name = { receiver: 'mail.receiver.example', policyDomain: 'example.com', start: report.start, end: report.end, ...rest };
    expect(parseAggregateFilename(filename)).toEqual(name);
    expect(formatAggregateFilename(name)).toBe(filename);
  });

  it.each([
    ['google.com!example.com!1013662812!1013749130!a1-b2_c.d.xml.gz', 'a1-b2_c.d', 'xml.gz'],
    ['GOOGLE.com!example.com!1013662812!1013749130!0.XML.ZIP', '0', 'xml.zip'],
  ])('%s of the wild', (filename, uniqueId, extension) => {
    expect(parseAggregateFilename(filename)).toMatchObject({ start: report.start, end: report.end, uniqueId, extension });
  });

  it.each([
    '',
    'report.xml',
    'a!b!c!d.xml',
    'a!b!1!2!x/y.xml',
    'a!b!1!2!.xml',
    `a!b!1!2!${'.'.repeat(900)}`,
    'a!b!1!2',
    'a!b!1!2.exe',
    'a!b!1!2!x!y.xml',
    '../a!b!1!2.xml',
  ])('%j is no such name', (filename) => {
    expect(parseAggregateFilename(filename)).toBeUndefined();
  });

  it.each([
    [
      'Report Domain: example.com Submitter: mail.receiver.example Report-ID: <sample-ridtxt@example.com>',
      { reportId: 'sample-ridtxt@example.com' },
    ],
    ['Report Domain: example.com Submitter: mail.receiver.example', {}],
  ])('RFC 9990 §3.5.2: %s', (text, rest) => {
    const subject = { policyDomain: 'example.com', submitter: 'mail.receiver.example', ...rest };
    expect(parseAggregateSubject(text)).toEqual(subject);
    expect(formatAggregateSubject(subject)).toBe(text);
  });

  it('subjects as they are in the wild', () => {
    expect(parseAggregateSubject('report domain:  example.com\tsubmitter: google.com Report-ID: 123')).toMatchObject({
      submitter: 'google.com',
      reportId: '123',
    });
    expect(parseAggregateSubject('Re: Report Domain: example.com Submitter: x')).toBeUndefined();
    expect(parseAggregateSubject('Report Domain:')).toBeUndefined();
  });

  it('what would break out of a name or subject is not written', () => {
    const name = { receiver: 'a', policyDomain: 'b', start: 0, end: 0, extension: 'xml' };
    expect(() => formatAggregateFilename({ ...name, receiver: 'a!b' })).toThrow(TypeError);
    expect(() => formatAggregateFilename({ ...name, uniqueId: '../x' })).toThrow(TypeError);
    expect(() => formatAggregateSubject({ policyDomain: 'b', submitter: 'a', reportId: 'x\r\ny' })).toThrow(TypeError);
  });
});

describe('mail', () => {
  it('RFC 9990 §3.5.2: a report is packed, sent, found and read', async () => {
    const packed = await packAggregateReport(report, { submitter: 'mail.receiver.example' });
    expect(packed).toMatchObject({
      filename: 'mail.receiver.example!example.com!1013662812!1013749130.xml.gz',
      subject: 'Report Domain: example.com Submitter: mail.receiver.example Report-ID: <2024-03-27_example.com@mail.receiver.example>',
    });
    const options = { clock: new ManualClock(0), random: systemRandom };
    const message = composeAggregateMessage(
      packed,
      { from: { address: 'dmarc@mail.receiver.example' }, to: [{ address: 'rua@example.com' }] },
      options,
    );
    expect(await readAggregateMessage(message.bytes())).toMatchObject({
      ok: true,
      value: {
        report,
        defects: [],
        filename: { receiver: 'mail.receiver.example', extension: 'xml.gz' },
        subject: { policyDomain: 'example.com', submitter: 'mail.receiver.example' },
      },
    });
  });

  it('a message that is nothing but the archive, as big providers send it', async () => {
    const body = toBase64(await zip([['report.xml', xml]])).replace(/.{76}/g, '$&\r\n');
    const header =
      'Subject: Report Domain: example.com Submitter: x.example Report-ID: 1\r\nContent-Type: application/zip; name="x.example!example.com!1!2.zip"\r\nContent-Transfer-Encoding: base64\r\n\r\n';
    expect(await readAggregateMessage(fromUtf8(header + body))).toMatchObject({
      ok: true,
      value: { report, filename: { receiver: 'x.example' } },
    });
  });

  it.each<[string, string]>([
    ['application/x-gunzip; name=report', 'base64'],
    ['text/plain; charset=utf-8', '8bit'],
    ['application/x-unknown', '8bit'],
  ])('a report as %s: found by how it begins', async (type, encoding) => {
    const body = encoding === 'base64' ? toBase64(await compress('gzip', xml)).replace(/.{76}/g, '$&\r\n') : toUtf8(xml);
    const mail = `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nLook:\r\n--b\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}\r\n--b--\r\n`;
    expect(await readAggregateMessage(fromUtf8(mail))).toMatchObject({ ok: true, value: { report } });
    const forwarded = `Subject: Fwd\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nsee\r\n--c\r\nContent-Type: message/rfc822\r\n\r\n${mail}\r\n--c--\r\n`;
    expect(await readAggregateMessage(fromUtf8(forwarded))).toMatchObject({ ok: true, value: { report } });
  });

  it('a mail without a report says why', async () => {
    expect(await readAggregateMessage(fromUtf8('Subject: hi\r\n\r\nhello\r\n'))).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('no part') },
    });
    expect(await readAggregateMessage(fromUtf8('Content-Type: text/xml\r\n\r\n<x/>\r\n'))).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('feedback') },
    });
  });
});
