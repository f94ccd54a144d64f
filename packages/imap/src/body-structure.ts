import type { Envelope, Parameter } from '@mox/message-format';
import type { ResponseCursor } from './response-cursor.ts';
import { parseEnvelope } from './response-envelope.ts';

/** A part of a message as a server describes it (RFC 9051 §7.5.2). Names of types and parameters in lower case, values as they stood. */
export interface BodyStructure {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: readonly Parameter[];
  readonly id: string | null;
  readonly description: string | null;
  readonly encoding: string;
  readonly sizeBytes: number;
  readonly lines?: number;
  readonly md5?: string | null;
  readonly disposition?: { readonly type: string; readonly parameters: readonly Parameter[] } | null;
  readonly language?: readonly string[] | null;
  readonly location?: string | null;
  /** Members of a multipart. */
  readonly parts?: readonly BodyStructure[];
  /** The message inside a message/rfc822. */
  readonly message?: { readonly envelope: Envelope; readonly body: BodyStructure };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function parseParameters(cursor: ResponseCursor): readonly Parameter[] {
  if (cursor.takeNil()) return [];
  const parameters: Parameter[] = [];
  cursor.expect('(');
  // An empty list is against the syntax, but sent by some.
  if (cursor.take(')')) return parameters;
  do {
    const name = cursor.string8().toLowerCase();
    cursor.space();
    parameters.push([name, cursor.ntext() ?? '']);
  } while (cursor.take(' '));
  cursor.expect(')');
  return parameters;
}

function parseDisposition(cursor: ResponseCursor): BodyStructure['disposition'] {
  if (cursor.takeNil()) return null;
  // The type alone is against the syntax, but sent by some.
  if (!cursor.take('(')) return { type: cursor.string8().toLowerCase(), parameters: [] };
  if (cursor.take(')')) return null;
  const type = cursor.string8().toLowerCase();
  const parameters = cursor.take(' ') ? parseParameters(cursor) : [];
  cursor.expect(')');
  return { type, parameters };
}

function parseLanguage(cursor: ResponseCursor): readonly string[] | null {
  if (cursor.peek() === 40) return cursor.list(() => cursor.string8(), { empty: true });
  const language = cursor.ntext();
  return language === null ? null : [language];
}

/** Disposition, language, location, and what later standards may add, as far as the server sends them. */
function parseExtension(cursor: ResponseCursor, part: Writable<BodyStructure>): void {
  if (!cursor.take(' ')) return;
  const disposition = parseDisposition(cursor);
  if (disposition !== undefined) part.disposition = disposition;
  if (!cursor.take(' ')) return;
  part.language = parseLanguage(cursor);
  if (!cursor.take(' ')) return;
  part.location = cursor.ntext();
  while (cursor.take(' ')) cursor.skipValue();
}

const empty = { parameters: [], id: null, description: null, encoding: '7bit', sizeBytes: 0 } as const;

function parseMultipart(cursor: ResponseCursor): BodyStructure {
  const parts: BodyStructure[] = [];
  // A space between members is against the syntax, but sent by some.
  do {
    parts.push(parseBodyStructure(cursor));
    cursor.spaces();
  } while (cursor.peek() === 40);
  const part: Writable<BodyStructure> = { type: 'multipart', subtype: cursor.string8().toLowerCase(), ...empty, parts };
  if (cursor.take(' ')) {
    part.parameters = parseParameters(cursor);
    parseExtension(cursor, part);
  }
  return part;
}

function parseSinglePart(cursor: ResponseCursor): BodyStructure {
  const type = (cursor.ntext() ?? '').toLowerCase();
  cursor.space();
  const subtype = (cursor.ntext() ?? '').toLowerCase();
  cursor.space();
  const parameters = parseParameters(cursor);
  cursor.space();
  const id = cursor.ntext();
  cursor.space();
  const description = cursor.ntext();
  cursor.space();
  const encoding = (cursor.ntext() ?? '7bit').toLowerCase();
  cursor.space();
  const part: Writable<BodyStructure> = { type, subtype, parameters, id, description, encoding, sizeBytes: cursor.size() };
  const isMessage = type === 'message' && (subtype === 'rfc822' || subtype === 'global');
  if (isMessage && cursor.text.startsWith(' (', cursor.at)) parseMessage(cursor, part);
  else if (type === 'text' && cursor.take(' ')) part.lines = cursor.size();
  if (cursor.take(' ')) {
    part.md5 = cursor.ntext();
    parseExtension(cursor, part);
  }
  return part;
}

function parseMessage(cursor: ResponseCursor, part: Writable<BodyStructure>): void {
  cursor.space();
  const envelope = parseEnvelope(cursor);
  cursor.space();
  part.message = { envelope, body: parseBodyStructure(cursor) };
  cursor.space();
  part.lines = cursor.size();
}

/** A body structure with its parentheses. */
export function parseBodyStructure(cursor: ResponseCursor): BodyStructure {
  cursor.enter();
  const part = cursor.peek() === 40 ? parseMultipart(cursor) : parseSinglePart(cursor);
  cursor.leave();
  return part;
}
