import type { Account } from '@mox/store';

const marksOf = new WeakMap<Account, Promise<RecentMarks>>();

/**
 * What sessions of an account were told of each mailbox: a message above is `\Recent` to the next session that is told and may
 * write (RFC 3501 §2.3.2).
 *
 * deviates RFC 3501 §2.3.2: kept in memory. What came before the first login after a start counts as told: everything would
 * be recent after each start otherwise.
 */
export class RecentMarks {
  /** Highest uid told, by mailbox id. A mailbox made later has none. */
  readonly #told: Map<string, number>;

  private constructor(told: Map<string, number>) {
    this.#told = told;
  }

  /** The marks of an account, which all its sessions share. */
  static of(account: Account): Promise<RecentMarks> {
    let marks = marksOf.get(account);
    if (!marks) {
      marks = account.mailboxes().then((all) => new RecentMarks(new Map(all.map(({ id, uidNext }) => [id, uidNext - 1]))));
      // A store that could not be read is asked again by the next login.
      marks.catch(() => marksOf.delete(account));
      marksOf.set(account, marks);
    }
    return marks;
  }

  /** The highest uid of a mailbox that a session was told of; messages above it are recent. */
  told(mailboxId: string): number {
    return this.#told.get(mailboxId) ?? 0;
  }

  /** A session that may write was told of messages up to a uid. */
  tell(mailboxId: string, uid: number): void {
    if (uid > this.told(mailboxId)) this.#told.set(mailboxId, uid);
  }
}
