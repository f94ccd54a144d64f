import type { Transferable } from 'node:worker_threads';
import type { WireReply, WireRequest, WorkerPost, WorkerSettings } from '../wire.ts';
import { accountCalls } from './account-calls.ts';
import { AccountUnit } from './account-unit.ts';
import { refuseWrite } from './blob-table.ts';
import { toStoreError } from './faults.ts';
import { globalCalls } from './global-calls.ts';
import { Scheduler } from './scheduler.ts';
import { transferables } from './transferables.ts';
import type { Unit } from './unit.ts';
import { Units } from './units.ts';

/** A row of the tables of calls, its types left behind: a request names its own. */
type AnyCall =
  | { readonly kind: 'read'; run(unit: Unit, ...args: readonly unknown[]): unknown }
  | { readonly kind: 'write'; readonly lazyMs?: number; run(unit: Unit, ...args: readonly unknown[]): unknown }
  | { readonly kind: 'task'; run(unit: Unit, write: <T>(run: () => T) => Promise<T>, ...args: readonly unknown[]): Promise<unknown> };

const calls = { ...accountCalls, ...globalCalls } as unknown as Readonly<Record<string, AnyCall>>;

/** How long after the last write tidying up begins. */
const tidyDelayMs = 100;

/** Serves requests: reads at once, writes in groups. Knows no thread: it is handed requests and posts answers. */
export class StoreWorker {
  readonly #settings: WorkerSettings;
  readonly #units: Units;
  readonly #scheduler: Scheduler;
  readonly #post: (post: WorkerPost, transfer: Transferable[]) => void;
  #replies: WireReply[] = [];
  #changes: WorkerPost['changes'][number][] = [];
  #tidying = false;

  constructor(settings: WorkerSettings, post: (post: WorkerPost, transfer: Transferable[]) => void) {
    this.#settings = settings;
    this.#post = post;
    this.#scheduler = new Scheduler({
      committed: (unit) => this.#committed(unit),
      broken: (unit) => this.#units.drop(unit),
      turn: () => this.turn(),
    });
    this.#units = new Units(settings, (unit) => this.#scheduler.isBusy(unit));
  }

  receive(requests: readonly WireRequest[]): void {
    for (const request of requests) this.#serve(request);
  }

  /** Posts what there is to tell. */
  turn(): void {
    if (this.#replies.length === 0 && this.#changes.length === 0) return;
    const post: WorkerPost = { changes: this.#changes, replies: this.#replies };
    this.#changes = [];
    this.#replies = [];
    this.#post(post, transferables(post));
  }

  #serve(request: WireRequest): void {
    const { id, call, args } = request;
    try {
      if (call === 'watch') this.#units.watch(request.database, args[0] === true);
      else if (call === 'closeAccount') this.#close(request.database, args[0] === true);
      else return this.#run(request);
      this.#replies.push({ id });
    } catch (error) {
      this.#fail(id, error);
    }
  }

  #run(request: WireRequest): void {
    const { id, database, call, args } = request;
    const row = calls[call];
    if (!row) throw new TypeError(`no such call: ${call}`);
    const unit = database === '' ? this.#units.global() : this.#units.account(database);
    if (row.kind === 'read') {
      unit.refresh();
      this.#replies.push({ id, value: row.run(unit, ...args) });
      return;
    }
    if (row.kind === 'write') {
      if (this.#settings.readOnly) refuseWrite();
      this.#answer(
        id,
        this.#scheduler.write(unit, () => row.run(unit, ...args), row.lazyMs),
      );
      return;
    }
    unit.holds++;
    unit.refresh();
    const write = <T>(run: () => T): Promise<T> => (this.#settings.readOnly ? refuseWrite() : this.#scheduler.write(unit, run));
    const done = row.run(unit, write, ...args).finally(() => {
      unit.holds--;
    });
    this.#answer(id, done);
  }

  #answer(id: number, value: Promise<unknown>): void {
    value
      .then(
        (result) => void this.#replies.push({ id, value: result }),
        (error) => this.#fail(id, error),
      )
      .finally(() => this.#scheduler.wake());
  }

  #fail(id: number, cause: unknown): void {
    const { code, message } = toStoreError(cause);
    this.#replies.push({ id, error: { code, message } });
  }

  #committed(unit: Unit): void {
    if (unit instanceof AccountUnit) {
      for (const change of unit.changes) this.#changes.push({ accountId: unit.name, change });
      unit.changes = [];
    }
    if (unit.untidy && !this.#tidying) this.#tidySoon();
  }

  /** Tidies up what needs it, a helping a database at a time, with a pause between. */
  #tidySoon(): void {
    this.#tidying = true;
    setTimeout(() => {
      this.#tidying = false;
      for (const unit of this.#units.all()) if (unit.untidy) this.#scheduler.write(unit, () => unit.tidy()).catch(() => {});
    }, tidyDelayMs).unref();
  }

  /** Commits what waits and closes: one account, or everything where none is named. */
  #close(database: string, remove: boolean): void {
    if (database === '') {
      for (const unit of this.#units.all()) {
        this.#scheduler.flush(unit);
        this.#units.drop(unit);
      }
      return;
    }
    const account = this.#units.account(database);
    this.#scheduler.flush(account);
    this.#units.drop(account);
    if (remove) account.removeFolder();
  }
}
