import { concatBytes, toLatin1 } from '@mox/runtime';
import { type AccountInfo, type Decision, type NewMessage, type StagedBlob, type Store, StoreError } from '@mox/store';

interface FakeBlob extends StagedBlob {
  readonly bytes: Uint8Array;
  released: boolean;
}

export interface FakeAccount {
  readonly id: string;
  readonly addresses: readonly string[];
  readonly quotaBytes?: number;
  /** What adding a message meets with. */
  fault?: Error;
}

/** As much of a store as receiving mail uses, in memory. */
export class FakeStore {
  readonly delivered: { readonly accountId: string; readonly content: string; readonly decision: Decision | undefined }[] = [];
  readonly recorded: Decision[] = [];
  readonly blobs: { readonly bytes: Uint8Array; aborted: boolean; released: boolean }[] = [];
  /** What writing a blob meets with. */
  writeFault: Error | undefined;
  readonly #accounts: readonly FakeAccount[];

  constructor(accounts: readonly FakeAccount[]) {
    this.#accounts = accounts;
  }

  get store(): Store {
    const find = (address: string): AccountInfo | undefined => {
      const account = this.#accounts.find(({ addresses }) => addresses.includes(address) || addresses.includes('@'));
      return account && this.#info(account);
    };
    const used: Partial<Record<keyof Store, unknown>> = {
      accounts: {
        findByAddress: async (address: string) => find(address),
        findByLogin: async (login: string) => {
          const account = this.#accounts.find(({ id, addresses }) => id === login || addresses.includes(login));
          return account && this.#info(account);
        },
      },
      decisions: {
        record: async (decision: Decision) => {
          this.recorded.push(decision);
        },
      },
      account: async (id: string) => this.#handle(id),
      writeBlob: () => this.#writeBlob(),
    };
    return used as unknown as Store;
  }

  #info({ id, addresses, quotaBytes }: FakeAccount): AccountInfo {
    return { id, name: id, addresses, enabled: true, createdAt: 0, ...(quotaBytes === undefined ? {} : { quotaBytes }) };
  }

  #handle(id: string): unknown {
    const account = this.#accounts.find((one) => one.id === id);
    if (!account) return undefined;
    return {
      id,
      mailbox: async () => ({ id: `${id}-inbox` }),
      usage: async () => ({ messages: 0, sizeBytes: this.#used(id), ...(account.quotaBytes ? { quotaBytes: account.quotaBytes } : {}) }),
      addMessages: async ([message]: readonly NewMessage[]) => {
        if (account.fault) throw account.fault;
        if (!message) throw new Error('nothing to add');
        this.delivered.push({ accountId: id, content: toLatin1((message.blob as FakeBlob).bytes), decision: message.decision });
        return {
          ok: true,
          added: [{ mailboxId: message.mailboxId, uid: 1, uidValidity: 1, modseq: 1, emailId: `email-${id}`, threadId: 't' }],
        };
      },
    };
  }

  #used(id: string): number {
    return this.delivered.filter(({ accountId }) => accountId === id).reduce((sum, { content }) => sum + content.length, 0);
  }

  #writeBlob(): unknown {
    const parts: Uint8Array[] = [];
    const state = { bytes: new Uint8Array(0), aborted: false, released: false };
    this.blobs.push(state);
    return {
      write: async (bytes: Uint8Array) => {
        if (this.writeFault) throw this.writeFault;
        parts.push(bytes);
      },
      finish: async () => {
        state.bytes = new Uint8Array(concatBytes(parts));
        return {
          ...state,
          sizeBytes: state.bytes.length,
          release: async () => {
            state.released = true;
          },
        };
      },
      abort: async () => {
        state.aborted = true;
      },
    };
  }
}

export const diskFull: StoreError = new StoreError('disk-full', 'no space left on device');
