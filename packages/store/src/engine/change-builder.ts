import type { AccountChange, MailboxChange, MessageStates } from '../change.ts';
import type { FlagSet } from '../mailbox.ts';

/** A message whose state changed. */
export interface StateRow {
  readonly uid: number;
  readonly flagSetId: number;
  readonly sizeBytes: number;
}

type MailboxEvent = AccountChange['mailboxes'][number];

/** Collects what one operation changes. Everything in it has the same modseq. */
export class ChangeBuilder {
  readonly modseq: number;
  readonly #mailboxes = new Map<number, { added: StateRow[]; flags: MessageStates[]; expunged: Uint32Array[] }>();
  readonly #events: MailboxEvent[] = [];

  constructor(modseq: number) {
    this.modseq = modseq;
  }

  added(mailboxId: number, row: StateRow): void {
    this.#of(mailboxId).added.push(row);
  }

  flags(mailboxId: number, states: MessageStates): void {
    this.#of(mailboxId).flags.push(states);
  }

  expunged(mailboxId: number, uids: Uint32Array): void {
    this.#of(mailboxId).expunged.push(uids);
  }

  mailbox(event: MailboxEvent): void {
    this.#events.push(event);
  }

  build(flagSets: readonly FlagSet[]): AccountChange {
    const messages = [...this.#mailboxes].map(([id, { added, flags, expunged }]): MailboxChange => {
      const [flagStates] = flags;
      const [gone] = expunged;
      return {
        mailboxId: `M${id}`,
        ...(added.length > 0 ? { added: this.#toStates(added) } : {}),
        ...(flagStates ? { flags: flagStates } : {}),
        ...(gone ? { expunged: gone } : {}),
      };
    });
    return { modseq: this.modseq, messages, mailboxes: this.#events, flagSets };
  }

  #of(mailboxId: number): { added: StateRow[]; flags: MessageStates[]; expunged: Uint32Array[] } {
    const known = this.#mailboxes.get(mailboxId);
    if (known) return known;
    const fresh = { added: [], flags: [], expunged: [] };
    this.#mailboxes.set(mailboxId, fresh);
    return fresh;
  }

  #toStates(rows: readonly StateRow[]): MessageStates {
    return {
      uids: Uint32Array.from(rows, (row) => row.uid),
      modseqs: new Float64Array(rows.length).fill(this.modseq),
      flagSetIds: Uint32Array.from(rows, (row) => row.flagSetId),
      sizes: Uint32Array.from(rows, (row) => row.sizeBytes),
    };
  }
}
