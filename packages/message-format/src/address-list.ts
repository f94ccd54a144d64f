import { TextCursor } from '@mox/syntax';
import { isBlank } from './blank.ts';
import type { EnvelopeAddress } from './envelope.ts';
import { quoteEnd, readQuotedString, skipComment, unquotePairs } from './structured.ts';

const groupEnd: EnvelopeAddress = { name: null, route: null, mailbox: null, host: null };

function withoutBlanks(text: string): string {
  return text.replace(/[ \t\r\n]+/g, '');
}

function readLocalpart(text: string): string {
  const trimmed = text.trim();
  return trimmed.startsWith('"') ? readQuotedString(new TextCursor(trimmed)) : withoutBlanks(trimmed);
}

/** Splits `[@route:]localpart@domain` (RFC 5322 §3.4.1, RFC 5322 §4.4). A missing domain is an empty one. */
function readSpec(spec: string, name: string | null): EnvelopeAddress {
  let rest = spec.trim();
  let route: string | null = null;
  if (rest.startsWith('@')) {
    const colon = rest.indexOf(':');
    if (colon > 0) {
      route = withoutBlanks(rest.slice(0, colon));
      rest = rest.slice(colon + 1);
    }
  }
  const start = rest.trimStart().startsWith('"') ? quoteEnd(rest, rest.indexOf('"') + 1, rest.length) : -1;
  const at = start >= 0 ? rest.indexOf('@', start) : rest.lastIndexOf('@');
  if (at < 0) return { name, route, mailbox: readLocalpart(rest), host: '' };
  return { name, route, mailbox: readLocalpart(rest.slice(0, at)), host: withoutBlanks(rest.slice(at + 1)) };
}

/** One member of a list while it is read: its words so far and a comment that may be its name. */
interface Pending {
  words: string[];
  raw: string;
  comment: string | null;
}

class EnvelopeAddressReader {
  readonly addresses: EnvelopeAddress[] = [];
  readonly #cursor: TextCursor;
  readonly #most: number;
  #pending: Pending = { words: [], raw: '', comment: null };
  #inGroup = false;
  /** False once a quote was met that never ends: looking for its end again and again would be quadratic. */
  #quotesEnd = true;

  constructor(text: string, most: number) {
    this.#cursor = new TextCursor(text);
    this.#most = most;
  }

  /** False where the limit cut the list short. */
  read(): boolean {
    const cursor = this.#cursor;
    for (;;) {
      cursor.skipWhile(isBlank);
      if (cursor.done) break;
      if (this.addresses.length >= this.#most) return false;
      this.#step();
    }
    this.#finish();
    if (this.#inGroup) this.addresses.push(groupEnd);
    return true;
  }

  #step(): void {
    const cursor = this.#cursor;
    const code = cursor.peek();
    if (code === 34) this.#word(cursor.at, readQuotedString(cursor));
    else if (code === 40) this.#readComment();
    else if (code === 60) this.#angle();
    else if (code === 44) this.#separator();
    else if (code === 59) this.#endGroup();
    else if (code === 58) this.#startGroup();
    else this.#atom();
  }

  #word(start: number, word: string): void {
    this.#pending.words.push(word);
    this.#pending.raw += ` ${this.#cursor.text.slice(start, this.#cursor.at)}`;
  }

  #atom(): void {
    const { text, at, end } = this.#cursor;
    let stop = at;
    for (; stop < end; stop++) {
      const code = text.charCodeAt(stop);
      if (code === 91) {
        const close = text.slice(stop, Math.min(end, stop + 256)).indexOf(']');
        if (close > 0) stop += close;
      } else if (isBlank(code) || (stop > at && (code === 34 || code === 40)) || code === 44 || code === 58 || code === 59 || code === 60)
        break;
    }
    this.#cursor.at = Math.max(stop, at + 1);
    this.#word(at, text.slice(at, this.#cursor.at));
  }

  #readComment(): void {
    const cursor = this.#cursor;
    const start = cursor.at + 1;
    const ended = skipComment(cursor);
    if (!ended) cursor.at = cursor.end;
    this.#pending.comment ??= unquotePairs(cursor.text.slice(start, ended ? cursor.at - 1 : cursor.end).trim());
  }

  #angle(): void {
    const cursor = this.#cursor;
    const close = this.#findUnquoted(cursor.at + 1, '>');
    const spec = cursor.text.slice(cursor.at + 1, close);
    cursor.at = Math.min(cursor.end, close + 1);
    const name = this.#pending.words.join(' ');
    this.addresses.push(readSpec(spec, name === '' ? null : name));
    this.#pending = { words: [], raw: '', comment: null };
    // What stands between an angle address and the next separator belongs to no address.
    cursor.at = this.#findUnquoted(cursor.at, ',;<');
  }

  #finish(): void {
    const { raw, comment } = this.#pending;
    this.#pending = { words: [], raw: '', comment: null };
    if (raw !== '') this.addresses.push(readSpec(raw, comment === '' ? null : comment));
  }

  /** Index of the first of the wanted characters outside quoted strings, or the end. */
  #findUnquoted(from: number, wanted: string): number {
    const { text, end } = this.#cursor;
    for (let at = from; at < end; at++) {
      if (wanted.includes(text[at] ?? '')) return at;
      if (text.charCodeAt(at) !== 34 || !this.#quotesEnd) continue;
      const close = quoteEnd(text, at + 1, end);
      if (close < 0) this.#quotesEnd = false;
      else at = close;
    }
    return end;
  }

  #separator(): void {
    this.#cursor.at++;
    this.#finish();
  }

  #endGroup(): void {
    this.#separator();
    if (this.#inGroup) this.addresses.push(groupEnd);
    this.#inGroup = false;
  }

  #startGroup(): void {
    this.#cursor.at++;
    const name = this.#pending.words.join(' ');
    this.#pending = { words: [], raw: '', comment: null };
    if (this.#inGroup || name === '') return;
    this.#inGroup = true;
    this.addresses.push({ name: null, route: null, mailbox: name, host: null });
  }
}

/**
 * Reads the value of an address field as an ENVELOPE shows it (RFC 9051 §7.5.2): encoded words kept, groups as
 * marks. `complete` is false where the limit cut the list short.
 */
export function readEnvelopeAddresses(
  text: string,
  most: number,
): { readonly addresses: readonly EnvelopeAddress[]; readonly complete: boolean } {
  const reader = new EnvelopeAddressReader(text, most);
  const complete = reader.read();
  return { addresses: reader.addresses, complete };
}
