/** Characters of a cell's line up to which the next cell goes on behind it: columns of numbers and words, not of paragraphs. */
const longestCell = 60;
/** Tables nested deeper than this are written as if they were not. */
const deepestTable = 20;
/** Blanks, and characters without width, which senders fill empty paragraphs and the previews of others with. */
const fillers = /^[\s\u00a0\u00ad\u034f\u200b-\u200f\u2007\u2060\ufeff]+$/;

/** Where the first word of the last cell in a row stands: its line, or that there was none yet. */
interface Row {
  cell: 'none' | 'empty' | number;
}

/** Builds text: words, the line ends owed before the next word, and what each line begins with. */
export class TextWriter {
  readonly #out: string[] = [];
  #length = 0;
  /** Line ends to write before the next word; nothing is written before the first. */
  #owed = 0;
  #space = false;
  #lineStart = true;
  #lines = 0;
  #lineLength = 0;
  /** Quote marks of the line before. */
  #quotesBefore = 0;
  /** The row being read of each open table. */
  readonly #rows: Row[] = [{ cell: 'none' }];
  /** A cell goes on behind the one before it: no line ends before its first word. */
  #joining = false;
  quotes = 0;
  preserved = 0;
  marker = '';

  get length(): number {
    return this.#length;
  }

  breakLines(count: number): void {
    if (this.#joining) return;
    // A list's mark stands right before what the item starts with.
    const wanted = this.marker === '' ? count : 1;
    this.#owed = Math.max(this.#owed, this.#lineStart && wanted === 1 ? 0 : wanted);
    this.#space = false;
  }

  /** A line end that is said, as by `br`: they add up. */
  newline(): void {
    this.#owed = Math.min(this.#owed + 1, 3);
    this.#space = false;
    this.#joining = false;
  }

  separate(): void {
    if (!this.#lineStart && this.#owed === 0) this.#space = true;
  }

  openTable(): void {
    if (this.#rows.length < deepestTable) this.#rows.push({ cell: 'none' });
  }

  closeTable(): void {
    if (this.#rows.length > 1) this.#rows.pop();
  }

  openRow(): void {
    const row = this.#rows.at(-1);
    if (row) row.cell = 'none';
    this.breakLines(1);
  }

  /** The next cell of a row: behind the one before it where that is short and of one line, on a line of its own where it is not. */
  openCell(): void {
    const row = this.#rows.at(-1);
    if (!row) return;
    if (row.cell === this.#lines && this.#lineLength <= longestCell) {
      this.#owed = 0;
      this.#space = true;
      this.#joining = true;
    } else if (typeof row.cell === 'number') this.breakLines(1);
    row.cell = 'empty';
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
    for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
      if (index > 0) this.newline();
      if (line !== '') this.word(line);
    }
  }

  word(word: string): void {
    const startsLine = this.#lineStart || this.#owed > 0;
    // A paragraph of nothing but a no-break space is an empty line, which is owed already.
    if (startsLine && this.preserved === 0 && fillers.test(word)) return;
    if (this.#length === 0) this.#owed = 0;
    this.#writeLineEnds();
    if (this.#lineStart) this.#write('> '.repeat(this.quotes) + this.marker);
    else if (this.#space) this.#write(' ');
    for (const row of this.#rows) if (row.cell === 'empty') row.cell = this.#lines;
    this.marker = '';
    this.#space = false;
    this.#lineStart = false;
    this.#joining = false;
    this.#quotesBefore = this.quotes;
    this.#write(word.includes('\u00a0') || word.includes('\0') ? word.replaceAll('\u00a0', ' ').replaceAll('\0', '') : word);
  }

  #writeLineEnds(): void {
    if (this.#owed === 0) return;
    // An empty line between two of a quote is of the quote.
    const between = '> '.repeat(Math.min(this.quotes, this.#quotesBefore)).trimEnd();
    this.#write(`\n${between}`.repeat(this.#owed - 1));
    this.#write('\n');
    this.#lines += this.#owed;
    this.#lineLength = 0;
    this.#lineStart = true;
    this.#owed = 0;
  }

  #write(text: string): void {
    this.#out.push(text);
    this.#length += text.length;
    this.#lineLength += text.length;
  }

  finish(): string {
    return this.#out.join('');
  }
}
