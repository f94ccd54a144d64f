import { Attribute, CertificationRequest, Extensions } from 'pkijs';
import type { CertificateRequest, CertificateRequestParameters } from './certificate-parameters.ts';
import { X509Error } from './errors.ts';
import { generateLoadedKey, loadKey } from './loaded-key.ts';
import { subjectAltName } from './make-extensions.ts';
import { formatPem } from './pem.ts';
import { chooseCommonName, setCommonName } from './sign-certificate.ts';

const extensionRequest = '1.2.840.113549.1.9.14';

/** Makes a request and signs it. */
export async function signRequest(parameters: CertificateRequestParameters): Promise<CertificateRequest> {
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
