import type { Parameter, Part } from '@mox/message-format';
import { formatEnvelope } from './format-envelope.ts';
import { formatNstring, formatString } from './format-string.ts';

/** How a body structure is written. */
export interface BodyStructureOptions {
  /** With extension data: BODYSTRUCTURE; without: BODY (RFC 9051 §7.5.2). */
  readonly extended: boolean;
  /** The client takes UTF-8 in quotes. */
  readonly utf8: boolean;
}

/** Parts inside each other that are written; what is deeper is shown as opaque. */
const maximumDepth = 100;

function formatParameters(parameters: readonly Parameter[], utf8: boolean): string {
  if (parameters.length === 0) return 'NIL';
  let text = '';
  for (const [name, value] of parameters) text += `${text === '' ? '(' : ' '}${formatString(name, utf8)} ${formatString(value, utf8)}`;
  return `${text})`;
}

function formatLanguages(languages: readonly string[] | undefined, utf8: boolean): string {
  if (!languages || languages.length === 0) return 'NIL';
  const [only = ''] = languages;
  return languages.length === 1 ? formatString(only, utf8) : `(${languages.map((language) => formatString(language, utf8)).join(' ')})`;
}

/** Disposition, language and location: what both kinds of extension data end with. */
function formatExtension({ disposition, language, location }: Part, utf8: boolean): string {
  if (!disposition && !language && location === undefined) return 'NIL NIL NIL';
  const dsp = disposition ? `(${formatString(disposition.type, utf8)} ${formatParameters(disposition.parameters, utf8)})` : 'NIL';
  return `${dsp} ${formatLanguages(language, utf8)} ${formatNstring(location, utf8)}`;
}

/** What stands for the members of a multipart that has none: the syntax wants one body at least. */
const noMember = '("text" "plain" NIL NIL NIL "7bit" 0 0)';
const noMemberExtended = '("text" "plain" NIL NIL NIL "7bit" 0 0 NIL NIL NIL NIL)';

function formatMultipart(part: Part, parts: readonly Part[], options: BodyStructureOptions, depth: number): string {
  let text = '(';
  if (parts.length === 0) text += options.extended ? noMemberExtended : noMember;
  for (const member of parts) text += formatPart(member, options, depth + 1);
  text += ` ${formatString(part.subtype, options.utf8)}`;
  if (options.extended) text += ` ${formatParameters(part.parameters, options.utf8)} ${formatExtension(part, options.utf8)}`;
  return `${text})`;
}

function formatFields(part: Part, type: string, subtype: string, utf8: boolean): string {
  const parameters = formatParameters(part.parameters, utf8);
  const media = `${formatString(type, utf8)} ${formatString(subtype, utf8)} ${parameters}`;
  const texts = `${formatNstring(part.id, utf8)} ${formatNstring(part.description, utf8)} ${formatString(part.encoding, utf8)}`;
  return `${media} ${texts} ${part.bodyEnd - part.bodyStart}`;
}

function formatSinglePart(part: Part, options: BodyStructureOptions, depth: number): string {
  const { utf8 } = options;
  const message = isMessage(part, utf8) ? part.message : undefined;
  const opaque = part.type === 'multipart' || depth >= maximumDepth || (isMessage(part, utf8) && !message);
  const type = opaque ? 'application' : part.type;
  let text = `(${formatFields(part, type, opaque ? 'octet-stream' : part.subtype, utf8)}`;
  if (message && !opaque)
    text += ` ${formatEnvelope(message.envelope, utf8)} ${formatPart(message.part, options, depth + 1)} ${part.bodyLines}`;
  else if (type === 'text') text += ` ${part.bodyLines}`;
  if (options.extended) text += ` ${formatNstring(part.md5, utf8)} ${formatExtension(part, utf8)}`;
  return `${text})`;
}

/** Whether a part is shown with what is in it. Clients without UTF-8 know message/rfc822 alone (RFC 3501 §9, media-message). */
function isMessage({ type, subtype }: Part, utf8: boolean): boolean {
  return type === 'message' && (subtype === 'rfc822' || (utf8 && subtype === 'global'));
}

function formatPart(part: Part, options: BodyStructureOptions, depth: number): string {
  const { parts } = part;
  return parts && depth < maximumDepth ? formatMultipart(part, parts, options, depth) : formatSinglePart(part, options, depth);
}

/** A body structure (RFC 9051 §7.5.2), one character for each byte. */
export function formatBodyStructure(part: Part, options: BodyStructureOptions): string {
  return formatPart(part, options, 0);
}
