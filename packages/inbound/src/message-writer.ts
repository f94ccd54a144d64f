import { concatBytes, fromUtf8 } from '@mox/runtime';
import type { BlobWriter, StagedBlob } from '@mox/store';
import { type FieldFilter, filterHeader, HeaderCollector, type HeaderFacts, noHeader } from './header-section.ts';

/** How a message is written into a blob. */
export interface MessageWriterOptions {
  readonly blob: BlobWriter;
  /** Fields to put on top, with their line ends, for a message with such a header; undefined where `finish` is told them. */
  readonly prefix: (header: HeaderFacts) => string | undefined;
  /** Fields to take out. */
  readonly filter: FieldFilter;
  /** Largest header section that is read. */
  readonly headerBytes: number;
}

/** Writes a message as it comes in: header section gathered, mended and written, body passed on piece by piece. */
export class MessageWriter {
  header: HeaderFacts = noHeader;
  /** The header section as it came in, as soon as it is whole. */
  section: Uint8Array = new Uint8Array(0);
  /** The header section is larger than allowed: nothing more is written, the message is to be refused. */
  headerTooLarge = false;
  readonly #options: MessageWriterOptions;
  #collector: HeaderCollector | undefined = new HeaderCollector();
  /** What stands between the fields on top and the message. */
  #separator = '';

  constructor(options: MessageWriterOptions) {
    this.#options = options;
  }

  /** Takes the next piece; to be awaited, where there is something to await, before the next call. */
  write(chunk: Uint8Array): void | Promise<void> {
    if (this.headerTooLarge) return;
    const { blob, headerBytes } = this.#options;
    if (!this.#collector) return blob.write(chunk);
    const rest = this.#collector.push(chunk);
    if (this.#collector.length > headerBytes) this.headerTooLarge = true;
    else if (rest) return this.#writeHeader(this.#collector.take(), rest);
  }

  #writeHeader(section: Uint8Array, rest: Uint8Array): Promise<void> {
    this.#collector = undefined;
    const { prefix, filter, blob } = this.#options;
    const { pieces, facts, startsFolded } = filterHeader(section, filter);
    this.header = facts;
    this.section = section;
    this.#separator = startsFolded ? '\r\n' : '';
    const top = prefix(facts);
    return blob.write(concatBytes([...(top === undefined ? [] : [this.#top(top)]), ...pieces, rest]));
  }

  #top(fields: string): Uint8Array {
    return fromUtf8(`${fields}${this.#separator}`);
  }

  /** No more of the message comes: the header section is known at the latest now. */
  async end(): Promise<void> {
    if (this.#collector && !this.headerTooLarge) await this.#writeHeader(this.#collector.take(), new Uint8Array(0));
  }

  /** The message is whole; `prefix` are the fields on top, where they were not known before. */
  async finish(prefix?: string): Promise<StagedBlob> {
    await this.end();
    return this.#options.blob.finish(prefix === undefined ? undefined : this.#top(prefix));
  }

  /** Throws away what was written. */
  abort(): Promise<void> {
    return this.#options.blob.abort();
  }
}
