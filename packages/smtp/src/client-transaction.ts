import { fromLatin1 } from '@mox/runtime';
import type { SmtpRecipientResult, SmtpSendResult } from './client-event.ts';
import { clientExtensions } from './client-extensions.ts';
import { type ClientContext, readReply, type Script } from './client-script.ts';
import { DataEncoder } from './data-encoder.ts';
import type { SentParameter, SmtpEnvelope } from './envelope.ts';
import type { SmtpClientProblem } from './extension.ts';
import { isPositive, isTransient, type SmtpReply } from './reply.ts';

/** One message on its way out: what was answered so far, and how its content is sent. */
export class Transmission {
  readonly envelope: SmtpEnvelope;
  mail: SmtpReply | undefined;
  data: SmtpReply | undefined;
  /** Replies to RCPT, and in LMTP those to the content (RFC 2033 §4.2), by recipient. */
  readonly recipients: { rcpt: SmtpReply | undefined; final: SmtpReply | undefined }[];
  /** Why the transmission broke off. */
  problem: SmtpClientProblem | undefined;
  /** BDAT is used: chunks sent. Undefined with DATA. */
  chunks: number | undefined;
  readonly #encoder = new DataEncoder();

  constructor(envelope: SmtpEnvelope) {
    this.envelope = envelope;
    this.recipients = envelope.recipients.map(() => ({ rcpt: undefined, final: undefined }));
  }

  /** Recipients that were taken. */
  get taken(): { rcpt: SmtpReply | undefined; final: SmtpReply | undefined }[] {
    return this.recipients.filter(({ rcpt }) => rcpt && isPositive(rcpt));
  }

  /** Content as it is sent. */
  encode(content: Uint8Array): readonly Uint8Array[] {
    if (content.length === 0) return [];
    if (this.chunks === undefined) return [this.#encoder.encode(content)];
    this.chunks++;
    return [fromLatin1(`BDAT ${content.length}\r\n`), content];
  }

  /** What ends the content. */
  finish(): Uint8Array {
    if (this.chunks === undefined) return this.#encoder.finish();
    return fromLatin1('BDAT 0 LAST\r\n');
  }

  result(): SmtpSendResult {
    const { mail, data } = this;
    return {
      recipients: this.envelope.recipients.map(({ address }, i) => ({ address, ...this.#status(i) })),
      contentChanged: this.#encoder.changed,
      ...(mail ? { mail } : {}),
      ...(data ? { data } : {}),
    };
  }

  #status(index: number): Omit<SmtpRecipientResult, 'address'> {
    const { rcpt, final } = this.recipients[index] ?? {};
    const negative = [this.mail, rcpt, this.data].find((reply) => reply && !isPositive(reply) && reply.code !== 354);
    const reply = final ?? (this.mail && !isPositive(this.mail) ? this.mail : rcpt && !isPositive(rcpt) ? rcpt : negative);
    if (reply) return { status: isPositive(reply) ? 'accepted' : isTransient(reply) ? 'deferred' : 'refused', reply };
    const problem = this.problem ?? { code: 'not-smtp', message: 'the server said nothing of this recipient', enhanced: '4.5.0' };
    return { status: problem.enhanced.startsWith('5') ? 'refused' : 'deferred', problem };
  }
}

/** Parameters without a field of their own, where the server offers their extension. */
function further(context: ClientContext, parameters: readonly SentParameter[] = []): readonly string[] {
  return parameters.filter(({ extension }) => context.capabilities.get(extension)).map(({ text }) => text);
}

/** A parameter that the message cannot go without, and the server does not take. */
function missing(context: ClientContext, envelope: SmtpEnvelope): SmtpClientProblem | undefined {
  const all = [envelope, ...envelope.recipients].flatMap(({ parameters = [] }) => parameters);
  const found = all.find(({ required, extension }) => required && !context.capabilities.get(extension));
  if (!found) return undefined;
  const { extension } = found;
  return { code: 'not-offered', extension, message: `the message needs ${extension}, which the server does not offer`, enhanced: '5.3.3' };
}

function commands(context: ClientContext, envelope: SmtpEnvelope): { readonly mail: string; readonly recipients: readonly string[] } {
  const { capabilities } = context;
  const offered = clientExtensions.filter(({ keyword }) => capabilities.get(keyword));
  const mail = offered.flatMap((extension) => extension.mailParameters?.(envelope, capabilities) ?? []);
  const recipient = (i: number): readonly string[] =>
    offered.flatMap((extension) => extension.recipientParameters?.(envelope, i, capabilities) ?? []);
  return {
    mail: [`MAIL FROM:<${envelope.sender}>`, ...mail, ...further(context, envelope.parameters)].join(' '),
    recipients: envelope.recipients.map(({ address, parameters }, i) =>
      [`RCPT TO:<${address}>`, ...recipient(i), ...further(context, parameters)].join(' '),
    ),
  };
}

/** Sends commands and reads their replies: all at once where the server can take that (RFC 2920 §3.1), otherwise one by one. */
function* sayAll(context: ClientContext, lines: readonly string[], seconds: number): Script<SmtpReply[]> {
  const pipelining = context.capabilities.get('PIPELINING') !== undefined;
  if (pipelining) context.say(...lines);
  const replies: SmtpReply[] = [];
  for (const line of lines) {
    if (!pipelining) context.say(line);
    replies.push(yield* readReply(seconds));
    if (!pipelining && replies.length === 1 && !isPositive(replies[0] as SmtpReply)) break;
  }
  return replies;
}

/** MAIL and all RCPT. Whether content is to follow. */
function* sayEnvelope(context: ClientContext, transmission: Transmission): Script<boolean> {
  const { mail, recipients } = commands(context, transmission.envelope);
  const replies = yield* sayAll(context, [mail, ...recipients], context.options.timeouts?.commandSeconds ?? 300);
  transmission.mail = replies[0];
  transmission.recipients.forEach((recipient, i) => {
    recipient.rcpt = replies[i + 1];
  });
  return replies[0] !== undefined && isPositive(replies[0]) && transmission.taken.length > 0;
}

/** Has the content sent; undefined where the server did not want it. */
function* sayContent(context: ClientContext, transmission: Transmission): Script<boolean> {
  const { timeouts = {} } = context.options;
  if (transmission.chunks === undefined) {
    context.say('DATA');
    transmission.data = yield* readReply(timeouts.dataSeconds ?? 120);
    if (transmission.data.code !== 354) return false;
  }
  context.tell({ type: 'content-wanted' });
  const resumed = yield { type: 'content' };
  if (resumed.type !== 'content') throw new TypeError(`the content was waited for, ${resumed.type} came`);
  return true;
}

/** Reads the replies to the content. */
function* readOutcome(context: ClientContext, transmission: Transmission): Script<undefined> {
  const { timeouts = {}, protocol = 'smtp' } = context.options;
  const seconds = timeouts.endSeconds ?? 600;
  let broken: SmtpReply | undefined;
  for (let chunk = 0; chunk < (transmission.chunks ?? 0); chunk++) {
    const reply = yield* readReply(seconds);
    if (!isPositive(reply)) broken ??= reply;
  }
  const { taken } = transmission;
  // After a chunk that was refused there is no transaction any more, and one reply to the last chunk.
  const finals = protocol === 'lmtp' && !broken ? taken : taken.slice(0, 1);
  for (const recipient of finals) {
    const reply = yield* readReply(seconds);
    transmission.data = broken ?? reply;
    recipient.final = broken ?? reply;
  }
  for (const recipient of taken) recipient.final ??= transmission.data;
  return undefined;
}

function chunked(context: ClientContext, envelope: SmtpEnvelope): boolean {
  const { capabilities, options } = context;
  if (!capabilities.get('CHUNKING') || !capabilities.get('PIPELINING')) return false;
  return options.chunking === 'always' || envelope.body === 'BINARYMIME';
}

/** Sends one message (RFC 5321 §3.3). */
export function* transmit(context: ClientContext, transmission: Transmission): Script<undefined> {
  const { envelope } = transmission;
  for (const extension of clientExtensions) {
    transmission.problem ??= extension.refuse?.(envelope, context.capabilities);
  }
  transmission.problem ??= missing(context, envelope);
  if (transmission.problem) return undefined;
  if (chunked(context, envelope)) transmission.chunks = 0;
  const wanted = yield* sayEnvelope(context, transmission);
  if (wanted && (yield* sayContent(context, transmission))) return yield* readOutcome(context, transmission);
  // RFC 5321 §4.1.1.5: the next message begins with a clean slate.
  context.say('RSET');
  yield* readReply(context.options.timeouts?.commandSeconds ?? 300);
  return undefined;
}
