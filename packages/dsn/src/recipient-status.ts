import { present } from '@mox/syntax';
import type { DeliveryAction, RecipientStatus } from './delivery-status.ts';
import { parseStatusCode, type StatusCode } from './status-code.ts';
import type { TypedAddress } from './typed-address.ts';

/** What is known of one recipient when a notification is made. */
export interface RecipientReport {
  /** Of the envelope, `localpart@domain`. */
  readonly recipient: string;
  /** ORCPT, decoded. */
  readonly originalRecipient?: TypedAddress;
  readonly action: DeliveryAction;
  /** Where the message was being relayed to: name of the server, its reply, and the recipient as it was told there where that is another. */
  readonly remote?: {
    readonly name: string;
    /** All lines, with the code before each, e.g. `550 5.1.1 No such user`. */
    readonly reply?: string;
    readonly recipient?: string;
  };
  /** What happened, where no reply says it. */
  readonly status?: StatusCode;
  readonly lastAttemptAt?: number;
  readonly willRetryUntil?: number;
}

const byAction: Readonly<Record<DeliveryAction, StatusCode['class']>> = { failed: 5, delayed: 4, delivered: 2, relayed: 2, expanded: 2 };

/** The code that a reply carries, or its class alone: 5.0.0, 4.0.0, 2.0.0. */
function statusOfReply(reply: string | undefined): StatusCode | undefined {
  const match = /^([245])\d\d(?:[ -](\S+))?/.exec(reply ?? '');
  if (!match) return undefined;
  const code = parseStatusCode(match[2] ?? '');
  return code && String(code.class) === match[1] ? code : parseStatusCode(`${match[1]}.0.0`);
}

/**
 * Fills in what a notification must say of a recipient of a message that came by SMTP, and must not where it is not known (RFC 3461 §6.3):
 * the addresses, the status, and of a server that it was relayed to the name and the reply.
 */
export function makeRecipientStatus(report: RecipientReport): RecipientStatus {
  const { recipient, originalRecipient, action, remote, lastAttemptAt, willRetryUntil } = report;
  const statusClass = byAction[action];
  return {
    finalRecipient: { type: /^[\x20-\x7e]*$/.test(recipient) ? 'rfc822' : 'utf-8', address: recipient },
    action,
    status: report.status ?? statusOfReply(remote?.reply) ?? { class: statusClass, subject: 0, detail: 0 },
    ...present({
      originalRecipient,
      remoteMta: remote && { type: 'dns', name: remote.name },
      // RFC 3461 §9.2: the lines of a reply as one.
      diagnosticCode: remote?.reply === undefined ? undefined : { type: 'smtp', text: remote.reply.replace(/\s+/g, ' ').trim() },
      lastAttemptAt,
      willRetryUntil,
      extensions: remote?.recipient === undefined ? undefined : ([['smtp-remote-recipient', remote.recipient]] as const),
    }),
  };
}
