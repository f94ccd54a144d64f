import { findDecodedParameter } from './decoded-parameter.ts';
import { findParameter } from './parameters.ts';
import type { Part } from './part.ts';

/** The parts of a message by what they are for (RFC 8621 §4.1.4). */
export interface BodyParts {
  /** Parts to show, in order, to one who prefers plain text. */
  readonly textBody: readonly Part[];
  /** Parts to show, in order, to one who prefers HTML. */
  readonly htmlBody: readonly Part[];
  /** Parts to list beside the message. */
  readonly attachments: readonly Part[];
}

/** The lists being filled; a body is undefined inside an alternative that is of the other kind. */
interface Lists {
  readonly textBody: Part[] | undefined;
  readonly htmlBody: Part[] | undefined;
  readonly attachments: Part[];
}

function isInlineMedia(part: Part): boolean {
  return part.type === 'image' || part.type === 'audio' || part.type === 'video';
}

function isText(part: Part, subtype: string): boolean {
  return part.type === 'text' && part.subtype === subtype;
}

/** Whether a part has a file's name, in whatever form. */
export function hasFilename(part: Part): boolean {
  const named = (name: string, wanted: string): boolean => name === wanted || name.startsWith(`${wanted}*`);
  return (
    (part.disposition?.parameters.some(([name]) => named(name, 'filename')) ?? false) ||
    part.parameters.some(([name]) => named(name, 'name'))
  );
}

/**
 * Whether a body can be read for what its Content-Type says.
 * deviates RFC 2049 §2: an unknown transfer encoding makes a part application/octet-stream only where its name is private (`x-`):
 * others are misspellings of the identity (`8-bit`, `utf-8`), and the text is there to be read.
 */
export function isReadable(part: Part): boolean {
  return !part.encoding.startsWith('x-') || part.encoding === 'x-uuencode';
}

/** Which member of a multipart is what it is all about: the first, unless a multipart/related names another (RFC 2387 §3.2). */
function rootIndex({ subtype, parameters, parts = [] }: Part): number {
  const start = subtype === 'related' ? findParameter(parameters, 'start')?.trim() : undefined;
  return start === undefined
    ? 0
    : Math.max(
        0,
        parts.findIndex(({ id }) => id?.trim() === start),
      );
}

/** The member of a multipart/related that is to be shown (RFC 2387 §3.2); undefined where it has none. */
export function findRoot(related: Part): Part | undefined {
  return related.parts?.[rootIndex(related)];
}

function isInline(part: Part, isRoot: boolean, multipart: string): boolean {
  // A disposition that is not known counts as attachment (RFC 2183 §2.8).
  if (part.disposition !== undefined && part.disposition.type !== 'inline') return false;
  if (!isReadable(part) || (!isText(part, 'plain') && !isText(part, 'html') && !isInlineMedia(part))) return false;
  return isRoot || (multipart !== 'related' && (isInlineMedia(part) || !hasFilename(part)));
}

function placeAlternative(part: Part, lists: Lists): void {
  if (isText(part, 'plain')) lists.textBody?.push(part);
  else if (isText(part, 'html')) lists.htmlBody?.push(part);
  else lists.attachments.push(part);
}

function placeInline(part: Part, lists: Lists): void {
  lists.textBody?.push(part);
  lists.htmlBody?.push(part);
  if ((!lists.textBody || !lists.htmlBody) && isInlineMedia(part)) lists.attachments.push(part);
}

/** Where an alternative had one kind only, that stands for the other too. */
function fillAlternative(lists: Lists, textLength: number, htmlLength: number): void {
  const { textBody, htmlBody } = lists;
  if (!textBody || !htmlBody) return;
  const texts = textBody.slice(textLength);
  const htmls = htmlBody.slice(htmlLength);
  if (texts.length === 0) textBody.push(...htmls);
  if (htmls.length === 0) htmlBody.push(...texts);
}

function place(container: Part, inAlternative: boolean, given: Lists): void {
  let lists = given;
  const { subtype: multipart, parts = [] } = container;
  const root = rootIndex(container);
  const textLength = given.textBody?.length ?? 0;
  const htmlLength = given.htmlBody?.length ?? 0;
  for (const [index, part] of parts.entries()) {
    // RFC 2049 §2: an unknown kind of multipart counts as mixed.
    // One without members is opaque: what it holds is not to vanish.
    if (part.parts && part.parts.length > 0) place(part, inAlternative || part.subtype === 'alternative', lists);
    else if (!isInline(part, index === root, multipart)) lists.attachments.push(part);
    else if (multipart === 'alternative') placeAlternative(part, lists);
    else {
      if (inAlternative && isText(part, 'plain')) lists = { ...lists, htmlBody: undefined };
      if (inAlternative && isText(part, 'html')) lists = { ...lists, textBody: undefined };
      placeInline(part, lists);
    }
  }
  if (multipart === 'alternative') fillAlternative(lists, textLength, htmlLength);
}

/** Says of each leaf of a message whether it is text to show or an attachment, by the rules that JMAP has (RFC 8621 §4.1.4). */
export function selectBodyParts(root: Part): BodyParts {
  const lists = { textBody: [] as Part[], htmlBody: [] as Part[], attachments: [] as Part[] };
  place({ ...root, subtype: 'mixed', parts: [root] }, false, lists);
  return lists;
}

/** The charset of a text part as its Content-Type names it, `us-ascii` where it names none (RFC 2045 §5.2). */
export function partCharset(part: Part): string {
  return findDecodedParameter(part.parameters, 'charset') ?? 'us-ascii';
}
