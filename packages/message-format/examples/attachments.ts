import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Message, safeFilename } from '@mox/message-format';

/** Writes the attachments of a message into a folder. What they are called is their sender's choice: it is no path to trust. */
export function writeAttachments(message: Message, folder: string = mkdtempSync(join(tmpdir(), 'attachments-'))): string[] {
  return message.attachments.map((attachment, index) => {
    const path = join(folder, `${index + 1}-${safeFilename(attachment.filename)}`);
    writeFileSync(path, attachment.bytes());
    return path;
  });
}
