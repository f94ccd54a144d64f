import { unwrap } from '@mox/syntax';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Certificate, parseCertificate } from './certificate.ts';
import type { CertificateIssuer, IssuedCertificate } from './certificate-parameters.ts';
import { type PathParameters, verifyCertificationPath } from './certification-path.ts';
import { createCertificateAuthority, createSelfSignedCertificate, issueCertificate } from './issue-certificate.ts';

const notBefore = Date.UTC(2026, 0, 1);
const notAfter = Date.UTC(2027, 0, 1);
const now = Date.UTC(2026, 5, 1);
const validity = { notBefore, notAfter };

const made: Record<string, IssuedCertificate> = {};
const parsed = (name: string): Certificate => unwrap(parseCertificate(issuer(name).certificateDer));

function issuer(name: string): CertificateIssuer {
  const found = made[name];
  if (!found) throw new Error(name);
  return found;
}

async function authority(name: string, rest: Partial<Parameters<typeof createCertificateAuthority>[0]> = {}): Promise<void> {
  made[name] = await createCertificateAuthority({ commonName: name, ...validity, ...rest });
}

async function leaf(name: string, by: string, rest: Partial<Parameters<typeof issueCertificate>[0]> = {}): Promise<void> {
  made[name] = await issueCertificate({ names: ['mx.example.org'], ...validity, issuer: issuer(by), ...rest });
}

beforeAll(async () => {
  await authority('root');
  await authority('expired root', { notAfter: notBefore + 1000 });
  await authority('other root');
  await authority('middle', { issuer: issuer('root') });
  await authority('short', { issuer: issuer('root'), pathLength: 0 });
  await authority('below short', { issuer: issuer('short') });
  await authority('expired middle', { issuer: issuer('root'), notAfter: notBefore + 1000 });
  await authority('constrained', { issuer: issuer('root'), permittedDomains: ['example.org'], excludedDomains: ['secret.example.org'] });
  made['twin'] = await createCertificateAuthority({ commonName: 'middle', ...validity });
  await leaf('direct', 'root');
  await leaf('leaf', 'middle');
  await leaf('leaf of short', 'short');
  await leaf('leaf below short', 'below short');
  await leaf('leaf of expired middle', 'expired middle');
  await leaf('leaf of expired root', 'expired root');
  await leaf('expired leaf', 'middle', { notAfter: notBefore + 1000 });
  await leaf('future leaf', 'middle', { notBefore: notAfter - 1000 });
  await leaf('leaf of leaf', 'direct');
  await leaf('allowed', 'constrained');
  await leaf('forbidden', 'constrained', { names: ['mx.example.net'] });
  await leaf('excluded', 'constrained', { names: ['a.secret.example.org'] });
  await leaf('covering', 'constrained', { names: ['*.example.org'] });
  made['self-signed'] = await createSelfSignedCertificate({ names: ['mx.example.org'], ...validity });
});

const cases: readonly (readonly [string, string, readonly string[], readonly string[], string | RegExp])[] = [
  ['§6.1', 'direct', [], ['root'], 'direct'],
  ['§6.1', 'leaf', ['middle'], ['root'], 'leaf, middle'],
  ['§6.1', 'leaf', ['short', 'other root', 'twin', 'middle', 'leaf'], ['other root', 'root'], 'leaf, middle'],
  ['§6.1', 'leaf', ['middle', 'root'], ['root'], 'leaf, middle'],
  ['§6.1', 'leaf', [], ['middle'], 'leaf'],
  ['§6.1', 'self-signed', [], ['self-signed'], 'self-signed'],
  ['§6.1', 'leaf', [], ['root'], /no trusted issuer/],
  ['§6.1', 'leaf', ['middle'], ['other root'], /no trusted issuer/],
  ['§6.1', 'leaf', ['middle'], [], /no trusted issuer/],
  ['§6.1', 'self-signed', [], ['root'], /no trusted issuer/],
  ['§6.1.3', 'leaf', ['twin'], ['root'], /no trusted issuer/],
  ['§6.1.3', 'expired leaf', ['middle'], ['root'], /expired/],
  ['§6.1.3', 'future leaf', ['middle'], ['root'], /not valid yet/],
  ['§6.1.3', 'leaf of expired middle', ['expired middle'], ['root'], /expired middle has expired/],
  ['§6.1.3', 'leaf of expired root', [], ['expired root'], /expired root has expired/],
  ['§6.1.4', 'leaf of leaf', ['direct'], ['root'], /no certification authority/],
  ['§6.1.4', 'leaf of short', ['short'], ['root'], 'leaf of short, short'],
  ['§6.1.4', 'leaf below short', ['below short', 'short'], ['root'], /no more than 0 issuers/],
  ['§4.2.1.10', 'allowed', ['constrained'], ['root'], 'allowed, constrained'],
  ['§4.2.1.10', 'forbidden', ['constrained'], ['root'], /may not certify mx.example.net/],
  ['§4.2.1.10', 'excluded', ['constrained'], ['root'], /may not certify a.secret/],
  ['§4.2.1.10', 'covering', ['constrained'], ['root'], /may not certify \*/],
];

describe('verifyCertificationPath', () => {
  const verify = (name: string, rest: Partial<PathParameters>): ReturnType<typeof verifyCertificationPath> =>
    verifyCertificationPath({ certificate: parsed(name), intermediates: [], anchors: [], now, ...rest });

  it.each(cases)('RFC 5280 %s: %s by %j, trusting %j: %s', async (_, name, intermediates, anchors, expected) => {
    const result = await verify(name, { intermediates: intermediates.map(parsed), anchors: anchors.map(parsed) });
    if (typeof expected !== 'string') expect(result).toEqual({ status: 'invalid', problem: expect.stringMatching(expected) });
    else {
      const path = expected.split(', ').map((one) => parsed(one));
      expect(result).toMatchObject({ status: 'valid', path });
    }
  });

  it('RFC 5280 §6.1.3: an issuer of the right name with another key did not sign', async () => {
    const { subjectKeyIdentifier } = parsed('middle');
    const forged = { ...parsed('twin'), ...(subjectKeyIdentifier ? { subjectKeyIdentifier } : {}) };
    const result = await verify('leaf', { intermediates: [forged], anchors: [forged, parsed('root')] });
    expect(result).toEqual({ status: 'invalid', problem: expect.stringMatching(/not signed by/) });
  });

  it('further demands on the path make the search go on', async () => {
    const through = parsed('root');
    const accept: PathParameters['accept'] = (_, anchor) => 'der' in anchor && anchor.subject.text === through.subject.text;
    const result = await verify('leaf', { intermediates: [parsed('middle')], anchors: [parsed('middle'), through], accept });
    expect(result).toMatchObject({ status: 'valid', anchor: through });
    const none = await verify('leaf', { intermediates: [parsed('middle')], anchors: [through], accept: () => false });
    expect(none).toEqual({ status: 'invalid', problem: 'a path was found, but not one that is wanted' });
  });

  it('RFC 5280 §6.1.1: a key alone is an anchor', async () => {
    const { publicKey } = parsed('middle');
    expect((await verify('leaf', { anchors: [{ publicKey }] })).status).toBe('valid');
    expect((await verify('leaf', { intermediates: [parsed('middle')], anchors: [{ publicKey }] })).status).toBe('valid');
    expect((await verify('direct', { anchors: [{ publicKey }] })).status).toBe('invalid');
  });

  it('RFC 5280 §4.2: an unknown critical extension, or one that cannot be read, ends a path', async () => {
    const direct = parsed('direct');
    const anchors = [parsed('root')];
    const strange = { ...direct, extensions: [...direct.extensions, { oid: '1.2.3', critical: true, value: new Uint8Array(0) }] };
    expect(await verify('direct', { anchors, certificate: strange })).toMatchObject({ problem: expect.stringContaining('1.2.3') });
    const broken = { ...direct, unreadableExtensions: ['2.5.29.17'] };
    expect(await verify('direct', { anchors, certificate: broken })).toMatchObject({ problem: expect.stringContaining('2.5.29.17') });
  });

  it('RFC 5280 §4.2.1.12: a certificate for another purpose will not do', async () => {
    const anchors = [parsed('root')];
    expect((await verify('direct', { anchors, purpose: '1.3.6.1.5.5.7.3.4' })).status).toBe('invalid');
    const anything = { ...parsed('direct'), extendedKeyUsage: ['2.5.29.37.0'] };
    expect((await verify('direct', { anchors, certificate: anything, purpose: '1.3.6.1.5.5.7.3.4' })).status).toBe('valid');
  });

  it('RFC 5280 §4.2.1.12: a root for another purpose will not do, nor a key that is not for TLS (RFC 5280 §4.2.1.3)', async () => {
    const root = { ...parsed('root'), extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'] };
    expect(await verify('direct', { anchors: [root] })).toMatchObject({ problem: expect.stringContaining('not for this purpose') });
    const anchors = [parsed('root')];
    const signer = { ...parsed('direct'), keyUsage: ['nonRepudiation'] } as const;
    expect(await verify('direct', { anchors, certificate: signer })).toMatchObject({ problem: expect.stringContaining('not for TLS') });
    const old = { ...parsed('direct'), keyUsage: ['keyEncipherment'] } as const;
    expect((await verify('direct', { anchors, certificate: old })).status).toBe('valid');
  });

  it('RFC 5280 §6.1.4: a root of version 1 may issue, an intermediate may not; extensions need version 3', async () => {
    const old = (name: string): Certificate => ({ ...parsed(name), version: 1, extensions: [], isCa: false });
    expect((await verify('direct', { anchors: [old('root')] })).status).toBe('valid');
    const between = await verify('leaf', { intermediates: [old('middle')], anchors: [parsed('root')] });
    expect(between).toMatchObject({ problem: expect.stringContaining('no certification authority') });
    expect((await verify('leaf', { anchors: [old('middle')] })).status).toBe('invalid');
    const without = (name: string): Certificate => ({
      ...parsed(name),
      isCa: false,
      extensions: parsed(name).extensions.filter(({ oid }) => oid !== '2.5.29.19'),
    });
    expect((await verify('leaf', { anchors: [without('middle')] })).status, 'RFC 5280 §6.1.1').toBe('valid');
    expect((await verify('leaf', { intermediates: [without('middle')], anchors: [parsed('root')] })).status).toBe('invalid');
    expect((await verify('leaf', { anchors: [{ ...without('middle'), keyUsage: ['cRLSign'] }] })).status).toBe('invalid');
    expect((await verify('leaf', { anchors: [{ ...parsed('middle'), isCa: false }] })).status).toBe('invalid');
    const odd = { ...parsed('direct'), version: 1 };
    expect(await verify('direct', { anchors: [parsed('root')], certificate: odd })).toMatchObject({
      problem: expect.stringContaining('version'),
    });
  });

  it('RFC 5280 §4.2.1.10: constraints hold for a common name that may be taken for a host, and for the address of the subject', async () => {
    const { subject } = parsed('direct');
    const unnamed = { dns: [], ip: [], email: [], uri: [], directory: [], others: 0 };
    const anchors = [parsed('root')];
    const path = (certificate: Certificate): ReturnType<typeof verify> =>
      verify('allowed', { certificate, intermediates: [parsed('constrained')], anchors });
    const common = { ...parsed('allowed'), names: unnamed, commonName: 'mx.example.net' };
    expect(await path(common)).toMatchObject({ problem: expect.stringContaining('may not certify mx.example.net') });
    expect((await path({ ...common, commonName: 'Mail Server' })).status).toBe('valid');
    expect((await path({ ...common, names: parsed('allowed').names })).status).toBe('valid');
    const constraints = { dns: [], ip: [], email: ['example.org'], uri: [], directory: [], others: 0 };
    const root = { ...parsed('root'), nameConstraints: { permitted: constraints, excluded: unnamed } };
    const attributes = [...subject.attributes, { oid: '1.2.840.113549.1.9.1', value: 'a@example.net' }];
    const addressed = { ...parsed('direct'), subject: { ...subject, attributes } };
    expect(await verify('direct', { certificate: addressed, anchors: [root] })).toMatchObject({
      problem: expect.stringContaining('may not certify a@example.net'),
    });
    expect((await verify('direct', { anchors: [root] })).status).toBe('valid');
  });

  it('RFC 5280 §6.1.5: where an authority demands a policy, a path under one is looked for', async () => {
    const strict = { ...parsed('middle'), policyConstraints: { requireExplicitPolicy: 0 } };
    const result = await verify('leaf', { intermediates: [strict], anchors: [parsed('root')] });
    expect(result).toEqual({ status: 'invalid', problem: expect.stringMatching(/under no policy/) });
    const policies = ['1.2.3'];
    const ruled = { ...parsed('leaf'), policies };
    const found = await verify('leaf', { certificate: ruled, intermediates: [{ ...strict, policies }], anchors: [parsed('root')] });
    expect(found.status).toBe('valid');
    // The anchor itself is not processed.
    expect((await verify('leaf', { anchors: [strict] })).status).toBe('valid');
  });

  it('a long path and a maze of issuers of one name are bounded', async () => {
    const names: string[] = [];
    for (let i = 0; i < 12; i++) {
      names.push(`link ${i}`);
      await authority(`link ${i}`, { issuer: issuer(i === 0 ? 'root' : `link ${i - 1}`) });
    }
    await leaf('end', 'link 11');
    const long = { intermediates: names.map(parsed), anchors: [parsed('root')] };
    expect(await verify('end', long)).toMatchObject({ status: 'invalid', problem: 'the path is too long' });
    expect((await verify('end', { ...long, maxLength: 13 })).status).toBe('valid');
    expect((await verify('end', { ...long, maxLength: 13, maxSignatures: 5 })).status).toBe('invalid');
    const twins = await Promise.all(Array.from({ length: 20 }, () => createCertificateAuthority({ commonName: 'middle', ...validity })));
    const maze = twins.map(({ certificateDer }) => unwrap(parseCertificate(certificateDer)));
    expect((await verify('leaf', { intermediates: [...maze, ...maze], anchors: maze })).status).toBe('invalid');
  });
});
