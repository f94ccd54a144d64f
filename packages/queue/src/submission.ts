import { formatAddressDomain, parseAddress } from '@mox/address';
import type { SmtpEnvelope, SmtpEnvelopeRecipient } from '@mox/smtp';
import type { NewQueued, StagedBlob } from '@mox/store';
import { formatQueuedParameters } from './queued-parameters.ts';

/** A message to be sent. */
export interface OutgoingSubmission {
  /** Sender, recipients and what the sender asked for: DSN, body, SMTPUTF8, REQUIRETLS. */
  readonly envelope: Pick<SmtpEnvelope, 'sender' | 'recipients' | 'body' | 'internationalized' | 'requireTls' | 'ret' | 'envid'>;
  /** The message. It stays the caller's to release. */
  readonly blob: StagedBlob;
  /** The transaction that brought it: what its story is found by. */
  readonly transactionId: string;
  readonly accountId?: string;
  /** Without angle brackets or with them, as it is to be found. */
  readonly messageId?: string;
  /** It says `TLS-Required: No` (RFC 8689 §4.2.2). */
  readonly tlsNotRequired?: boolean;
}

/** Why a message cannot be queued: misuse by the caller, who has had the addresses checked. */
export class QueueError extends Error {
  override readonly name: string = 'QueueError';
  readonly code: 'bad-address' | 'no-recipients' | 'too-many-recipients';

  constructor(code: QueueError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

function nextHopOf(address: string): string {
  const parsed = parseAddress(address, { smtputf8: true, lenient: true });
  if (!parsed.ok) throw new QueueError('bad-address', `not an address: ${address}`);
  return formatAddressDomain(parsed.value.domain).toLowerCase();
}

/** Recipients by next hop, each address once, in groups of bounded size (RFC 5321 §4.5.4.1, RFC 5321 §4.5.3.1.8). */
export function groupByNextHop(
  recipients: readonly SmtpEnvelopeRecipient[],
  mostInGroup: number,
): readonly { readonly nextHop: string; readonly recipients: readonly SmtpEnvelopeRecipient[] }[] {
  const unique = new Map(recipients.toReversed().map((recipient) => [recipient.address, recipient]));
  const byHop = Map.groupBy([...unique.values()].toReversed(), ({ address }) => nextHopOf(address));
  return [...byHop].flatMap(([nextHop, all]) =>
    Array.from({ length: Math.ceil(all.length / mostInGroup) }, (_, i) => ({
      nextHop,
      recipients: all.slice(i * mostInGroup, (i + 1) * mostInGroup),
    })),
  );
}

function asksForSomething({ notify, originalRecipient }: SmtpEnvelopeRecipient): boolean {
  return notify !== undefined || originalRecipient !== undefined;
}

/** The rows of a message: one for each next hop and group of recipients. */
export function rowsOf(
  submission: OutgoingSubmission & { readonly report?: boolean },
  options: { readonly now: number; readonly recipientsPerTransaction: number },
): readonly NewQueued[] {
  const { envelope, blob, transactionId, accountId, messageId, tlsNotRequired, report } = submission;
  const { sender, recipients, ret, envid, body, internationalized, requireTls } = envelope;
  const common = { transactionId, accountId, messageId, tlsNotRequired, report, ret, envid, body, internationalized, requireTls };
  return groupByNextHop(recipients, options.recipientsPerTransaction).map((group) => {
    const asked = group.recipients.filter(asksForSomething).map(({ address, notify, originalRecipient }) => ({
      address,
      ...(notify !== undefined && { notify }),
      ...(originalRecipient && { originalRecipient }),
    }));
    // What is undefined, JSON leaves out.
    const parameters = JSON.parse(JSON.stringify({ ...common, nextHop: group.nextHop, ...(asked.length > 0 && { asked }) }));
    return {
      sender,
      recipients: group.recipients.map(({ address }) => address),
      blob,
      nextAttemptAt: options.now,
      parameters: formatQueuedParameters(parameters),
    };
  });
}
