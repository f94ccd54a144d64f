/** How flowed text is read. */
export interface FlowedOptions {
  /** Whether the space before a soft line break is not part of the text: the DelSp parameter (RFC 3676 §4). */
  readonly delSp?: boolean;
}

/** How flowed text is written. */
export interface EncodeFlowedOptions {
  /** Columns of a line, trailing space and quote marks included. Default 76; RFC 3676 §4.2 wants at most 78. */
  readonly width?: number;
}

const signature = '-- ';

/** A line without its quote marks and stuffing (RFC 3676 §4.1). */
function readLine(line: string): { readonly depth: number; readonly content: string } {
  let depth = 0;
  while (line.charCodeAt(depth) === 62) depth++;
  return { depth, content: line.slice(line.charCodeAt(depth) === 32 ? depth + 1 : depth) };
}

/** Joins the lines of flowed text that comes in pieces (RFC 3676 §4.1). Lines end with LF. */
export class FlowedDecoder {
  readonly #delSp: boolean;
  #rest: string[] = [];
  /** Quote depth of the paragraph that is open, -1 where none is. */
  #open = -1;

  constructor(options: FlowedOptions = {}) {
    this.#delSp = options.delSp ?? false;
  }

  /** Text whose lines are complete with this piece. */
  push(text: string): string {
    const end = text.lastIndexOf('\n');
    if (end < 0) {
      this.#rest.push(text);
      return '';
    }
    const whole = this.#rest.join('') + text.slice(0, end);
    this.#rest = [text.slice(end + 1)];
    const out: string[] = [];
    for (let from = 0; from <= whole.length; ) {
      const next = whole.indexOf('\n', from);
      const stop = next < 0 ? whole.length : next;
      this.#line(whole.slice(from, stop), true, out);
      from = stop + 1;
    }
    return out.join('');
  }

  /** What was left: a last line without its end. */
  end(): string {
    const out: string[] = [];
    const rest = this.#rest.join('');
    this.#rest = [];
    if (rest !== '') this.#line(rest, false, out);
    else if (this.#open >= 0) out.push('\n');
    this.#open = -1;
    return out.join('');
  }

  #line(line: string, ended: boolean, out: string[]): void {
    const { depth, content } = readLine(line);
    const isSignature = content === signature;
    // RFC 3676 §4.1: another quote depth or a signature line ends a paragraph that was left open.
    if (this.#open >= 0 && (this.#open !== depth || isSignature)) {
      out.push('\n');
      this.#open = -1;
    }
    if (this.#open < 0 && depth > 0) out.push('>'.repeat(depth), ' ');
    const flows = !isSignature && content.endsWith(' ');
    out.push(flows && this.#delSp ? content.slice(0, -1) : content);
    if (flows) this.#open = depth;
    else {
      this.#open = -1;
      if (ended) out.push('\n');
    }
  }
}

/** Joins the lines of flowed text to paragraphs (RFC 3676 §4.1). Lines end with LF; quoted ones begin with their marks and a space. */
export function decodeFlowed(text: string, options: FlowedOptions = {}): string {
  const decoder = new FlowedDecoder(options);
  return decoder.push(text) + decoder.end();
}

/** RFC 3676 §4.4: a line that starts with a space, `>` or `From ` gets a space in front. */
function stuff(line: string): string {
  return /^(?: |>|From )/.test(line) ? ` ${line}` : line;
}

function wrap(paragraph: string, prefix: string, width: number, out: string[]): void {
  // Behind quote marks there is always a space, which is stuffing already.
  const start = (line: string): string => (prefix === '' ? stuff(line) : prefix + line);
  const words = paragraph.split(/(?<= )(?! )/);
  let line = '';
  for (const word of words) {
    // A soft line break must not make a signature line (RFC 3676 §4.2).
    if (line !== '' && start(line + word).length > width && line !== signature) {
      out.push(start(line));
      line = '';
    }
    line += word;
  }
  out.push(start(line));
}

/** Takes the spaces at the end off. */
function withoutSpaces(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 32) end--;
  return text.slice(0, end);
}

/**
 * Breaks paragraphs into flowed lines (RFC 3676 §4.2), for a text/plain part with `format=flowed` and no DelSp. A line that starts
 * with `>` marks is quoted text. Lines end with LF in and out; spaces at the end of a paragraph are taken off.
 */
export function encodeFlowed(text: string, options: EncodeFlowedOptions = {}): string {
  const out: string[] = [];
  for (const line of text.split('\n')) {
    const marks = /^>+ ?/.exec(line)?.[0] ?? '';
    const prefix = marks.trimEnd();
    const content = line.slice(marks.length);
    if (content === signature) out.push(marks + content);
    else wrap(withoutSpaces(content), prefix === '' ? '' : `${prefix} `, options.width ?? 76, out);
  }
  return out.join('\n');
}
