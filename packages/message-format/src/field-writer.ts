import { encodeWords } from '@mox/encoding';
import { fromUtf8 } from '@mox/runtime';
import { ComposeError } from './compose-error.ts';

/** RFC 5322 §2.1.1: lines should be no longer, CRLF not counted. */
const preferredLength = 78;
/** RFC 5322 §2.1.1: lines must be no longer; in bytes (RFC 6532 §3.4). */
const longestLine = 998;

/** RFC 2047 §2: the longest line with an encoded word in it. */
const longestEncodedLine = 76;

/** How long encoded words of a field may be, so that one fits behind the field's name (RFC 2047 §2). */
export function encodedWordLength(name: string): number {
  // A name that leaves hardly any room gets a long line rather than words of a few letters.
  return Math.min(75, Math.max(40, longestEncodedLine - name.length - 2));
}

const fieldName = /^[!-9;-~]{1,76}$/;
const controls = /[\u0000-\u001f\u007f]+/g;

function byteLength(text: string): number {
  return /^[\u0000-\u007f]*$/.test(text) ? text.length : fromUtf8(text).length;
}

/** How long a line may become. */
function lineLength(holdsEncodedWord: boolean): number {
  return holdsEncodedWord ? longestEncodedLine : preferredLength;
}

/** Cuts a piece at its spaces, but none that would leave a line of nothing but space. */
function words(piece: string): string[] {
  return piece.split(/ (?=[^ ])/);
}

/**
 * Writes a header field, folded (RFC 5322 §2.2.3): a line is broken between the pieces where that helps, within a piece where it is
 * too long by itself. Pieces stand a space apart. Unfolded, the field is what it would be on one line.
 */
export function writeField(name: string, pieces: readonly string[]): string {
  let text = `${name}:`;
  let column = text.length;
  let encoded = false;
  let first = true;
  for (const piece of pieces) {
    // The first line must hold something: some read an empty one as the end of the field.
    const whole = (first ? column : 0) + 1 + piece.length <= lineLength(piece.includes('=?'));
    for (const part of whole ? [piece] : words(piece)) {
      const holdsWord = part.includes('=?');
      const fold: boolean = !first && column + 1 + part.length > lineLength(encoded || holdsWord);
      text += fold ? `\r\n ${part}` : ` ${part}`;
      column = (fold ? 0 : column) + 1 + part.length;
      encoded = holdsWord || (encoded && !fold);
      first = false;
    }
  }
  for (const line of text.length > longestLine ? text.split('\r\n') : []) {
    if (byteLength(line) > longestLine) throw new ComposeError('line-too-long', `a word of ${name} is longer than a line can be`);
  }
  return `${text}\r\n`;
}

/** Whether a text survives folding and unfolding as it is: single spaces between words, and nothing like an encoded word. */
function standsForItself(text: string): boolean {
  return text === '' || (/^[^ ]+(?: [^ ]+)*$/.test(text) && !text.includes('=?') && !/[^ ]{225}/.test(text));
}

/** Writes an unstructured field (RFC 5322 §2.2.1): ASCII with encoded words (RFC 2047 §5), or as it is in a message with SMTPUTF8 (RFC 6532 §3.2). */
export function writeUnstructured(name: string, value: string, options: { readonly utf8: boolean }): string {
  const text = value.replace(controls, ' ');
  const written = options.utf8 && standsForItself(text) ? text : encodeWords(text, { wordLength: encodedWordLength(name) });
  return writeField(name, written.split(' '));
}

/** Throws where a name cannot be that of a field (RFC 5322 §2.2). */
export function checkFieldName(name: string): void {
  if (!fieldName.test(name)) throw new ComposeError('invalid-field-name', `not the name of a header field: ${JSON.stringify(name)}`);
}
