import type { FetchCommand, FetchItem } from '@mox/imap';
import type { EmailField } from '@mox/store';
import { wholeBytes } from './blob-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { writerFor } from './fetch-items/table.ts';
import type { FetchedMessage, FetchWriter, PreparedItem } from './fetch-writer.ts';
import type { ImapConnection } from './imap-connection.ts';

/** One item with the row that answers it. */
interface Step {
  readonly item: FetchItem;
  readonly writer: FetchWriter;
}

/** What a FETCH has to do for each message. */
export interface FetchPlan {
  /** What is read of emails; undefined where the view knows all that is asked for. */
  readonly fields: readonly EmailField[] | undefined;
  /** What is read of emails of which that was not enough. */
  readonly allFields: readonly EmailField[];
  /** Whether messages become seen. */
  readonly setsSeen: boolean;
  readonly showsFlags: boolean;
  /** Whether something more must be read of a message. */
  mustRead(message: FetchedMessage): boolean;
  /** About how many bytes a message takes in memory while it is answered. */
  weigh(message: FetchedMessage): number;
  /** Writes all items, a space between them; only where nothing must be read. */
  write(message: FetchedMessage, out: ByteWriter): void;
  /** Reads the items that must be read. The others are undefined: `writeItem` writes them. */
  prepare(message: FetchedMessage): Promise<readonly (PreparedItem | undefined)[]>;
  /** Writes one item by its place, which is known. */
  writeItem(place: number, message: FetchedMessage, out: ByteWriter): void;
}

function itemsOf(command: FetchCommand): readonly FetchItem[] {
  const items = [...command.items];
  const names = new Set(items.map(({ name }) => name));
  // RFC 9051 §6.4.9: UID FETCH tells uids; RFC 7162 §3.1.4.1: CHANGEDSINCE tells mod-sequences
  if (command.uid && !names.has('UID')) items.unshift({ name: 'UID' });
  if (command.changedSince !== undefined && !names.has('MODSEQ')) items.push({ name: 'MODSEQ' });
  // What is asked for twice is answered once.
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

function fieldsOf({ item, writer }: Step): readonly EmailField[] | undefined {
  return writer.fieldsFor ? writer.fieldsFor(item) : writer.fields;
}

function distinct(fields: readonly (readonly EmailField[] | undefined)[]): readonly EmailField[] {
  return [...new Set(fields.flatMap((one) => one ?? []))];
}

function isKnown({ item, writer }: Step, message: FetchedMessage): boolean {
  return writer.isKnown ? writer.isKnown(item, message) : writer.prepare === undefined;
}

/** Makes the plan of a command. Undefined where an item is not known. */
export function planFetch(connection: ImapConnection, command: FetchCommand): FetchPlan | undefined {
  const steps: Step[] = [];
  for (const item of itemsOf(command)) {
    const writer = writerFor(item.name);
    if (!writer) return undefined;
    steps.push({ item, writer });
  }
  const fields = steps.map(fieldsOf);
  const prepareFields = steps.map(({ item, writer }) => writer.prepareFieldsFor?.(item));
  const writeItem = (place: number, message: FetchedMessage, out: ByteWriter): void => {
    const { item, writer } = steps[place] as Step;
    writer.write?.(item, message, connection, out);
  };
  return {
    fields: fields.every((one) => one === undefined) ? undefined : distinct(fields),
    allFields: distinct([...fields, ...prepareFields]),
    setsSeen: !connection.view.readOnly && steps.some(({ item, writer }) => writer.setsSeen?.(item) ?? false),
    showsFlags: steps.some(({ item }) => item.name === 'FLAGS'),
    mustRead: (message) => steps.some((step) => !isKnown(step, message)),
    weigh(message) {
      const sizeBytes = Math.min(message.email?.sizeBytes ?? 0, wholeBytes);
      const weigh = ({ item, writer }: Step): number => Math.min(writer.weigh?.(item) ?? sizeBytes, sizeBytes);
      return steps.reduce((sum, step) => sum + (isKnown(step, message) ? 0 : weigh(step)), 0);
    },
    write(message, out) {
      for (let i = 0; i < steps.length; i++) {
        if (i > 0) out.word(' ');
        writeItem(i, message, out);
      }
    },
    prepare: (message) =>
      Promise.all(steps.map(async (step) => (isKnown(step, message) ? undefined : step.writer.prepare?.(step.item, message, connection)))),
    writeItem,
  };
}
