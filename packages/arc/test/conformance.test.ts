import { ZoneResolver } from '@mox/dns/testing';
import { fromLatin1, fromUtf8, toUtf8 } from '@mox/runtime';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { describeConformance, readConformance } from '../../../tools/conformance.ts';
import { verifyArc } from '../src/index.ts';

interface Scenario {
  readonly description: string;
  readonly tests: Readonly<
    Record<string, { readonly spec: string; readonly description: string; readonly message: string; readonly cv: string }>
  >;
  readonly 'txt-records': Readonly<Record<string, string>>;
}

describeConformance('arc', 'arc-draft-validation-tests.yml', () => {
  const documents = parseAllDocuments(toUtf8(readConformance('arc', 'arc-draft-validation-tests.yml')), { uniqueKeys: false });
  for (const document of documents) {
    const scenario = ('toJS' in document ? document.toJS() : undefined) as Scenario | null;
    if (!scenario?.tests) continue;
    const zone = Object.entries(scenario['txt-records']).map(([name, text]) => ({
      name: name.toLowerCase(),
      type: 'TXT' as const,
      ttlSeconds: 60,
      data: [fromLatin1(text)],
    }));
    for (const [name, test] of Object.entries(scenario.tests)) {
      it(`${scenario.description}: ${name}: ${test.description}`, async () => {
        const message = fromUtf8(test.message.replace(/\r?\n/g, '\r\n'));
        const result = await verifyArc(message, { resolver: new ZoneResolver(zone) });
        expect(result.status, JSON.stringify({ ...result, sets: [] }, undefined, 1)).toBe(test.cv === '' ? 'fail' : test.cv.toLowerCase());
      });
    }
  }
});
