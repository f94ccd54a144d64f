import type { PartialRange, Section } from '@mox/imap';
import type { Part } from '@mox/message-format';

/** The one member that BODYSTRUCTURE shows of a multipart that has none. */
function emptyMember({ bodyStart }: Part): Part {
  const place = { headerStart: bodyStart, bodyStart, bodyEnd: bodyStart, bodyLines: 0 };
  return { ...place, type: 'text', subtype: 'plain', parameters: [], encoding: '7bit' };
}

/** A member of a message by number. */
function memberOf(holder: Part, number: number): Part | undefined {
  if (holder.parts && holder.parts.length > 0) return holder.parts[number - 1];
  if (number !== 1) return undefined;
  // A message that is no multipart has one part: its body.
  return holder.parts ? emptyMember(holder) : holder;
}

/** The part that a path of numbers leads to (RFC 9051 §6.4.5.1). Undefined where there is none. */
export function findPart(root: Part, path: readonly number[]): Part | undefined {
  let holder = root;
  let part: Part | undefined;
  for (const number of path) {
    if (part?.parts) holder = part;
    else if (part) {
      if (!part.message) return undefined;
      holder = part.message.part;
    }
    part = memberOf(holder, number);
    if (!part) return undefined;
  }
  return part;
}

/** Bytes [start, end) of a message. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What of a range a partial FETCH wants. */
export function clip({ start, end }: ByteRange, partial: PartialRange | undefined): ByteRange {
  if (!partial) return { start, end };
  const from = Math.min(end, start + partial.offset);
  return { start: from, end: Math.min(end, from + partial.count) };
}

function ofMessage(part: Part, text: Section['text']): ByteRange {
  if (text === 'TEXT') return { start: part.bodyStart, end: part.bodyEnd };
  return { start: part.headerStart, end: part.bodyStart };
}

/** The bytes that a section names, whole header sections for HEADER.FIELDS. Undefined where there is no such section. */
export function findSection(root: Part | undefined, sizeBytes: number, section: Section): ByteRange | undefined {
  const { path, text } = section;
  if (path.length === 0 && text === undefined) return { start: 0, end: sizeBytes };
  if (!root) return undefined;
  if (path.length === 0) return ofMessage(root, text);
  const part = findPart(root, path);
  if (!part) return undefined;
  if (text === undefined) return { start: part.bodyStart, end: part.bodyEnd };
  if (text === 'MIME') return { start: part.headerStart, end: part.bodyStart };
  return part.message ? ofMessage(part.message.part, text) : undefined;
}
