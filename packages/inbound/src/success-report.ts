// Reports of success (RFC 3461 §5.2.3): who asked for one hears that the message was delivered.
import { type Address, canonicalAddress, formatAddress } from '@mox/address';
import { makeDsn, type RecipientStatus } from '@mox/dsn';
import { concatBytes, fromLatin1 } from '@mox/runtime';
import { envidParameter, notifyParameter, orcptParameter, type SmtpRecipient, type SmtpTransaction, smtpUtf8Parameter } from '@mox/smtp';
import type { Decision } from '@mox/store';
import type { Delivery, DeliveryResult } from './delivery.ts';
import type { InboundContext } from './options.ts';
import { formatReturnPath } from './trace-fields.ts';
import { makeTransactionId } from './transaction-id.ts';

/** A message that was delivered, as far as a report tells of it. */
export interface DeliveredMessage {
  readonly sender: Address;
  /** The account of the sender. */
  readonly accountId: string;
  readonly envelope: SmtpTransaction;
  /** Canonical addresses that it was delivered to. */
  readonly delivered: ReadonlySet<string>;
  /** Its header section. */
  readonly header: Uint8Array;
  readonly messageId?: string;
  readonly decision: Decision;
}

function wantsReport({ parameters }: SmtpRecipient): boolean {
  const notify = parameters.get(notifyParameter);
  return Array.isArray(notify) && notify.includes('SUCCESS');
}

/** Whether the sender asked for a report of success about any recipient (RFC 3461 §4.1). */
export function asksForSuccessReport(envelope: SmtpTransaction | undefined): boolean {
  return envelope?.sender ? envelope.recipients.some(wantsReport) : false;
}

function statusOf(recipient: SmtpRecipient, utf8: boolean): RecipientStatus {
  const originalRecipient = recipient.parameters.get(orcptParameter);
  const address = formatAddress(recipient.address, { smtputf8: utf8 });
  return {
    ...(originalRecipient ? { originalRecipient } : {}),
    finalRecipient: { type: /^[\x20-\x7e]*$/.test(address) ? 'rfc822' : 'utf-8', address },
    action: 'delivered',
    status: { class: 2, subject: 1, detail: 5 },
  };
}

/** Makes the report, and puts it into the sender's inbox, durably; undefined where it is about nobody. */
export async function deliverSuccessReport(
  context: InboundContext,
  delivery: Delivery,
  message: DeliveredMessage,
): Promise<DeliveryResult | undefined> {
  const { sender, accountId, envelope, delivered, header, messageId, decision } = message;
  const about = envelope.recipients.filter((recipient) => wantsReport(recipient) && delivered.has(canonicalAddress(recipient.address)));
  if (about.length === 0) return undefined;
  const { clock, random, hostname, store } = context;
  const smtputf8 = envelope.parameters.get(smtpUtf8Parameter) === true;
  const originalEnvelopeId = envelope.parameters.get(envidParameter);
  const to = formatAddress(sender, { smtputf8 });
  const report = makeDsn(
    {
      status: {
        reportingMta: { type: 'dns', name: hostname },
        arrivalAt: decision.at,
        recipients: about.map((recipient) => statusOf(recipient, smtputf8)),
        extensions: [],
        ...(originalEnvelopeId === undefined ? {} : { originalEnvelopeId }),
      },
      from: [`postmaster@${hostname}`],
      to,
      original: { message: header, give: 'headers' },
      ...(messageId === undefined ? {} : { originalMessageId: messageId }),
    },
    { clock, random, domain: hostname, smtputf8 },
  );
  const writer = store.writeBlob();
  // RFC 3461 §6.1: the reverse-path of a report is null.
  await writer.write(concatBytes([fromLatin1(formatReturnPath(null, false)), report.bytes()]));
  const blob = await writer.finish();
  try {
    const id = makeTransactionId(clock.now(), random);
    const [result] = await delivery.deliver([accountId], {
      blob,
      receivedAt: clock.now(),
      decision: {
        ...decision,
        id,
        direction: 'inbound',
        envelope: { sender: '', recipients: [canonicalAddress(sender)] },
        message: { messageId: report.messageId, sizeBytes: blob.sizeBytes },
        checks: [],
        reply: '',
        reason: `a report of success that ${decision.id} asked for`,
        deliveries: [{ recipient: canonicalAddress(sender), accountId, mailbox: 'INBOX' }],
      },
    });
    return result;
  } finally {
    await blob.release();
  }
}
