import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import type { AggregateRecord, AggregateReport, ParsedAggregateReport } from './aggregate-report.ts';
import { formatAggregateReport } from './format-aggregate-report.ts';
import { mergeAggregateRecords, mergeAggregateReports } from './merge-aggregate-reports.ts';
import { parseAggregateReport } from './parse-aggregate-report.ts';

const record: AggregateRecord = {
  sourceIp: '192.0.2.123',
  count: 123,
  disposition: 'pass',
  dkim: 'pass',
  spf: 'fail',
  reasons: [],
  headerFrom: 'example.com',
  envelopeFrom: 'example.com',
  dkimResults: [{ domain: 'example.com', selector: 'abc123', result: 'pass' }],
  spfResults: [{ domain: 'example.com', result: 'fail' }],
};
const report: AggregateReport = {
  organizationName: 'Sample Reporter',
  email: 'report_sender@example-reporter.com',
  extraContactInfo: '...',
  reportId: '3v98abbp8ya9n3va8yr8oa3ya',
  start: 302_832_000_000,
  end: 302_918_399_000,
  errors: [],
  generator: 'Example DMARC Aggregate Reporter v1.2',
  policy: { domain: 'example.com', discoveryMethod: 'treewalk', p: 'quarantine', sp: 'none', np: 'none', testing: false },
  records: [record],
};

function parse(xml: string | Uint8Array): ParsedAggregateReport {
  const parsed = parseAggregateReport(xml);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

/** A report around some records, as RFC 7489 has it. */
function around(
  records: string,
  rest: { readonly head?: string; readonly root?: string; readonly metadata?: string; readonly policy?: string } = {},
): string {
  const { head = '<?xml version="1.0"?>', root = '<feedback>', metadata = '', policy = '<p>none</p>' } = rest;
  return `${head}${root}<version>1.0</version>
    <report_metadata><org_name>R</org_name><email>r@r.example</email><report_id>1</report_id>
    <date_range><begin>1</begin><end>2</end></date_range>${metadata}</report_metadata>
    <policy_published><domain>example.com</domain>${policy}</policy_published>${records}${root.replace('<', '</').replace(/ .*/, '>')}`;
}
const aRow = (inside: string, count = '<count>1</count>'): string =>
  `<row><source_ip>192.0.2.1</source_ip>${count}<policy_evaluated>${inside}</policy_evaluated></row>`;
const evaluated = '<disposition>none</disposition><dkim>pass</dkim><spf>pass</spf>';
const aRecord = (
  row = aRow(evaluated),
  results = '<spf><domain>example.com</domain><result>pass</result></spf>',
  identifiers = 'identifiers',
): string =>
  `<record>${row}<${identifiers}><header_from>example.com</header_from></${identifiers}><auth_results>${results}</auth_results></record>`;

describe('formatAggregateReport', () => {
  it('RFC 9990 appendix B: the sample, in the order of the tables', () => {
    expect(formatAggregateReport(report)).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">
        <version>1.0</version>
        <report_metadata>
          <org_name>Sample Reporter</org_name>
          <email>report_sender@example-reporter.com</email>
          <extra_contact_info>...</extra_contact_info>
          <report_id>3v98abbp8ya9n3va8yr8oa3ya</report_id>
          <date_range>
            <begin>302832000</begin>
            <end>302918399</end>
          </date_range>
          <generator>Example DMARC Aggregate Reporter v1.2</generator>
        </report_metadata>
        <policy_published>
          <domain>example.com</domain>
          <discovery_method>treewalk</discovery_method>
          <p>quarantine</p>
          <sp>none</sp>
          <np>none</np>
          <testing>n</testing>
        </policy_published>
        <record>
          <row>
            <source_ip>192.0.2.123</source_ip>
            <count>123</count>
            <policy_evaluated>
              <disposition>pass</disposition>
              <dkim>pass</dkim>
              <spf>fail</spf>
            </policy_evaluated>
          </row>
          <identifiers>
            <header_from>example.com</header_from>
            <envelope_from>example.com</envelope_from>
          </identifiers>
          <auth_results>
            <dkim>
              <domain>example.com</domain>
              <selector>abc123</selector>
              <result>pass</result>
            </dkim>
            <spf>
              <domain>example.com</domain>
              <result>fail</result>
            </spf>
          </auth_results>
        </record>
      </feedback>
      "
    `);
  });

  it('RFC 7489 appendix C: the older form has what it asks for, and nothing newer', () => {
    const reasons = [{ type: 'policy_test_mode' }, { type: 'other', comment: 'x' }];
    const xml = formatAggregateReport({ ...report, records: [{ ...record, reasons, spfResults: [] }] }, 'rfc7489');
    expect(xml).toContain('<feedback>\n');
    for (const gone of ['np', 'testing', 'discovery_method', 'generator']) expect(xml).not.toContain(`<${gone}>`);
    expect(xml).toContain('<disposition>none</disposition>');
    expect(xml).toContain('<pct>100</pct>');
    const { envelopeFrom: _, ...unaddressed } = record;
    expect(formatAggregateReport({ ...report, records: [unaddressed] }, 'rfc7489')).toContain('<envelope_from></envelope_from>');
    expect(xml).toContain('<comment>policy_test_mode</comment>');
    expect(parse(xml)).toMatchObject({
      form: 'rfc7489',
      defects: [],
      report: { records: [{ spfResults: [{ scope: 'mfrom', result: 'none' }] }] },
    });
  });

  it('what is written of old reasons and of HELO in the newer form is of that form', () => {
    const old: AggregateRecord = {
      ...record,
      reasons: [{ type: 'forwarded' }, { type: 'sampled_out', comment: '7 of 10' }],
      spfResults: [
        { domain: 'h.example', scope: 'helo', result: 'pass' },
        { domain: 'm.example', scope: 'mfrom', result: 'fail' },
      ],
    };
    expect(parse(formatAggregateReport({ ...report, errors: ['a', 'b'], records: [old] })).report).toMatchObject({
      errors: ['a; b'],
      records: [
        {
          reasons: [
            { type: 'trusted_forwarder', comment: 'forwarded' },
            { type: 'other', comment: 'sampled_out: 7 of 10' },
          ],
          spfResults: [{ domain: 'm.example', scope: 'mfrom' }],
        },
      ],
    });
  });

  it('markup and characters that XML does not have do not break out', () => {
    const odd = { ...report, organizationName: 'A & B <x> ]]> \u0001 \ud800', errors: ['</error><record/>'] };
    const parsed = parse(formatAggregateReport(odd));
    expect(parsed.defects).toEqual([]);
    expect(parsed.report).toEqual({ ...odd, organizationName: 'A & B <x> ]]> \ufffd \ufffd' });
  });
});

const word = fc.stringMatching(/^[!-~\u00e4]([ -~]{0,20}[!-~])?$/);
const optional = { requiredKeys: [] as [] };
const policyWord = fc.constantFrom('none', 'quarantine', 'reject');
const arbitraryRecord = fc
  .tuple(
    fc.record({
      sourceIp: fc.constantFrom('192.0.2.1', '2001:db8::1'),
      count: fc.nat(),
      disposition: fc.constantFrom('none', 'pass', 'quarantine', 'reject'),
      dkim: fc.constantFrom('pass', 'fail'),
      spf: fc.constantFrom('pass', 'fail'),
      reasons: fc.array(
        fc.record({ type: fc.constantFrom('other', 'local_policy', 'policy_test_mode'), comment: word }, { requiredKeys: ['type'] }),
        { maxLength: 3 },
      ),
      headerFrom: word,
      dkimResults: fc.array(
        fc.record(
          { domain: word, selector: word, result: fc.constantFrom('pass', 'permerror'), humanResult: word },
          { requiredKeys: ['domain', 'selector', 'result'] },
        ),
        { maxLength: 3 },
      ),
      spfResults: fc.array(
        fc.record(
          { domain: word, scope: fc.constant('mfrom'), result: fc.constantFrom('softfail', 'none'), humanResult: word },
          { requiredKeys: ['domain', 'result'] },
        ),
        { maxLength: 1 },
      ),
    }),
    fc.record({ envelopeFrom: fc.oneof(word, fc.constant('')), envelopeTo: word }, optional),
  )
  .map(([a, b]) => ({ ...a, ...b }) as AggregateRecord);
const arbitraryReport = fc
  .tuple(
    fc.record({
      organizationName: word,
      email: word,
      reportId: word,
      start: fc.nat(4_000_000).map((second) => second * 1000),
      end: fc.nat(4_000_000).map((second) => (second + 4_000_000) * 1000),
      errors: fc.array(word, { maxLength: 1 }),
      policy: fc.record(
        {
          domain: word,
          p: policyWord,
          sp: policyWord,
          np: policyWord,
          adkim: fc.constantFrom('r', 's'),
          aspf: fc.constantFrom('r', 's'),
          fo: word,
          testing: fc.boolean(),
          discoveryMethod: fc.constantFrom('psl', 'treewalk'),
        },
        { requiredKeys: ['domain', 'p'] },
      ),
      records: fc.array(arbitraryRecord, { minLength: 1, maxLength: 4 }),
    }),
    fc.record({ extraContactInfo: word, generator: word }, optional),
  )
  .map(([a, b]) => ({ ...a, ...b }) as AggregateReport);

describe('parseAggregateReport', () => {
  it('what is written is read again as it was', () => {
    fc.assert(
      fc.property(arbitraryReport, (one) => {
        expect(parse(formatAggregateReport(one))).toEqual({ form: 'rfc9990', report: one, defects: [] });
      }),
    );
  });

  it('RFC 9990 §5: extensions are passed over, in their own namespaces', () => {
    const xml = formatAggregateReport(report)
      .replace('<feedback ', '<feedback xmlns:ext="https://x.example/" ')
      .replace('<record>', '<extension><ext:arc-override>never</ext:arc-override></extension><record>')
      .replace('</record>', '<ext:arc-results><ext:row>1</ext:row><domain>x</domain></ext:arc-results></record>');
    expect(parse(xml)).toEqual({ form: 'rfc9990', report, defects: [] });
  });

  it.each([
    ['a prefix for all', '<d:feedback xmlns:d="http://dmarc.org/dmarc-xml/0.1">'],
    ['a namespace of old', '<feedback xmlns="http://dmarc.org/dmarc-xml/0.2">'],
    ['a schema location', '<feedback xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="rua.xsd">'],
  ])('%s is no defect', (_, root) => {
    const xml = around(aRecord(), { root });
    const prefixed = root.startsWith('<d:') ? xml.replace(/<(\/?)(?!\/|d:|\?)/g, '<$1d:') : xml;
    for (const one of [xml, prefixed])
      expect(parse(one)).toMatchObject({ defects: [], report: { records: [{ headerFrom: 'example.com' }] } });
  });

  it.each<[string, string, object, string[]]>([
    [
      'results in upper case',
      aRecord(aRow('<disposition>None</disposition><dkim>PASS</dkim><spf>fail</spf>')),
      { disposition: 'none', dkim: 'pass', spf: 'fail' },
      ['disposition', 'dkim'],
    ],
    [
      'results of other names',
      aRecord(undefined, '<spf><domain>x</domain><result>hardfail</result></spf>'),
      { spfResults: [{ domain: 'x', result: 'fail' }] },
      ['result'],
    ],
    [
      'old results',
      aRecord(undefined, '<spf><domain>x</domain><result>unknown</result></spf><dkim><domain>y</domain><result>error</result></dkim>'),
      { spfResults: [{ result: 'temperror' }], dkimResults: [{ result: 'permerror' }] },
      ['result', 'result'],
    ],
    [
      'a disposition that is none',
      aRecord(aRow('<disposition>deliver</disposition><dkim>pass</dkim><spf>pass</spf>')),
      { disposition: 'none' },
      ['disposition'],
    ],
    ['an empty reason', aRecord(aRow(`${evaluated}<reason><type/><comment/></reason>`)), { reasons: [{ type: 'other' }] }, ['type']],
    [
      'a reason without its elements',
      aRecord(aRow(`${evaluated}<reason>sent by a friend</reason>`)),
      { reasons: [{ type: 'other', comment: 'sent by a friend' }] },
      ['type'],
    ],
    ['a reason of no standard', aRecord(aRow(`${evaluated}<reason><type>ARC</type></reason>`)), { reasons: [{ type: 'arc' }] }, ['type']],
    [
      'no policy evaluated',
      aRecord('<row><source_ip>192.0.2.1</source_ip><count>3</count></row>'),
      { count: 3, dkim: 'fail', spf: 'fail' },
      ['policy_evaluated'],
    ],
    [
      'no results',
      `<record>${aRow(evaluated)}<identifiers><header_from>a</header_from></identifiers></record>`,
      { dkimResults: [], spfResults: [] },
      ['auth_results'],
    ],
    ['empty results', aRecord(undefined, '<dkim/><spf></spf>'), { dkimResults: [], spfResults: [] }, ['dkim[0]', 'spf[0]']],
    ['an element of drafts', aRecord(undefined, undefined, 'identities'), { headerFrom: 'example.com' }, []],
    ['a count that is none', aRecord(aRow(evaluated, '<count>many</count>')), { count: 0 }, ['count']],
    ['a count with a fraction', aRecord(aRow(evaluated, '<count>7.0</count>')), { count: 7 }, ['count']],
    ['a count twice', aRecord(aRow(evaluated, '<count>1</count><count>2</count>')), { count: 1 }, ['count']],
    ['an address that is none', aRecord(aRow(evaluated).replace('192.0.2.1', 'unknown')), { sourceIp: 'unknown' }, ['source_ip']],
    ['a long address', aRecord().replace('192.0.2.1', '2001:DB8:0:0:0:0:0:1'), { sourceIp: '2001:db8::1' }, []],
    ['a mapped address', aRecord().replace('192.0.2.1', '::ffff:192.0.2.1'), { sourceIp: '::ffff:192.0.2.1' }, []],
    ['an address in brackets', aRecord().replace('192.0.2.1', '[2001:db8::1]'), { sourceIp: '2001:db8::1' }, ['source_ip']],
    ['an address literal', aRecord().replace('192.0.2.1', '[IPv6:2001:db8::1]'), { sourceIp: '2001:db8::1' }, ['source_ip']],
    ['an address with a port', aRecord().replace('192.0.2.1', '192.0.2.1:25'), { sourceIp: '192.0.2.1:25' }, ['source_ip']],
    ['a count beyond all measure', aRecord(aRow(evaluated, '<count>99999999999999999999</count>')), { count: 0 }, ['count']],
    ['a count below zero', aRecord(aRow(evaluated, '<count>-1</count>')), { count: 0 }, ['count']],
    [
      'an extension in a namespace of its own',
      aRecord().replace('</record>', '<arc xmlns="https://x.example/"><row>1</row></arc></record>'),
      { headerFrom: 'example.com' },
      [],
    ],
    [
      'a "less than" in a text',
      aRecord(aRow(`${evaluated}<reason><type>other</type><comment>a < b</comment></reason>`)),
      { reasons: [{ comment: 'a < b' }] },
      ['xml'],
    ],
    ['white space', aRecord().replace('192.0.2.1', '\n  192.0.2.1\n'), { sourceIp: '192.0.2.1' }, []],
    ['an unknown element', aRecord(undefined, '<arc><domain>x</domain></arc>'), { dkimResults: [] }, ['arc']],
    ['names in upper case', aRecord().replaceAll('source_ip', 'Source_IP'), { sourceIp: '192.0.2.1' }, []],
    ['an ampersand', aRecord().replace('example.com', 'a&b.example'), { headerFrom: expect.stringContaining('b.example') }, ['xml']],
    ['a CDATA section', aRecord().replace('example.com', '<![CDATA[a&b]]>'), { headerFrom: 'a&b' }, []],
    [
      'an entity that is not known',
      aRecord().replace('example.com', '&lol;.example'),
      { headerFrom: expect.stringContaining('.example') },
      ['xml'],
    ],
    ['an element that is not closed', aRecord().replace('</header_from>', ''), { headerFrom: 'example.com' }, ['xml']],
  ])('%s: read, and listed', (_, text, expected, places) => {
    const parsed = parse(around(text));
    expect(parsed.report.records).toMatchObject([expected]);
    expect(new Set(parsed.defects.map((defect) => defect.path.split('.').at(-1)))).toEqual(new Set(places));
  });

  it.each<[string, string, Partial<AggregateReport>, string[]]>([
    [
      'an empty policy',
      around(aRecord(), { policy: '<p></p><sp/>' }),
      { policy: { domain: 'example.com', p: 'none' } },
      ['policy_published.p', 'policy_published.sp'],
    ],
    ['no policy', around(aRecord(), { policy: '' }), { policy: { domain: 'example.com', p: 'none' } }, ['policy_published.p']],
    [
      'dates of ISO 8601',
      around(aRecord()).replace('>1</begin>', '>2026-11-22</begin>').replace('>2</end>', '>2026-11-22T23:59:59Z</end>'),
      { start: Date.UTC(2026, 10, 22), end: Date.UTC(2026, 10, 22, 23, 59, 59) },
      ['report_metadata.date_range.begin', 'report_metadata.date_range.end'],
    ],
    [
      'milliseconds, and a fraction',
      around(aRecord()).replace('>1</begin>', '>1763769600000</begin>').replace('>2</end>', '>1763769601.5</end>'),
      { start: 1_763_769_600_000, end: 1_763_769_601_000 },
      ['report_metadata.date_range.begin', 'report_metadata.date_range.end'],
    ],
    [
      'times without an offset, which are of UTC',
      around(aRecord()).replace('>1</begin>', '>2026-11-22 10:00:00</begin>').replace('>2</end>', '>2026-11-22T12:00:00+01:00</end>'),
      { start: Date.UTC(2026, 10, 22, 10), end: Date.UTC(2026, 10, 22, 11) },
      ['report_metadata.date_range.begin', 'report_metadata.date_range.end'],
    ],
    ['dates reversed', around(aRecord()).replace('>1</begin>', '>3</begin>'), { start: 3000, end: 2000 }, ['report_metadata.date_range']],
    ['several errors', around(aRecord(), { metadata: '<error>a</error><error> b </error><error/>' }), { errors: ['a', 'b'] }, []],
    ['an address in angle brackets', around(aRecord()).replace('r@r.example', '<r@r.example>'), { email: '<r@r.example>' }, ['xml']],
    [
      'a schema around it that is not closed',
      around(aRecord(), { head: '<?xml version="1.0"?>\n<xs:schema xmlns:xs="x" targetNamespace="y">' }),
      { reportId: '1' },
      ['xml'],
    ],
    ['another version', around(aRecord()).replace('>1.0<', '>2<'), { reportId: '1' }, ['version']],
    ['a byte order mark and white space', `\ufeff\r\n ${around(aRecord())}`, { reportId: '1' }, []],
    ['a document type', around(aRecord(), { head: '<!DOCTYPE feedback [<!ENTITY a "b">]>' }), { reportId: '1' }, ['xml']],
    ['no records', around(''), { records: [] }, ['record']],
  ])('%s: read, and listed', (_, xml, expected, places) => {
    const parsed = parse(xml);
    expect(parsed.report).toMatchObject(expected);
    expect([...new Set(parsed.defects.map((defect) => defect.path))].toSorted()).toEqual(places.toSorted());
  });

  it('RFC 9990 §9.2: a report cut short has what was whole', () => {
    const xml = around(aRecord() + aRecord() + aRecord());
    const parsed = parse(xml.slice(0, xml.lastIndexOf('<auth_results>')));
    expect(parsed.report.records).toHaveLength(2);
    expect(parsed.defects).toMatchObject([{ path: 'xml' }, { path: 'xml' }]);
  });

  it.each([
    ['windows-1252', Uint8Array.of(0x91), '\u2018', []],
    ['utf-8', Uint8Array.of(0x91), '\ufffd', ['xml']],
    ['no-such-charset', Uint8Array.of(0xc3, 0xa4), '\u00e4', ['xml']],
    ['utf-16', Uint8Array.of(0xc3, 0xa4), '\u00e4', ['xml']],
    ['UCS-2', Uint8Array.of(0xc3, 0xa4), '\u00e4', ['xml']],
    ['ISO-8859-1', Uint8Array.of(0xe4), '\u00e4', []],
  ])('bytes in %s', (charset, odd, expected, places) => {
    const [before = '', after = ''] = around(aRecord(), {
      head: `<?xml version="1.0" encoding="${charset}"?>`,
      metadata: '<error>|</error>',
    }).split('|');
    const encoder = new TextEncoder();
    const parsed = parse(Uint8Array.from([...encoder.encode(before), ...odd, ...encoder.encode(after)]));
    expect(parsed.report.errors).toEqual([expected]);
    expect(parsed.defects.map((defect) => defect.path)).toEqual(places);
  });

  it.each([
    ['utf-16le', [0xff, 0xfe]],
    ['utf-16be', [0xfe, 0xff]],
    ['utf-16le', []],
    ['utf-16be', []],
    ['utf-8', [0xef, 0xbb, 0xbf]],
  ] as const)('bytes of %s behind a mark of %j', (charset, mark) => {
    const xml = around(aRecord(), { metadata: '<error>\u00e4</error>' });
    const high = charset === 'utf-16be';
    const units = Array.from(xml, (one) => one.charCodeAt(0)).flatMap((unit) => (high ? [unit >> 8, unit & 255] : [unit & 255, unit >> 8]));
    const bytes = charset === 'utf-8' ? new TextEncoder().encode(xml) : units;
    expect(parse(Uint8Array.from([...mark, ...bytes]))).toMatchObject({ report: { errors: ['\u00e4'] }, defects: [] });
  });

  it.each(['', 'unused', '<html><body>no</body></html>', '<feedback/>', '<feedback>', '{"a":1}', '<', '\0\0\0'])(
    '%j is no report',
    (xml) => {
      expect(parseAggregateReport(xml).ok).toBe(false);
    },
  );

  it('mutants never throw', () => {
    const tokens = [
      '<',
      '>',
      '</',
      '/>',
      '&',
      ';',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '<?',
      '<!DOCTYPE',
      '<record>',
      '</record>',
      '</feedback>',
      '\0',
      '"',
    ];
    for (const mutant of mutants([formatAggregateReport(report), around(aRecord())], { count: 2500, tokens })) parseAggregateReport(mutant);
  });
});

describe('RFC 9990 §8.1: what would exhaust a parser', () => {
  it('a million elements deep', () => {
    expect(parseAggregateReport('<a>'.repeat(1_000_000)).ok).toBe(false);
    const deep = parseAggregateReport(around(`<record>${'<row>'.repeat(300_000)}`));
    expect(deep.ok && deep.value.defects).toMatchObject([{ problem: expect.stringContaining('deep') }, { path: 'record' }]);
  });

  it('entities of entities', () => {
    const entities = Array.from({ length: 30 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join('');
    const parsed = parseAggregateReport(
      around(aRecord().replace('example.com', '&e30;'), { head: `<!DOCTYPE feedback [<!ENTITY e0 "lol">${entities}]>` }),
    );
    expect(parsed.ok && parsed.value.report.records[0]?.headerFrom.length).toBeLessThan(20);
  });

  it('faults without end', () => {
    const parsed = parseAggregateReport(around(`${aRecord()}</x>`.repeat(20_000)));
    expect(parsed.ok && parsed.value.defects.some((defect) => defect.problem.startsWith('too many faults'))).toBe(true);
  });

  it('ampersands and CDATA sections without end', () => {
    parseAggregateReport(around(aRecord(), { metadata: `<error>${'&<![CDATA['.repeat(300_000)}</error>` }));
    parseAggregateReport(around(aRecord(), { metadata: `<error>${'<![CDATA[&]]>&'.repeat(300_000)}</error>` }));
  });

  it('tags, quotes, comments and declarations that do not end', () => {
    for (const piece of [
      '<a',
      '<a b="',
      "<a b='>",
      '<',
      '</',
      '</a',
      '<!',
      '<!DOCTYPE [',
      '<!--',
      '<?',
      '<![CDATA[',
      '&',
      '<a:b ',
      '<a =',
      '<a b=\'"',
    ])
      parseAggregateReport(around(aRecord(), { metadata: `<error>${piece.repeat(300_000)}</error>` }));
    parseAggregateReport(around(aRecord(), { root: `<feedback ${'xmlns'.repeat(200_000)}>` }));
    parseAggregateReport(around(aRecord(), { root: `<feedback xmlns${' '.repeat(1_000_000)}="x">` }));
  });

  it('elements, signatures and texts without end', () => {
    const many = parseAggregateReport(around(aRecord(undefined, '<dkim><domain>x</domain><result>pass</result></dkim>'.repeat(50_000))));
    expect(many.ok && many.value.report.records[0]?.dkimResults).toHaveLength(100);
    const wide = parseAggregateReport(around(`<record>${'<x/>'.repeat(500_000)}</record>${aRecord()}`));
    expect(wide.ok && wide.value.report.records).toHaveLength(2);
    const long = parseAggregateReport(around(aRecord(), { metadata: `<error>${'x'.repeat(5_000_000)}</error>` }));
    expect(long.ok && long.value.report.errors[0]).toHaveLength(4096);
    const attributes = Array.from({ length: 100_000 }, (_, i) => `a${i}=""`).join(' ');
    expect(parseAggregateReport(around(aRecord(), { root: `<feedback ${attributes}>` })).ok).toBe(true);
  });

  it('records beyond the limit are left away', () => {
    const parsed = parseAggregateReport(around(aRecord().repeat(30)), { mostRecords: 10 });
    expect(parsed.ok && [parsed.value.report.records.length, parsed.value.defects]).toMatchObject([10, [{ path: 'record[10]' }]]);
    expect(parseAggregateReport(around(aRecord()), { mostBytes: 100 }).ok).toBe(false);
  });
});

describe('merging', () => {
  it('RFC 9990 §3.1.1.7: the sums are those of the parts, whatever the order, and no two records are alike', () => {
    const few = fc.array(
      fc.record({
        sourceIp: fc.constantFrom('192.0.2.1', '192.0.2.2'),
        count: fc.nat(100),
        envelopeFrom: fc.constantFrom(undefined, '', 'x.example'),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(few, (parts) => {
        const records = parts.map(({ envelopeFrom, ...part }): AggregateRecord => {
          const { envelopeFrom: _, ...rest } = record;
          return { ...rest, ...part, ...(envelopeFrom !== undefined && { envelopeFrom }) };
        });
        const merged = mergeAggregateRecords(records);
        const keys = merged.map((one) => `${one.sourceIp} ${one.envelopeFrom}`);
        expect(new Set(keys).size).toBe(keys.length);
        const sum = (all: readonly AggregateRecord[]): number => all.reduce((total, one) => total + one.count, 0);
        expect(sum(merged)).toBe(sum(records));
      }),
    );
  });

  it('RFC 9990 §3.1: reports of one reporter about one policy become one; a report that came twice counts once', () => {
    const later = { ...report, reportId: '2', start: report.end, end: report.end + 1000, errors: ['x'] };
    const other = { ...report, reportId: '3', policy: { ...report.policy, p: 'reject' as const } };
    expect(mergeAggregateReports([report, later, report, other])).toEqual([
      { ...report, end: later.end, errors: ['x'], records: [{ ...record, count: 246 }] },
      other,
    ]);
  });
});
