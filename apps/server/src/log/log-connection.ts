import type { Connection, ServedSession } from '@mox/net-node';
import type { Logger } from '@mox/runtime';

/** A service's side of a connection whose beginning and end are logged, for those who look closely. */
export function logConnection<Event extends { readonly type: string }>(
  connection: Connection,
  served: ServedSession<Event>,
  { logger, service }: { readonly logger: Logger; readonly service: string },
): ServedSession<Event> {
  const { id, remoteAddress, tls } = connection;
  logger.debug('connected', { connection: id, service, remote: remoteAddress, tls: tls?.protocol });
  return {
    session: served.session,
    handle: (event) => served.handle(event),
    shutdown: () => served.shutdown?.(),
    close(reason) {
      logger.debug('disconnected', { connection: id, service, reason });
      return served.close?.(reason);
    },
  };
}
