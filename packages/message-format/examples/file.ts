import { createReadStream, statSync } from 'node:fs';
import { type MessageSource, openMessage } from '@mox/message-format';

/** A file as a source: read from wherever a part stands, in pieces. */
export function fileSource(path: string): MessageSource {
  return {
    sizeBytes: statSync(path).size,
    read: (start, end) => (start < end ? createReadStream(path, { start, end: end - 1 }) : []),
  };
}

/** Lists what is in a message without ever holding it: one pass for its structure, then only what is asked for. */
export async function listContents(path: string): Promise<string[]> {
  const message = await openMessage(fileSource(path));
  const lines = [`${message.subject}: ${message.structure.sizeBytes} bytes, ${message.structure.lines} lines`];
  lines.push((await message.text({ mostCharacters: 1000 })) ?? '(no text)');
  for (const attachment of message.attachments) {
    let sizeBytes = 0;
    for await (const bytes of attachment.stream()) sizeBytes += bytes.length;
    lines.push(`${attachment.filename} ${attachment.contentType} ${sizeBytes}`);
  }
  return lines;
}
