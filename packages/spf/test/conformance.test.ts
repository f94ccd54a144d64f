import { type ZoneRecord, ZoneResolver } from '@mox/dns/testing';
import { fromLatin1, toLatin1 } from '@mox/runtime';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { describeConformance, readConformance } from '../../../tools/conformance.ts';
import { checkSpf } from '../src/index.ts';

interface Case {
  readonly description?: string;
  readonly spec: string | readonly string[];
  readonly helo: string;
  readonly host: string;
  readonly mailfrom: string;
  readonly result: string | readonly string[];
  readonly explanation?: string;
}

interface Scenario {
  readonly description: string;
  readonly tests: Readonly<Record<string, Case>>;
  readonly zonedata: Readonly<Record<string, readonly unknown[]>>;
}

function lower(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function txt(value: unknown): readonly Uint8Array[] {
  return (Array.isArray(value) ? value : [value]).map((text) => fromLatin1(String(text)));
}

/** The records of a name; `SPF` stands for TXT unless the name has TXT of its own (SOURCE.md of the suite). */
function records(name: string, entries: readonly unknown[]): ZoneRecord[] {
  const owner = { name: lower(name), ttlSeconds: 300 };
  const objects = entries.filter((entry): entry is Record<string, unknown> => typeof entry === 'object' && entry !== null);
  const ownTxt = objects.some((entry) => 'TXT' in entry);
  return objects.flatMap((entry): ZoneRecord[] => {
    const [type = '', value] = Object.entries(entry)[0] ?? [];
    if (value === 'NONE' || value === 'TIMEOUT') return [];
    if (type === 'TXT' || (type === 'SPF' && !ownTxt)) return [{ ...owner, type: 'TXT', data: txt(value) }];
    if (type === 'A') return [{ ...owner, type, data: String(value) }];
    if (type === 'AAAA') return [{ ...owner, type, data: String(value).toLowerCase() }];
    if (type === 'PTR' || type === 'CNAME') return [{ ...owner, type, data: lower(String(value)) }];
    if (type === 'MX' && Array.isArray(value))
      return [{ ...owner, type, data: { preference: Number(value[0]), exchange: lower(String(value[1])) } }];
    return [];
  });
}

function failures(zone: Scenario['zonedata']): Record<string, 'timeout'> {
  const failing: Record<string, 'timeout'> = {};
  for (const [name, entries] of Object.entries(zone)) {
    // Beside other entries it stands for the types that have none of their own.
    const hasTxt = entries.some((entry) => typeof entry === 'object' && entry !== null && 'TXT' in entry && entry.TXT !== 'NONE');
    if (entries.includes('TIMEOUT')) failing[hasTxt ? `${lower(name)} SPF` : lower(name)] = 'timeout';
    for (const entry of entries) {
      if (typeof entry !== 'object' || entry === null) continue;
      const [type, value] = Object.entries(entry)[0] ?? [];
      if (value === 'TIMEOUT') failing[`${lower(name)} ${type === 'SPF' ? 'TXT' : type}`] = 'timeout';
    }
  }
  return failing;
}

describeConformance('spf', 'rfc7208-tests.yml', () => {
  const yaml = toLatin1(readConformance('spf', 'rfc7208-tests.yml'));
  const scenarios = parseAllDocuments(yaml).map((document) => ('toJS' in document ? document.toJS() : undefined) as Scenario);
  for (const scenario of scenarios) {
    for (const [name, test] of Object.entries(scenario.tests)) {
      it(`${scenario.description}: ${name} (${[test.spec].flat().join(', ')})`, async () => {
        const zone = Object.entries(scenario.zonedata).flatMap(([owner, entries]) => records(owner, entries));
        const resolver = new ZoneResolver(zone, { failures: failures(scenario.zonedata) });
        const result = await checkSpf(
          { ip: test.host, mailFrom: test.mailfrom, helo: test.helo, receiver: 'unknown', now: 0 },
          { resolver },
        );
        expect([test.result].flat(), JSON.stringify(result, undefined, 1)).toContain(result.status);
        if (test.explanation !== undefined && result.status === 'fail') {
          expect(result.explanation).toBe(test.explanation === 'DEFAULT' ? undefined : test.explanation);
        }
      });
    }
  }
});
