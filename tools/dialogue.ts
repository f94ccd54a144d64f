// Tests of sessions as dialogues in the notation of the RFCs: `C: ` lines are what the client sends, `S: ` lines
// what the server must send, in order. Works for a machine in either role.

import type { Session, TransportEvent } from '@mox/runtime';
import { expect } from 'vitest';

export interface DialogueOptions<Event> {
  /** The role the machine plays: it says these lines, the others are fed to it. */
  readonly role: 'server' | 'client';
  /** Handles and answers events. Without it an unexpected event fails the test. */
  readonly on?: (event: Event | TransportEvent) => void | Promise<void>;
}

/**
 * Plays a dialogue. A line `C: text` stands for text and CRLF; `C- text` for text without a line end; `\r`, `\n`,
 * `\0`, `\xNN` in a fed line stand for those bytes. In an expected line `…` stands for any text within the line.
 * Blank lines and lines that start with `#` are passed over. Returns all events.
 */
export async function playDialogue<Event extends { readonly type: string }>(
  session: Session<Event>,
  script: string,
  options: DialogueOptions<Event>,
): Promise<(Event | TransportEvent)[]> {
  const fedMark = options.role === 'server' ? 'C' : 'S';
  const events: (Event | TransportEvent)[] = [];
  let said = '';
  const pump = async (): Promise<void> => {
    for (;;) {
      const event = session.next();
      for (let bytes = session.takeOutput(); bytes; bytes = session.takeOutput()) said += Buffer.from(bytes).toString('latin1');
      if (!event) return;
      events.push(event);
      await options.on?.(event);
    }
  };
  await pump();
  for (const [index, line] of script.split('\n').entries()) {
    const match = /^\s*([CS])([:-]) ?(.*)$/.exec(line);
    if (!match) {
      if (line.trim() !== '' && !line.trim().startsWith('#'))
        throw new Error(`line ${index + 1} of the dialogue is neither C: nor S: ${line}`);
      continue;
    }
    const [, speaker, mark, text = ''] = match;
    if (speaker === fedMark) {
      const bytes = Buffer.from(
        `${text.replace(/\\(r|n|0|x([0-9a-f]{2}))/g, (_, name: string, hex?: string) => (hex ? String.fromCharCode(Number.parseInt(hex, 16)) : ({ r: '\r', n: '\n', 0: '\0' }[name] ?? '')))}${mark === ':' ? '\r\n' : ''}`,
        'latin1',
      );
      session.receive(new Uint8Array(bytes));
      await pump();
      continue;
    }
    const end = said.indexOf('\r\n');
    const have = end < 0 ? said : said.slice(0, end);
    said = end < 0 ? '' : said.slice(end + 2);
    const pattern = new RegExp(
      `^${text
        .split('…')
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*')}$`,
      's',
    );
    if (!pattern.test(have)) expect(`${speaker}: ${have}`, `line ${index + 1} of the dialogue`).toBe(`${speaker}: ${text}`);
  }
  expect(said, 'said beyond the dialogue').toBe('');
  return events;
}
