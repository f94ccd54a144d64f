import { createKeyCache } from '@mox/dkim';
import type { Resolver } from '@mox/dns';
import { authenticateMessage, type MessageAuthentication, type MessageSource } from '@mox/message-authentication';
import { findField, findHeaderEnd, type HeaderField, readHeaderSection } from '@mox/message-format';
import type { Envelope } from './envelope-options.ts';

/** As much of a message as its header section may be: larger ones are read as far as this. */
const mostHeaderBytes = 1024 * 1024;

/** The fields of a message that comes in pieces, and the pieces again. */
async function peekFields(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ readonly fields: readonly HeaderField[]; readonly message: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const pieces: Uint8Array[] = [];
  let length = 0;
  // Searched when it has doubled: a message in tiny pieces takes linear time.
  for (let searched = 0; length < mostHeaderBytes; ) {
    const { value, done } = await iterator.next();
    if (done) break;
    pieces.push(value);
    length += value.length;
    if (length < 2 * searched) continue;
    const head = Buffer.concat(pieces.splice(0));
    pieces.push(head);
    if (findHeaderEnd(head) < head.length) break;
    searched = head.length;
  }
  async function* message(): AsyncGenerator<Uint8Array> {
    yield* pieces;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { fields: readHeaderSection(Buffer.concat(pieces)).fields, message: message() };
}

function returnPath(fields: readonly HeaderField[]): string | undefined {
  return /<([^<>]*)>/.exec(findField(fields, 'return-path')?.value ?? '')?.[1];
}

/** How a message came: what the options leave open is taken from its Return-Path field. Undefined where that is not enough. */
function sourceOf(envelope: Envelope, fields: readonly HeaderField[]): MessageSource | undefined {
  const { ip, mailFrom = returnPath(fields) ?? '' } = envelope;
  const helo = envelope.helo ?? mailFrom.slice(mailFrom.lastIndexOf('@') + 1);
  return ip === undefined || (mailFrom === '' && helo === '') ? undefined : { ip, mailFrom, helo };
}

interface Deps {
  readonly resolver: Resolver;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Runs every check over a message, in one pass and without holding it. */
export async function checkMessage(chunks: AsyncIterable<Uint8Array>, envelope: Envelope, deps: Deps): Promise<MessageAuthentication> {
  const { fields, message } = await peekFields(chunks);
  return authenticateMessage(message, sourceOf(envelope, fields), { ...deps, keyCache: createKeyCache() });
}
