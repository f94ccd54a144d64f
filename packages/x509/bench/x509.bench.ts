// Certificates read, judged and made, beside pkijs and asn1js, which read the same bytes.
import { hash } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import { fromBER } from 'asn1js';
import { Certificate } from 'pkijs';
import { benchmark } from '../../../tools/bench-harness.ts';
import {
  createCertificateAuthority,
  createCertificateRequest,
  createSelfSignedCertificate,
  formatPem,
  issueCertificate,
  matchHostname,
  parseCertificate,
  parsePem,
  serverEndPointBinding,
  verifyCertificationPath,
  verifySignature,
} from '../src/index.ts';

const validity = { notBefore: Date.UTC(2026, 0, 1), notAfter: Date.UTC(2027, 0, 1) };
const now = Date.UTC(2026, 6, 1);
const root = await createCertificateAuthority({ commonName: 'Root', ...validity, keyType: 'rsa-2048' });
const middle = await createCertificateAuthority({ commonName: 'Middle', ...validity, issuer: root });
const server = await issueCertificate({ names: ['mx.example.org', '*.example.org'], ...validity, issuer: middle });
const der = server.certificateDer;
const certificate = unwrap(parseCertificate(der));
const [intermediate, anchor] = [middle, root].map(({ certificateDer }) => unwrap(parseCertificate(certificateDer)));
if (!intermediate || !anchor) throw new Error('two certificates');

await benchmark('read a certificate', {
  ours: () => parseCertificate(der),
  pkijs: () => Certificate.fromBER(der.slice()),
  'asn1js alone': () => fromBER(der),
});
await benchmark('match a host name', { ours: () => matchHostname(certificate, 'www.example.org') });
await benchmark('tls-server-end-point', { ours: () => serverEndPointBinding(der), 'SHA-256 alone': () => hash('sha256', der) });
await benchmark('verify an ECDSA P-256 signature', {
  ours: () => verifySignature(certificate, intermediate.publicKey),
  pkijs: () => Certificate.fromBER(der.slice()).verify(Certificate.fromBER(middle.certificateDer.slice())),
});
await benchmark('verify a path of three', {
  ours: () => verifyCertificationPath({ certificate, intermediates: [intermediate], anchors: [anchor], now }),
});
await benchmark('make a self-signed certificate', { ours: () => createSelfSignedCertificate({ names: ['mx.example.org'], ...validity }) });
await benchmark('make a request', {
  ours: () => createCertificateRequest({ names: ['mx.example.org'], privateKeyPem: server.privateKeyPem }),
});

const many = await createSelfSignedCertificate({ names: Array.from({ length: 2000 }, (_, i) => `host-${i}.example.org`), ...validity });
const large = unwrap(parseCertificate(many.certificateDer));
await benchmark('hostile: read 2,000 names', { ours: () => parseCertificate(many.certificateDer) }, { bytes: many.certificateDer.length });
await benchmark('hostile: match none of 2,000 names', { ours: () => matchHostname(large, 'mx.example.net') });
const nested = new Uint8Array(60_000).fill(0x30);
await benchmark('hostile: 60 KB of SEQUENCE', { ours: () => parseCertificate(nested) }, { bytes: nested.length });
const bundle = formatPem({ label: 'CERTIFICATE', bytes: der }).repeat(300);
await benchmark('300 certificates of PEM', { ours: () => parsePem(bundle) }, { bytes: bundle.length });
const twins = Array.from({ length: 200 }, () => intermediate).map((one, i) => ({ ...one, der: one.der.with(one.der.length - 1, i & 255) }));
await benchmark('hostile: a path among 200 issuers of one name', {
  ours: () => verifyCertificationPath({ certificate, intermediates: twins, anchors: [], now }),
});
