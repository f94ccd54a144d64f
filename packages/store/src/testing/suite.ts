import { deepEqual, ok } from 'node:assert/strict';
import type { Account } from '../account.ts';
import type { AccountInfo, NewAccount } from '../accounts.ts';
import type { StagedBlob } from '../blob.ts';
import type { Decision } from '../decision.ts';
import type { Mailbox } from '../mailbox.ts';
import type { Email } from '../message.ts';
import type { Store } from '../store.ts';

/** One place where a store is kept: opened, closed and opened again within a case, then thrown away. */
export interface StorePlace {
  /** Opens the store. Called again only after the store before was closed. */
  open(): Promise<Store>;
  /** Takes the place away. */
  dispose(): Promise<void>;
}

/** What a case is given. */
export interface CaseContext {
  readonly store: Store;
  /** Closes the store and opens it again. */
  reopen(): Promise<Store>;
}

/** One case of the suite. */
export interface StoreCase {
  readonly title: string;
  run(context: CaseContext): Promise<void>;
}

/** The value of a success; fails the case for a problem. */
export function granted<T extends { readonly ok: boolean }>(result: T): Extract<T, { readonly ok: true }> {
  ok(result.ok, JSON.stringify(result));
  return result as Extract<T, { readonly ok: true }>;
}

/** A value that must be there. */
export function present<T>(value: T | undefined): T {
  ok(value !== undefined, 'nothing there');
  return value;
}

/** Makes an account, `joe` unless said otherwise. */
export async function makeAccount(
  store: Store,
  account: Partial<NewAccount> = {},
): Promise<{ readonly info: AccountInfo; readonly account: Account }> {
  const name = account.name ?? 'joe';
  const made = granted(await store.accounts.create({ name, addresses: [`${name}@example.org`], credentials: [], ...account }));
  return { info: made.account, account: present(await store.account(made.account.id)) };
}

/** Stages bytes, written in pieces of a size. */
export async function stage(store: Store, content: string | Uint8Array, pieceBytes: number = 10_000): Promise<StagedBlob> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const writer = store.writeBlob();
  for (let at = 0; at < bytes.length; at += pieceBytes) await writer.write(bytes.subarray(at, at + pieceBytes));
  return writer.finish();
}

/** A message with a subject and a body. */
export function messageText(subject: string, body: string = 'Hello.', fields: string = ''): string {
  return `From: Jane Doe <jane@example.net>\r\nTo: joe@example.org\r\nSubject: ${subject}\r\n${fields}\r\n${body}\r\n`;
}

/** Adds messages to a mailbox, INBOX unless said otherwise, and gives their uids. */
export async function deliver(
  store: Store,
  account: Account,
  messages: readonly { readonly content?: string | Uint8Array; readonly flags?: readonly string[]; readonly receivedAt?: number }[],
  path: string = 'INBOX',
): Promise<number[]> {
  const { id } = present(await account.mailbox(path));
  const staged = await Promise.all(messages.map(({ content }, i) => stage(store, content ?? messageText(`message ${i}`))));
  const result = granted(
    await account.addMessages(
      messages.map(({ flags = [], receivedAt = 1000 }, i) => ({ mailboxId: id, blob: present(staged[i]), flags, receivedAt })),
    ),
  );
  await Promise.all(staged.map((blob) => blob.release()));
  return result.added.map(({ uid }) => uid);
}

/** A mailbox that must be there. */
export async function mailboxOf(account: Account, path: string = 'INBOX'): Promise<Mailbox> {
  return present(await account.mailbox(path));
}

/** Uids and flags of all messages of a mailbox. */
export async function flagsOf(account: Account, path: string = 'INBOX'): Promise<Record<number, readonly string[]>> {
  const index = present(await account.openMailbox((await mailboxOf(account, path)).id));
  const sets = new Map(index.flagSets.map((set) => [set.id, set.flags]));
  return Object.fromEntries(Array.from(index.uids, (uid, i) => [uid, present(sets.get(index.flagSetIds[i] ?? 0))]));
}

/** Uids of all messages of a mailbox. */
export async function uidsOf(account: Account, path: string = 'INBOX'): Promise<number[]> {
  return [...present(await account.openMailbox((await mailboxOf(account, path)).id)).uids];
}

/** All that an iteration brings. */
export async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

/** Emails of all messages of a mailbox. */
export async function emailsOf(account: Account, fields: Parameters<Account['readEmails']>[2], path: string = 'INBOX'): Promise<Email[]> {
  const { id } = await mailboxOf(account, path);
  return collect(account.readEmails(id, Uint32Array.from(await uidsOf(account, path)), fields));
}

/** The bytes of a blob. */
export async function bytesOf(pieces: AsyncIterable<Uint8Array> | undefined): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const piece of present(pieces)) chunks.push(piece);
  return new Uint8Array(Buffer.concat(chunks));
}

/** A decision with an id. */
export function decisionOf(id: string, more: Partial<Decision> = {}): Decision {
  return {
    ...{ id, at: 1000, direction: 'inbound', checks: [{ step: 'spf', outcome: 'pass' }], outcome: 'delivered' },
    ...{ reply: '250 2.0.0 ok', reason: 'nothing stood against it', deliveries: [] },
    session: { remoteAddress: '192.0.2.1', localAddress: '192.0.2.2', protocol: 'ESMTP' },
    ...more,
  };
}

/** Compares uids without regard to the kind of array. */
export function sameUids(actual: Iterable<number> | undefined, expected: readonly number[]): void {
  deepEqual([...present(actual)], expected);
}
