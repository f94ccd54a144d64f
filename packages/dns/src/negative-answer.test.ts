import { describe, expect, it } from 'vitest';
import { describeFailure, isFailedAnswer, isNegativeAnswer, reportedStatus } from './negative-answer.ts';
import type { DnsAnswer, DnsStatus } from './resolver.ts';

const record = { name: 'a.example', type: 'A', ttlSeconds: 60, data: '192.0.2.1' } as const;

function answer(status: DnsStatus, security: DnsAnswer['security'], records: DnsAnswer<'A'>['records'] = []): DnsAnswer<'A'> {
  return { status, security, records, aliases: [], ttlSeconds: 0 };
}

type Kind = 'records' | 'negative' | 'failed';
const kinds: readonly [DnsStatus, Kind, DnsAnswer<'A'>['records']][] = [
  ['ok', 'records', [record]],
  ['ok', 'negative', []],
  ['nodata', 'negative', []],
  ['nxdomain', 'negative', []],
  ['malformed-name', 'negative', []],
  ['servfail', 'failed', []],
  ['timeout', 'failed', []],
  ['refused', 'failed', []],
  ['malformed-answer', 'failed', []],
];

describe('isNegativeAnswer, isFailedAnswer', () => {
  it.each(kinds)('RFC 2308 §2: %s is of kind %s, validated or not', (status, kind, records) => {
    for (const security of ['secure', 'insecure', 'indeterminate'] as const) {
      const given = answer(status, security, records);
      expect([isNegativeAnswer(given), isFailedAnswer(given)]).toEqual([kind === 'negative', kind === 'failed']);
      expect(reportedStatus(given)).toBe(status);
    }
  });

  it.each(kinds)('RFC 4035 §5.5: a bogus %s is a failure, never that there is nothing', (status, _, records) => {
    const given = answer(status, 'bogus', records);
    expect([isNegativeAnswer(given), isFailedAnswer(given), reportedStatus(given)]).toEqual([false, true, 'bogus']);
  });

  it('tells why: the words of the answer, else its status', () => {
    expect(describeFailure(answer('servfail', 'indeterminate'))).toBe('servfail');
    expect(describeFailure(answer('nxdomain', 'bogus'))).toBe('bogus');
    expect(describeFailure({ ...answer('servfail', 'bogus'), problem: 'signature expired (7)' })).toBe('signature expired (7)');
  });
});
