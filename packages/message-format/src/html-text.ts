import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';
import { findElement, type HtmlElement } from './html-elements.ts';
import { TextWriter } from './html-text-writer.ts';

/** How HTML becomes text. */
export interface HtmlTextOptions {
  /** Whether the address of a link is written behind its text where it says something else. True unless said otherwise. */
  readonly links?: boolean;
  /**
   * Whether text that is not shown (`hidden`, `display: none`) is written all the same, as senders put the words of a preview there.
   * False unless said otherwise.
   */
  readonly hidden?: boolean;
  /** Characters after which to stop. Unlimited unless given. */
  readonly maxLength?: number;
}

const hiding = /(?:^|;)\s*display\s*:\s*none\b/i;
/** Elements nested deeper than this are written as if they were not. */
const deepest = 20;

type Attributes = Readonly<Record<string, string>>;
const noAttributes: Record<string, string> = {};

/** Follows the tags of a document and tells the writer what to do. */
class HtmlReader {
  readonly #writer = new TextWriter();
  readonly #links: boolean;
  readonly #lists: { ordered: boolean; count: number }[] = [];
  readonly #anchors: { readonly href: string; text: string }[] = [];
  readonly #showsHidden: boolean;
  #silence = 0;
  #inForeign = false;
  /** The element that hides what is in it, and how many of its name are open. */
  #hiding: HtmlElement | undefined;
  #hidingDepth = 0;

  constructor(options: HtmlTextOptions) {
    this.#links = options.links ?? true;
    this.#showsHidden = options.hidden ?? false;
  }

  get length(): number {
    return this.#writer.length;
  }

  finish(): string {
    return this.#writer.finish();
  }

  open(element: HtmlElement, attributes: Attributes): void {
    if (this.#isHidden(element, attributes)) return;
    if (this.#inForeign && element.isFlow) this.#silence = 0;
    if (element.silent) this.#silence++;
    this.#inForeign = this.#silence > 0 && (this.#inForeign || element.foreign);
    if (this.#silence > 0) return;
    this.#breakLines(element);
    HtmlReader.#openings.get(element.name)?.(this, attributes);
  }

  /** Whether what starts here is not shown, by itself or by what it is in. */
  #isHidden(element: HtmlElement, attributes: Attributes): boolean {
    if (this.#hiding) {
      const ends = this.#hiding.endsByItself && element.lines > 0;
      if (!ends && element.name === this.#hiding.name) this.#hidingDepth++;
      if (!ends) return true;
      this.#hiding = undefined;
    }
    if (attributes === noAttributes || this.#showsHidden || this.#silence > 0) return false;
    if (attributes['hidden'] === undefined && !hiding.test(attributes['style'] ?? '')) return false;
    if (element.empty) return true;
    this.#hiding = element;
    this.#hidingDepth = 1;
    return true;
  }

  #breakLines({ lines, isList }: HtmlElement): void {
    if (lines > 0) this.#writer.breakLines(isList && this.#lists.length > 0 ? 1 : lines);
  }

  text(text: string): void {
    if (this.#silence > 0 || this.#hiding) return;
    const anchor = this.#anchors.at(-1);
    if (anchor && anchor.text.length < 1000) anchor.text += text;
    this.#writer.text(text);
  }

  close(element: HtmlElement): void {
    if (this.#hiding) {
      if (element.name === this.#hiding.name && --this.#hidingDepth === 0) this.#hiding = undefined;
      return;
    }
    if (element.silent) this.#silence = Math.max(0, this.#silence - 1);
    if (this.#silence > 0) return;
    HtmlReader.#closings.get(element.name)?.(this);
    this.#breakLines(element);
  }

  #openItem(value: number | undefined): void {
    const list = this.#lists.at(-1);
    if (list && value !== undefined) list.count = value - 1;
    const mark = list?.ordered ? `${++list.count}. ` : '- ';
    this.#writer.marker = '  '.repeat(Math.min(Math.max(0, this.#lists.length - 1), deepest)) + mark;
  }

  #closeAnchor(): void {
    const anchor = this.#anchors.pop();
    if (!anchor || !this.#links || !/^(?:https?|ftp|mailto):/i.test(anchor.href)) return;
    const said = anchor.text.trim();
    const isMail = /^mailto:/i.test(anchor.href);
    const target = isMail ? (anchor.href.slice(7).split('?', 1)[0] ?? '') : anchor.href;
    if (said !== '' && target !== '' && bareLink(said) !== bareLink(target)) this.#writer.text(` <${target}>`);
  }

  static readonly #openings: ReadonlyMap<string, (reader: HtmlReader, attributes: Attributes) => void> = new Map<
    string,
    (reader: HtmlReader, attributes: Attributes) => void
  >([
    ['br', (reader) => reader.#writer.newline()],
    [
      'hr',
      (reader) => {
        reader.#writer.word('---');
        reader.#writer.breakLines(1);
      },
    ],
    ['table', (reader) => reader.#writer.openTable()],
    ['tr', (reader) => reader.#writer.openRow()],
    ['td', (reader) => reader.#writer.openCell()],
    ['th', (reader) => reader.#writer.openCell()],
    ['pre', (reader) => reader.#writer.preserved++],
    ['blockquote', (reader) => (reader.#writer.quotes = Math.min(reader.#writer.quotes + 1, deepest))],
    ['ul', (reader) => reader.#lists.push({ ordered: false, count: 0 })],
    ['ol', (reader, attributes) => reader.#lists.push({ ordered: true, count: (wholeNumber(attributes['start']) ?? 1) - 1 })],
    ['li', (reader, attributes) => reader.#openItem(wholeNumber(attributes['value']))],
    [
      'img',
      (reader, attributes) => {
        const alt = attributes['alt']?.trim() ?? '';
        if (alt !== '') reader.text(`[${alt}]`);
      },
    ],
    [
      'a',
      (reader, attributes) => {
        if (reader.#anchors.length < deepest) reader.#anchors.push({ href: attributes['href']?.trim() ?? '', text: '' });
      },
    ],
  ]);

  static readonly #closings: ReadonlyMap<string, (reader: HtmlReader) => void> = new Map<string, (reader: HtmlReader) => void>([
    ['pre', (reader) => (reader.#writer.preserved = Math.max(0, reader.#writer.preserved - 1))],
    ['blockquote', (reader) => (reader.#writer.quotes = Math.max(0, reader.#writer.quotes - 1))],
    ['ul', (reader) => reader.#lists.pop()],
    ['ol', (reader) => reader.#lists.pop()],
    ['table', (reader) => reader.#writer.closeTable()],
    ['tr', (reader) => reader.#writer.breakLines(1)],
    ['a', (reader) => reader.#closeAnchor()],
  ]);
}

/** A link without what people leave away when they write it. */
function bareLink(text: string): string {
  return text.replace(/^(?:https?:\/\/|mailto:)?(?:www\.)?/i, '').replace(/\/$/, '');
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,6}\s*$/.test(text) ? Number(text) : undefined;
}

const ignore = (): void => {};

/**
 * Turns tokens into tags and texts. Straight from the tokenizer, without a stack of open elements: deep nesting costs nothing, and
 * what a missing end tag would mean matters little for text.
 */
class TagReader {
  readonly #html: string;
  readonly #reader: HtmlReader;
  #element: HtmlElement = findElement('');
  #count = 0;
  #attribute = '';
  #value = '';
  #attributes: Record<string, string> = noAttributes;

  constructor(html: string, reader: HtmlReader) {
    this.#html = html;
    this.#reader = reader;
  }

  /** Tags that were opened. */
  get count(): number {
    return this.#count;
  }

  /** What the tokenizer calls; `onProgress` is called behind each text and each tag that opens. */
  callbacks(onProgress: () => void): TokenizerCallbacks {
    const html = this.#html;
    const reader = this.#reader;
    return {
      ontext: (start, end) => {
        reader.text(html.slice(start, end));
        onProgress();
      },
      ontextentity: (code) => reader.text(String.fromCodePoint(code)),
      oncdata: (start, end, endOffset) => reader.text(html.slice(start, end - endOffset)),
      onopentagname: (start, end) => {
        this.#element = findElement(html.slice(start, end));
        this.#attributes = noAttributes;
      },
      onattribname: (start, end) => {
        // The names that matter are of 3 to 6 letters.
        const name = end - start > 2 && end - start < 7 ? html.slice(start, end).toLowerCase() : '';
        this.#attribute = name === 'style' || name === 'hidden' || name === this.#element.attribute ? name : '';
        this.#value = '';
      },
      onattribdata: (start, end) => {
        if (this.#attribute !== '') this.#value += html.slice(start, end);
      },
      onattribentity: (code) => {
        if (this.#attribute !== '') this.#value += String.fromCodePoint(code);
      },
      onattribend: () => {
        if (this.#attribute === '') return;
        if (this.#attributes === noAttributes) this.#attributes = {};
        this.#attributes[this.#attribute] ??= this.#value;
      },
      onopentagend: () => {
        this.#count++;
        reader.open(this.#element, this.#attributes);
        onProgress();
      },
      onselfclosingtag: () => {
        reader.open(this.#element, this.#attributes);
        reader.close(this.#element);
      },
      onclosetag: (start, end) => reader.close(findElement(html.slice(start, end))),
      oncomment: ignore,
      ondeclaration: ignore,
      onprocessinginstruction: ignore,
      onend: ignore,
    };
  }
}

/** How much of a document is read. */
interface HtmlBounds {
  /** Tags after which to stop. Unlimited unless given. */
  readonly maxTags?: number;
}

/** As `htmlToText`, for who wants the first words of a document and not to look for them behind any number of tags. */
export function htmlToFirstText(html: string, options: HtmlTextOptions & HtmlBounds): string {
  const { maxLength = Number.POSITIVE_INFINITY, maxTags = Number.POSITIVE_INFINITY } = options;
  const reader = new HtmlReader(options);
  const tags = new TagReader(html, reader);
  const tokenizer: Tokenizer = new Tokenizer(
    { decodeEntities: true },
    tags.callbacks(() => {
      if (reader.length >= maxLength || tags.count >= maxTags) tokenizer.pause();
    }),
  );
  tokenizer.write(html);
  if (tokenizer.running) tokenizer.end();
  const text = reader.finish();
  // Not half a character at the end.
  return text.length > maxLength ? text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '') : text;
}

/**
 * Makes plain text out of HTML: for a message that has no text part, for previews and for search. Paragraphs and lists keep their
 * lines, quotes get `> `, links their address in angle brackets; scripts and styles are left away. Not a sanitiser: the result is
 * text and no HTML. Never fails; time is linear.
 */
export function htmlToText(html: string, options: HtmlTextOptions = {}): string {
  return htmlToFirstText(html, options);
}
