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

/* @__NO_SIDE_EFFECTS__ */
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
  /** The same bytes, to be read four at a time. */
  readonly view: DataView;
  /** Offset of its first byte in the message. */
  readonly base: number;
}

/** Makes a piece out of the bytes from an offset of the message on. */
export function makePiece(bytes: Uint8Array, base: number): Piece {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), base };
}

/** Bits of the bytes of a word that are below 0x10: the lowest of them is true, those above may not be. */
function lowBytes(word: number): number {
  return (word - 0x10101010) & ~word & 0x80808080;
}

/**
 * Index of the next byte below 0x10, or `to`: all that matters in lines is, and hardly anything else in a body. Sixteen bytes are
 * looked at in one step.
 */
function findLow(piece: Piece, from: number, to: number): number {
  const { bytes, view } = piece;
  let at = from;
  if (at < to && (bytes[at] as number) < 0x10) return at;
  for (const last = to - 16; at <= last; at += 16) {
    const first = lowBytes(view.getInt32(at, true)) | lowBytes(view.getInt32(at + 4, true));
    if ((first | lowBytes(view.getInt32(at + 8, true)) | lowBytes(view.getInt32(at + 12, true))) !== 0) break;
  }
  for (const last = to - 4; at <= last; at += 4) {
    const found = lowBytes(view.getInt32(at, true));
    if (found !== 0) return at + ((31 - Math.clz32(found & -found)) >> 3);
  }
  while (at < to && (bytes[at] as number) >= 0x10) at++;
  return at;
}

/** Index of the next LF from the index `from` on, -1 where there is none before `to`. */
export function findLineFeed(piece: Piece, from: number, to: number): number {
  let at = findLow(piece, from, to);
  while (at < to && piece.bytes[at] !== 10) at = findLow(piece, at + 1, to);
  return at < to ? at : -1;
}

/**
 * Goes over a piece from the index `from` and keeps count of lines, up to the next line that starts with a byte of
 * the table, or to the end. Returns the index reached. The line that starts at `from` itself is not stopped at.
 */
export function scanLines(piece: Piece, from: number, state: LineState, stops: StopTable): number {
  const { bytes, base } = piece;
  const size = bytes.length;
  const last = size - 1;
  for (let at = findLow(piece, from, size); at < size; at = findLow(piece, at + 1, size)) {
    const byte = bytes[at] as number;
    if (byte > 13) continue;
    if (byte === 13) {
      // A CR at the end of a piece is judged when the next one comes.
      if (at === last || bytes[at + 1] === 10) continue;
      if (state.bareCr < 0) state.bareCr = base + at;
    } else if (byte === 10) {
      endLine(state, base + at, at > 0 ? (bytes[at - 1] as number) : state.lastByte);
      if (at < last && stops[bytes[at + 1] as number] === 1) return at + 1;
    } else if (byte === 0 && state.nul < 0) state.nul = base + at;
  }
  return size;
}
