import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';
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

/** Elements whose content is no text to read. */
const silent: ReadonlySet<string> = new Set([
  'script',
  'style',
  'title',
  'template',
  'iframe',
  'svg',
  'math',
  'textarea',
  'select',
  'noframes',
  'noembed',
]);
/** Elements that stand on lines of their own. */
const blocks: ReadonlySet<string> = new Set([
  ...[
    'address',
    'article',
    'aside',
    'body',
    'center',
    'dd',
    'details',
    'div',
    'dl',
    'dt',
    'fieldset',
    'figcaption',
    'figure',
    'footer',
    'form',
  ],
  ...['header', 'hr', 'html', 'li', 'main', 'nav', 'section', 'summary', 'table', 'tbody', 'tfoot', 'thead', 'caption'],
]);
/** Elements with an empty line around them. */
const spaced: ReadonlySet<string> = new Set(['blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ol', 'p', 'pre', 'ul']);
/** Silent elements that end where HTML goes on, whether they are closed or not. */
const foreign: ReadonlySet<string> = new Set(['svg', 'math']);
const phrasing: ReadonlySet<string> = new Set(['br', 'img', 'span', 'b', 'i', 'em', 'strong', 'font', 'td', 'th', 'tr']);
/** Elements without content: hiding them hides no text. */
const empty: ReadonlySet<string> = new Set(['br', 'hr', 'img', 'input', 'link', 'meta', 'wbr', 'area', 'base', 'col', 'embed', 'source']);
/** Elements whose end tag is often left out: the next block ends them. */
const optionalEnds: ReadonlySet<string> = new Set(['p', 'li', 'dt', 'dd', 'tbody', 'thead', 'tfoot', 'body', 'html', 'option']);
const hiding = /(?:^|;)\s*display\s*:\s*none\b/i;
/** Elements nested deeper than this are written as if they were not. */
const deepest = 20;

type Attributes = Readonly<Record<string, string>>;

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
  #hiding = '';
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

  open(name: string, attributes: Attributes): void {
    if (this.#isHidden(name, attributes)) return;
    const isSilent = silent.has(name);
    if (this.#inForeign && !isSilent && (blocks.has(name) || spaced.has(name) || phrasing.has(name))) this.#silence = 0;
    if (isSilent) this.#silence++;
    this.#inForeign = this.#silence > 0 && (this.#inForeign || foreign.has(name));
    if (this.#silence > 0) return;
    if (blocks.has(name)) this.#writer.breakLines(1);
    else if (spaced.has(name)) this.#writer.breakLines(this.#lists.length > 0 && (name === 'ul' || name === 'ol') ? 1 : 2);
    if (Object.hasOwn(this.#openings, name)) this.#openings[name]?.(attributes);
  }

  /** Whether what starts here is not shown, by itself or by what it is in. */
  #isHidden(name: string, attributes: Attributes): boolean {
    if (this.#hidingDepth > 0) {
      const ends = optionalEnds.has(this.#hiding) && (blocks.has(name) || spaced.has(name));
      if (!ends && name === this.#hiding) this.#hidingDepth++;
      if (!ends) return true;
      this.#hidingDepth = 0;
    }
    if (this.#showsHidden || this.#silence > 0) return false;
    if (attributes === noAttributes) return false;
    if (attributes['hidden'] === undefined && !hiding.test(attributes['style'] ?? '')) return false;
    if (empty.has(name)) return true;
    this.#hiding = name;
    this.#hidingDepth = 1;
    return true;
  }

  readonly #openings: Readonly<Record<string, ((attributes: Attributes) => void) | undefined>> = {
    br: () => this.#writer.newline(),
    hr: () => {
      this.#writer.word('---');
      this.#writer.breakLines(1);
    },
    table: () => this.#writer.openTable(),
    tr: () => this.#writer.openRow(),
    td: () => this.#writer.openCell(),
    th: () => this.#writer.openCell(),
    pre: () => this.#writer.preserved++,
    blockquote: () => {
      if (this.#writer.quotes < deepest) this.#writer.quotes++;
    },
    ul: () => this.#lists.push({ ordered: false, count: 0 }),
    ol: (attributes) => this.#lists.push({ ordered: true, count: (wholeNumber(attributes['start']) ?? 1) - 1 }),
    li: (attributes) => {
      const list = this.#lists.at(-1);
      const value = wholeNumber(attributes['value']);
      if (list && value !== undefined) list.count = value - 1;
      const mark = list?.ordered ? `${++list.count}. ` : '- ';
      this.#writer.marker = '  '.repeat(Math.min(Math.max(0, this.#lists.length - 1), deepest)) + mark;
    },
    img: (attributes) => {
      const alt = attributes['alt']?.trim() ?? '';
      if (alt !== '') this.text(`[${alt}]`);
    },
    a: (attributes) => {
      if (this.#anchors.length < deepest) this.#anchors.push({ href: attributes['href']?.trim() ?? '', text: '' });
    },
  };

  text(text: string): void {
    if (this.#silence > 0 || this.#hidingDepth > 0) return;
    const anchor = this.#anchors.at(-1);
    if (anchor && anchor.text.length < 1000) anchor.text += text;
    this.#writer.text(text);
  }

  close(name: string): void {
    if (this.#hidingDepth > 0) {
      if (name === this.#hiding) this.#hidingDepth--;
      return;
    }
    if (silent.has(name)) this.#silence = Math.max(0, this.#silence - 1);
    if (this.#silence > 0) return;
    if (Object.hasOwn(this.#closings, name)) this.#closings[name]?.();
    if (blocks.has(name)) this.#writer.breakLines(1);
    else if (spaced.has(name)) this.#writer.breakLines(this.#lists.length > 0 && (name === 'ul' || name === 'ol') ? 1 : 2);
  }

  readonly #closings: Readonly<Record<string, (() => void) | undefined>> = {
    pre: () => {
      this.#writer.preserved = Math.max(0, this.#writer.preserved - 1);
    },
    blockquote: () => {
      this.#writer.quotes = Math.max(0, this.#writer.quotes - 1);
    },
    ul: () => this.#lists.pop(),
    ol: () => this.#lists.pop(),
    table: () => this.#writer.closeTable(),
    tr: () => this.#writer.breakLines(1),
    a: () => {
      const anchor = this.#anchors.pop();
      if (!anchor || !this.#links || !/^(?:https?|ftp|mailto):/i.test(anchor.href)) return;
      const said = anchor.text.trim();
      const isMail = /^mailto:/i.test(anchor.href);
      const target = isMail ? (anchor.href.slice(7).split('?', 1)[0] ?? '') : anchor.href;
      if (said !== '' && target !== '' && bareLink(said) !== bareLink(target)) this.#writer.text(` <${target}>`);
    },
  };
}

/** A link without what people leave away when they write it. */
function bareLink(text: string): string {
  return text.replace(/^(?:https?:\/\/|mailto:)?(?:www\.)?/i, '').replace(/\/$/, '');
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,6}\s*$/.test(text) ? Number(text) : undefined;
}

/** The attribute of an element that matters, beside `style` and `hidden`. */
const attributeOf: ReadonlyMap<string, string> = new Map([
  ['a', 'href'],
  ['img', 'alt'],
  ['ol', 'start'],
  ['li', 'value'],
]);

const noAttributes: Record<string, string> = {};
const ignore = (): void => {};

/**
 * Turns tokens into tags and texts. Straight from the tokenizer, without a stack of open elements: deep nesting costs nothing, and
 * what a missing end tag would mean matters little for text.
 */
class TagReader {
  readonly #html: string;
  readonly #reader: HtmlReader;
  #name = '';
  #attribute = '';
  #value = '';
  #attributes: Record<string, string> = noAttributes;

  constructor(html: string, reader: HtmlReader) {
    this.#html = html;
    this.#reader = reader;
  }

  callbacks(onText: () => void): TokenizerCallbacks {
    const html = this.#html;
    const reader = this.#reader;
    return {
      ontext: (start, end) => {
        reader.text(html.slice(start, end));
        onText();
      },
      ontextentity: (code) => reader.text(String.fromCodePoint(code)),
      oncdata: (start, end, endOffset) => reader.text(html.slice(start, end - endOffset)),
      onopentagname: (start, end) => {
        this.#name = html.slice(start, end).toLowerCase();
        this.#attributes = noAttributes;
      },
      onattribname: (start, end) => {
        // The names that matter are of 3 to 6 letters.
        const name = end - start > 2 && end - start < 7 ? html.slice(start, end).toLowerCase() : '';
        this.#attribute = name === 'style' || name === 'hidden' || attributeOf.get(this.#name) === name ? name : '';
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
      onopentagend: () => reader.open(this.#name, this.#attributes),
      onselfclosingtag: () => {
        reader.open(this.#name, this.#attributes);
        reader.close(this.#name);
      },
      onclosetag: (start, end) => reader.close(html.slice(start, end).toLowerCase()),
      oncomment: ignore,
      ondeclaration: ignore,
      onprocessinginstruction: ignore,
      onend: ignore,
    };
  }
}

/**
 * Makes plain text out of HTML: for a message that has no text part, for previews and for search. Paragraphs and lists keep their
 * lines, quotes get `> `, links their address in angle brackets; scripts and styles are left away. Not a sanitiser: the result is
 * text and no HTML. Never fails; time is linear.
 */
export function htmlToText(html: string, options: HtmlTextOptions = {}): string {
  const most = options.maxLength ?? Number.POSITIVE_INFINITY;
  const reader = new HtmlReader(options);
  const tags = new TagReader(html, reader);
  const tokenizer: Tokenizer = new Tokenizer(
    { decodeEntities: true },
    tags.callbacks(() => {
      if (reader.length >= most) tokenizer.pause();
    }),
  );
  tokenizer.write(html);
  if (tokenizer.running) tokenizer.end();
  const text = reader.finish();
  // Not half a character at the end.
  return text.length > most ? text.slice(0, most).replace(/[\ud800-\udbff]$/, '') : text;
}
