import { createKeyCache, formatKeyRecord, makeKeyRecord } from '@mox/dkim';
import { ZoneResolver } from '@mox/dns/testing';
import { formatTrace, fromUtf8, generateKeyPair, importPrivateKey, type PrivateKey } from '@mox/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ChainSet, fieldsOf, plainSet, sealSets, withFields } from '../test/odd-chains.ts';
import type { ArcResult } from './verification.ts';
import { verifyArc } from './verify.ts';

const now = Date.parse('2026-11-23T12:00:00Z');
const keyCache = createKeyCache();
let privateKey: PrivateKey;
let resolver: ZoneResolver;

beforeAll(async () => {
  const pair = await generateKeyPair({ type: 'rsa', bits: 2048 });
  const key = await importPrivateKey(pair.privateKey);
  if (!key) throw new Error('a new key cannot be read');
  privateKey = key;
  const record = formatKeyRecord(makeKeyRecord('rsa', pair.publicKey));
  resolver = new ZoneResolver([{ name: 'arc._domainkey.example.org', type: 'TXT', ttlSeconds: 60, data: [fromUtf8(record)] }]);
});

/** Three sets of which one, by its instance, is changed before all are signed. */
async function verifyChanged(instance: number, change: (set: ChainSet) => void, deps: { now?: number } = {}): Promise<ArcResult> {
  const sets = [plainSet(1), plainSet(2), plainSet(3)];
  for (const set of sets.slice(instance - 1, instance)) change(set);
  return verifyArc(withFields(fieldsOf(await sealSets(privateKey, sets))), { resolver, keyCache, ...deps });
}

const replace =
  (name: keyof ChainSet, from: string, to: string) =>
  (set: ChainSet): void => {
    set[name] = set[name].replace(from, to);
  };

describe('message signatures', () => {
  it.each([
    ['a=rsa-sha256', 'a=rsa-sha512', 'ARC-Message-Signature N: algorithm "rsa-sha512" is not known'],
    ['a=rsa-sha256', 'a=rsa-sha1', 'rsa-sha1 must not be used (RFC 8301 §3.1)'],
    ['bh=%h; ', '', 'ARC-Message-Signature N: required tag "bh" is missing'],
    ['c=relaxed/relaxed', 'c=nowsp', 'ARC-Message-Signature N: unknown canonicalization "nowsp"'],
    ['h=from', 'h=ARC-Seal:from', 'ARC-Message-Signature N: ARC-Seal must not be signed'],
    ['h=from:to:subject; ', '', 'ARC-Message-Signature N: required tag "h" is missing'],
    ['s=arc', 's=gone', 'no key for signature'],
    ['bh=%h', 'bh=AAAA%h', 'body hash did not verify'],
    ['b=%b', 'b=AAAA%b', 'signature did not verify'],
    ['bh=', 'l=999; bh=', 'the body is shorter than what was signed'],
  ])('RFC 8617 §5.2: %s -> %s breaks the chain in the newest set alone', async (from, to, problem) => {
    const change = replace('messageSignature', from, to);
    expect(await verifyChanged(3, change)).toMatchObject({ status: 'fail', problem: problem.replace('N', '3') });
    const older = await verifyChanged(2, change);
    expect(older).toMatchObject({ status: 'pass', oldestPass: 3 });
    expect(older.trace.find((step) => step.outcome === 'no longer holds')).toMatchObject({ detail: problem.replace('N', '2') });
  });

  it.each([
    ['x=1800000000', undefined],
    ['x=1700000001', 'the signature has expired'],
    [`x=${now / 1000 - 299}`, undefined],
    [`x=${now / 1000 - 301}`, 'the signature has expired'],
  ])('RFC 6376 §3.5: a message signature with %s, by the clock and without one', async (tag, problem) => {
    const change = replace('messageSignature', 'bh=', `${tag}; bh=`);
    expect(await verifyChanged(3, change)).toMatchObject({ status: 'pass' });
    expect((await verifyChanged(3, change, { now })).problem).toBe(problem);
    expect(await verifyChanged(2, change, { now })).toMatchObject({ status: 'pass', oldestPass: problem === undefined ? 0 : 3 });
  });

  it('RFC 6376 §3.5: a message signature from the future', async () => {
    const change = replace('messageSignature', 't=1700000000', 't=4000000000');
    expect(await verifyChanged(3, change)).toMatchObject({ status: 'pass' });
    expect(await verifyChanged(3, change, { now })).toMatchObject({ status: 'fail', problem: 'the signature is from the future' });
  });

  it('RFC 8617 §4.1.3: the tags of message signatures mean nothing in a seal', async () => {
    for (const tag of ['x=1700000001', 'c=simple/simple', 'l=5', 'q=none', 'bh=AAAA', 'v=7'])
      expect(await verifyChanged(3, replace('seal', '; b=', `; ${tag}; b=`), { now }), tag).toMatchObject({ status: 'pass' });
  });

  it('RFC 8617 §4.1.2: without the tag c it may have been relaxed, body and all', async () => {
    expect(await verifyChanged(3, replace('messageSignature', 'c=relaxed/relaxed; ', ''))).toMatchObject({ status: 'pass', oldestPass: 0 });
  });
});

describe('the trace', () => {
  async function lines(instance: number, change: (set: ChainSet) => void): Promise<string> {
    return formatTrace((await verifyChanged(instance, change)).trace);
  }

  it('RFC 8617 §5.2: has both body hashes where they differ', async () => {
    expect(await lines(3, replace('messageSignature', 'bh=%h', 'bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='))).toMatch(
      /ARC-Message-Signature i=3 d=example\.org s=arc a=rsa-sha256 -> fail: body hash did not verify.*\n {2}key -> ok.*\n {4}dns arc\._domainkey\.example\.org TXT -> ok.*\n {2}body hash \(canonicalization=relaxed canonicalBytes=19 bodyHash=[\w+/]{43}= signed=47DEQpj8HBSa\+\/TImW\+5JCeuQeRkm5NMpJWZG3hSuFU=\) -> wrong/,
    );
  });

  it('RFC 8617 §5.2: has the fields that were signed, and what they hash to', async () => {
    const change = (set: ChainSet): void => {
      replace('messageSignature', 'h=from', 'h=from:reply-to')(set);
      replace('messageSignature', 'b=%b', 'b=AAAA%b')(set);
    };
    expect(await lines(3, change)).toMatch(
      /signature \(canonicalization=relaxed headers=from:reply-to:to:subject absent=reply-to headerHash=[\w+/]{43}=\) -> wrong: signature did not verify/,
    );
    expect(await lines(2, replace('seal', 'b=%b', 'b=AAAA%b'))).toMatch(
      /ARC-Seal i=2 d=example\.org s=arc a=rsa-sha256 -> fail: signature did not verify.*\n(?: .*\n)*? {2}signature \(canonicalization=relaxed headerHash=[\w+/]{43}=\) -> wrong/,
    );
  });

  it('RFC 6376 §3.5: has the times of a message signature that is not taken', async () => {
    const change = replace('messageSignature', 'bh=', 'x=1700000001; bh=');
    expect(formatTrace((await verifyChanged(3, change, { now })).trace)).toContain(
      `policy (x=1700000001 nowSeconds=${now / 1000}) -> refused: the signature has expired`,
    );
  });

  it('RFC 6376 §3.8: has the line that is no field', async () => {
    const fields = fieldsOf(await sealSets(privateKey, [plainSet(1)]));
    const { trace } = await verifyArc(withFields(['no field', ...fields]), { resolver });
    expect(formatTrace(trace)).toContain('header section (line=no field) -> fail: the header section has a line that is no field');
  });

  it('RFC 8617 §5.2: has the key that could not be used', async () => {
    expect(await lines(2, replace('seal', 's=arc', 's=gone'))).toMatch(
      /ARC-Seal i=2 d=example\.org s=gone a=rsa-sha256 -> fail: no key for signature.*\n {2}key -> permerror: no key for signature.*\n {4}dns gone\._domainkey\.example\.org TXT -> nxdomain/,
    );
  });
});
