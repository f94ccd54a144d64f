/** How long a full mailbox is remembered. */
const hours = 24;
const most = 10_000;

/**
 * Remembers mailboxes that had no room for a message whose size was not announced. With the client's next attempt the
 * recipient is refused at RCPT, and the others of the transaction get their message.
 */
export class FullMailboxes {
  readonly #clock: { now(): number };
  readonly #wanted = new Map<string, { readonly bytes: number; readonly until: number }>();

  constructor(clock: { now(): number }) {
    this.#clock = clock;
  }

  /** An account had no room for so many octets. */
  note(accountId: string, bytes: number): void {
    if (this.#wanted.size >= most) this.#wanted.clear();
    this.#wanted.set(accountId, { bytes, until: this.#clock.now() + hours * 3_600_000 });
  }

  /** How many octets the account had no room for lately. */
  wanted(accountId: string): number | undefined {
    const noted = this.#wanted.get(accountId);
    if (!noted || noted.until > this.#clock.now()) return noted?.bytes;
    this.#wanted.delete(accountId);
    return undefined;
  }
}
