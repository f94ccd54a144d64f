import { X509Certificate } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ServerCertificate } from '@mox/net-node';
import { systemRandom } from '@mox/runtime';
import type { DataDirectory } from '../config/data-directory.ts';

const day = 86_400_000;
const validDays = 397;
const renewBeforeDays = 30;

/** What a self-signed certificate is for. */
export interface SelfSignedOptions {
  readonly directory: DataDirectory;
  /** Host names and IP addresses. */
  readonly names: readonly string[];
  readonly now: number;
}

function readFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // not there, or not readable: a new one is made
  }
}

/** Whether a certificate still serves: its names, and that it does not end soon. */
function isGood(certificatePem: string, privateKeyPem: string, { names, now }: SelfSignedOptions): boolean {
  try {
    const certificate = new X509Certificate(certificatePem);
    const covers = names.every((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined);
    const left = Date.parse(certificate.validTo) - now;
    return covers && left > renewBeforeDays * day && Date.parse(certificate.validFrom) <= now && privateKeyPem.includes('PRIVATE KEY');
  } catch {
    return false;
  }
}

/** Puts a file in its place whole: a reader never sees half of it. */
function writeWhole(path: string, text: string, mode: number): void {
  writeFileSync(`${path}.new`, text, { mode });
  renameSync(`${path}.new`, path);
}

/** The certificate of the data directory, made anew where there is none that still serves. */
export async function selfSignedCertificate(
  options: SelfSignedOptions,
): Promise<{ readonly certificate: ServerCertificate; readonly isNew: boolean }> {
  const { directory, names, now } = options;
  const serves = { names: names.filter((name) => !isIP(name)), endPointHash: 'sha256' } as const; // signed by ECDSA with SHA-256
  const certificatePem = readFile(directory.certificateFile);
  const privateKeyPem = readFile(directory.privateKeyFile);
  if (certificatePem && privateKeyPem && isGood(certificatePem, privateKeyPem, options)) {
    return { certificate: { ...serves, certificatePem, privateKeyPem }, isNew: false };
  }
  const { createSelfSignedCertificate } = await import('@mox/x509'); // large, and wanted once a year
  const made = await createSelfSignedCertificate({
    names: serves.names,
    ips: names.filter((name) => isIP(name)),
    keyType: 'ecdsa-p256',
    notBefore: now - day,
    notAfter: now + validDays * day,
    random: systemRandom,
  });
  writeWhole(directory.privateKeyFile, made.privateKeyPem, 0o600);
  writeWhole(directory.certificateFile, made.certificatePem, 0o644);
  return { certificate: { ...serves, certificatePem: made.certificatePem, privateKeyPem: made.privateKeyPem }, isNew: true };
}
