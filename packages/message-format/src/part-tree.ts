import { toLatin1 } from '@mox/runtime';
import type { DefectList } from './defect.ts';
import type { HeaderSection } from './entity-header.ts';
import type { Envelope } from './envelope.ts';
import type { HeaderField } from './header-field.ts';
import type { StructureLimits } from './limits.ts';
import { closePart, declaredBoundary, type OpenPart, openPart, readBoundary, readPartHeader } from './open-part.ts';
import type { Part } from './part.ts';
import { BodyTap, type PartListener } from './part-listener.ts';

/** Where a line stands among the others: what decides how a body ends that ends before it. */
export interface LinePlace {
  /** Offset of the line. */
  readonly lineStart: number;
  /** Where the end of the line before it begins. */
  readonly lineEndStart: number;
  /** Line ends before the line. */
  readonly lines: number;
}

/** A boundary line that was recognised. */
export interface Delimiter {
  readonly part: OpenPart;
  readonly closing: boolean;
}

const identityEncodings: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary']);

function holdsMessage({ facts }: OpenPart): boolean {
  return facts.type === 'message' && (facts.subtype === 'rfc822' || facts.subtype === 'global');
}

/** The end of a line without CR, LF and the padding that a gateway may have added (RFC 2046 §5.1.1). */
function contentEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  if (at > start && bytes[at - 1] === 10) at--;
  if (at > start && bytes[at - 1] === 13) at--;
  while (at > start && (bytes[at - 1] === 32 || bytes[at - 1] === 9)) at--;
  return at;
}

/** Numbers for boundaries: a line whose number no open multipart has needs no closer look. */
function addToHash(hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) | 0;
}

function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = addToHash(hash, bytes[at] as number);
  return hash;
}

function hashText(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = addToHash(hash, text.charCodeAt(at));
  return hash;
}

function countLines(bytes: Uint8Array, from: number): number {
  let count = 0;
  for (let at = bytes.indexOf(10, from); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

/** The parts of a message while they are read: which are open, which boundary lines count, and what is finished. */
export class PartTree {
  readonly #limits: Required<StructureLimits>;
  readonly #defects: DefectList;
  readonly #listener: PartListener | undefined;
  /** Where the bytes of leaves go, where anybody listens. */
  readonly tap: BodyTap | undefined;
  /** The part being read and those around it, outermost first. */
  readonly #open: OpenPart[] = [openPart(0, 0, { inDigest: false, isMessage: true })];
  /** The multiparts whose boundary lines count; the innermost where several have the same. */
  readonly #boundaries = new Map<string, OpenPart>();
  /** The numbers of those boundaries, and of what closes them. */
  readonly #hashes = new Set<number>();
  #partCount = 1;
  /** Whether a header section is being read, not a body. */
  inHeader = true;
  /** The part whose body is being read; none within a header section, a preamble or an epilogue. */
  leaf: OpenPart | undefined;
  /** The message, once all parts are closed. */
  result: { readonly envelope: Envelope; readonly part: Part } | undefined;

  constructor(limits: Required<StructureLimits>, defects: DefectList, listener?: PartListener) {
    this.#limits = limits;
    this.#defects = defects;
    this.#listener = listener;
    this.tap = listener?.body ? new BodyTap(listener) : undefined;
  }

  /** Whether any boundary line counts. */
  get watchesBoundaries(): boolean {
    return this.#boundaries.size > 0;
  }

  /** The header section of the innermost part is whole; its body starts at an offset. */
  endHeader(section: HeaderSection, bodyStart: number, lines: number): void {
    const part = this.#open[this.#open.length - 1];
    if (!part) return;
    const fields: HeaderField[] | undefined = this.#listener?.opened ? [] : undefined;
    const bodyIndex = readPartHeader(part, section, {
      limits: this.#limits,
      defects: this.#defects,
      isMessage: part.isMessage,
      ...(fields && { fields }),
    });
    part.bodyStart = bodyStart;
    part.linesBefore = lines;
    // A message inside starts where its body starts, and that is behind what was read: it cannot start earlier.
    if (bodyIndex !== undefined && !holdsMessage(part)) {
      part.bodyStart = section.start + bodyIndex;
      part.linesBefore = lines - countLines(section.bytes, bodyIndex);
    }
    this.inHeader = false;
    if (fields) {
      const { headerStart, depth } = part;
      this.#listener?.opened?.({ headerStart, bodyStart: part.bodyStart, ...part.facts, fields, depth });
    }
    if (part.facts.type === 'multipart') this.#startMultipart(part);
    else if (holdsMessage(part)) this.#startMessage(part);
    if (this.inHeader || part.parts) return;
    this.leaf = part;
    this.tap?.begin();
    // What was taken for a header section and is body has been read already; its bytes are the collector's.
    if (part.bodyStart < bodyStart) this.tap?.feed(new Uint8Array(section.bytes.subarray(part.bodyStart - section.start)));
  }

  #startMultipart(part: OpenPart): void {
    const boundary = readBoundary(part.facts);
    if (!identityEncodings.has(part.facts.encoding)) this.#defects.add('encoded-multipart', part.headerStart);
    if (boundary === undefined) this.#defects.add('missing-boundary', part.headerStart);
    else if (this.#open.length > this.#limits.depth) this.#defects.add('depth-limit', part.headerStart);
    else {
      part.parts = [];
      part.boundary = boundary;
      part.shadowed = this.#boundaries.get(boundary[0]);
      for (const text of boundary) this.#watch(text, part);
    }
  }

  #watch(boundary: string, part: OpenPart): void {
    this.#boundaries.set(boundary, part);
    const hash = hashText(boundary);
    this.#hashes.add(hash);
    this.#hashes.add(addToHash(addToHash(hash, 45), 45));
  }

  #startMessage(part: OpenPart): void {
    if (!identityEncodings.has(part.facts.encoding)) {
      // RFC 6532 §3.7 lets message/global be encoded: then it is a leaf, and no defect.
      if (part.facts.subtype === 'rfc822') this.#defects.add('encoded-message', part.headerStart);
    } else if (this.#open.length > this.#limits.depth) this.#defects.add('depth-limit', part.headerStart);
    else if (this.#partCount >= this.#limits.parts) this.#defects.add('parts-limit', part.headerStart);
    else this.#start(part.bodyStart, { inDigest: false, isMessage: true });
  }

  #start(headerStart: number, role: { readonly inDigest: boolean; readonly isMessage: boolean }): void {
    this.#partCount++;
    this.#open.push(openPart(headerStart, this.#open.length, role));
    this.inHeader = true;
  }

  /** Whether a line is a boundary line of the multipart whose header section, this far, is given: its empty line is missing. */
  endsHeader(section: Uint8Array, line: Uint8Array): boolean {
    const boundary = declaredBoundary(section, this.#limits);
    const text = toLatin1(line, 2, contentEnd(line, 2, line.length));
    return boundary?.some((wanted) => text === wanted || text === `${wanted}--`) ?? false;
  }

  /**
   * Says whose boundary line this is, if any (RFC 2046 §5.1.1). The bytes are the line, which starts with two hyphens.
   *
   * deviates RFC 2046 §5.1.1: a line that goes on after the boundary is content. Taken by its beginning alone, a line
   * of an inner part with a longer boundary would end the outer one.
   */
  matchDelimiter(bytes: Uint8Array, start: number, end: number): Delimiter | undefined {
    const lineEnd = contentEnd(bytes, start + 2, end);
    if (!this.#hashes.has(hashBytes(bytes, start + 2, lineEnd))) return undefined;
    const line = toLatin1(bytes, start + 2, lineEnd);
    const whole = this.#boundaries.get(line);
    const closed = line.endsWith('--') ? this.#boundaries.get(line.slice(0, -2)) : undefined;
    if (closed && (!whole || closed.depth > whole.depth)) return { part: closed, closing: true };
    return whole && { part: whole, closing: false };
  }

  /** Ends the parts that a boundary line ends, and starts the one that it starts. */
  delimit(delimiter: Delimiter, place: LinePlace, nextPartStart: number): void {
    const { part, closing } = delimiter;
    while (this.#open.length > part.depth + 1) this.#closeBefore(place);
    if (closing) this.#forgetBoundary(part);
    else if (this.#partCount >= this.#limits.parts) {
      this.#defects.add('parts-limit', place.lineStart);
      this.#boundaries.clear();
      this.#hashes.clear();
      for (const open of this.#open) open.boundary = undefined;
    } else this.#start(nextPartStart, { inDigest: part.facts.subtype === 'digest', isMessage: false });
  }

  #forgetBoundary(part: OpenPart): void {
    if (part.boundary === undefined) return;
    for (const text of part.boundary) this.#boundaries.delete(text);
    if (part.shadowed) this.#boundaries.set(part.boundary[0], part.shadowed);
    // The numbers of boundaries that are gone do no harm; where none is left they are forgotten.
    if (this.#boundaries.size === 0) this.#hashes.clear();
    part.boundary = undefined;
  }

  /** Ends the innermost part before a boundary line; the line end before that line belongs to the line. */
  #closeBefore(place: LinePlace): void {
    const part = this.#open[this.#open.length - 1];
    if (!part) return;
    if (part.bodyStart >= place.lineStart) return this.#close(part, part.bodyStart, 0);
    // A last part inside that is empty ends behind the line end, and what it is in cannot end before it.
    if (part.innerEnd === place.lineStart) return this.#close(part, place.lineStart, place.lines - part.linesBefore);
    const bodyEnd = Math.max(part.bodyStart, place.lineEndStart);
    this.#close(part, bodyEnd, place.lines - part.linesBefore - 1);
  }

  /** Ends everything at the end of the message. */
  finish(sizeBytes: number, lines: number): void {
    for (let part = this.#open[this.#open.length - 1]; part; part = this.#open[this.#open.length - 1])
      this.#close(part, sizeBytes, lines - part.linesBefore);
  }

  #close(part: OpenPart, bodyEnd: number, bodyLines: number): void {
    this.#open.pop();
    if (part.boundary !== undefined) this.#defects.add('missing-closing-boundary', bodyEnd);
    this.#forgetBoundary(part);
    if (part.parts?.length === 0) this.#defects.add('multipart-without-parts', part.headerStart);
    const closed = closePart(part, bodyEnd, bodyLines);
    if (this.leaf === part) {
      this.leaf = undefined;
      this.tap?.finish(bodyEnd - part.bodyStart);
    }
    this.#listener?.closed?.(closed);
    const message = part.envelope && { envelope: part.envelope, part: closed };
    const outer = this.#open[this.#open.length - 1];
    if (outer) outer.innerEnd = bodyEnd;
    if (!outer) this.result = message;
    else if (message) outer.inner = message;
    else outer.parts?.push(closed);
  }
}
