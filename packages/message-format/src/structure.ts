import { concatBytes, emptyBytes, refuseText } from '@mox/runtime';
import { DefectList } from './defect.ts';
import { HeaderCollector } from './header-collector.ts';
import { defaultStructureLimits, type StructureLimits } from './limits.ts';
import {
  endLine,
  findLineFeed,
  type LineState,
  makePiece,
  type Piece,
  scanLines,
  startLines,
  stopAtHyphen,
  stopInHeader,
  stopNowhere,
} from './line-scanner.ts';
import { longestBoundary } from './open-part.ts';
import type { MessageStructure } from './part.ts';
import type { PartListener } from './part-listener.ts';
import { PartTree } from './part-tree.ts';

/** Bytes of a line that are looked at as a boundary line: the hyphens, the boundary and some padding. */
const longestBoundaryLine = longestBoundary + 124;
/** Lines like boundaries that are looked at in one header section. */
const mostLooks = 4;
/** The line goes on beyond the piece: nothing can be said of it yet. */
const needMore = -1;

/**
 * Reads a message in one pass as its bytes come, and gives its parts with their places, its envelope and its defects.
 * It holds no bodies: memory is bounded by the limits, however large the message. How the bytes are cut into pieces
 * makes no difference. Lines end with CRLF or LF; a CR alone is content.
 *
 * RFC 5322 §2, RFC 2045, RFC 2046. Never throws on what is in a message.
 */
export class StructureParser {
  readonly #defects: DefectList;
  readonly #lines: LineState = startLines();
  readonly #header: HeaderCollector;
  readonly #tree: PartTree;
  /** Offset of the first byte that is not yet read. */
  #base = 0;
  /** The start of a line that may be a boundary or the end of a header section, and whose end has not come. */
  #pending: Uint8Array = emptyBytes;
  /** Lines of the header section that were looked at as its own boundary lines. */
  #looks = 0;
  #ended = false;

  /** With a listener the parts are told of as they pass by. */
  constructor(limits: StructureLimits = {}, listener?: PartListener) {
    const all = { ...defaultStructureLimits, ...limits };
    this.#defects = new DefectList(all.defects);
    this.#header = new HeaderCollector(all.headerBytes);
    this.#tree = new PartTree(all, this.#defects, listener);
  }

  /** Takes the next bytes of the message. They are not kept beyond the call, but for a few. */
  write(bytes: Uint8Array): void {
    if (this.#ended) throw new TypeError('the structure parser has ended');
    this.#read(this.#pending.length === 0 ? bytes : concatBytes([this.#pending, bytes]));
  }

  /** Says that the message is whole, and returns what was found. */
  end(): MessageStructure {
    if (this.#ended) throw new TypeError('the structure parser has ended');
    this.#ended = true;
    if (this.#pending.length > 0) this.#read(this.#pending);
    const lines = this.#lines;
    // A message of nothing but an empty message/rfc822 has one more header section to end; so on, as deep as the limit.
    while (this.#tree.inHeader) this.#endHeader(makePiece(emptyBytes, this.#base), 0, false);
    this.#tree.finish(this.#base, lines.lines);
    this.#noteLineDefects();
    const { result } = this.#tree;
    if (!result) throw new TypeError('the root part was not closed');
    return { ...result, sizeBytes: this.#base, lines: lines.lines, defects: this.#defects.list() };
  }

  #read(bytes: Uint8Array): void {
    const piece = makePiece(bytes, this.#base);
    const lines = this.#lines;
    if (bytes.length > 0 && lines.lastByte === 13 && bytes[0] !== 10 && lines.bareCr < 0) lines.bareCr = piece.base - 1;
    let at = 0;
    while (at < bytes.length) {
      const reached = this.#readOn(piece, at);
      if (reached === needMore) break;
      at = reached;
    }
    if (this.#tree.inHeader) this.#header.keep(piece, at);
    if (at > 0) lines.lastByte = bytes[at - 1] ?? -1;
    // Not slice(): that of a Buffer makes no copy.
    this.#pending = at < bytes.length ? new Uint8Array(bytes.subarray(at)) : emptyBytes;
    this.#base += at;
  }

  /** Reads from the index `at` as far as one kind of thing goes, and returns the index reached. */
  #readOn(piece: Piece, at: number): number {
    if (this.#lines.lineStart === piece.base + at) {
      const reached = this.#readLine(piece, at);
      if (reached !== at) return reached;
    }
    const stops = this.#tree.inHeader ? stopInHeader : this.#tree.watchesBoundaries ? stopAtHyphen : stopNowhere;
    const reached = scanLines(piece, at, this.#lines, stops);
    if (this.#tree.leaf) this.#tree.tap?.feed(piece.bytes.subarray(at, reached));
    return reached;
  }

  /** Reads the line at `at` where it is a boundary line or ends a header section; else returns `at` again. */
  #readLine(piece: Piece, at: number): number {
    const first = piece.bytes[at];
    if (first === 45 && (this.#tree.inHeader || this.#tree.watchesBoundaries)) return this.#readDelimiter(piece, at);
    if (!this.#tree.inHeader) return at;
    if (first === 10) return this.#readEmptyLine(piece, at);
    if (first !== 13) return at;
    if (at + 1 === piece.bytes.length) return this.#ended ? at : needMore;
    return piece.bytes[at + 1] === 10 ? this.#readEmptyLine(piece, at + 1) : at;
  }

  #readEmptyLine(piece: Piece, lineEnd: number): number {
    this.#endLine(piece, lineEnd);
    this.#endHeader(piece, lineEnd + 1, true);
    return lineEnd + 1;
  }

  #readDelimiter(piece: Piece, at: number): number {
    const { bytes } = piece;
    const available = Math.min(bytes.length, at + longestBoundaryLine);
    const whole = available < bytes.length || available - at === longestBoundaryLine || this.#ended;
    if (at + 1 === bytes.length && !whole) return needMore;
    if (bytes[at + 1] !== 45) return at;
    const lineFeed = findLineFeed(piece, at, available);
    if (lineFeed < 0 && !this.#ended) return whole ? at : needMore;
    if (lineFeed < 0 && available < bytes.length) return at;
    const end = lineFeed < 0 ? available : lineFeed + 1;
    let delimiter = this.#tree.matchDelimiter(bytes, at, end);
    if (this.#tree.inHeader && (delimiter || this.#endsHeader(piece, at, end))) {
      this.#defects.add('missing-empty-line', piece.base + at);
      while (this.#tree.inHeader) this.#endHeader(piece, at, false);
      delimiter ??= this.#tree.matchDelimiter(bytes, at, end);
    }
    if (!delimiter) return at;
    const place = { ...this.#lines };
    if (lineFeed >= 0) this.#endLine(piece, lineFeed);
    this.#tree.delimit(delimiter, place, piece.base + end);
    if (this.#tree.inHeader) this.#header.begin(piece.base + end);
    return end;
  }

  /** Whether the line from `at` to `end` is the first boundary line of the multipart whose header section is being read. */
  #endsHeader(piece: Piece, at: number, end: number): boolean {
    // Each look costs as much as the section is long: a few are enough.
    if (this.#looks >= mostLooks) return false;
    this.#looks++;
    return this.#tree.endsHeader(this.#header.peek(piece, at), piece.bytes.subarray(at, end));
  }

  #endLine(piece: Piece, at: number): void {
    endLine(this.#lines, piece.base + at, at > 0 ? (piece.bytes[at - 1] ?? 0) : this.#lines.lastByte);
  }

  #endHeader(piece: Piece, bodyIndex: number, ended: boolean): void {
    const section = this.#header.take(piece, bodyIndex, ended);
    this.#looks = 0;
    if (section.cut) this.#defects.addOnce('header-bytes-limit', section.start);
    const bodyStart = piece.base + bodyIndex;
    this.#tree.endHeader(section, bodyStart, this.#lines.lines);
    if (this.#tree.inHeader) this.#header.begin(bodyStart);
  }

  #noteLineDefects(): void {
    const { bareCr, bareLf, nul, longLine, lineStart, lastByte } = this.#lines;
    const cr = lastByte === 13 && bareCr < 0 ? this.#base - 1 : bareCr;
    const long = longLine < 0 && this.#base - lineStart > 998 ? lineStart : longLine;
    if (cr >= 0) this.#defects.add('bare-cr', cr);
    if (bareLf >= 0) this.#defects.add('bare-lf', bareLf);
    if (nul >= 0) this.#defects.add('nul', nul);
    if (long >= 0) this.#defects.add('line-too-long', long);
  }
}

function readStructure(bytes: Uint8Array, limits?: StructureLimits): MessageStructure {
  const parser = new StructureParser(limits);
  parser.write(bytes);
  return parser.end();
}

async function readStructureStream(source: AsyncIterable<Uint8Array>, limits?: StructureLimits): Promise<MessageStructure> {
  const parser = new StructureParser(limits);
  for await (const bytes of source) parser.write(bytes);
  return parser.end();
}

/**
 * Reads the structure of a message that is there as a whole, or comes as a stream: of that no more than the header sections is held,
 * however large the message. See `StructureParser`.
 */
export function parseStructure(source: Uint8Array, limits?: StructureLimits): MessageStructure;
export function parseStructure(source: AsyncIterable<Uint8Array>, limits?: StructureLimits): Promise<MessageStructure>;
export function parseStructure(
  source: Uint8Array | AsyncIterable<Uint8Array>,
  limits?: StructureLimits,
): MessageStructure | Promise<MessageStructure> {
  refuseText(source);
  return source instanceof Uint8Array ? readStructure(source, limits) : readStructureStream(source, limits);
}
