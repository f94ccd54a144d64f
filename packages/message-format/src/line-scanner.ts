/** What a scan over lines keeps count of, for the next piece of the message to go on from. Offsets are of the whole message. */
export interface LineState {
  /** Line ends so far. */
  lines: number;
  /** Start of the current line. */
  lineStart: number;
  /** Where the end of the line before it begins: its CR, or its LF where it has no CR. */
  lineEndStart: number;
  /** The last byte seen, -1 at the start. */
  lastByte: number;
  /** Offset of the first CR that stands alone, -1 for none. */
  bareCr: number;
  /** Offset of the first LF that stands alone, -1 for none. */
  bareLf: number;
  /** Offset of the first NUL, -1 for none. */
  nul: number;
  /** Offset of the first line of more than 998 bytes (RFC 5322 §2.1.1), -1 for none. */
  longLine: number;
}

/** The state before the first byte. */
export function startLines(): LineState {
  return { lines: 0, lineStart: 0, lineEndStart: 0, lastByte: -1, bareCr: -1, bareLf: -1, nul: -1, longLine: -1 };
}

/** Takes note of a LF at an offset of the message, `before` being the byte before it. */
export function endLine(state: LineState, offset: number, before: number): void {
  state.lines++;
  state.lineEndStart = before === 13 ? offset - 1 : offset;
  if (before !== 13 && state.bareLf < 0) state.bareLf = offset;
  if (state.lineEndStart - state.lineStart > 998 && state.longLine < 0) state.longLine = state.lineStart;
  state.lineStart = offset + 1;
}

/** First bytes of lines at which a scan stops, one entry a byte. */
export type StopTable = Uint8Array;

function stopTable(characters: string): StopTable {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}

/** Stops nowhere: no multipart is open. */
export const stopNowhere: StopTable = stopTable('');
/** Stops where a boundary line may begin. */
export const stopAtHyphen: StopTable = stopTable('-');
/** Stops where a header section may end. */
export const stopInHeader: StopTable = stopTable('-\r\n');

/** A piece of a message. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** Offset of its first byte in the message. */
  readonly base: number;
}

/**
 * Goes over a piece from the index `from` and keeps count of lines, up to the next line that starts with a byte of
 * the table, or to the end. Returns the index reached. The line that starts at `from` itself is not stopped at.
 *
 * Four bytes are looked at in one step, for any below 0x10: all that matters here is, and hardly anything else in a body.
 */
export function scanLines(piece: Piece, from: number, state: LineState, stops: StopTable): number {
  const { bytes } = piece;
  const size = bytes.length;
  const wordsStart = Math.min(size, from + ((4 - ((bytes.byteOffset + from) & 3)) & 3));
  const wordCount = (size - wordsStart) >> 2;
  if (wordCount < 16) {
    const reached = scanBytes(piece, from, size, state, stops);
    return reached < 0 ? ~reached : reached;
  }
  const first = scanBytes(piece, from, wordsStart, state, stops);
  if (first < 0) return ~first;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + wordsStart, wordCount);
  for (let index = 0; index < wordCount; index++) {
    const word = words[index] ?? 0;
    if ((((word - 0x10101010) | 0) & ~word & 0x80808080) === 0) continue;
    const start = wordsStart + (index << 2);
    const stopped = scanBytes(piece, start, start + 4, state, stops);
    if (stopped < 0) return ~stopped;
  }
  const last = scanBytes(piece, wordsStart + (wordCount << 2), size, state, stops);
  return last < 0 ? ~last : last;
}

/** As `scanLines`, for the bytes `from` to `to`: returns `to`, or the complement of the index it stopped at. */
function scanBytes(piece: Piece, from: number, to: number, state: LineState, stops: StopTable): number {
  const { bytes, base } = piece;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    if (byte > 13) continue;
    if (byte === 10) {
      endLine(state, base + at, at > 0 ? (bytes[at - 1] ?? 0) : state.lastByte);
      if (at + 1 < bytes.length && stops[bytes[at + 1] ?? 0] === 1) return ~(at + 1);
    } else if (byte === 13) {
      // A CR at the end of a piece is judged when the next one comes.
      if (at + 1 < bytes.length && bytes[at + 1] !== 10 && state.bareCr < 0) state.bareCr = base + at;
    } else if (byte === 0 && state.nul < 0) state.nul = base + at;
  }
  return to;
}
