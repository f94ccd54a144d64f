import { fromUtf8 } from '@mox/runtime';
import { encodeText } from './command-cursor.ts';
import { formatDateTime } from './date-time.ts';
import { ImapError } from './errors.ts';
import { formatByteString } from './format-string.ts';
import { encodeMailboxName } from './mailbox-name.ts';
import { formatSequenceRanges, formatSequenceSet, type SequenceSet } from './sequence-set.ts';

/** A piece of a command: text to be sent as it is, one character for each byte, or a literal. */
export type CommandPiece = string | { readonly literal: Uint8Array; readonly literal8?: true };

const quotable = /^[\x20-\x7e]{0,1000}$/;

/**
 * Builds a command of a client, piece by piece, each in the form that the RFC wants for it: arguments come with the space before
 * them. `new CommandBuilder('SELECT').mailbox('Entwürfe')`.
 */
export class CommandBuilder {
  readonly #utf8: boolean;
  #pieces: CommandPiece[] = [];
  #text: string;

  constructor(verb: string, options: { readonly utf8?: boolean } = {}) {
    this.#text = verb;
    this.#utf8 = options.utf8 ?? false;
  }

  /** Text as it is: atoms, parentheses, item names. Must be ASCII without CR, LF and NUL. */
  raw(text: string): this {
    if (!/^[\x20-\x7e]*$/.test(text)) throw new ImapError('unwritable', 'this is not plain text');
    this.#text += ` ${text}`;
    return this;
  }

  /** A string: quoted where it may be, otherwise a literal. */
  string(text: string): this {
    if (quotable.test(text)) this.#text += ` ${formatByteString(text, false)}`;
    else if (this.#utf8 && !/[\0\r\n]/.test(text) && text.length <= 1000) this.#text += ` ${formatByteString(encodeText(text), true)}`;
    else this.literal(fromUtf8(text));
    return this;
  }

  /** The name of a mailbox, in the encoding that the session has agreed on. */
  mailbox(name: string): this {
    return this.string(this.#utf8 ? name : encodeMailboxName(name, { utf8: false }));
  }

  /** A sequence-set: ascending numbers, or as parsed. */
  set(set: SequenceSet | ArrayLike<number>): this {
    const text = 'type' in set ? (set.type === 'saved' ? '$' : formatSequenceRanges(set.ranges)) : formatSequenceSet(set);
    if (text === '') throw new ImapError('unwritable', 'a set of numbers must not be empty');
    return this.raw(text);
  }

  /** A list of flags. */
  flags(flags: readonly string[]): this {
    return this.raw(`(${flags.join(' ')})`);
  }

  /** A date-time, from milliseconds. */
  dateTime(milliseconds: number): this {
    return this.raw(formatDateTime(milliseconds));
  }

  /** A literal. */
  literal(bytes: Uint8Array): this {
    this.#pieces.push(`${this.#text} `, { literal: bytes });
    this.#text = '';
    return this;
  }

  /** A literal that may hold NUL (RFC 3516 §4.4). */
  literal8(bytes: Uint8Array): this {
    this.#pieces.push(`${this.#text} `, { literal: bytes, literal8: true });
    this.#text = '';
    return this;
  }

  /** A message with international headers, for APPEND after ENABLE UTF8=ACCEPT (RFC 6855 §4). */
  utf8Message(bytes: Uint8Array): this {
    this.#pieces.push(`${this.#text} UTF8 (`, { literal: bytes, literal8: true });
    this.#text = ')';
    return this;
  }

  /** The pieces, in order. */
  pieces(): readonly CommandPiece[] {
    return this.#text === '' ? this.#pieces : [...this.#pieces, this.#text];
  }
}
