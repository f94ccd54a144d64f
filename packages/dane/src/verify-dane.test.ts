import { formatTrace, toHex } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import { type Certificate, createCertificateAuthority, issueCertificate, parseCertificate } from '@mox/x509';
import { beforeAll, describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { type Chains, host, makeChains, notAfter, notBefore, now } from '../test/chains.ts';
import { makeTlsaRecord, type TlsaRecord } from './tlsa-record.ts';
import { type DaneParameters, type DaneResult, verifyDane } from './verify-dane.ts';

let chains: Chains;
beforeAll(async () => {
  chains = await makeChains();
});

type Who = keyof Chains;

function record(usage: number, who: Who | Certificate, selector = 1, matchingType = 1): TlsaRecord {
  const { der } = typeof who === 'string' ? chains[who] : who;
  return unwrap(makeTlsaRecord({ certificate: der }, { usage, selector, matchingType }));
}

interface Case extends Partial<DaneParameters> {
  /** The server's own certificate. Default: `server`. */
  readonly leaf?: Who;
  /** Whether the chain has the root too. */
  readonly full?: boolean;
}

function verify(records: readonly TlsaRecord[], { leaf = 'server', full = false, ...rest }: Case = {}): Promise<DaneResult> {
  const chain = [chains[leaf], chains.authority, ...(full ? [chains.root] : [])].map(({ der }) => der);
  return verifyDane({ chain, records, names: [host], now, usages: [0, 1, 2, 3], roots: [chains.root], ...rest });
}

/** Which certificates a record of each usage may be about, and what `depth` then is. Digests of what the server does not send match nothing. */
const matrix: Readonly<Record<number, Partial<Record<Who, number | 'outside' | 'outside, full'>>>> = {
  0: { authority: 1, root: 'outside' },
  1: { server: 0 },
  2: { authority: 1, root: 'outside, full' },
  3: { server: 0 },
};

const cells = [0, 1, 2, 3].flatMap((usage) =>
  [0, 1].flatMap((selector) =>
    [0, 1, 2].flatMap((matchingType) =>
      (['server', 'authority', 'root', 'stranger'] as const).map((who) => {
        const cell = matrix[usage]?.[who];
        const expected = cell === 'outside, full' ? (matchingType === 0 ? 'outside' : undefined) : cell;
        return [usage, selector, matchingType, who, expected] as const;
      }),
    ),
  ),
);

describe('each usage, selector and matching type', () => {
  it.each(cells)('RFC 6698 §2.1: %i %i %i of the %s: %s', async (usage, selector, matchingType, who, expected) => {
    const result = await verify([record(usage, who, selector, matchingType)]);
    expect(result.status, result.problem).toBe(expected === undefined ? 'failed' : 'authenticated');
    if (expected === undefined) return;
    expect(result.depth).toBe(expected === 'outside' ? undefined : expected);
    expect(result.name).toBe(usage === 3 ? undefined : host);
  });

  it.each([0, 2])('RFC 7671 §5.2.2: %i with the root in the chain', async (usage) => {
    expect(await verify([record(usage, 'root')], { full: true })).toMatchObject({
      status: 'authenticated',
      depth: 2,
    });
  });
});

/** Faults of the certificate, and which usages mind them. */
const faults: readonly (readonly [string, Case, readonly number[]])[] = [
  ['expired', { leaf: 'expired' }, [0, 1, 2]],
  ['not valid yet', { now: notBefore - 1 }, [0, 1, 2]],
  ['another name', { leaf: 'misnamed' }, [0, 1, 2]],
  ['no reference identifier', { names: [] }, [0, 1, 2]],
  ['another reference identifier', { names: ['mx.example.net', 'example.org'] }, [0, 1, 2]],
  ['a second reference identifier', { names: ['example.org', host] }, []],
  ['a name in the common name alone', { leaf: 'commonNameOnly' }, []],
  ['no trusted root', { roots: [] }, [0, 1]],
  [
    'another trusted root',
    {
      get roots() {
        return [chains.stranger];
      },
    },
    [0, 1],
  ],
];

describe('what each usage looks at', () => {
  for (const [fault, rest, minding] of faults) {
    it.each([0, 1, 2, 3])(`RFC 7671 §5: ${fault}, usage %i`, async (usage) => {
      const about = usage === 0 || usage === 2 ? 'authority' : (rest.leaf ?? 'server');
      const result = await verify([record(usage, about)], rest);
      expect(result.status, result.problem).toBe(minding.includes(usage) ? 'failed' : 'authenticated');
    });
  }
});

describe('verifyDane', () => {
  it('RFC 6698 §4.1: any usable record may authenticate the server', async () => {
    const result = await verify([record(3, 'stranger'), record(2, 'stranger'), record(3, 'server')]);
    expect(result).toMatchObject({ status: 'authenticated', record: record(3, 'server') });
    expect(formatTrace(result.trace)).toMatch(/no match: the certificate of the server is another .*§5.1/);
  });

  it('RFC 7671 §9: a match of a weaker digest alone is none', async () => {
    const records = [record(3, 'server', 1, 1), record(3, 'stranger', 1, 2)];
    expect((await verify(records)).status).toBe('failed');
    expect((await verify(records, { digests: [1, 2] })).status).toBe('authenticated');
  });

  it('RFC 7672 §2.2: nothing usable is neither success nor failure', async () => {
    expect((await verify([])).status).toBe('unusable');
    const result = await verify([record(0, 'authority'), record(1, 'server')], { usages: [2, 3] });
    expect(result).toMatchObject({ status: 'unusable', trace: [{ outcome: 'unusable' }, { outcome: 'unusable' }] });
  });

  it('a chain that is empty, cannot be read or belongs to somebody else fails', async () => {
    const records = [record(3, 'server')];
    expect((await verify(records, { chain: [] })).status).toBe('failed');
    expect((await verify(records, { chain: [new Uint8Array(10)] })).status).toBe('failed');
    expect((await verify([record(2, 'authority')], { chain: [chains.stranger.der, chains.authority.der] })).status).toBe('failed');
    const noise = [chains.server.der, new Uint8Array(10), chains.stranger.der, chains.authority.der];
    expect((await verify([record(2, 'authority')], { chain: noise })).status).toBe('authenticated');
  });

  it('a server cannot send the authority of the record and a certificate that it did not sign', async () => {
    const impostor = await createCertificateAuthority({ commonName: 'Authority', notBefore, notAfter });
    const forged = await issueCertificate({ names: [host], notBefore, notAfter, issuer: impostor });
    const chain = [forged.certificateDer, impostor.certificateDer, chains.authority.der];
    expect((await verify([record(2, 'authority')], { chain })).status).toBe('failed');
    expect((await verify([record(0, 'authority')], { chain })).status).toBe('failed');
  });

  it('RFC 7671 §5.2: an authority that has expired vouches for nobody, whoever names it', async () => {
    const authority = await createCertificateAuthority({ commonName: 'Old', notBefore, notAfter: notBefore + 1000 });
    const server = await issueCertificate({ names: [host], notBefore, notAfter, issuer: authority });
    const old = unwrap(parseCertificate(authority.certificateDer));
    const chain = [server.certificateDer, authority.certificateDer];
    for (const matchingType of [0, 1])
      expect(await verify([record(2, old, 0, matchingType)], { chain })).toMatchObject({ problem: expect.stringContaining('has expired') });
    expect((await verify([record(2, old, 1, 0)], { chain: [server.certificateDer] })).status, 'a key has no dates').toBe('authenticated');
  });

  it('RFC 7671 §5.2.1: constraints hold for the common name too, which counts where there is no other', async () => {
    const authority = await createCertificateAuthority({ commonName: 'Bound', notBefore, notAfter, permittedDomains: ['example.net'] });
    const server = await issueCertificate({ commonName: host, notBefore, notAfter, issuer: authority });
    const chain = [server.certificateDer, authority.certificateDer];
    const bound = unwrap(parseCertificate(authority.certificateDer));
    expect(await verify([record(2, bound, 0)], { chain })).toMatchObject({
      status: 'failed',
      problem: expect.stringContaining(`may not certify ${host}`),
    });
  });

  it('RFC 7671 §5.2.1: constraints of the authority hold', async () => {
    const authority = await createCertificateAuthority({ commonName: 'Bound', notBefore, notAfter, permittedDomains: ['example.net'] });
    const server = await issueCertificate({ names: [host], notBefore, notAfter, issuer: authority });
    const bound = unwrap(parseCertificate(authority.certificateDer));
    const chain = [server.certificateDer, authority.certificateDer];
    expect(await verify([record(2, bound, 0)], { chain })).toMatchObject({
      status: 'failed',
      problem: expect.stringContaining('may not certify'),
    });
  });

  it('RFC 7671 §5.4: a trusted authority in the middle does not hide the root of the record', async () => {
    const roots = [chains.authority, chains.root];
    expect((await verify([record(0, 'root')], { roots })).status).toBe('authenticated');
    expect((await verify([record(0, 'root')], { roots, chain: [chains.server.der] })).status).toBe('authenticated');
    expect((await verify([record(0, 'root')], { roots: [chains.authority] })).status).toBe('failed');
  });

  it('hostile chains and records are bounded', async () => {
    const chain = [chains.server.der, ...Array.from({ length: 2000 }, () => chains.authority.der)];
    const records = Array.from({ length: 2000 }, () => record(2, 'stranger'));
    const result = await verify(records, { chain });
    expect(result.status).toBe('failed');
    expect(result.trace.filter(({ step }) => step.startsWith('certificate'))).toHaveLength(16);
    expect(result.trace.filter(({ outcome }) => outcome === 'no match')).toHaveLength(64);
  });

  it('mutants of a chain never throw, and are authenticated only by what did not change', async () => {
    const records = [record(3, 'server', 0), record(2, 'authority', 0)];
    for (const leaf of mutants([chains.server.der], { count: 400 })) {
      const changed = toHex(leaf) !== toHex(chains.server.der);
      const result = await verify(records, { chain: [leaf, chains.authority.der] });
      expect(result.status).toBe(changed ? 'failed' : 'authenticated');
    }
    for (const issuer of mutants([chains.authority.der], { count: 100, seed: 2 })) {
      const changed = toHex(issuer) !== toHex(chains.authority.der);
      const result = await verify([record(2, 'authority', 0)], { chain: [chains.server.der, issuer] });
      expect(result.status).toBe(changed ? 'failed' : 'authenticated');
    }
  });
});
