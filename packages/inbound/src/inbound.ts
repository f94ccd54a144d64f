import type { Shared } from './acceptance.ts';
import { InboundSession } from './connection.ts';
import { Delivery } from './delivery.ts';
import { FullMailboxes } from './full-mailboxes.ts';
import type { InboundConnection, InboundListener, InboundOptions } from './options.ts';

/** The service that takes mail in. */
export interface Inbound {
  /** Makes the service's side of one connection. */
  serve(listener: InboundListener, connection: InboundConnection): InboundSession;
}

const headerBytes = 1024 * 1024;

/** Makes the service that takes mail in: by SMTP from other hosts, by submission from users, by LMTP from other mail systems. */
export function createInbound(options: InboundOptions): Inbound {
  const context = { headerBytes, ...options };
  const shared: Shared = {
    context,
    delivery: new Delivery(context.store),
    fullMailboxes: new FullMailboxes(context.clock),
  };
  return { serve: (listener, connection) => new InboundSession(shared, listener, connection) };
}
