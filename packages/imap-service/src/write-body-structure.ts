import type { BodyStructureOptions } from '@mox/imap';
import { PackedReader, type PackedText } from '@mox/store';
import type { ByteWriter } from './byte-writer.ts';
import { writePackedEnvelope, writeString } from './write-envelope.ts';

// As formatBodyStructure of @mox/imap, from the packed form. Parts are written in the order of IMAP, which is not that of
// `PackedPart`: so the places of a part's values are looked up first.

/** Parts inside each other that are written; what is deeper is shown as opaque. */
const maximumDepth = 100;

/** Where a part's values stand in `PackedPart`. */
const place = {
  ...{ bodyStart: 1, bodyEnd: 2, bodyLines: 3, type: 4, subtype: 5, parameters: 6, encoding: 7 },
  ...{ id: 8, description: 9, md5: 10, disposition: 11, language: 12, location: 13, parts: 14 },
} as const;

const noMember = '("text" "plain" NIL NIL NIL "7bit" 0 0)';
const noMemberExtended = '("text" "plain" NIL NIL NIL "7bit" 0 0 NIL NIL NIL NIL)';

/** Writes a part and what is in it. */
class PartWriter {
  readonly #out: ByteWriter;
  readonly #reader: PackedReader;
  readonly #options: BodyStructureOptions;

  constructor(out: ByteWriter, reader: PackedReader, options: BodyStructureOptions) {
    this.#out = out;
    this.#reader = reader;
    this.#options = options;
  }

  /** The part that the reader is at. */
  write(depth: number): void {
    const reader = this.#reader;
    const { at } = reader;
    const { length } = this.#out;
    if (depth < maximumDepth && this.#plain()) return;
    reader.at = at;
    this.#out.cut(length);
    const places = reader.places(place.parts);
    if (places.length <= place.parts) return this.#single(places, undefined, depth);
    const hasParts = !reader.absent();
    if (hasParts && depth < maximumDepth) {
      this.#multipart(places, depth);
      if (!reader.more()) return;
      reader.skip();
    } else {
      if (hasParts) reader.skip();
      if (!reader.more()) return this.#single(places, undefined, depth);
      this.#single(places, reader.at, depth);
    }
    reader.more();
  }

  /**
   * Most parts by far have nothing but the fields that every part has: they are read from front to back. False where this is
   * none of them, with the reader and what was written anywhere.
   */
  #plain(): boolean {
    const out = this.#out;
    const reader = this.#reader;
    const { utf8, extended } = this.#options;
    reader.enter();
    reader.number();
    reader.more();
    const bodyStart = reader.number();
    reader.more();
    const sizeBytes = reader.number() - bodyStart;
    reader.more();
    const bodyLines = reader.number();
    reader.more();
    const isText = reader.isString('text');
    if (!isText && (reader.isString('message') || reader.isString('multipart'))) return false;
    out.word('(');
    writeString(out, reader, utf8);
    reader.more();
    out.word(' ');
    writeString(out, reader, utf8);
    reader.more();
    this.#pairs(reader.enter());
    reader.more();
    out.word(' NIL NIL ');
    writeString(out, reader, utf8);
    if (reader.more()) return false;
    out.word(' ');
    out.number(sizeBytes);
    if (isText) {
      out.word(' ');
      out.number(bodyLines);
    }
    out.word(extended ? ' NIL NIL NIL NIL)' : ')');
    return true;
  }

  #multipart(places: readonly number[], depth: number): void {
    const reader = this.#reader;
    const { extended } = this.#options;
    this.#out.word('(');
    if (!reader.enter()) this.#out.word(extended ? noMemberExtended : noMember);
    else
      do this.write(depth + 1);
      while (reader.more());
    const behind = reader.at;
    this.#string(places, place.subtype);
    if (extended) {
      this.#parameters(places, place.parameters);
      this.#extension(places);
    }
    this.#out.word(')');
    reader.at = behind;
  }

  /** A part without parts of its own that are shown. The reader is behind what it holds of a message then, or where it was. */
  #single(places: readonly number[], messageAt: number | undefined, depth: number): void {
    const reader = this.#reader;
    const isMessage = this.#isMessage(places);
    const hasMessage = messageAt !== undefined && !reader.absent();
    const opaque = depth >= maximumDepth || (isMessage && !hasMessage) || this.#is(places, place.type, 'multipart');
    let behind = reader.at;
    this.#fields(places, opaque);
    if (hasMessage) {
      reader.at = messageAt;
      if (isMessage && !opaque) this.#message(depth);
      else reader.skip();
      behind = reader.at;
    }
    if (!opaque && ((isMessage && hasMessage) || this.#is(places, place.type, 'text'))) {
      this.#out.word(' ');
      this.#out.number(this.#number(places, place.bodyLines));
    }
    if (this.#options.extended) {
      this.#string(places, place.md5);
      this.#extension(places);
    }
    this.#out.word(')');
    reader.at = behind;
  }

  #fields(places: readonly number[], opaque: boolean): void {
    const out = this.#out;
    if (opaque) out.word('("application" "octet-stream"');
    else {
      this.#string(places, place.type, '(');
      this.#string(places, place.subtype);
    }
    this.#parameters(places, place.parameters);
    this.#string(places, place.id);
    this.#string(places, place.description);
    this.#string(places, place.encoding);
    out.word(' ');
    out.number(this.#number(places, place.bodyEnd) - this.#number(places, place.bodyStart));
  }

  #message(depth: number): void {
    const reader = this.#reader;
    reader.enter();
    this.#out.word(' ');
    writePackedEnvelope(this.#out, reader, this.#options.utf8);
    reader.more();
    this.#out.word(' ');
    this.write(depth + 1);
    reader.more();
  }

  /** Disposition, language and location: what both kinds of extension data end with. */
  #extension(places: readonly number[]): void {
    this.#disposition(places);
    this.#languages(places);
    this.#string(places, place.location);
  }

  #disposition(places: readonly number[]): void {
    const out = this.#out;
    if (!this.#goTo(places, place.disposition)) return out.word(' NIL');
    this.#reader.enter();
    out.word(' (');
    writeString(out, this.#reader, this.#options.utf8);
    this.#pairs(this.#reader.more());
    out.word(')');
  }

  #parameters(places: readonly number[], index: number): void {
    this.#pairs(this.#goTo(places, index) && this.#reader.enter());
  }

  /** The rest of an array, as a list of names and values. */
  #pairs(some: boolean): void {
    const out = this.#out;
    if (!some) return out.word(' NIL');
    let before = ' (';
    do {
      out.word(before);
      before = ' ';
      writeString(out, this.#reader, this.#options.utf8);
    } while (this.#reader.more());
    out.word(')');
  }

  #languages(places: readonly number[]): void {
    const out = this.#out;
    const reader = this.#reader;
    if (!this.#goTo(places, place.language) || !reader.enter()) return out.word(' NIL');
    const first = reader.at;
    reader.skip();
    const several = reader.more();
    reader.at = first;
    let before = several ? ' (' : ' ';
    do {
      out.word(before);
      before = ' ';
      writeString(out, reader, this.#options.utf8);
    } while (reader.more());
    if (several) out.word(')');
  }

  /** A string or NIL. */
  #string(places: readonly number[], index: number, before: string = ' '): void {
    this.#out.word(before);
    if (this.#goTo(places, index)) writeString(this.#out, this.#reader, this.#options.utf8);
    else this.#out.word('NIL');
  }

  #number(places: readonly number[], index: number): number {
    this.#reader.at = places[index] ?? 0;
    return this.#reader.number();
  }

  /** Goes to a value. False where it is absent. */
  #goTo(places: readonly number[], index: number): boolean {
    const at = places[index];
    if (at === undefined) return false;
    this.#reader.at = at;
    return !this.#reader.absent();
  }

  #is(places: readonly number[], index: number, text: string): boolean {
    const { at } = this.#reader;
    const is = this.#goTo(places, index) && this.#reader.isString(text);
    this.#reader.at = at;
    return is;
  }

  /** Whether a part is shown with what is in it. Clients without UTF-8 know message/rfc822 alone (RFC 3501 §9, media-message). */
  #isMessage(places: readonly number[]): boolean {
    if (!this.#is(places, place.type, 'message')) return false;
    return this.#is(places, place.subtype, 'rfc822') || (this.#options.utf8 && this.#is(places, place.subtype, 'global'));
  }
}

/** Writes a packed part (RFC 9051 §7.5.2) byte for byte as `formatBodyStructure` writes its object, without making one. */
export function writeBodyStructure(out: ByteWriter, packed: PackedText, options: BodyStructureOptions): void {
  new PartWriter(out, new PackedReader(packed), options).write(0);
}
