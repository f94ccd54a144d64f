import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, ServedSession } from '@mox/net-node';
import type { Logger } from '@mox/runtime';
import type { LoginThrottle } from './login-throttle.ts';

/** Events of sessions that have to do with logins. */
type LoginEvent =
  | { readonly type: 'lookup' | 'sasl-lookup' }
  | { readonly type: 'authenticated' }
  | { readonly type: 'authentication-failed'; readonly authcid?: string };

/** What watches over the logins of a connection. */
export interface LoginGuardDeps {
  readonly throttle: LoginThrottle;
  readonly logger: Logger;
  /** Name of the service, for the log. */
  readonly service: string;
}

function isLoginEvent(event: { readonly type: string }): event is LoginEvent {
  return ['lookup', 'sasl-lookup', 'authenticated', 'authentication-failed'].includes(event.type);
}

async function watch(event: LoginEvent, connection: Connection, deps: LoginGuardDeps): Promise<void> {
  const { throttle, logger, service } = deps;
  const remote = connection.remoteAddress;
  if (event.type === 'authenticated') throttle.succeeded(remote);
  else if (event.type === 'authentication-failed') {
    const failures = throttle.failed(remote);
    const wait = throttle.delayMilliseconds(remote);
    if (wait > 0)
      logger.warn('too many wrong logins: the next one waits', {
        remote,
        service,
        account: event.authcid,
        failures,
        waitMilliseconds: wait,
      });
  } else {
    const delay = throttle.delayMilliseconds(remote);
    if (delay > 0) await sleep(delay, undefined, { signal: connection.signal }).catch(() => {}); // gone: nothing to wait for
  }
}

/** A service's side of a connection with its logins watched: those of addresses that fail too often wait. */
export function guardLogins<Event extends { readonly type: string }>(
  connection: Connection,
  served: ServedSession<Event>,
  deps: LoginGuardDeps,
): ServedSession<Event> {
  return {
    session: served.session,
    handle(event) {
      if (!isLoginEvent(event)) return served.handle(event);
      return watch(event, connection, deps).then(() => served.handle(event));
    },
    shutdown: () => served.shutdown?.(),
    close: (reason) => served.close?.(reason),
  };
}
