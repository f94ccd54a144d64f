// Reports to senders (RFC 3461 §5.2, RFC 3461 §6, RFC 3464).
import { chooseReturnedContent, type DeliveryAction, type DeliveryOutcome, decideDsn, makeDsn, makeRecipientStatus } from '@mox/dsn';
import { findHeaderEnd } from '@mox/message-format';
import type { RecipientOutcome } from '@mox/outbound';
import { type Clock, concatBytes, type Random, type Trace, toUtf8 } from '@mox/runtime';
import { formatReply, type SmtpEnvelopeRecipient } from '@mox/smtp';
import type { QueuedMessage } from '@mox/store';
import type { QueuedParameters } from './queued-parameters.ts';

/** What became of a recipient, as a report tells it. */
export interface Told {
  readonly outcome: RecipientOutcome;
  readonly became: DeliveryOutcome;
}

/** Of whom a report tells, and what. */
export interface Telling {
  readonly told: readonly (Told & { readonly action: DeliveryAction })[];
  /** Recipients whose mail is lost without the sender hearing of it (RFC 3461 §5.2). */
  readonly silent: readonly string[];
  readonly trace: Trace;
}

/** Decides of which recipients the sender is told (RFC 3461 §5.2). */
export function decideTelling(sender: string, asked: ReadonlyMap<string, SmtpEnvelopeRecipient>, ended: readonly Told[]): Telling {
  const decided = ended.map((one) => {
    const notify = asked.get(one.outcome.address)?.notify;
    return { one, decision: decideDsn({ sender, outcome: one.became, ...(notify !== undefined && { notify }) }) };
  });
  return {
    told: decided.flatMap(({ one, decision: { action } }) => (action ? [{ ...one, action }] : [])),
    silent: decided.flatMap(({ one, decision }) => (decision.tellPostmaster ? [one.outcome.address] : [])),
    trace: decided.flatMap(({ decision }) => decision.trace),
  };
}

const mostHeaderBytes = 256 * 1024;

/** The beginning of a message: no more than is asked for and one piece. */
async function readBeginning(content: AsyncIterable<Uint8Array>, mostBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of content) {
    pieces.push(piece);
    length += piece.length;
    if (length >= mostBytes) break;
  }
  return concatBytes(pieces);
}

/** A report, made. */
export interface MadeReport {
  readonly bytes: Uint8Array;
  readonly messageId: string;
  readonly eightBit: boolean;
  readonly smtputf8: boolean;
}

function statusOf(
  { outcome, action }: Telling['told'][number],
  asked: SmtpEnvelopeRecipient | undefined,
  times: { readonly now: number; readonly willRetryUntil: number },
): ReturnType<typeof makeRecipientStatus> {
  const { address, code, host, reply, problem } = outcome;
  const made = makeRecipientStatus({
    recipient: address,
    action,
    status: code,
    lastAttemptAt: times.now,
    ...(asked?.originalRecipient && { originalRecipient: asked.originalRecipient }),
    // RFC 3464 §2.3.5: no Remote-MTA where none had a part in it.
    ...(host !== undefined && reply && { remote: { name: host, reply: toUtf8(formatReply(reply)) } }),
    ...(action === 'delayed' && { willRetryUntil: times.willRetryUntil }),
  });
  if (made.diagnosticCode || problem === undefined) return made;
  // RFC 3464 §2.3.6: without a Remote-MTA, the diagnostic is that of the reporting system.
  return { ...made, diagnosticCode: { type: 'x-mox', text: problem } };
}

/** Makes the report about recipients of one message (RFC 3461 §6.2, RFC 3461 §6.3). */
export async function makeReport(
  telling: Telling,
  about: {
    readonly row: QueuedMessage;
    readonly parameters: QueuedParameters;
    readonly asked: ReadonlyMap<string, SmtpEnvelopeRecipient>;
    readonly content: AsyncIterable<Uint8Array> | undefined;
    readonly willRetryUntil: number;
  },
  options: { readonly clock: Clock; readonly random: Random; readonly hostname: string; readonly returnedBytes: number },
): Promise<MadeReport> {
  const { row, parameters, asked, content, willRetryUntil } = about;
  const { clock, random, hostname, returnedBytes } = options;
  const { ret, envid, requireTls, internationalized, messageId } = parameters;
  const wanted = chooseReturnedContent({
    actions: telling.told.map(({ action }) => action),
    sizeBytes: row.sizeBytes,
    mostBytes: returnedBytes,
    ...(ret && { ret }),
  });
  // RFC 8689 §5: as if RET=HDRS was there.
  const give = requireTls ? 'headers' : wanted;
  const read = content && (await readBeginning(content, give === 'full' ? row.sizeBytes : mostHeaderBytes));
  const original = read && give === 'headers' ? read.subarray(0, Math.min(findHeaderEnd(read), mostHeaderBytes)) : read;
  const smtputf8 = internationalized === true;
  const dsn = makeDsn(
    {
      status: {
        reportingMta: { type: 'dns', name: hostname },
        arrivalAt: row.queuedAt,
        recipients: telling.told.map((told) => statusOf(told, asked.get(told.outcome.address), { now: clock.now(), willRetryUntil })),
        extensions: [],
        ...(envid !== undefined && { originalEnvelopeId: envid }),
      },
      from: `postmaster@${hostname}`,
      to: row.sender,
      ...(original && { original: { message: original, give } }),
      ...(messageId !== undefined && { originalMessageId: messageId.replace(/^<|>$/g, '') }),
    },
    { clock, random, domain: hostname, smtputf8 },
  );
  return { bytes: dsn.bytes(), messageId: dsn.messageId, eightBit: dsn.needsEightBit, smtputf8: dsn.needsSmtputf8 };
}
