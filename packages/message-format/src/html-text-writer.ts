/** Characters of a cell's line up to which the next cell goes on behind it: columns of numbers and words, not of paragraphs. */
const longestCell = 60;
/** Tables nested deeper than this are written as if they were not. */
const deepestTable = 20;
/** Blanks, and characters without width, which senders fill empty paragraphs and the previews of others with. */
const fillers = /^[\s\u00a0\u00ad\u034f\u200b-\u200f\u2007\u2060\ufeff]+$/;
/** Blanks that are written as one space, other than that space. */
const unevenBlanks = /[\t\r\n\f]| {2}/;

/** Where the last cell of a row stands: the line of its first word, or one of these. */
const noCell = -1;
const emptyCell = -2;

/** Whether a character is white space of HTML, which a no-break space is not. */
function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0b);
}

/** Builds text: words, the line ends owed before the next word, and what each line begins with. */
export class TextWriter {
  #text = '';
  /** Line ends to write before the next word; nothing is written before the first. */
  #owed = 0;
  #space = false;
  #lineStart = true;
  #lines = 0;
  /** Offset at which the line starts. */
  #lineFrom = 0;
  /** Quote marks of the line before. */
  #quotesBefore = 0;
  /** The last cell of the row being read, of each open table: `noCell`, `emptyCell` or the line it starts in. */
  readonly #cells: number[] = [noCell];
  /** Whether any of those cells is empty. */
  #hasEmptyCell = false;
  /** A cell goes on behind the one before it: no line ends before its first word. */
  #joining = false;
  quotes = 0;
  preserved = 0;
  marker = '';

  get length(): number {
    return this.#text.length;
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
    if (this.#cells.length < deepestTable) this.#cells.push(noCell);
  }

  closeTable(): void {
    if (this.#cells.length > 1) this.#cells.pop();
  }

  openRow(): void {
    this.#cells[this.#cells.length - 1] = noCell;
    this.breakLines(1);
  }

  /** The next cell of a row: behind the one before it where that is short and of one line, on a line of its own where it is not. */
  openCell(): void {
    const cell = this.#cells[this.#cells.length - 1] as number;
    if (cell === this.#lines && this.#text.length - this.#lineFrom <= longestCell) {
      this.#owed = 0;
      this.#space = true;
      this.#joining = true;
    } else if (cell >= 0) this.breakLines(1);
    this.#cells[this.#cells.length - 1] = emptyCell;
    this.#hasEmptyCell = true;
  }

  text(text: string): void {
    if (this.preserved > 0) this.#preformatted(text);
    else this.#flowing(text);
  }

  #flowing(text: string): void {
    let start = 0;
    let end = text.length;
    while (start < end && isBlank(text.charCodeAt(start))) start++;
    while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
    if (start > 0) this.separate();
    if (start === end) return;
    const words = text.slice(start, end);
    this.word(unevenBlanks.test(words) ? words.replace(/[ \t\r\n\f]+/g, ' ') : words);
    if (end < text.length) this.separate();
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
    if (this.#text === '') this.#owed = 0;
    if (this.#owed > 0) this.#endLine();
    if (this.#lineStart) this.#text += this.quotes > 0 ? '> '.repeat(this.quotes) + this.marker : this.marker;
    else if (this.#space) this.#text += ' ';
    if (this.#hasEmptyCell) this.#fillCells();
    this.marker = '';
    this.#space = false;
    this.#lineStart = false;
    this.#joining = false;
    this.#quotesBefore = this.quotes;
    this.#text += word.includes('\u00a0') || word.includes('\0') ? word.replaceAll('\u00a0', ' ').replaceAll('\0', '') : word;
  }

  /** Writes the line ends that are owed. */
  #endLine(): void {
    // An empty line between two of a quote is of the quote.
    const between = this.#owed > 1 ? '> '.repeat(Math.min(this.quotes, this.#quotesBefore)).trimEnd() : '';
    for (let i = 1; i < this.#owed; i++) this.#text += `\n${between}`;
    this.#text += '\n';
    this.#lines += this.#owed;
    this.#lineFrom = this.#text.length;
    this.#lineStart = true;
    this.#owed = 0;
  }

  /** The first word of a cell is also that of the cells that its table is in. */
  #fillCells(): void {
    for (const [index, cell] of this.#cells.entries()) if (cell === emptyCell) this.#cells[index] = this.#lines;
    this.#hasEmptyCell = false;
  }

  finish(): string {
    return this.#text;
  }
}
