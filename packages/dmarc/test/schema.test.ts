// Reports of all sorts, by the schemas that RFC 9990 and RFC 7489 publish, as xmllint understands them.
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { randomNumbers } from '../../../tools/fuzz.ts';
import { type AggregateForm, type AggregateReport, formatAggregateReport, parseAggregateReport } from '../src/index.ts';

/** RFC texts lie beside the checkout, or where the variable says; they are not part of the repository. */
const texts = process.env['MOX_RFC_TEXT'] ?? join(dirname(fileURLToPath(import.meta.url)), '../../../../shared/rfc-text');

function schemaIn(text: string): string | undefined {
  const start = text.indexOf('<xs:schema');
  const end = text.indexOf('</xs:schema>', start);
  if (start < 0 || end < 0) return undefined;
  return text
    .slice(start, end + 12)
    .replaceAll('\f', '')
    .replace(/\n+\S[^\n]*\[Page \d+\]\n+RFC \d+ [^\n]*\n/g, '\n');
}

/** The schema of the newer form, out of whatever text has it; that of the older form, without its namespace, which nobody writes. */
function findSchema(form: AggregateForm): string | undefined {
  const files = existsSync(texts) ? globSync(form === 'rfc9990' ? ['**/*.xsd', 'rfc9990.txt'] : ['rfc7489.txt'], { cwd: texts }) : [];
  const schemas = files.map((file) => schemaIn(readFileSync(join(texts, file), 'utf8')));
  if (form === 'rfc9990') return schemas.find((schema) => schema?.includes('urn:ietf:params:xml:ns:dmarc-2.0'));
  // Its pattern of addresses is broken over lines, and knows no "::" of RFC 5952.
  return schemas[0]?.replace(/targetNamespace="[^"]*"/, '').replace(/<xs:pattern[^>]*>/, '');
}

function hasXmllint(): boolean {
  try {
    execFileSync('xmllint', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const random = randomNumbers(9990);
const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
const maybe = <T extends object>(values: T): Partial<T> => (random() < 0.5 ? values : {});
const word = (): string => pick(['example.com', 'xn--bcher-kva.example', 'A & B <c> "d"', '\u00e4\u0001\ud800', ' ', '']);
const result = (): string =>
  pick(['pass', 'fail', 'none', 'neutral', 'policy', 'softfail', 'temperror', 'permerror', 'hardfail', 'unknown']);
const many = <T>(most: number, make: () => T): T[] => Array.from({ length: Math.floor(random() * (most + 1)) }, make);

function makeReport(): AggregateReport {
  const policy = (): 'none' | 'quarantine' | 'reject' => pick(['none', 'quarantine', 'reject']);
  const record = (): AggregateReport['records'][number] => ({
    sourceIp: pick(['192.0.2.1', '2001:db8::1', 'nonsense']),
    count: Math.floor(random() * 1000),
    disposition: pick(['none', 'pass', 'quarantine', 'reject']),
    dkim: pick(['pass', 'fail']),
    spf: pick(['pass', 'fail']),
    reasons: many(3, () => ({
      type: pick(['forwarded', 'sampled_out', 'trusted_forwarder', 'mailing_list', 'local_policy', 'policy_test_mode', 'other', 'arc']),
      ...maybe({ comment: word() }),
    })),
    headerFrom: word(),
    ...maybe({ envelopeFrom: word() }),
    ...maybe({ envelopeTo: word() }),
    dkimResults: many(3, () => ({ domain: word(), result: result(), ...maybe({ selector: word() }), ...maybe({ humanResult: word() }) })),
    spfResults: many(2, () => ({
      domain: word(),
      result: result(),
      ...maybe({ scope: pick(['mfrom', 'helo'] as const) }),
      ...maybe({ humanResult: word() }),
    })),
  });
  return {
    organizationName: word(),
    email: word(),
    reportId: word(),
    start: 0,
    end: 86_399_000,
    errors: many(3, word),
    ...maybe({ extraContactInfo: word(), generator: word() }),
    policy: {
      domain: word(),
      p: policy(),
      ...maybe({ sp: policy(), adkim: pick(['r', 's'] as const), fo: pick(['0', '1:d:s']) }),
      ...maybe({ np: policy(), aspf: pick(['r', 's'] as const), testing: random() < 0.5, discoveryMethod: 'treewalk' as const }),
      ...maybe({ pct: 20 }),
    },
    records: [record(), ...many(3, record)],
  };
}

const folder = mkdtempSync(join(tmpdir(), 'mox-dmarc-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What xmllint says of documents that are not valid. */
function validate(form: AggregateForm, schema: string, documents: readonly string[]): string {
  const path = join(folder, `${form}.xsd`);
  writeFileSync(path, `<?xml version="1.0"?>\n${schema}`);
  const files = documents.map((document, index) => {
    const file = join(folder, `${form}-${index}.xml`);
    writeFileSync(file, document);
    return file;
  });
  try {
    execFileSync('xmllint', ['--noout', '--nonet', '--schema', path, ...files], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return '';
  } catch (error) {
    return error instanceof Error && 'stderr' in error ? String(error.stderr).slice(0, 2000) : String(error);
  }
}

const reports = Array.from({ length: 300 }, makeReport);

describe.each(['rfc9990', 'rfc7489'] as const)('the schema of %s', (form) => {
  const schema = hasXmllint() ? findSchema(form) : undefined;
  it.skipIf(schema === undefined)('RFC 9990 appendix A, RFC 7489 appendix C: 300 reports of all sorts are valid', () => {
    const documents = reports.map((report) => formatAggregateReport(report, form));
    expect(validate(form, schema ?? '', documents)).toBe('');
    expect(validate(form, schema ?? '', [(documents[0] ?? '').replace('<org_name>', '<x/><org_name>')])).toContain('fails to validate');
  });

  it.skipIf(schema === undefined)('what was read is valid when it is written', () => {
    const again = reports.slice(0, 100).map((report) => {
      const parsed = parseAggregateReport(formatAggregateReport(report, form === 'rfc9990' ? 'rfc7489' : 'rfc9990'));
      return parsed.ok ? formatAggregateReport(parsed.value.report, form) : '';
    });
    expect(validate(form, schema ?? '', again)).toBe('');
  });
});
