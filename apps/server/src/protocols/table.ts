import type { Service } from '../services.ts';
import { imapProtocol } from './imap.ts';
import type { Protocol, ProtocolDeps } from './protocol.ts';
import { smtpProtocol } from './smtp.ts';

/** Makes the services of all protocols. A new protocol is one file and one row. */
export function makeProtocols(deps: ProtocolDeps): Readonly<Record<Service['protocol'], Protocol>> {
  const smtp = smtpProtocol(deps);
  return { smtp, submission: smtp, imap: imapProtocol(deps) };
}
