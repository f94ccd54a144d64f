import type { StatusCode } from '@mox/dsn';
import { isPositive, type SmtpReply } from '@mox/smtp';
import type { OutgoingMessage, RecipientOutcome } from './delivery.ts';
import type { HostSessionResult, OpeningFailure, SentRecipient } from './host-session.ts';
import { boundReply, boundText, describeReply, statusCode, statusOfReply } from './remote-text.ts';

/** Which host, at which address, an outcome is from. */
export interface OutcomeHost {
  readonly host?: string;
  readonly ip?: string;
}

/** Why a host did not take the message, for all recipients that are left. */
export interface HostTrouble extends OutcomeHost {
  /** RFC 3463: class 5 where this host will never take it. */
  readonly code: string;
  readonly problem: string;
  readonly reply?: SmtpReply;
}

/** One recipient while the attempt goes on. */
interface Pending {
  /** What is known so far. */
  outcome?: RecipientOutcome;
  /** Nothing more is to be tried for it. */
  settled: boolean;
}

/** Problems of a message with one server, where another may do better. */
const ofServer: ReadonlySet<string> = new Set(['message-too-big', 'not-offered']);

/** What became of each recipient so far. A recipient is settled once: what took it, or refused it for good, is the last word. */
export class RecipientOutcomes {
  readonly #message: OutgoingMessage;
  readonly #pending: readonly Pending[];
  /** What hosts had against the message as a whole. */
  #troubles: HostTrouble[] = [];

  constructor(message: OutgoingMessage) {
    this.#message = message;
    this.#pending = message.envelope.recipients.map(() => ({ settled: false }));
  }

  /** Indexes of recipients that another host may be tried for. */
  get open(): readonly number[] {
    return this.#pending.flatMap(({ settled }, i) => (settled ? [] : [i]));
  }

  get anySettled(): boolean {
    return this.#pending.some(({ settled }) => settled);
  }

  /** A host, or an address of it, that took nothing. */
  trouble(trouble: HostTrouble): void {
    this.#troubles.push(trouble);
  }

  /** What a session brought for the recipients it was opened for. */
  record(indexes: readonly number[], result: HostSessionResult, at: OutcomeHost): void {
    result.sent.forEach((sent, i) => {
      const index = indexes[i];
      const pending = index === undefined ? undefined : this.#pending[index];
      if (pending && !pending.settled) this.#recordOne(pending, sent, { ...at, dsn: result.dsnOffered });
    });
  }

  #recordOne(pending: Pending, { result, inDoubt }: SentRecipient, { dsn, ...at }: OutcomeHost & { readonly dsn: boolean }): void {
    const { address, reply, problem } = result;
    if (reply) {
      const base = { address, code: statusOfReply(reply), reply: boundReply(reply), ...at };
      const relayed = isPositive(reply) && result.status === 'accepted';
      // RFC 5321 §4.2.1: a reply that is neither yes nor no, out of its place, is nobody's verdict on the recipient.
      pending.settled = relayed || reply.code >= 500;
      if (relayed) pending.outcome = { ...base, status: dsn ? 'relayed' : 'relayed-without-dsn' };
      else
        pending.outcome = {
          ...base,
          status: pending.settled ? 'failed' : 'deferred',
          problem: `${at.host ?? 'the host'} said: ${describeReply(reply)}`,
        };
      return;
    }
    const code = problem?.enhanced ?? '4.4.2';
    if (problem && ofServer.has(problem.code)) {
      this.#troubles.push({ code, problem: problem.message, ...at });
      return;
    }
    const doubt = 'the message was sent whole, but no reply came: it may have been taken';
    const text = inDoubt ? doubt : `${at.host ?? 'the host'}: ${problem?.message ?? 'the connection was lost'}`;
    pending.outcome = { address, status: 'deferred', code: statusCode(code), problem: text, ...at };
    // Elsewhere it could arrive a second time (RFC 5321 §6.1 has the same duty for servers).
    pending.settled = inDoubt;
  }

  /** A fault of this machine, or the end of the attempt: what is open is to be tried again. */
  defer(code: string, problem: string): void {
    this.#pending.forEach((pending, i) => {
      if (!pending.settled) Object.assign(pending, { settled: true, outcome: this.#make(i, { code, problem }, 'deferred') });
    });
  }

  #make(index: number, trouble: HostTrouble, status: 'failed' | 'deferred'): RecipientOutcome {
    const address = this.#message.envelope.recipients[index]?.address ?? '';
    const { code, problem, ...rest } = trouble;
    const parsed = statusCode(code);
    const fitting: StatusCode = { ...parsed, class: status === 'failed' ? 5 : 4 };
    return { address, status, code: fitting, problem: boundText(problem), ...rest };
  }

  /**
   * The outcome of all: where nobody took or refused a recipient, what the hosts had against the message decides. It fails where no
   * host will ever take it, which is not so while one of them could not be asked.
   */
  finish(): readonly RecipientOutcome[] {
    const passing = this.#troubles.filter(({ code }) => !code.startsWith('5'));
    const decisive = passing.at(-1) ?? this.#troubles.at(-1) ?? { code: '4.4.1', problem: 'no host could be tried in this attempt' };
    const status = passing.length > 0 || this.#troubles.length === 0 ? 'deferred' : 'failed';
    return this.#pending.map(({ outcome }, i) => outcome ?? this.#make(i, decisive, status));
  }
}

/** What a session that was not opened says of the host. Words of a server that was to prove who it is, and did not, are not final. */
export function troubleOfOpening(failure: OpeningFailure, at: OutcomeHost & { readonly proofWanted: boolean }): HostTrouble {
  const { proofWanted, ...host } = at;
  const { reply, problem } = failure;
  const said = reply ? `${problem}: ${describeReply(reply)}` : problem;
  const code = reply?.enhanced ?? (reply ? `${Math.floor(reply.code / 100)}.0.0` : failure.enhanced);
  const final = code.startsWith('5') && !proofWanted;
  return { code: final ? code : `4${code.slice(1)}`, problem: said, ...host, ...(reply ? { reply: boundReply(reply) } : {}) };
}
