import { decodeParameters, joinParameterSections } from '@mox/encoding';
import { fromUtf8, toLatin1 } from '@mox/runtime';
import { type CharClass, charClass, TextCursor } from '@mox/syntax';
import { type ContentType, parseContentDisposition, readContentType } from './content-type.ts';
import { type EntityHeader, type HeaderContext, type HeaderSection, makeEnvelope, readEntityHeader } from './entity-header.ts';
import type { Envelope } from './envelope.ts';
import { findField, readFields } from './header-field.ts';
import type { StructureLimits } from './limits.ts';
import { findParameter } from './parameters.ts';
import type { Parameter, Part } from './part.ts';
import { isToken, skipCfws } from './structured.ts';

/** What the header section of a part says of it. */
export type PartFacts = Omit<Part, 'headerStart' | 'bodyStart' | 'bodyEnd' | 'bodyLines' | 'parts' | 'message'>;

/** A part whose end has not come yet. */
export interface OpenPart {
  readonly headerStart: number;
  /** Media type where the header names none: in a digest it is a message (RFC 2046 §5.1.5). */
  readonly inDigest: boolean;
  /** Whether this is a message: the whole one, or that in a message/rfc822. */
  readonly isMessage: boolean;
  facts: PartFacts;
  bodyStart: number;
  /** Line ends of the whole message before the body. */
  linesBefore: number;
  /** The line behind the two hyphens of its boundary lines; undefined once closed, and for what is no multipart. */
  boundary: Boundary | undefined;
  /** The part further out that has the same boundary. */
  shadowed: OpenPart | undefined;
  /** Depth in the stack of open parts. */
  readonly depth: number;
  /** Members of a multipart, finished. */
  parts: Part[] | undefined;
  envelope: Envelope | undefined;
  /** Where the last part inside ends, -1 where there is none yet. */
  innerEnd: number;
  /** The message inside, finished. */
  inner: { readonly envelope: Envelope; readonly part: Part } | undefined;
}

const isEncodingText: CharClass = /* @__PURE__ */ charClass(isToken, ' ');

const plainText: PartFacts = { type: 'text', subtype: 'plain', parameters: [], encoding: '7bit' };
const digestMember: PartFacts = { type: 'message', subtype: 'rfc822', parameters: [], encoding: '7bit' };

/** A part that starts at an offset. */
export function openPart(headerStart: number, depth: number, role: { readonly inDigest: boolean; readonly isMessage: boolean }): OpenPart {
  return {
    headerStart,
    inDigest: role.inDigest,
    isMessage: role.isMessage,
    facts: role.inDigest ? digestMember : plainText,
    bodyStart: headerStart,
    linesBefore: 0,
    boundary: undefined,
    shadowed: undefined,
    depth,
    parts: undefined,
    envelope: undefined,
    innerEnd: -1,
    inner: undefined,
  };
}

/** Misspellings of which the meaning is plain. */
const base64Like = /^(?:base[-_ ]?64|b64)$/;
const quotedPrintableLike = /^quoted[-_ ]?printable$/;
/** What uuencode is called, which never was a standard. */
const uuencodeLike = /^(?:x-)?uu(?:e|encode)?$/;

/**
 * Reads the encoding's name in lower case (RFC 2045 §6.1), comments left away.
 *
 * deviates RFC 2045 §6.1: quotes, a semicolon behind the name, and some misspellings are let through.
 */
function readEncoding(value: string | undefined): string {
  if (value === undefined) return '7bit';
  if (value === '7bit' || value === '8bit' || value === 'base64' || value === 'quoted-printable') return value;
  const cursor = new TextCursor(value);
  skipCfws(cursor);
  cursor.take('"');
  const start = cursor.at;
  const token = cursor.takeWhile(isToken).toLowerCase();
  if (token === '') return '7bit';
  cursor.skipWhile(isEncodingText);
  const name = value.slice(start, cursor.at).trimEnd().toLowerCase();
  if (base64Like.test(name)) return 'base64';
  if (uuencodeLike.test(name)) return 'x-uuencode';
  return quotedPrintableLike.test(name) ? 'quoted-printable' : token;
}

function readContentTypeOf(header: EntityHeader, part: OpenPart, section: HeaderSection, context: HeaderContext): ContentType {
  const value = header.get('content-type');
  const fallback = part.inDigest ? digestMember : plainText;
  if (value === undefined) return fallback;
  const { value: contentType, complete } = readContentType(value, context.limits.parameters);
  if (!complete) context.defects.add('invalid-content-type', section.start);
  // RFC 2045 §5.2: what cannot be read counts as text/plain.
  return contentType ? joined(contentType) : plainText;
}

/** A field's value with parameters that were cut in sections whole again, as IMAP is to show them (RFC 2231 §6). */
function joined<T extends { readonly parameters: readonly Parameter[] }>(value: T): T {
  const parameters = joinParameterSections(value.parameters);
  return parameters === value.parameters ? value : { ...value, parameters };
}

const knownEncodings: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary', 'base64', 'quoted-printable', 'x-uuencode']);

/** Reads the tags of a Content-Language field (RFC 3282 §2). */
function readLanguages(value: string): string[] {
  const tags = value.split(',', 100).map((tag) => tag.replace(/\([^()]*\)/g, '').trim());
  return tags.filter((tag) => tag !== '');
}

/** Reads the header section of a part into it. Gives where within the section the body starts, where it does. */
export function readPartHeader(part: OpenPart, section: HeaderSection, context: HeaderContext): number | undefined {
  const { limits, defects } = context;
  const { header, bodyIndex } = readEntityHeader(section, context);
  const { type, subtype, parameters } = readContentTypeOf(header, part, section, context);
  const id = header.get('content-id');
  const description = header.get('content-description');
  const md5 = header.get('content-md5');
  const dispositionValue = header.get('content-disposition');
  const disposition = dispositionValue === undefined ? undefined : parseContentDisposition(dispositionValue);
  if (dispositionValue !== undefined && !disposition) defects.add('invalid-content-disposition', section.start);
  const encoding = readEncoding(header.get('content-transfer-encoding'));
  // That of a multipart or a message inside has a defect of its own.
  if (!knownEncodings.has(encoding) && type !== 'multipart' && type !== 'message') defects.add('unknown-encoding', section.start);
  const language = header.get('content-language');
  const location = header.get('content-location');
  part.facts = {
    type,
    subtype,
    parameters,
    encoding,
    ...(id === undefined ? undefined : { id }),
    ...(description === undefined ? undefined : { description }),
    ...(md5 === undefined ? undefined : { md5 }),
    ...(disposition && { disposition: joined(disposition) }),
    ...(language === undefined ? undefined : { language: readLanguages(language) }),
    ...(location === undefined ? undefined : { location }),
  };
  if (part.isMessage) part.envelope = makeEnvelope(header, section, limits, defects);
  return bodyIndex;
}

/** Characters of a boundary beyond which it is taken for none; the RFC's own bound is 70. */
export const longestBoundary = 900;

/** A boundary that was written by RFC 2231 §4, as some programs do with every parameter. */
function extendedBoundary(facts: Pick<PartFacts, 'parameters'>): string | undefined {
  return facts.parameters.some(([name]) => name.startsWith('boundary*')) ? decodeParameters(facts.parameters).get('boundary') : undefined;
}

/** What a boundary may be in a boundary line, one character a byte: as it was meant first, then in other readings of what was declared. */
export type Boundary = readonly [string, ...string[]];

/** The boundary of a multipart (RFC 2046 §5.1.1), or undefined where it has none that can be used. */
export function readBoundary(facts: Pick<PartFacts, 'parameters'>): Boundary | undefined {
  const declared = findParameter(facts.parameters, 'boundary') ?? extendedBoundary(facts);
  const text = declared?.trimEnd();
  // deviates RFC 2046 §5.1.1: an empty one is one: its boundary lines are two hyphens.
  if (declared === undefined || text === undefined || declared.length > longestBoundary) return undefined;
  // deviates RFC 2046 §5.1.1: one that is not ASCII is looked for in UTF-8 and in Latin-1; of one that ends in blanks the closing
  // line may have them too.
  if (!/^[\0-\x7f]*$/.test(text)) return [toLatin1(fromUtf8(text)), text];
  return declared === text ? [text] : [text, declared];
}

/** The finished part. */
export function closePart(part: OpenPart, bodyEnd: number, bodyLines: number): Part {
  return {
    headerStart: part.headerStart,
    bodyStart: part.bodyStart,
    bodyEnd,
    bodyLines,
    ...part.facts,
    ...(part.parts && { parts: part.parts }),
    ...(part.inner && { message: part.inner }),
  };
}

/** The boundary that a header section declares, which may not be whole yet. */
export function declaredBoundary(section: Uint8Array, limits: Required<StructureLimits>): Boundary | undefined {
  const field = findField(readFields(section, limits.headerFields), 'content-type');
  const contentType = field && readContentType(field.value, limits.parameters).value;
  return contentType?.type === 'multipart' ? readBoundary(contentType) : undefined;
}
