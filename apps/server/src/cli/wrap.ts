/** Columns that help and explanations fit into: those of a terminal as it opens, or of a narrower one that is written to. */
export const terminalColumns: number = Math.max(40, Math.min(80, process.stdout.columns || 80));

/** Breaks a text between words so that no line is longer than it may be, but for words that are. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}

/** A row of a table of two columns: the second wrapped beside the first, or below it where that is too wide. */
export function wrapRow(left: string, right: string, column: number): string[] {
  const pieces = wrap(right, terminalColumns - column);
  const margin = ' '.repeat(column);
  if (left.length + 2 > column) return [left, ...pieces.map((piece) => margin + piece)];
  return pieces.map((piece, index) => (index === 0 ? left.padEnd(column) : margin) + piece);
}
