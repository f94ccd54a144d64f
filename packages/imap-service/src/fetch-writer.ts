import type { FetchItem } from '@mox/imap';
import type { Email, EmailField } from '@mox/store';
import type { ByteWriter } from './byte-writer.ts';
import type { ImapConnection } from './imap-connection.ts';

/** One message of a FETCH. */
export interface FetchedMessage {
  /** Place in the view's table; one less than the sequence number. */
  readonly place: number;
  readonly uid: number;
  /** What was read of the email: the fields that the items asked for. */
  readonly email: Email | undefined;
}

/** The answer to one item of one message that had to be read: text that ends it, or a literal. One character for each byte. */
export interface PreparedItem {
  /** The item's name and, where there is no literal, its value. */
  readonly text: string;
  /** A literal that is streamed. */
  readonly literal?: {
    readonly sizeBytes: number;
    readonly literal8: boolean;
    /** Exactly so many bytes. */
    read(): Promise<AsyncIterable<Uint8Array>>;
  };
  /** The bytes of a literal that were read already. `text` is what stands before them: the item's name and a space. */
  readonly bytes?: Uint8Array;
  /** The message went while it was read. */
  readonly gone?: boolean;
}

/**
 * One row of the table of FETCH items: how an item is answered. Either at once by `write`, or after reading by `prepare`; where a row
 * has both, `isKnown` says which.
 */
export interface FetchWriter<Item extends FetchItem = FetchItem> {
  readonly name: Item['name'];
  /** What must be read of the email. Absent: the view knows it. */
  readonly fields?: readonly EmailField[];
  /** As `fields`, where it depends on the item. */
  fieldsFor?(item: Item): readonly EmailField[];
  /** What more `prepare` needs of the email of a message that `isKnown` says is not known. */
  prepareFieldsFor?(item: Item): readonly EmailField[];
  /** Whether `write` can answer the item for a message. Absent: always where there is no `prepare`, otherwise never. */
  isKnown?(item: Item, message: FetchedMessage): boolean;
  /** Whether the item marks the message as seen (RFC 9051 §6.4.5). */
  setsSeen?(item: Item): boolean;
  /** About how many bytes `prepare` holds. Absent: those of the message. */
  weigh?(item: Item): number;
  write?(item: Item, message: FetchedMessage, connection: ImapConnection, out: ByteWriter): void;
  prepare?(item: Item, message: FetchedMessage, connection: ImapConnection): Promise<PreparedItem>;
}

/** A FETCH that cannot be answered, with the response code that says why. Thrown by rows, told by the command. */
export class FetchProblem extends Error {
  override readonly name: string = 'FetchProblem';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
