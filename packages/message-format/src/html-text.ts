import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';

/** How HTML becomes text. */
export interface HtmlTextOptions {
  /** Whether the address of a link is written behind its text where it says something else. True unless said otherwise. */
  readonly links?: boolean;
  /** Characters after which to stop. Unlimited unless given. */
  readonly maxLength?: number;
}

/** Elements whose content is no text to read. */
const silent: ReadonlySet<string> = new Set([
  'script',
  'style',
  'title',
  'template',
  'object',
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
  ...['header', 'hr', 'html', 'li', 'main', 'nav', 'section', 'summary', 'table', 'tbody', 'tfoot', 'thead', 'tr', 'caption'],
]);
/** Elements with an empty line around them. */
const spaced: ReadonlySet<string> = new Set(['blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ol', 'p', 'pre', 'ul']);
/** Elements nested deeper than this are written as if they were not. */
const deepest = 20;

type Attributes = Readonly<Record<string, string>>;

/** Builds the text: words, the line ends owed before the next word, and what each line begins with. */
class TextWriter {
  readonly #out: string[] = [];
  #length = 0;
  /** Line ends to write before the next word; nothing is written before the first. */
  #owed = 0;
  #space = false;
  #lineStart = true;
  quotes = 0;
  preserved = 0;
  marker = '';

  get length(): number {
    return this.#length;
  }

  breakLines(count: number): void {
    this.#owed = Math.max(this.#owed, this.#lineStart && count === 1 ? 0 : count);
    this.#space = false;
  }

  /** A line end that is said, as by `br`: they add up. */
  newline(): void {
    this.#owed = Math.min(this.#owed + 1, 3);
    this.#space = false;
  }

  separate(): void {
    if (!this.#lineStart && this.#owed === 0) this.#space = true;
  }

  text(text: string): void {
    if (this.preserved > 0) this.#preformatted(text);
    else {
      if (/^[ \t\r\n\f]/.test(text)) this.separate();
      const words = text.split(/[ \t\r\n\f]+/).filter((word) => word !== '');
      if (words.length === 0) return;
      this.word(words.join(' '));
      if (/[ \t\r\n\f]$/.test(text)) this.separate();
    }
  }

  #preformatted(text: string): void {
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      if (index > 0) this.newline();
      if (line !== '') this.word(line);
    }
  }

  word(word: string): void {
    if (this.#length === 0) this.#owed = 0;
    if (this.#owed > 0) {
      this.#write('\n'.repeat(this.#owed));
      this.#lineStart = true;
      this.#owed = 0;
    }
    if (this.#lineStart) this.#write('> '.repeat(this.quotes) + this.marker);
    else if (this.#space) this.#write(' ');
    this.marker = '';
    this.#space = false;
    this.#lineStart = false;
    this.#write(word);
  }

  #write(text: string): void {
    this.#out.push(text);
    this.#length += text.length;
  }

  finish(): string {
    return this.#out.join('');
  }
}

/** Follows the tags of a document and tells the writer what to do. */
class HtmlReader {
  readonly #writer = new TextWriter();
  readonly #links: boolean;
  readonly #lists: { ordered: boolean; count: number }[] = [];
  readonly #anchors: { readonly href: string; text: string }[] = [];
  #silence = 0;

  constructor(options: HtmlTextOptions) {
    this.#links = options.links ?? true;
  }

  get length(): number {
    return this.#writer.length;
  }

  finish(): string {
    return this.#writer.finish();
  }

  open(name: string, attributes: Attributes): void {
    if (silent.has(name)) this.#silence++;
    if (this.#silence > 0) return;
    if (blocks.has(name)) this.#writer.breakLines(1);
    else if (spaced.has(name)) this.#writer.breakLines(this.#lists.length > 0 && (name === 'ul' || name === 'ol') ? 1 : 2);
    this.#openings[name]?.(attributes);
  }

  readonly #openings: Readonly<Record<string, ((attributes: Attributes) => void) | undefined>> = {
    br: () => this.#writer.newline(),
    hr: () => {
      this.#writer.word('---');
      this.#writer.breakLines(1);
    },
    td: () => this.#writer.separate(),
    th: () => this.#writer.separate(),
    pre: () => this.#writer.preserved++,
    blockquote: () => {
      if (this.#writer.quotes < deepest) this.#writer.quotes++;
    },
    ul: () => this.#lists.push({ ordered: false, count: 0 }),
    ol: () => this.#lists.push({ ordered: true, count: 0 }),
    li: () => {
      const list = this.#lists.at(-1);
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
    if (this.#silence > 0) return;
    const anchor = this.#anchors.at(-1);
    if (anchor && anchor.text.length < 1000) anchor.text += text;
    this.#writer.text(text);
  }

  close(name: string): void {
    if (silent.has(name)) this.#silence = Math.max(0, this.#silence - 1);
    if (this.#silence > 0) return;
    this.#closings[name]?.();
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
    a: () => {
      const anchor = this.#anchors.pop();
      if (!anchor || !this.#links || !/^(?:https?|ftp|mailto):/i.test(anchor.href)) return;
      const bare = anchor.href.replace(/^mailto:/i, '');
      const said = anchor.text.trim();
      if (said !== '' && said !== bare && said !== anchor.href && `${said}/` !== anchor.href) this.#writer.text(` <${bare}>`);
    },
  };
}

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
  #attributes: Record<string, string> = {};

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
        this.#attributes = {};
      },
      onattribname: (start, end) => {
        this.#attribute = this.#name === 'a' || this.#name === 'img' ? html.slice(start, end).toLowerCase() : '';
        this.#value = '';
      },
      onattribdata: (start, end) => {
        if (this.#attribute !== '') this.#value += html.slice(start, end);
      },
      onattribentity: (code) => {
        if (this.#attribute !== '') this.#value += String.fromCodePoint(code);
      },
      onattribend: () => {
        if (this.#attribute === 'href' || this.#attribute === 'alt') this.#attributes[this.#attribute] ??= this.#value;
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
  return text.length > most ? text.slice(0, most) : text;
}
