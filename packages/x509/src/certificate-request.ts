import { Attribute, CertificationRequest, Extensions } from 'pkijs';
import { type CertificateKeyType, generateLoadedKey, loadKey } from './certificate-key.ts';
import { X509Error } from './errors.ts';
import { chooseCommonName, setCommonName } from './issue-certificate.ts';
import { subjectAltName } from './make-extensions.ts';
import { formatPem } from './pem.ts';

/** A request for a certificate, with the key that it is for. */
export interface CertificateRequest {
  /** DER of PKCS #10, as ACME takes it in base64url (RFC 8555 §7.4). */
  readonly requestDer: Uint8Array;
  readonly requestPem: string;
  /** PKCS #8: a secret. */
  readonly privateKeyPem: string;
}

const extensionRequest = '1.2.840.113549.1.9.14';

/**
 * Makes a request for a certificate (PKCS #10) of some names, signed by a new key or the one given.
 * @throws X509Error `bad-parameter` where there is no name, or a name is none; `bad-key` for a key that cannot be used.
 */
export async function createCertificateRequest(parameters: {
  readonly names?: readonly string[];
  readonly ips?: readonly string[];
  readonly commonName?: string;
  readonly keyType?: CertificateKeyType;
  readonly privateKeyPem?: string;
}): Promise<CertificateRequest> {
  const { names = [], ips = [], privateKeyPem, keyType = 'ecdsa-p256' } = parameters;
  if (names.length + ips.length === 0) throw new X509Error('bad-parameter', 'a request needs a name');
  const key = privateKeyPem === undefined ? await generateLoadedKey(keyType) : await loadKey(privateKeyPem);
  const request = new CertificationRequest({ version: 0 });
  setCommonName(request.subject, chooseCommonName(parameters));
  const extensions = new Extensions({ extensions: [subjectAltName(names, ips, { critical: false })] });
  request.attributes = [new Attribute({ type: extensionRequest, values: [extensions.toSchema()] })];
  await request.subjectPublicKeyInfo.importKey(key.pair.publicKey);
  await request.sign(key.pair.privateKey, 'SHA-256');
  const requestDer = new Uint8Array(request.toSchema(true).toBER(false));
  return { requestDer, requestPem: formatPem({ label: 'CERTIFICATE REQUEST', bytes: requestDer }), privateKeyPem: key.privateKeyPem };
}
