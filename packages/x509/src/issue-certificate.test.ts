import { hash, importPrivateKey } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import { describe, expect, it } from 'vitest';
import { type Certificate, parseCertificate } from './certificate.ts';
import type { CertificateParameters } from './certificate-parameters.ts';
import { generateCertificateKey } from './generate-certificate-key.ts';
import { createAcmeCertificate, createCertificateAuthority, createSelfSignedCertificate, issueCertificate } from './issue-certificate.ts';
import { matchHostname } from './match-hostname.ts';
import { verifySignature } from './verify-signature.ts';

const notBefore = Date.UTC(2026, 0, 1);
const notAfter = Date.UTC(2027, 0, 1);

async function selfSigned(parameters: Partial<CertificateParameters>): Promise<Certificate> {
  return unwrap(parseCertificate((await createSelfSignedCertificate({ notBefore, notAfter, ...parameters })).certificateDer));
}

describe('createSelfSignedCertificate', () => {
  it('RFC 5280 §4.1: says what it was told', async () => {
    const random = { bytes: (count: number) => new Uint8Array(count).fill(0xff) };
    const certificate = await selfSigned({ names: ['bücher.example', '*.example.org'], ips: ['192.0.2.1', '2001:db8::1'], random });
    expect(certificate).toMatchObject({
      version: 3,
      notBefore,
      notAfter,
      commonName: 'bücher.example',
      isCa: false,
      names: { dns: ['xn--bcher-kva.example', '*.example.org'], ip: ['192.0.2.1', '2001:db8::1'] },
      keyUsage: ['digitalSignature', 'keyEncipherment'],
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
      publicKey: { type: 'ec', curve: 'P-256', bits: 256 },
      signatureAlgorithm: { key: 'ecdsa', hash: 'sha256' },
      unreadableExtensions: [],
    });
    expect(certificate.serialNumber).toEqual(new Uint8Array(16).fill(0xff).with(0, 0x7f));
    expect(certificate.subjectKeyIdentifier).toEqual(hash('sha1', certificate.publicKey.keyBytes));
    expect(matchHostname(certificate, 'bücher.example')).toBe('xn--bcher-kva.example');
    expect(await verifySignature(certificate, certificate.publicKey)).toBe(true);
  });

  it.each(['rsa-2048', 'ecdsa-p384'] as const)('a key of type %s', async (keyType) => {
    const certificate = await selfSigned({ names: ['example.org'], keyType });
    expect(certificate.publicKey).toMatchObject(keyType === 'rsa-2048' ? { type: 'rsa', bits: 2048 } : { type: 'ec', curve: 'P-384' });
    expect(await verifySignature(certificate, certificate.publicKey)).toBe(true);
    expect(await verifySignature({ ...certificate, tbs: certificate.tbs.with(50, 0) }, certificate.publicKey)).toBe(false);
  });

  it('keeps a key that is there already', async () => {
    const key = await generateCertificateKey('rsa-2048');
    expect(await importPrivateKey(key.privateKeyPem)).toMatchObject({ type: 'rsa', bits: 2048 });
    const certificate = await selfSigned({ names: ['example.org'], privateKeyPem: key.privateKeyPem });
    expect(certificate.publicKey.spki).toEqual(key.publicKey);
  });

  it('RFC 5280 §4.1.2.5: times from 2050 on, and RFC 5280 §4.2.1.6: a critical name where the subject is empty', async () => {
    const name = `${'a'.repeat(60)}.example`;
    const certificate = await selfSigned({ names: [name], notAfter: Date.UTC(2060, 1, 2) });
    expect(certificate).toMatchObject({ notAfter: Date.UTC(2060, 1, 2), subject: { text: '' }, names: { dns: [name] } });
    expect(certificate.extensions.find(({ oid }) => oid === '2.5.29.17')?.critical).toBe(true);
  });

  it('refuses what it cannot say', async () => {
    const refusal = (code: string): unknown => expect.objectContaining({ code });
    await expect(selfSigned({ names: ['not a name'] })).rejects.toEqual(refusal('bad-parameter'));
    await expect(selfSigned({ names: ['a.*.example'] })).rejects.toEqual(refusal('bad-parameter'));
    await expect(selfSigned({ ips: ['192.0.2'] })).rejects.toEqual(refusal('bad-parameter'));
    await expect(selfSigned({ names: ['a.example'], notAfter: Number.NaN })).rejects.toEqual(refusal('bad-parameter'));
    await expect(selfSigned({ names: ['a.example'], privateKeyPem: 'no key' })).rejects.toEqual(refusal('bad-key'));
    const older = '-----BEGIN EC PRIVATE KEY-----\nQQ==\n-----END EC PRIVATE KEY-----\n';
    await expect(selfSigned({ names: ['a.example'], privateKeyPem: older })).rejects.toThrow('openssl pkcs8 -topk8');
    const wrong = '-----BEGIN PRIVATE KEY-----\nQQ==\n-----END PRIVATE KEY-----\n';
    await expect(selfSigned({ names: ['a.example'], privateKeyPem: wrong })).rejects.toEqual(refusal('bad-key'));
  });
});

describe('issueCertificate', () => {
  it('RFC 5280 §4.1.2.4: issuer and key identifier are those of the authority', async () => {
    const ca = await createCertificateAuthority({
      commonName: 'Test CA',
      notBefore,
      notAfter,
      pathLength: 0,
      permittedDomains: ['example.org'],
    });
    const issued = await issueCertificate({ issuer: ca, names: ['mx.example.org'], notBefore, notAfter });
    const [authority, certificate] = [ca, issued].map(({ certificateDer }) => unwrap(parseCertificate(certificateDer)));
    if (!authority || !certificate) throw new Error('two certificates');
    expect(authority).toMatchObject({ isCa: true, pathLength: 0, keyUsage: ['keyCertSign', 'cRLSign'] });
    expect(authority.nameConstraints).toMatchObject({ permitted: { dns: ['example.org'] }, excluded: { dns: [] } });
    expect(certificate.issuer.der).toEqual(authority.subject.der);
    expect(certificate.authorityKeyIdentifier).toEqual(authority.subjectKeyIdentifier);
    expect(await verifySignature(certificate, authority.publicKey)).toBe(true);
    expect(await verifySignature(certificate, certificate.publicKey)).toBe(false);
  });
});

describe('createAcmeCertificate', () => {
  it('RFC 8737 §3: one name and a critical digest of the key authorization', async () => {
    const keyAuthorizationDigest = hash('sha256', new Uint8Array(3));
    const { certificatePem } = await createAcmeCertificate({ name: 'Example.org', keyAuthorizationDigest, notBefore, notAfter });
    const certificate = unwrap(parseCertificate(certificatePem));
    expect(certificate).toMatchObject({ names: { dns: ['example.org'], ip: [], others: 0 }, acmeIdentifier: keyAuthorizationDigest });
    expect(certificate.extensions.find(({ oid }) => oid === '1.3.6.1.5.5.7.1.31')?.critical).toBe(true);
    await expect(async () =>
      createAcmeCertificate({ name: 'a.example', keyAuthorizationDigest: new Uint8Array(31), notBefore, notAfter }),
    ).rejects.toThrow('32 bytes');
  });
});
