import { type Clock, fromUtf8, type Random, toHex } from '@mox/runtime';
import { TextCursor } from '@mox/syntax';
import { quoteEnd, skipComment } from './structured.ts';

const mostIds = 1000;

/** The identifier between angle brackets, without the blanks that folding put in and the quotes that mean nothing. */
function normalize(inner: string): string {
  const id = inner.replace(/[ \t\r\n]+/g, '');
  // RFC 5256 §3: quoting in an id-left makes no difference.
  return id.startsWith('"') ? id.replace(/^"((?:[^"\\]|\\.)*)"(?=@)/, (_, quoted: string) => quoted.replace(/\\(.)/g, '$1')) : id;
}

/** Finds angle brackets outside comments and quoted strings, as long as those end; from the first that does not, everywhere. */
class BracketFinder {
  readonly #cursor: TextCursor;
  #looksInside = false;

  constructor(text: string) {
    this.#cursor = new TextCursor(text);
  }

  /** Index of the next bracket from an index on, or -1. */
  next(from: number): number {
    const cursor = this.#cursor;
    for (cursor.at = from; !cursor.done && !this.#looksInside; cursor.at++) {
      const code = cursor.peek();
      if (code === 60) return cursor.at;
      if (code === 40) {
        if (skipComment(cursor)) cursor.at--;
        else this.#looksInside = true;
      } else if (code === 34) {
        const close = quoteEnd(cursor.text, cursor.at + 1, cursor.end);
        if (close < 0) this.#looksInside = true;
        else cursor.at = close;
      }
    }
    return cursor.text.indexOf('<', cursor.at);
  }
}

/**
 * Reads the message identifiers in the value of a Message-ID, In-Reply-To or References field (RFC 5322 §3.6.4), without angle
 * brackets. Words and comments around them (RFC 5322 §4.5.4) are passed over. Where there are no brackets at all, words with an `@` count.
 */
export function parseMessageIds(text: string): string[] {
  if (!text.includes('<')) return text.split(/[ \t\r\n,;]+/, mostIds).filter((word) => /^[^@]+@[^@]+$/.test(word));
  const ids: string[] = [];
  const finder = new BracketFinder(text);
  for (let open = finder.next(0); open >= 0 && ids.length < mostIds; ) {
    const close = text.indexOf('>', open);
    if (close < 0) {
      // deviates RFC 5322 §3.6.4: the only identifier may lack its last bracket.
      const unclosed = ids.length === 0 ? /^[^\s<>@]+@[^\s<>@]+$/.exec(text.slice(open + 1).trimEnd()) : null;
      return unclosed ? [unclosed[0]] : ids;
    }
    // A bracket that is not closed before the next one opens belongs to no identifier.
    const id = normalize(text.slice(text.lastIndexOf('<', close) + 1, close));
    if (id !== '') ids.push(id);
    open = finder.next(close + 1);
  }
  return ids;
}

/** The first identifier in the value of a Message-ID field, without angle brackets. */
export function parseMessageId(text: string): string | undefined {
  return parseMessageIds(text)[0];
}

/** Writes identifiers as they stand in In-Reply-To and References: in angle brackets, a space between them. */
export function formatMessageIds(ids: readonly string[]): string {
  return ids.map((id) => `<${id}>`).join(' ');
}

/** Makes a new identifier (RFC 5322 §3.6.4), without angle brackets: the time, randomness and a domain of the writer's. */
export function makeMessageId(options: { readonly domain: string; readonly random: Random; readonly clock: Clock }): string {
  return `${options.clock.now().toString(36)}.${toHex(options.random.bytes(12))}@${options.domain}`;
}

/** Longest identifier that fits on a line with its brackets (RFC 5322 §2.1.1). */
const longestId = 900;

const writableId = /^[^\s<>\u0000-\u001f\u007f]+$/;

/** Whether an identifier, of whatever form, can be written into a field. */
export function isWritableId(id: string): boolean {
  return id.length <= longestId && writableId.test(id) && fromUtf8(id).length <= longestId;
}

/**
 * What a reply says of the message it replies to (RFC 5322 §3.6.4): identifiers without angle brackets. Those that nobody could write
 * down again, and those beyond ASCII, are left away.
 */
export function replyIdentifiers(parent: {
  readonly messageId?: string | undefined;
  readonly references?: readonly string[] | undefined;
  readonly inReplyTo?: readonly string[] | undefined;
}): { readonly inReplyTo: readonly string[]; readonly references: readonly string[] } {
  const { messageId, references = [], inReplyTo = [] } = parent;
  const own = messageId === undefined ? [] : [messageId];
  const before = references.length > 0 ? references : inReplyTo.length === 1 ? inReplyTo : [];
  const writable = (ids: readonly string[]): string[] => ids.filter((id) => isWritableId(id) && /^[!-~]+$/.test(id));
  return { inReplyTo: writable(own), references: writable([...before, ...own]) };
}
