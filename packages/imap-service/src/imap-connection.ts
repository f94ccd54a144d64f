import type { ImapServerSession, TaggedReply } from '@mox/imap';
import type { Clock, Logger, Random } from '@mox/runtime';
import type { SaslIdentity } from '@mox/sasl';
import type { Account, AccountInfo, Store } from '@mox/store';
import { FlagTexts } from './flag-texts.ts';
import type { Peer } from './peer.ts';
import type { RecentMarks } from './recent-marks.ts';
import { SelectedMailbox } from './selected-mailbox.ts';

/** Who is logged in on a connection. */
export interface Login {
  readonly account: Account;
  readonly info: AccountInfo;
  readonly identity: SaslIdentity;
  readonly recents: RecentMarks;
}

/** What commands of a connection are done with. */
export interface ImapConnectionOptions {
  readonly session: ImapServerSession;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
  readonly peer: Peer;
  /** What ID tells. */
  readonly id: Readonly<Record<string, string>>;
}

const flagTexts = new WeakMap<Account, FlagTexts>();

/** One client's state: its session, its login and the mailbox it has selected. */
export class ImapConnection {
  readonly session: ImapServerSession;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
  readonly peer: Peer;
  readonly id: Readonly<Record<string, string>>;
  login: Login | undefined;
  selected: SelectedMailbox | undefined;
  /** Whether the peer is gone: long answers need not be gone on with. */
  over = false;
  #unwatch: (() => void) | undefined;
  #onChange: () => void = () => {};

  constructor(options: ImapConnectionOptions) {
    this.session = options.session;
    this.store = options.store;
    this.clock = options.clock;
    this.logger = options.logger;
    this.random = options.random;
    this.peer = options.peer;
    this.id = options.id;
  }

  /** The account that is logged in. Commands that need one are not let through before. */
  get account(): Account {
    return this.#in.account;
  }

  /** What sessions of the account were told of. */
  get recents(): RecentMarks {
    return this.#in.recents;
  }

  get #in(): Login {
    if (!this.login) throw new TypeError('nobody is logged in');
    return this.login;
  }

  /** The mailbox that is selected. Commands that need one are not let through without. */
  get view(): SelectedMailbox {
    if (!this.selected) throw new TypeError('no mailbox is selected');
    return this.selected;
  }

  /** Sends what was written, and resolves when the peer takes more: the back-pressure of long answers. */
  flush(): Promise<void> {
    return this.peer.flush();
  }

  /** Has a function called when there is something to tell; undefined for nobody. */
  onChange(listener: (() => void) | undefined): void {
    this.#onChange = listener ?? (() => {});
  }

  /** Selects a mailbox. Undefined where it is gone. Changes are heard from before its index is read, so that none is missed. */
  async select(mailboxId: string, options: { readonly readOnly: boolean }): Promise<SelectedMailbox | undefined> {
    const { account, recents } = this;
    let view: SelectedMailbox | undefined;
    const early: Parameters<SelectedMailbox['apply']>[0][] = [];
    const unwatch = account.watch((change) => {
      if (!view) early.push(change);
      else if (view.apply(change)) this.#onChange();
    });
    try {
      const index = await account.openMailbox(mailboxId);
      if (!index) {
        unwatch();
        return undefined;
      }
      const flags = flagTexts.get(account) ?? new FlagTexts(account);
      flagTexts.set(account, flags);
      flags.add(index.flagSets);
      view = new SelectedMailbox(index, { readOnly: options.readOnly, flags, recents });
      for (const change of early) view.apply(change);
    } catch (error) {
      unwatch();
      throw error;
    }
    this.selected = view;
    this.#unwatch = unwatch;
    this.session.enter('selected');
    return view;
  }

  /** Leaves the selected mailbox, where there is one. */
  unselect(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.selected = undefined;
    this.session.enter('authenticated');
  }
}

/** What a command handler gives: the tagged reply. */
export type Handled = TaggedReply;

/** OK in the usual words. */
export function completed(name: string, code?: string): TaggedReply {
  return { status: 'OK', ...(code === undefined ? {} : { code }), text: `${name} completed` };
}

/** NO with a response code. */
export function refused(code: string, text: string): TaggedReply {
  return { status: 'NO', code, text };
}

/** The reply to a sequence number that there is not (RFC 9051 §9, seq-number). */
export const noSuchNumber: TaggedReply = { status: 'BAD', text: 'There is no message with this sequence number' };

/** The reply to a change in a mailbox that was opened by EXAMINE. */
export const readOnlyMailbox: TaggedReply = { status: 'NO', text: 'The mailbox was selected read-only' };
