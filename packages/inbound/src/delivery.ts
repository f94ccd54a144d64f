import { type SmtpReply, smtpReply } from '@mox/smtp';
import { type Account, type AddedMessage, type Decision, type NewMessage, type StagedBlob, type Store, StoreError } from '@mox/store';

/** What became of a message in one account. */
export type DeliveryResult =
  | { readonly accountId: string; readonly ok: true; readonly added: AddedMessage }
  | { readonly accountId: string; readonly ok: false; readonly reply: SmtpReply; readonly problem: string };

/** What a peer is told of a fault of this machine: to come again (RFC 3463 §3.4). */
export function replyForFault(error: unknown): SmtpReply {
  if (error instanceof StoreError && error.code === 'disk-full') return smtpReply(452, '4.3.1', 'Mail system full, try again later');
  return smtpReply(451, '4.3.0', 'Local error, try again later');
}

/** Puts messages into the inboxes of accounts. */
export class Delivery {
  readonly #store: Store;
  /** Ids of inboxes, by account. */
  readonly #inboxes = new Map<string, string>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Adds a message to the inbox of each account, all at the same time; durable when it resolves. */
  deliver(
    accountIds: readonly string[],
    message: { readonly blob: StagedBlob; readonly receivedAt: number; readonly decision: Decision },
  ): Promise<readonly DeliveryResult[]> {
    return Promise.all(accountIds.map((accountId) => this.#deliverTo(accountId, message)));
  }

  async #deliverTo(accountId: string, message: Omit<NewMessage, 'mailboxId'>): Promise<DeliveryResult> {
    try {
      const account = await this.#store.account(accountId);
      if (!account) return this.#failed(accountId, smtpReply(550, '5.1.1', 'No such mailbox here'), 'the account is gone');
      return await this.#add(account, message);
    } catch (error) {
      return this.#failed(accountId, replyForFault(error), error instanceof Error ? error.message : String(error));
    }
  }

  async #add(account: Account, message: Omit<NewMessage, 'mailboxId'>): Promise<DeliveryResult> {
    // A mailbox known from before may be gone by now: then it is looked up once more.
    for (const fresh of [false, true]) {
      const mailboxId = await this.#inbox(account, fresh);
      if (mailboxId === undefined) break;
      const result = await account.addMessages([{ ...message, mailboxId }]);
      const [added] = result.ok ? result.added : [];
      if (added) return { accountId: account.id, ok: true, added };
      if (!result.ok && result.problem === 'over-quota') {
        return this.#failed(account.id, smtpReply(452, '4.2.2', 'The mailbox is full, try again later'), 'the account is over its quota');
      }
    }
    return this.#failed(account.id, smtpReply(451, '4.2.0', 'The mailbox cannot be used just now'), 'the account has no inbox');
  }

  async #inbox(account: Account, fresh: boolean): Promise<string | undefined> {
    const known = fresh ? undefined : this.#inboxes.get(account.id);
    if (known !== undefined) return known;
    const id = (await account.mailbox('INBOX'))?.id;
    if (this.#inboxes.size > 10_000) this.#inboxes.clear();
    if (id === undefined) this.#inboxes.delete(account.id);
    else this.#inboxes.set(account.id, id);
    return id;
  }

  #failed(accountId: string, reply: SmtpReply, problem: string): DeliveryResult {
    return { accountId, ok: false, reply, problem };
  }
}
