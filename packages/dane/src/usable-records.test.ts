import { unwrap } from '@mox/syntax';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Chains, makeChains } from '../test/chains.ts';
import { formatTlsaRecord, makeTlsaRecord, type TlsaRecord } from './tlsa-record.ts';
import { sortTlsaRecords, type UsabilityOptions } from './usable-records.ts';

let chains: Chains;
beforeAll(async () => {
  chains = await makeChains();
});

const record = (usage: number, selector: number, matchingType: number, bytes?: number): TlsaRecord => {
  if (bytes !== undefined) return { usage, selector, matchingType, association: new Uint8Array(bytes) };
  return unwrap(makeTlsaRecord({ certificate: chains.server.der }, { usage, selector, matchingType }));
};
const sorted = (records: readonly TlsaRecord[], options?: UsabilityOptions): { usable: string[]; reasons: string[] } => {
  const { usable, unusable } = sortTlsaRecords(records, options);
  return { usable: usable.map((one) => formatTlsaRecord(one).slice(0, 5)), reasons: unusable.map(({ reason }) => reason) };
};

describe('sortTlsaRecords', () => {
  it.each([
    [4, 1, 1, 32, 'the certificate usage 4 is not known'],
    [255, 1, 1, 32, 'the certificate usage 255 is not known'],
    [0, 1, 1, 32, 'the certificate usage 0 is not used here'],
    [1, 1, 1, 32, 'the certificate usage 1 is not used here'],
    [3, 2, 1, 32, 'the selector 2 is not known'],
    [3, 1, 3, 32, 'the matching type 3 is not known or not used here'],
    [3, 1, 1, 31, 'a digest of 31 bytes, not 32'],
    [3, 1, 1, 64, 'a digest of 64 bytes, not 32'],
    [3, 1, 2, 32, 'a digest of 32 bytes, not 64'],
    [3, 0, 0, 10, 'the association is no certificate'],
    [2, 1, 0, 10, 'the association is no public key'],
  ])('RFC 6698 §4.1: %i %i %i with %i bytes is unusable', (usage, selector, matchingType, bytes, reason) => {
    expect(sorted([record(usage, selector, matchingType, bytes)])).toEqual({ usable: [], reasons: [reason] });
  });

  it('RFC 7671 §9: the strongest digest of each usage and selector, and all that are full', () => {
    const all = [record(3, 1, 1), record(3, 1, 2), record(3, 1, 0), record(2, 1, 1), record(3, 0, 1)];
    expect(sorted(all)).toEqual({ usable: ['3 1 2', '3 1 0', '2 1 1', '3 0 1'], reasons: ['a stronger digest is published beside it'] });
    expect(sorted(all, { digests: [1, 2] }).usable).toEqual(['3 1 1', '3 1 0', '2 1 1', '3 0 1']);
    expect(sorted(all, { digests: [1] }).usable).toEqual(['3 1 1', '3 1 0', '2 1 1', '3 0 1']);
  });

  it('RFC 7671 §9: malformed records are discarded before digests are compared', () => {
    expect(sorted([record(3, 1, 1), record(3, 1, 2, 10)]).usable).toEqual(['3 1 1']);
  });

  it('RFC 7671 §4: other usages only where they are asked for', () => {
    expect(sorted([record(0, 1, 1), record(1, 1, 1), record(3, 1, 1)], { usages: [0, 1] }).usable).toEqual(['0 1 1', '1 1 1']);
  });

  it('looks at a bounded number of records', () => {
    const { usable, reasons } = sorted(Array.from({ length: 5000 }, () => record(3, 1, 1, 32)));
    expect([usable.length, reasons.length]).toEqual([64, 4936]);
  });
});
