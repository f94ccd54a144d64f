import type { DsnNotify, OriginalRecipient, SmtpBody, SmtpEnvelopeRecipient } from '@mox/smtp';

/** What is kept with a queued message beside sender, recipients and content. */
export interface QueuedParameters {
  /** The transaction that brought the message. */
  readonly transactionId: string;
  /** The domain of the recipients as A-labels, or an address literal (RFC 5321 §4.1.3). */
  readonly nextHop: string;
  /** The account that sent it. */
  readonly accountId?: string;
  readonly messageId?: string;
  readonly body?: SmtpBody;
  readonly internationalized?: boolean;
  readonly requireTls?: boolean;
  readonly tlsNotRequired?: boolean;
  readonly ret?: 'FULL' | 'HDRS';
  readonly envid?: string;
  /** What was asked for by recipient, for those of whom something was. */
  readonly asked?: readonly SmtpEnvelopeRecipient[];
  /** A report that this queue made. */
  readonly report?: boolean;
  /** The sender was told of the delay, or would have been. */
  readonly toldOfDelay?: boolean;
  /** An operator keeps it from being tried. */
  readonly held?: boolean;
}

const version = '1';

/** Parameters as a row of the store holds them: `version`, and `data` as JSON. */
export function formatQueuedParameters(parameters: QueuedParameters): Readonly<Record<string, string>> {
  return { version, data: JSON.stringify(parameters) };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNotify(value: unknown): value is DsnNotify {
  return value === 'NEVER' || (Array.isArray(value) && value.every((word) => ['SUCCESS', 'FAILURE', 'DELAY'].includes(word)));
}

function isOriginalRecipient(value: unknown): value is OriginalRecipient {
  return isRecord(value) && isText(value['type']) && isText(value['address']);
}

function isAsked(value: unknown): value is readonly SmtpEnvelopeRecipient[] {
  if (!Array.isArray(value)) return false;
  return value.every(
    (one) =>
      isRecord(one) &&
      isText(one['address']) &&
      (one['notify'] === undefined || isNotify(one['notify'])) &&
      (one['originalRecipient'] === undefined || isOriginalRecipient(one['originalRecipient'])),
  );
}

const optionalFields: Readonly<Record<Exclude<keyof QueuedParameters, 'transactionId' | 'nextHop'>, (value: unknown) => boolean>> = {
  accountId: isText,
  messageId: isText,
  body: (value) => value === '7BIT' || value === '8BITMIME' || value === 'BINARYMIME',
  internationalized: isFlag,
  requireTls: isFlag,
  tlsNotRequired: isFlag,
  ret: (value) => value === 'FULL' || value === 'HDRS',
  envid: isText,
  asked: isAsked,
  report: isFlag,
  toldOfDelay: isFlag,
  held: isFlag,
};

function isQueuedParameters(value: unknown): value is QueuedParameters {
  if (!isRecord(value) || !isText(value['transactionId']) || !isText(value['nextHop']) || value['nextHop'] === '') return false;
  return Object.entries(optionalFields).every(([name, accepts]) => value[name] === undefined || accepts(value[name]));
}

/** Reads what `formatQueuedParameters` wrote. Undefined where a row was written by something else, or is damaged. */
export function parseQueuedParameters(row: Readonly<Record<string, string>>): QueuedParameters | undefined {
  if (row['version'] !== version) return undefined;
  try {
    const data: unknown = JSON.parse(row['data'] ?? '');
    return isQueuedParameters(data) ? data : undefined;
  } catch {
    return undefined;
  }
}
