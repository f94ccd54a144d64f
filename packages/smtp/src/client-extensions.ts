import type { ClientExtension } from './extension.ts';
import { authClient } from './extensions/auth.ts';
import { binaryMimeClient } from './extensions/binarymime.ts';
import { chunkingClient } from './extensions/chunking.ts';
import { dsnClient } from './extensions/dsn.ts';
import { eightBitMimeClient } from './extensions/eightbitmime.ts';
import { enhancedStatusCodesClient } from './extensions/enhanced-status-codes.ts';
import { limitsClient } from './extensions/limits.ts';
import { pipeliningClient } from './extensions/pipelining.ts';
import { requireTlsClient } from './extensions/requiretls.ts';
import { sizeClient } from './extensions/size.ts';
import { smtpUtf8Client } from './extensions/smtputf8.ts';
import { startTlsClient } from './extensions/starttls.ts';

/** The extensions of the client. A new one is a row here and a file in extensions/. */
export const clientExtensions: readonly ClientExtension[] = [
  pipeliningClient,
  sizeClient,
  startTlsClient,
  authClient,
  eightBitMimeClient,
  enhancedStatusCodesClient,
  chunkingClient,
  binaryMimeClient,
  smtpUtf8Client,
  dsnClient,
  requireTlsClient,
  limitsClient,
];
