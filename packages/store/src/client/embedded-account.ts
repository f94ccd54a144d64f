import type { Account, EmailField, MailboxResult, NewMessage } from '../account.ts';
import type { BlobId, BlobRange } from '../blob.ts';
import type { AccountChange, Changes } from '../change.ts';
import type { Decision } from '../decision.ts';
import type { FlagSet, Mailbox, MailboxProblem, MailboxRole } from '../mailbox.ts';
import type { AddedMessage, Email, FlagUpdate, FlagUpdateResult, MailboxIndex, MovedMessage } from '../message.ts';
import type { SearchCriterion } from '../search.ts';
import { StoreError } from '../store.ts';
import type { AccountCalls, BlobSource, WireMoved } from '../wire.ts';
import { sourceOf } from './blob-writer.ts';
import { readContent } from './read-blob.ts';
import { readEmails } from './read-emails.ts';
import type { WorkerClient } from './worker-client.ts';

const flagSetsKept = 10_000;

/** The handle of an account: hands calls to the account's worker. */
export class EmbeddedAccount implements Account {
  readonly id: string;
  quotaBytes: number | undefined;
  readonly #worker: WorkerClient;
  readonly #now: () => number;
  readonly #listeners = new Set<(change: AccountChange) => void>();
  readonly #flagSets = new Map<number, FlagSet>();
  #removed = false;

  constructor(id: string, options: { readonly worker: WorkerClient; readonly now: () => number; readonly quotaBytes: number | undefined }) {
    this.id = id;
    this.#worker = options.worker;
    this.#now = options.now;
    this.quotaBytes = options.quotaBytes;
  }

  #call<K extends keyof AccountCalls>(call: K, ...args: Parameters<AccountCalls[K]>): Promise<ReturnType<AccountCalls[K]>> {
    if (this.#removed) return Promise.reject(new StoreError('closed', 'the account was removed'));
    return this.#worker.call(this.id, call, ...args) as Promise<ReturnType<AccountCalls[K]>>;
  }

  /** The account is no more: what is asked of it from now on fails. */
  retire(): void {
    this.#removed = true;
    this.#listeners.clear();
    this.#worker.watch(this.id, false);
  }

  modseq(): Promise<number> {
    return this.#call('modseq');
  }

  mailboxes(): Promise<readonly Mailbox[]> {
    return this.#call('mailboxes');
  }

  mailbox(path: string): Promise<Mailbox | undefined> {
    return this.#call('mailbox', path);
  }

  createMailbox(path: string, options: { readonly role?: MailboxRole } = {}): Promise<MailboxResult> {
    return this.#call('createMailbox', path, options.role);
  }

  renameMailbox(id: string, path: string): Promise<MailboxResult> {
    return this.#call('renameMailbox', id, path, this.#now());
  }

  deleteMailbox(id: string): Promise<{ readonly ok: true } | { readonly ok: false; readonly problem: MailboxProblem }> {
    return this.#call('deleteMailbox', id);
  }

  setSubscribed(path: string, subscribed: boolean): Promise<void> {
    return this.#call('setSubscribed', path, subscribed);
  }

  subscriptions(): Promise<readonly string[]> {
    return this.#call('subscriptions');
  }

  addMessages(
    messages: readonly NewMessage[],
  ): Promise<
    | { readonly ok: true; readonly added: readonly AddedMessage[] }
    | { readonly ok: false; readonly problem: 'no-such-mailbox' | 'over-quota'; readonly index: number }
  > {
    const sources = new Map<BlobSource, number>();
    const wire = messages.map(({ blob, ...message }) => {
      const source = sourceOf(blob);
      const place = sources.get(source) ?? sources.size;
      sources.set(source, place);
      return { ...message, blob: place };
    });
    return this.#call('addMessages', { messages: wire, blobs: [...sources.keys()], now: this.#now(), quotaBytes: this.quotaBytes });
  }

  async openMailbox(id: string): Promise<MailboxIndex | undefined> {
    const index = await this.#call('openMailbox', id);
    this.#keep(index?.flagSets);
    return index;
  }

  async flagSet(id: number): Promise<FlagSet | undefined> {
    const known = this.#flagSets.get(id);
    if (known) return known;
    const set = await this.#call('flagSet', id);
    if (set) this.#keep([set]);
    return set;
  }

  /** Keeps flag sets in memory: they never change. */
  #keep(sets: readonly FlagSet[] = []): void {
    if (this.#flagSets.size > flagSetsKept) this.#flagSets.clear();
    for (const set of sets) this.#flagSets.set(set.id, set);
  }

  async updateFlags(mailboxId: string, update: FlagUpdate): Promise<FlagUpdateResult | undefined> {
    const result = await this.#call('updateFlags', mailboxId, update);
    this.#keep(result?.flagSets);
    return result;
  }

  async copyMessages(from: string, uids: Uint32Array, to: string): Promise<readonly MovedMessage[] | undefined> {
    return toMoved(await this.#call('copyMessages', from, uids, to, this.#now()));
  }

  async moveMessages(from: string, uids: Uint32Array, to: string): Promise<readonly MovedMessage[] | undefined> {
    return toMoved(await this.#call('moveMessages', from, uids, to, this.#now()));
  }

  expunge(mailboxId: string, uids: Uint32Array): Promise<Uint32Array> {
    return this.#call('expunge', mailboxId, uids);
  }

  readEmails(mailboxId: string, uids: Uint32Array, fields: readonly EmailField[]): AsyncIterable<readonly Email[]> {
    return readEmails({ uids, fields, read: (batch, columns) => this.#call('readEmails', mailboxId, batch, columns) });
  }

  async readBlob(id: BlobId, range?: { readonly start?: number; readonly end?: number }): Promise<AsyncIterable<Uint8Array> | undefined> {
    const content = await this.#call('readBlob', id, range);
    return content && readContent(content, range);
  }

  async readRanges(ranges: readonly BlobRange[]): Promise<readonly (Uint8Array | undefined)[]> {
    if (ranges.length === 0) return [];
    const { bytes, lengths } = await this.#call('readRanges', ranges);
    let at = 0;
    return Array.from(lengths, (length) => {
      if (length < 0) return undefined;
      at += length;
      return bytes.subarray(at - length, at);
    });
  }

  search(mailboxId: string, criterion: SearchCriterion): Promise<Uint32Array> {
    return this.#call('search', mailboxId, criterion);
  }

  changesSince(modseq: number, options: { readonly mailboxId?: string; readonly briefly?: boolean } = {}): Promise<Changes> {
    return this.#call('changesSince', modseq, options.mailboxId, options.briefly ?? false);
  }

  watch(listener: (change: AccountChange) => void): () => void {
    // Each call counts on its own, also where the same function is handed in twice.
    const own = (change: AccountChange): void => listener(change);
    if (this.#listeners.size === 0) this.#worker.watch(this.id, true);
    this.#listeners.add(own);
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.#worker.watch(this.id, false);
    };
  }

  /** Hands a change to all listeners. One that throws does not keep it from the others. */
  tell(change: AccountChange): void {
    this.#keep(change.flagSets);
    for (const listener of [...this.#listeners]) {
      try {
        listener(change);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  async usage(): Promise<{ readonly messages: number; readonly sizeBytes: number; readonly quotaBytes?: number }> {
    const usage = await this.#call('usage');
    return this.quotaBytes === undefined ? usage : { ...usage, quotaBytes: this.quotaBytes };
  }

  decision(emailId: string): Promise<Decision | undefined> {
    return this.#call('decision', emailId);
  }
}

function toMoved(moved: WireMoved | undefined): readonly MovedMessage[] | undefined {
  if (!moved) return undefined;
  return Array.from(moved.fromUids, (fromUid, i) => ({ fromUid, toUid: moved.toUids[i] ?? 0, modseq: moved.modseq }));
}
