import { decodeEncodedWords } from '@mox/encoding';
import {
  decodeText,
  decodeTextStream,
  type EnvelopeAddress,
  type HeaderField,
  htmlToText,
  type Part,
  parseHeaderFields,
} from '@mox/message-format';
import { concatBytes } from '@mox/runtime';
import { isKeptField } from '../../kept-fields.ts';
import { foldText, PieceMatcher } from './fold-text.ts';
import type { SearchedMessage } from './searched-message.ts';

/** Header bytes that are looked at. */
const headerBytes = 1024 * 1024;
/** HTML up to this size is read as text; larger is searched as it stands, piece by piece. */
const htmlBytes = 1024 * 1024;
/** Other text up to this size is decoded in one go. */
const smallBytes = 128 * 1024;

/** Called between pieces: waits where the work has gone on for long. */
export type Pause = () => Promise<void> | undefined;

/** The fields of a header section, of bounded size. */
function headerFields(message: SearchedMessage, { headerStart, bodyStart }: Part): HeaderField[] {
  return parseHeaderFields(concatBytes([...message.bytes(headerStart, Math.min(bodyStart, headerStart + headerBytes))]));
}

/** Whether a field of a name, given in lower case, contains a folded text; any content will do for the empty one. */
export function headerContains(message: SearchedMessage, name: string, wanted: string): boolean {
  const kept = isKeptField(name) ? message.keptFields : undefined;
  const fields = (kept ? parseHeaderFields(kept) : headerFields(message, message.part)).filter((field) => field.nameLower === name);
  return fields.some((field) => foldText(decodeEncodedWords(field.value)).includes(wanted));
}

/** Addresses of an envelope as one would read them in the field. */
export function addressesText(addresses: readonly EnvelopeAddress[] | null): string {
  return (addresses ?? [])
    .map(({ name, mailbox, host }) => {
      const address = host === null ? (mailbox ?? '') : `${mailbox ?? ''}@${host}`;
      return name === null ? `<${address}>` : `${decodeEncodedWords(name)} <${address}>`;
    })
    .join(', ');
}

/** The text parts of a message, those of messages within it included. */
function* textParts(part: Part): Generator<Part> {
  if (part.parts) for (const member of part.parts) yield* textParts(member);
  else if (part.message) yield* textParts(part.message.part);
  else if (part.type === 'text') yield part;
}

function wholeText(message: SearchedMessage, part: Part): string {
  const bytes = concatBytes([...message.bytes(part.bodyStart, part.bodyEnd)]);
  return decodeText({ ...part, bodyStart: 0, bodyEnd: bytes.length }, bytes);
}

/** RFC 9051 §6.4.4: HTML matches as it stands, and as it reads. */
function htmlContains(html: string, matcher: PieceMatcher): boolean {
  if (matcher.push(htmlToText(html))) return true;
  matcher.interrupt();
  return matcher.push(html);
}

async function partContains(
  message: SearchedMessage,
  part: Part,
  options: { readonly matcher: PieceMatcher; readonly pause: Pause },
): Promise<boolean> {
  const { matcher, pause } = options;
  const isHtml = part.subtype === 'html';
  if (part.bodyEnd - part.bodyStart <= (isHtml ? htmlBytes : smallBytes)) {
    const text = wholeText(message, part);
    return isHtml ? htmlContains(text, matcher) : matcher.push(text);
  }
  for await (const text of decodeTextStream(part, message.bytes(part.bodyStart, part.bodyEnd))) {
    if (matcher.push(text)) return true;
    await pause();
  }
  return false;
}

/** The messages within a message: to it, their header sections are body. */
function* innerMessages(part: Part): Generator<Part> {
  for (const member of part.parts ?? []) yield* innerMessages(member);
  if (!part.message) return;
  yield part.message.part;
  yield* innerMessages(part.message.part);
}

function headerTextContains(message: SearchedMessage, part: Part, folded: string): boolean {
  return headerFields(message, part).some((field) => foldText(`${field.name}: ${decodeEncodedWords(field.value)}`).includes(folded));
}

/** Whether one of the text parts, or the header section of a message within it, contains a text (RFC 9051 §6.4.4, BODY). */
export async function bodyContains(message: SearchedMessage, wanted: string, pause: Pause): Promise<boolean> {
  for (const part of textParts(message.part)) {
    const matcher = new PieceMatcher(wanted);
    if (matcher.found || (await partContains(message, part, { matcher, pause }))) return true;
  }
  const folded = foldText(wanted);
  for (const inner of innerMessages(message.part)) {
    if (headerTextContains(message, inner, folded)) return true;
    await pause();
  }
  return wanted === '';
}

/** Whether the header section or one of the text parts contains a text (RFC 9051 §6.4.4, TEXT). */
export async function textContains(message: SearchedMessage, wanted: string, pause: Pause): Promise<boolean> {
  return headerTextContains(message, message.part, foldText(wanted)) || bodyContains(message, wanted, pause);
}
