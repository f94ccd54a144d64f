import type { ServerExtension } from './extension.ts';
import { authServer } from './extensions/auth.ts';
import { binaryMimeServer } from './extensions/binarymime.ts';
import { chunkingServer } from './extensions/chunking.ts';
import { dsnServer } from './extensions/dsn.ts';
import { eightBitMimeServer } from './extensions/eightbitmime.ts';
import { enhancedStatusCodesServer } from './extensions/enhanced-status-codes.ts';
import { limitsServer } from './extensions/limits.ts';
import { pipeliningServer } from './extensions/pipelining.ts';
import { requireTlsServer } from './extensions/requiretls.ts';
import { sizeServer } from './extensions/size.ts';
import { smtpUtf8Server } from './extensions/smtputf8.ts';
import { startTlsServer } from './extensions/starttls.ts';

/** The extensions of the server, in the order of the EHLO reply. A new one is a row here and a file in extensions/. */
export const serverExtensions: readonly ServerExtension[] = [
  pipeliningServer,
  sizeServer,
  startTlsServer,
  authServer,
  eightBitMimeServer,
  enhancedStatusCodesServer,
  chunkingServer,
  binaryMimeServer,
  smtpUtf8Server,
  dsnServer,
  requireTlsServer,
  limitsServer,
];
