import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobWriter, StagedBlob } from '../blob.ts';
import { toStoreError } from '../engine/faults.ts';
import { StoreError } from '../store.ts';
import type { BlobSource } from '../wire.ts';

/** A staged blob of this engine. */
export class EmbeddedStagedBlob implements StagedBlob {
  readonly sizeBytes: number;
  readonly source: BlobSource;

  constructor(source: BlobSource) {
    this.source = source;
    this.sizeBytes = 'bytes' in source ? source.bytes.length : source.sizeBytes;
  }

  async release(): Promise<void> {
    if ('path' in this.source) await unlink(this.source.path).catch(() => {});
  }
}

/** The source of a staged blob; throws a TypeError for a blob of another engine. */
export function sourceOf(blob: StagedBlob): BlobSource {
  if (blob instanceof EmbeddedStagedBlob) return blob.source;
  throw new TypeError('the blob was not staged by this store');
}

const firstBufferBytes = 8192;
const copyBytes = 256 * 1024;
const noBytes = new Uint8Array(0);

/** Collects a blob in memory; goes on in a file once it is larger than the limit. Holds no more than the limit in memory. */
export class EmbeddedBlobWriter implements BlobWriter {
  readonly #folder: string;
  readonly #limitBytes: number;
  readonly #name: string;
  #buffer: Uint8Array<ArrayBuffer>;
  #used = 0;
  #fileBytes = 0;
  #copies = 0;
  #file: FileHandle | undefined;
  #done = false;

  constructor(options: { readonly folder: string; readonly limitBytes: number; readonly name: string }) {
    this.#folder = options.folder;
    this.#limitBytes = options.limitBytes;
    this.#name = options.name;
    this.#buffer = new Uint8Array(Math.min(firstBufferBytes, options.limitBytes));
  }

  get #path(): string {
    return join(this.#folder, this.#copies === 0 ? this.#name : `${this.#name}-${this.#copies}`);
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#done) throw new TypeError('the blob is finished');
    if (this.#used + bytes.length <= this.#limitBytes) {
      this.#keep(bytes);
      return;
    }
    try {
      await this.#flush();
      if (bytes.length > this.#limitBytes) await this.#toFile(bytes);
      else this.#keep(bytes);
    } catch (error) {
      await this.abort();
      throw toStoreError(error);
    }
  }

  async finish(first: Uint8Array = noBytes): Promise<StagedBlob> {
    if (this.#done) throw new TypeError('the blob is finished');
    try {
      if (!this.#file && this.#used + first.length <= this.#limitBytes) return this.#inMemory(first);
      await this.#flush();
      if (first.length > 0) await this.#putFirst(first);
      if (!this.#file) throw new StoreError('io', `${this.#path} is gone`);
      await this.#file.datasync();
      await this.#file.close();
      this.#done = true;
      return new EmbeddedStagedBlob({ path: this.#path, sizeBytes: this.#fileBytes });
    } catch (error) {
      await this.abort();
      throw toStoreError(error);
    }
  }

  async abort(): Promise<void> {
    this.#done = true;
    this.#buffer = new Uint8Array(0);
    const file = this.#file;
    this.#file = undefined;
    if (!file) return;
    await file.close().catch(() => {});
    await unlink(this.#path).catch(() => {});
  }

  #inMemory(first: Uint8Array): StagedBlob {
    const bytes = new Uint8Array(first.length + this.#used);
    bytes.set(first);
    bytes.set(this.#buffer.subarray(0, this.#used), first.length);
    this.#done = true;
    return new EmbeddedStagedBlob({ bytes });
  }

  /** Writes a file anew with other bytes first, a buffer's length at a time. */
  async #putFirst(first: Uint8Array): Promise<void> {
    const rest = this.#file;
    const restPath = this.#path;
    this.#file = undefined;
    this.#fileBytes = 0;
    this.#copies++;
    try {
      await this.#toFile(first);
      const buffer = new Uint8Array(copyBytes);
      for (let at = 0; rest; ) {
        const { bytesRead } = await rest.read(buffer, 0, buffer.length, at);
        if (bytesRead === 0) break;
        await this.#toFile(buffer.subarray(0, bytesRead));
        at += bytesRead;
      }
    } finally {
      await rest?.close().catch(() => {});
      await unlink(restPath).catch(() => {});
    }
  }

  /** Keeps bytes that fit into the buffer's limit. */
  #keep(bytes: Uint8Array): void {
    const needed = this.#used + bytes.length;
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.min(this.#limitBytes, Math.max(needed, this.#buffer.length * 2)));
      larger.set(this.#buffer.subarray(0, this.#used));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used = needed;
  }

  async #flush(): Promise<void> {
    const used = this.#used;
    this.#used = 0;
    await this.#toFile(this.#buffer.subarray(0, used));
  }

  async #toFile(bytes: Uint8Array): Promise<void> {
    this.#file ??= await open(this.#path, 'wx+', 0o600);
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at);
      if (bytesWritten === 0) throw new StoreError('io', `nothing could be written to ${this.#path}`);
      at += bytesWritten;
    }
    this.#fileBytes += bytes.length;
  }
}
