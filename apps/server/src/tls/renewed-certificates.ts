import { TlsCertificates } from '@mox/net-node';
import type { Clock, Logger } from '@mox/runtime';
import type { DataDirectory } from '../config/data-directory.ts';
import { selfSignedCertificate } from './self-signed.ts';

const checkMilliseconds = 12 * 3_600_000;

/** The certificate of a data directory in use, renewed before it ends while the server runs. `stop` ends the renewing. */
export async function renewedCertificates(options: {
  readonly directory: DataDirectory;
  readonly names: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<{ readonly certificates: TlsCertificates; stop(): void }> {
  const { directory, names, clock, logger } = options;
  const load = (): ReturnType<typeof selfSignedCertificate> => selfSignedCertificate({ directory, names, now: clock.now() });
  const certificates = new TlsCertificates([(await load()).certificate]);
  const renew = async (): Promise<void> => {
    const { certificate, isNew } = await load();
    if (!isNew) return;
    certificates.replace([certificate]);
    logger.info('certificate renewed');
  };
  const timer = setInterval(() => {
    renew().catch((error: unknown) => logger.error('renewing the certificate failed', { problem: String(error) }));
  }, checkMilliseconds).unref();
  return { certificates, stop: () => clearInterval(timer) };
}
