// Certificates by and for the openssl command line tool.
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash, toHex } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import { afterAll, describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import {
  createAcmeCertificate,
  createCertificateAuthority,
  createCertificateRequest,
  createSelfSignedCertificate,
  issueCertificate,
  parseCertificate,
  serverEndPointBinding,
  verifyCertificationPath,
  verifySignature,
} from '../src/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'mox-x509-'));
afterAll(() => rmSync(directory, { recursive: true }));
const path = (name: string): string => join(directory, name);

function openssl(...args: string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function there(): boolean {
  try {
    return openssl('version').startsWith('OpenSSL');
  } catch {
    return false;
  }
}

const validity = { notBefore: Date.now() - 1000, notAfter: Date.now() + 86_400_000 };
const names = [
  'DNS:example.org',
  'DNS:*.example.org',
  'IP:192.0.2.1',
  'IP:2001:db8::1',
  'email:me@example.org',
  'URI:https://example.org/',
];
const extensions = [
  '-addext',
  `subjectAltName=${names.join(',')}`,
  '-addext',
  'tlsfeature=status_request',
  '-addext',
  'certificatePolicies=1.2.3.4',
];

const kinds: readonly (readonly [string, readonly string[], object, object])[] = [
  ['rsa', ['-newkey', 'rsa:2048'], { type: 'rsa', bits: 2048 }, { key: 'rsa', hash: 'sha256' }],
  ['rsa-3072-sha512', ['-newkey', 'rsa:3072', '-sha512'], { type: 'rsa', bits: 3072 }, { key: 'rsa', hash: 'sha512' }],
  ['rsa-sha1', ['-newkey', 'rsa:2048', '-sha1'], { type: 'rsa' }, { key: 'rsa', hash: 'sha1' }],
  [
    'pss',
    ['-newkey', 'rsa:2048', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32'],
    { type: 'rsa' },
    { key: 'rsa-pss', hash: 'sha256', saltLengthBytes: 32 },
  ],
  ['p256', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], { type: 'ec', curve: 'P-256' }, { key: 'ecdsa', hash: 'sha256' }],
  ['p384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-sha384'], { curve: 'P-384' }, { key: 'ecdsa', hash: 'sha384' }],
  ['p521', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-521', '-sha512'], { curve: 'P-521' }, { key: 'ecdsa', hash: 'sha512' }],
  ['ed25519', ['-newkey', 'ed25519'], { type: 'ed25519' }, { key: 'ed25519' }],
];

function make(name: string, args: readonly string[]): Uint8Array {
  const subject = ['-subj', '/C=DE/O=Ünïcode, Inc./CN=example.org', '-utf8'];
  openssl(
    'req',
    '-x509',
    '-nodes',
    '-days',
    '30',
    '-keyout',
    path(`${name}.key`),
    '-out',
    path(name),
    '-outform',
    'der',
    ...subject,
    ...args,
    ...extensions,
  );
  return new Uint8Array(readFileSync(path(name)));
}

describe.skipIf(!there() && !process.env['CI'])('openssl (skipped where it is not installed)', () => {
  it.each(kinds)('reads and verifies what it makes: %s', async (name, args, key, algorithm) => {
    const der = make(name, args);
    const certificate = unwrap(parseCertificate(der));
    const reference = new X509Certificate(der);
    expect(certificate).toMatchObject({
      publicKey: key,
      signatureAlgorithm: algorithm,
      subject: { text: 'CN=example.org, O=Ünïcode\\, Inc., C=DE' },
      names: {
        dns: ['example.org', '*.example.org'],
        ip: ['192.0.2.1', '2001:db8::1'],
        email: ['me@example.org'],
        uri: ['https://example.org/'],
      },
      isCa: true,
      policies: ['1.2.3.4'],
      tlsFeatures: [5],
      notBefore: Date.parse(reference.validFrom),
      notAfter: Date.parse(reference.validTo),
      unreadableExtensions: [],
    });
    expect(toHex(certificate.serialNumber).toUpperCase()).toBe(reference.serialNumber);
    expect(certificate.publicKey.spki).toEqual(new Uint8Array(reference.publicKey.export({ type: 'spki', format: 'der' })));
    expect(await verifySignature(certificate, certificate.publicKey)).toBe(true);
    const damaged = { ...certificate, signature: certificate.signature.with(20, (certificate.signature[20] ?? 0) ^ 1) };
    expect(await verifySignature(damaged, certificate.publicKey)).toBe(false);
    const other = { ...certificate.publicKey, spki: unwrap(parseCertificate(make('other', ['-newkey', 'ed25519']))).publicKey.spki };
    expect(await verifySignature(certificate, other)).toBe(false);
    const hashName = 'hash' in algorithm ? (algorithm.hash === 'sha1' ? 'sha256' : (algorithm.hash as 'sha256')) : undefined;
    expect(serverEndPointBinding(der), 'RFC 5929 §4.1').toEqual(hashName && hash(hashName, der));
  });

  it('RFC 5280 §4.2.1.10, RFC 5280 §4.2.1.11: reads constraints on names and policies', () => {
    const der = make('constraints', [
      ...['-newkey', 'ed25519', '-addext', 'policyConstraints=critical,requireExplicitPolicy:3,inhibitPolicyMapping:0'],
      ...['-addext', 'inhibitAnyPolicy=critical,2', '-addext', 'policyMappings=1.2.3.4:1.2.5,1.2.6:1.2.7'],
      ...['-addext', 'nameConstraints=critical,permitted;email:.example.org,permitted;DNS:example.org,excluded;URI:.example.net'],
    ]);
    expect(unwrap(parseCertificate(der))).toMatchObject({
      unreadableExtensions: [],
      policyConstraints: { requireExplicitPolicy: 3, inhibitPolicyMapping: 0 },
      inhibitAnyPolicy: 2,
      policyMappings: [
        { issuer: '1.2.3.4', subject: '1.2.5' },
        { issuer: '1.2.6', subject: '1.2.7' },
      ],
      nameConstraints: { permitted: { dns: ['example.org'], email: ['.example.org'] }, excluded: { uri: ['.example.net'] } },
    });
  });

  it('accepts chains, requests and challenges made here', async () => {
    const root = await createCertificateAuthority({ commonName: 'Root', ...validity, keyType: 'rsa-2048' });
    const middle = await createCertificateAuthority({
      commonName: 'Middle',
      ...validity,
      issuer: root,
      pathLength: 0,
      permittedDomains: ['example.org'],
    });
    const leaf = await issueCertificate({ names: ['mx.example.org', '*.example.org'], ips: ['192.0.2.1'], ...validity, issuer: middle });
    for (const [name, { certificatePem }] of Object.entries({ root, middle, leaf })) writeFileSync(path(name), certificatePem);
    const verify = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', path('root'), '-untrusted', path('middle')];
    const strict = (...args: string[]): string => openssl(...verify, ...args, path('leaf'));
    expect(strict('-verify_hostname', 'mx.example.org')).toContain('OK');
    expect(strict('-verify_ip', '192.0.2.1')).toContain('OK');
    writeFileSync(path('key'), leaf.privateKeyPem);
    expect(openssl('pkey', '-in', path('key'), '-pubout')).toBe(openssl('x509', '-in', path('leaf'), '-pubkey', '-noout'));

    const self = await createSelfSignedCertificate({ names: ['example.org'], ...validity });
    writeFileSync(path('self'), self.certificatePem);
    expect(openssl('verify', '-CAfile', path('self'), path('self'))).toContain('OK');

    const acme = await createAcmeCertificate({ name: 'example.org', keyAuthorizationDigest: new Uint8Array(32), ...validity });
    writeFileSync(path('acme'), acme.certificatePem);
    expect(openssl('x509', '-in', path('acme'), '-noout', '-text')).toMatch(/1\.3\.6\.1\.5\.5\.7\.1\.31: critical/);

    for (const keyType of ['ecdsa-p256', 'rsa-2048'] as const) {
      const request = await createCertificateRequest({ names: ['example.org', 'bücher.example'], ips: ['2001:db8::1'], keyType });
      writeFileSync(path('request'), request.requestPem);
      const text = openssl('req', '-in', path('request'), '-noout', '-text', '-verify');
      expect(text).toMatch(/DNS:example.org, DNS:xn--bcher-kva.example, IP Address:2001:DB8:0:0:0:0:0:1/);
    }
  });

  it('what Web Crypto signs by RSA and ECDSA, and what openssl signs by Ed25519, makes one path', async () => {
    make('root-ed', ['-newkey', 'ed25519', '-addext', 'keyUsage=keyCertSign']);
    const request = await createCertificateRequest({ names: ['mx.example.org'] });
    writeFileSync(path('csr'), request.requestPem);
    openssl('x509', '-inform', 'der', '-in', path('root-ed'), '-out', path('root-ed.pem'));
    openssl(
      'x509',
      '-req',
      '-in',
      path('csr'),
      '-CA',
      path('root-ed.pem'),
      '-CAkey',
      path('root-ed.key'),
      '-copy_extensions',
      'copy',
      '-days',
      '3',
      '-out',
      path('signed'),
    );
    const certificate = unwrap(parseCertificate(readFileSync(path('signed'), 'utf8')));
    const anchor = unwrap(parseCertificate(readFileSync(path('root-ed.pem'), 'utf8')));
    const result = await verifyCertificationPath({ certificate, intermediates: [], anchors: [anchor], now: Date.now() });
    expect(result.status === 'valid' ? 'valid' : result.problem).toBe('valid');
  });

  it.each([
    ['sha1', ['-newkey', 'rsa:2048', '-sha1'], /no longer safe/],
    ['short', ['-newkey', 'rsa:1024'], /RSA key of 1024 bits/],
  ] as const)('RFC 9325 §4.5: a path with a weak signature or key is none: %s', async (name, args, problem) => {
    const certificate = unwrap(parseCertificate(make(`weak-${name}`, args)));
    expect(await verifySignature(certificate, certificate.publicKey)).toBe(true);
    const anchor = { publicKey: certificate.publicKey };
    const twin = { ...certificate, publicKey: { ...certificate.publicKey, spki: certificate.publicKey.spki.slice(1) } };
    const parameters = { certificate: twin, intermediates: [], anchors: [anchor], now: Date.now() };
    expect(await verifyCertificationPath(parameters)).toEqual({ status: 'invalid', problem: expect.stringMatching(problem) });
    expect((await verifyCertificationPath({ ...parameters, minRsaBits: 1024 })).status).toBe(name === 'short' ? 'valid' : 'invalid');
  });

  it('mutants of certificates never throw, and what is read of one is as long as it', async () => {
    const seeds = kinds.slice(3, 6).map(([name, args]) => make(`seed-${name}`, args));
    for (const mutant of mutants(seeds, {
      count: 6000,
      tokens: ['\x30\x80', '\x30\x82\x01\x00', '\x06\x03', '\x02\x01', '\x00', '\x01\x01'],
    })) {
      const parsed = parseCertificate(mutant);
      if (parsed.ok) expect(parsed.value.der).toBe(mutant);
      else expect(parsed.error.offset).toBeLessThanOrEqual(mutant.length);
    }
    const [seed] = seeds;
    const mutated = [...mutants(seed ? [seed] : [], { count: 150, seed: 2 })].map((mutant) => parseCertificate(mutant));
    for (const one of mutated) if (one.ok) await verifySignature(one.value, one.value.publicKey);
  });
});
