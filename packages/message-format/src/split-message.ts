import { type BodyDecoder, bodyDecoder } from './decode-body.ts';
import type { Defect } from './defect.ts';
import type { StructureLimits } from './limits.ts';
import type { MessageStructure, Part } from './part.ts';
import type { PartHead, PartListener } from './part-listener.ts';
import { StructureParser } from './structure.ts';

/** What passes by as a message is split. */
export type SplitEvent =
  /** The header section of a part is whole. Parts of a multipart, or of a message inside, follow as parts of their own. */
  | { readonly type: 'part'; readonly head: PartHead }
  /** More of the body of the part opened last, its transfer encoding undone. */
  | { readonly type: 'body'; readonly bytes: Uint8Array }
  /** A part has ended; what was wrong with the encoding of its body. */
  | { readonly type: 'end'; readonly part: Part; readonly defects: readonly Defect[] }
  /** The message is whole: always the last. */
  | { readonly type: 'structure'; readonly structure: MessageStructure };

/** Makes events out of what the parser tells. */
class EventQueue implements PartListener {
  readonly #raw: boolean;
  #events: SplitEvent[] = [];
  #decoder: BodyDecoder | undefined;

  constructor(raw: boolean) {
    this.#raw = raw;
  }

  opened(head: PartHead): void {
    this.#decoder = this.#raw ? undefined : bodyDecoder(head);
    this.#events.push({ type: 'part', head });
  }

  body(bytes: Uint8Array): void {
    this.#push(this.#decoder ? this.#decoder.push(bytes) : bytes);
  }

  closed(part: Part): void {
    this.#push(this.#decoder?.end());
    this.#events.push({ type: 'end', part, defects: this.#decoder?.defects ?? [] });
    this.#decoder = undefined;
  }

  #push(bytes: Uint8Array | undefined): void {
    if (bytes && bytes.length > 0) this.#events.push({ type: 'body', bytes });
  }

  take(): SplitEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

/**
 * Splits a message that comes as a stream into its parts, with their bodies decoded piece by piece: nothing is kept but what the limits
 * allow, however large the message. Read slowly, and the stream is read slowly too. With `raw` bodies keep their transfer encoding.
 */
export async function* splitMessage(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: StructureLimits & { readonly raw?: boolean } = {},
): AsyncGenerator<SplitEvent> {
  const queue = new EventQueue(options.raw ?? false);
  const parser = new StructureParser(options, queue);
  for await (const bytes of source) {
    parser.write(bytes);
    yield* queue.take();
  }
  const structure = parser.end();
  yield* queue.take();
  yield { type: 'structure', structure };
}
