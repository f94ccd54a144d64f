import type { FetchCommand, FetchItem } from '@mox/imap';
import { toLatin1 } from '@mox/runtime';
import type { EmailField } from '@mox/store';
import { wholeBytes } from './blob-reader.ts';
import { ByteWriter } from './byte-writer.ts';
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
  /** Whether messages become seen. */
  readonly setsSeen: boolean;
  readonly showsFlags: boolean;
  /** Whether something must be read for each message. */
  readonly reads: boolean;
  /** About how many bytes a message takes in memory while it is answered. */
  weigh(message: FetchedMessage): number;
  /** Writes all items, a space between them; only where nothing has to be read. */
  write(message: FetchedMessage, out: ByteWriter): void;
  /** All items, those that must be read beside the others. */
  prepare(message: FetchedMessage): Promise<readonly PreparedItem[]>;
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

function writeItem({ item, writer }: Step, message: FetchedMessage, connection: ImapConnection, out: ByteWriter): void {
  if (writer.write) writer.write(item, message, connection, out);
  else out.word(writer.format?.(item, message, connection) ?? '');
}

function formatItem(step: Step, message: FetchedMessage, connection: ImapConnection): string {
  const { item, writer } = step;
  if (writer.format) return writer.format(item, message, connection);
  const out = new ByteWriter();
  writeItem(step, message, connection, out);
  return toLatin1(out.take());
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
  return {
    fields: fields.every((one) => one === undefined) ? undefined : [...new Set(fields.flatMap((one) => one ?? []))],
    setsSeen: !connection.view.readOnly && steps.some(({ item, writer }) => writer.setsSeen?.(item) ?? false),
    showsFlags: steps.some(({ item }) => item.name === 'FLAGS'),
    reads: steps.some(({ writer }) => writer.prepare !== undefined),
    weigh(message) {
      const sizeBytes = Math.min(message.email?.sizeBytes ?? 0, wholeBytes);
      return steps.reduce(
        (sum, { item, writer }) => sum + (writer.prepare ? Math.min(writer.weigh?.(item) ?? sizeBytes, sizeBytes) : 0),
        0,
      );
    },
    write(message, out) {
      let first = true;
      for (const step of steps) {
        if (!first) out.word(' ');
        first = false;
        writeItem(step, message, connection, out);
      }
    },
    prepare: (message) =>
      Promise.all(
        steps.map(async (step) =>
          step.writer.prepare ? step.writer.prepare(step.item, message, connection) : { text: formatItem(step, message, connection) },
        ),
      ),
  };
}
