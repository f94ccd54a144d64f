import type { Trace } from '@mox/runtime';
import type { DeliveryAction } from './delivery-status.ts';

/** When the sender wants a notification about a recipient: NOTIFY (RFC 3461 §4.1). Empty is as `NEVER`. */
export type DsnNotify = 'NEVER' | readonly ('SUCCESS' | 'FAILURE' | 'DELAY')[];

/** What became of a message for a recipient, at one system. */
export type DeliveryOutcome =
  /** It is in a mailbox, or with the process that distributes it to a list. */
  | 'delivered'
  /** A system that offers DSN took it over, and the duty to notify with it. */
  | 'relayed'
  /** A system took it over that does not offer DSN, or a foreign one that does not notify. */
  | 'relayed-without-dsn'
  /** It went on to several addresses behind an alias, each of them notifying of failure. */
  | 'expanded'
  /** It was not delivered for long, and is tried on. */
  | 'delayed'
  | 'failed';

/** Whether a notification is issued about a recipient. */
export interface DsnDecision {
  /** What it says; undefined where none is issued. */
  readonly action?: DeliveryAction;
  /** Whether it must be issued; a notification of delay only may. */
  readonly required: boolean;
  /** Mail is lost and the sender does not hear of it: tell the postmaster, in a way that causes no notifications. */
  readonly tellPostmaster: boolean;
  readonly trace: Trace;
}

/** By outcome: what is said, on which condition, and whether that is the one where the sender named none. */
const outcomes: Readonly<
  Record<
    Exclude<DeliveryOutcome, 'relayed'>,
    { readonly action: DeliveryAction; readonly when: 'SUCCESS' | 'FAILURE' | 'DELAY'; readonly unasked: boolean; readonly rfc: string }
  >
> = {
  delivered: { action: 'delivered', when: 'SUCCESS', unasked: false, rfc: 'RFC 3461 §5.2.3' },
  'relayed-without-dsn': { action: 'relayed', when: 'SUCCESS', unasked: false, rfc: 'RFC 3461 §5.2.2' },
  expanded: { action: 'expanded', when: 'SUCCESS', unasked: false, rfc: 'RFC 3461 §5.2.7.3' },
  delayed: { action: 'delayed', when: 'DELAY', unasked: true, rfc: 'RFC 3461 §5.2.5' },
  failed: { action: 'failed', when: 'FAILURE', unasked: true, rfc: 'RFC 3461 §5.2.6' },
};

/**
 * Decides whether a notification is issued about one recipient of a message (RFC 3461 §5.2). Those of one message may go in one report,
 * which tells of no other recipients (RFC 3461 §5.2.8).
 *
 * @param situation `sender`: the reverse-path, empty for the null one; `notify`: undefined where the sender said nothing.
 */
export function decideDsn(situation: {
  readonly sender: string;
  readonly notify?: DsnNotify;
  readonly outcome: DeliveryOutcome;
}): DsnDecision {
  const { sender, notify, outcome } = situation;
  const inputs = { sender: sender || '<>', notify: typeof notify === 'string' ? notify : (notify?.join(',') ?? 'none'), outcome };
  const decide = (rfc: string, detail: string, action?: DeliveryAction): DsnDecision => ({
    ...(action && { action }),
    required: action !== undefined && action !== 'delayed',
    tellPostmaster: outcome === 'failed' && !action,
    trace: [{ step: 'delivery status notification', rfc, inputs, outcome: action ?? 'none', detail }],
  });
  if (sender === '') return decide('RFC 3461 §5.2', 'nobody is notified about a message with the null reverse-path');
  if (outcome === 'relayed') return decide('RFC 3461 §5.2.1', 'the next system notifies');
  const { action, when, unasked, rfc } = outcomes[outcome];
  const wanted = notify === undefined ? unasked : notify !== 'NEVER' && notify.includes(when);
  return wanted ? decide(rfc, notify ? `asked for by ${when}` : 'not asked for otherwise', action) : decide(rfc, `not asked for: ${when}`);
}

/**
 * How much of the message a notification gives back (RFC 3461 §4.3, §6.2): all of it where a delivery failed, the sender wants it and it is
 * not too large.
 */
export function chooseReturnedContent(report: {
  readonly ret?: 'FULL' | 'HDRS';
  readonly actions: readonly DeliveryAction[];
  readonly sizeBytes: number;
  /** Largest message that is given back whole. Default: 100,000. */
  readonly mostBytes?: number;
}): 'full' | 'headers' {
  const { ret, actions, sizeBytes, mostBytes = 100_000 } = report;
  return ret === 'FULL' && actions.includes('failed') && sizeBytes <= mostBytes ? 'full' : 'headers';
}

/** What a sender asks for about one recipient: the parameters RET and ENVID of MAIL, NOTIFY and ORCPT of RCPT (RFC 3461 §4). */
export interface DsnRequest {
  readonly ret?: 'FULL' | 'HDRS';
  readonly envid?: string;
  readonly notify?: DsnNotify;
  readonly originalRecipient?: { readonly type: string; readonly address: string };
}

/** Where a message goes on to. */
export type DsnPassing =
  /** A server that offers DSN, for the same recipient or the only one behind an alias. */
  | 'server'
  /** A server that does not offer DSN. */
  | 'server-without-dsn'
  /** Several addresses behind an alias, whose sender stays the same. */
  | 'expanded-alias'
  /** A list, which is a sender of its own. */
  | 'list';

/** What goes on with a message of what its sender asks for (RFC 3461 §5.2.1, §5.2.2, §5.2.7). */
export function passDsnRequest(request: DsnRequest, to: DsnPassing): DsnRequest {
  if (to === 'server') return request;
  if (to === 'server-without-dsn' || to === 'list') return {};
  const { notify } = request;
  if (notify === undefined || notify === 'NEVER') return request;
  // RFC 3461 §5.2.7.3 (c): the report of success is issued for the alias. Who asked for that alone wants to hear of nothing else.
  const rest = notify.filter((condition) => condition !== 'SUCCESS');
  return { ...request, notify: rest.length > 0 ? rest : 'NEVER' };
}
