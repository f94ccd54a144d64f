import { describe, expect, it } from 'vitest';
import type { PlacedCitation } from './rfc-citations.ts';
import { type IndexRow, parseIndex, readIndex, topics } from './rfc-index.ts';
import { fillMarkers, packageTable, topicStatus, xrefPage } from './rfc-tables.ts';
import { gatherEvidence, isUnproven, provenStatus, suggestions } from './rfc-xref.ts';
import type { Package } from './workspace.ts';

const row = (number: number, status: IndexRow['status'], more: Partial<IndexRow> = {}): IndexRow => ({
  number,
  status,
  rfcStatus: 'Proposed Standard',
  title: `Title ${number}`,
  topic: 'SPF',
  package: 'spf',
  ...more,
});

const cite = (number: number, evidence: PlacedCitation['evidence'], more: Partial<PlacedCitation> = {}): PlacedCitation => ({
  number,
  section: '1',
  kind: 'implements',
  reason: '',
  folder: 'packages/spf',
  file: evidence === 'test' ? 'packages/spf/src/a.test.ts' : 'packages/spf/src/a.ts',
  line: 1,
  evidence,
  ...more,
});

const spf = { folder: 'packages/spf', manifest: { name: '@mox/spf', mox: { layer: 2, rfcs: ['7208'] } }, files: [] } as unknown as Package;

describe('rfc/index.tsv', () => {
  it('is well formed', () => {
    expect(readIndex().faults).toEqual([]);
  });

  it('has the topics in their order, and RFCs in each', () => {
    const { rows } = readIndex();
    expect([...topics.keys()].slice(0, 21).join(', ')).toBe(
      'Internet Message Format, SMTP, SPF, DKIM, DMARC, ARC, DANE, MTA-STS, TLS Reporting, ARF, IMAP, Sieve, JMAP, CalDAV/iCal, ' +
        'CardDAV/vCard, SASL, Internationalization, TLS, ACME, CAA, HTTP',
    );
    for (const topic of topics.keys()) expect(rows.filter((one) => one.topic === topic).length, topic).toBeGreaterThan(0);
  });

  it('says so where it is not', () => {
    const head = 'number\tstatus\trfc-status\ttitle\ttopic\tpackage';
    const text = `${head}\n2\tMaybe\tx\tt\tSPF\t-\n1\tYes\tx\tt\tSPF\t-\n1\tYes\tx\tt\tCheese\t-\n3\tYes\n`;
    expect(parseIndex(text).faults.map((fault) => fault.replace(/:.*/, ''))).toEqual(
      expect.arrayContaining(['line 2', 'line 3', 'line 4', 'line 5']),
    );
  });
});

describe('statuses', () => {
  it.each([
    ['Yes', 1, 1, 0, false],
    ['Yes', 1, 1, 1, true],
    ['Yes', 1, 0, 0, true],
    ['Yes', 0, 1, 0, true],
    ['Partial', 1, 0, 3, false],
    ['Partial', 0, 5, 0, true],
    ['Roadmap', 5, 5, 0, false],
    ['No', 0, 0, 0, false],
    ['-', 0, 0, 0, false],
  ] as const)('%s with %i in code, %i in tests, %i todo: a lie is %s', (status, code, tests, todos, lie) => {
    expect(isUnproven(status, { code, tests, todos })).toBe(lie);
  });

  it('are borne out by packages that claim the RFC, not by others', () => {
    const citations = [
      cite(7208, 'code'),
      cite(7208, 'test'),
      cite(7208, 'none'),
      cite(1035, 'code'),
      cite(7208, 'code', { folder: 'packages/x' }),
    ];
    const evidence = gatherEvidence([...citations, cite(7208, 'code', { kind: 'todo', reason: 'x' })], [spf]);
    expect([...evidence]).toEqual([[7208, { code: 1, tests: 1, todos: 1 }]]);
    expect(provenStatus(evidence.get(7208) ?? { code: 0, tests: 0, todos: 0 })).toBe('Partial');
  });

  it('are told where they could be better', () => {
    const evidence = new Map([[7208, { code: 2, tests: 1, todos: 0 }]]);
    expect(suggestions([row(7208, 'Partial'), row(1, 'Roadmap')], evidence)).toEqual([
      '7208 Partial -> Yes (2 in code, 1 in tests, 0 todo): Title 7208',
    ]);
    expect(suggestions([row(7208, 'Yes')], evidence)).toEqual([]);
    expect(suggestions([row(7208, '-')], evidence)).toEqual([]);
  });

  it('of a topic follow from those of its RFCs', () => {
    expect(topicStatus([row(1, 'Yes'), row(2, '-'), row(3, 'No')])).toBe('Yes');
    expect(topicStatus([row(1, 'Yes'), row(2, 'Roadmap')])).toBe('Partial');
    expect(topicStatus([row(1, 'Roadmap')])).toBe('Roadmap');
    expect(topicStatus([row(1, '-')])).toBe('-');
  });
});

describe('generated texts', () => {
  it('go between their markers and nowhere else', () => {
    expect(fillMarkers('a\n<!-- t:start -->\nold\n<!-- t:end -->\nb', 't', 'new')).toBe('a\n<!-- t:start -->\nnew\n<!-- t:end -->\nb');
    expect(fillMarkers('no markers', 't', 'new')).toBeUndefined();
  });

  it('show the RFCs of a package by number', () => {
    const index = new Map(
      [row(20, 'Yes', { title: 'A | B' }), row(3, '-', { rfcStatus: 'obsoleted by 20' })].map((one) => [one.number, one]),
    );
    expect(packageTable(['20', '3'], index).split('\n').slice(2)).toEqual([
      '| [3](https://www.rfc-editor.org/rfc/rfc3) | - | Title 3 (obsoleted by 20) |',
      '| [20](https://www.rfc-editor.org/rfc/rfc20) | Yes | A \\| B |',
    ]);
  });

  it('list files by section', () => {
    const citations = [
      cite(7208, 'code', { section: '4.10' }),
      cite(7208, 'code', { section: '4.6.4' }),
      cite(7208, 'test', { section: '4.6.4' }),
      cite(7208, 'code', { section: '6.2', kind: 'todo', reason: 'exp' }),
    ];
    const page = xrefPage('SPF', [row(7208, 'Partial')], citations, (_, section) => `Section ${section}`);
    const code = '[spf/src/a.ts](../../packages/spf/src/a.ts)';
    const test = '[spf/src/a.test.ts](../../packages/spf/src/a.test.ts)';
    expect(page.split('\n').filter((line) => line.startsWith('| §') || line.startsWith('- '))).toEqual([
      `| §4.6.4 Section 4.6.4 | ${code} | ${test} |`,
      `| §4.10 Section 4.10 | ${code} |  |`,
      '| §6.2 Section 6.2 |  |  |',
      `- todo §6.2: exp (${code})`,
    ]);
  });
});
