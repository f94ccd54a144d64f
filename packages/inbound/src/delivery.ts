import { type SmtpReply, smtpReply } from '@mox/smtp';
import { type Account, type AddedMessage, type Decision, type Mailbox, type StagedBlob, type Store, StoreError } from '@mox/store';

const mostKnown = 10_000;

/** What became of a message in one account. */
export type DeliveryResult =
  | { readonly accountId: string; readonly ok: true; readonly added: AddedMessage }
  | { readonly accountId: string; readonly ok: false; readonly reply: SmtpReply; readonly problem: string };

/** What a peer is told of a fault of this machine: to come again (RFC 3463 §3.4). */
export function replyForFault(error: unknown): SmtpReply {
  if (error instanceof StoreError && error.code === 'disk-full') return smtpReply(452, '4.3.1', 'Mail system full, try again later');
  return smtpReply(451, '4.3.0', 'Local error, try again later');
}

/** Which of an account's mailboxes a message goes to. */
export type Place = 'inbox' | 'junk';

/** A mailbox, as far as it is delivered to. */
type Destination = Pick<Mailbox, 'id' | 'path'>;

/** A message to be delivered. */
export interface Delivered {
  readonly blob: StagedBlob;
  readonly receivedAt: number;
  readonly decision: Decision;
  /** The inbox unless told. */
  readonly place?: Place;
}

/** Mail in Junk says so itself, wherever it is moved or copied to. */
const flagsOf: Readonly<Record<Place, readonly string[]>> = { inbox: [], junk: ['$Junk'] };

/** Puts messages into mailboxes of accounts. */
export class Delivery {
  readonly #store: Store;
  /** Mailboxes by account and place. */
  readonly #known = new Map<string, Destination>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Names of the mailboxes that a message would go to, by account; the usual one's where there is none. */
  async paths(accountIds: readonly string[], place: Place): Promise<ReadonlyMap<string, string>> {
    if (place === 'inbox') return new Map(accountIds.map((accountId) => [accountId, 'INBOX']));
    const paths = accountIds.map(async (accountId) => {
      const account = await this.#store.account(accountId);
      const destination = account && (await this.#destination(account, place, { fresh: true }));
      return [accountId, destination?.path ?? 'INBOX'] as const;
    });
    return new Map(await Promise.all(paths));
  }

  /** Adds a message to a mailbox of each account, all at the same time; durable when it resolves. */
  deliver(accountIds: readonly string[], message: Delivered): Promise<readonly DeliveryResult[]> {
    return Promise.all(accountIds.map((accountId) => this.#deliverTo(accountId, message)));
  }

  async #deliverTo(accountId: string, message: Delivered): Promise<DeliveryResult> {
    try {
      const account = await this.#store.account(accountId);
      if (!account) return this.#failed(accountId, smtpReply(550, '5.1.1', 'No such mailbox here'), 'the account is gone');
      return await this.#add(account, message);
    } catch (error) {
      return this.#failed(accountId, replyForFault(error), error instanceof Error ? error.message : String(error));
    }
  }

  async #add(account: Account, { place = 'inbox', ...message }: Delivered): Promise<DeliveryResult> {
    // A mailbox known from before may be gone by now: then it is looked up once more.
    for (const fresh of [false, true]) {
      const destination = await this.#destination(account, place, { fresh });
      if (!destination) break;
      const result = await account.addMessages([{ ...message, flags: flagsOf[place], mailboxId: destination.id }]);
      const [added] = result.ok ? result.added : [];
      if (added) return { accountId: account.id, ok: true, added };
      if (!result.ok && result.problem === 'over-quota') {
        return this.#failed(account.id, smtpReply(452, '4.2.2', 'The mailbox is full, try again later'), 'the account is over its quota');
      }
    }
    return this.#failed(account.id, smtpReply(451, '4.2.0', 'The mailbox cannot be used just now'), 'the account has no inbox');
  }

  async #destination(account: Account, place: Place, { fresh }: { readonly fresh: boolean }): Promise<Destination | undefined> {
    const key = `${place} ${account.id}`;
    const known = fresh ? undefined : this.#known.get(key);
    if (known) return known;
    const found = await findPlace(account, place);
    if (this.#known.size > mostKnown) this.#known.clear();
    if (found) this.#known.set(key, found);
    else this.#known.delete(key);
    return found;
  }

  #failed(accountId: string, reply: SmtpReply, problem: string): DeliveryResult {
    return { accountId, ok: false, reply, problem };
  }
}

/** The mailbox for junk is the one with that role (RFC 6154 §2), whatever its name; the inbox where the account has none. */
async function findPlace(account: Account, place: Place): Promise<Destination | undefined> {
  const junk = place === 'junk' ? (await account.mailboxes()).find(({ role }) => role === 'junk') : undefined;
  const found = junk ?? (await account.mailbox('INBOX'));
  return found && { id: found.id, path: found.path };
}
