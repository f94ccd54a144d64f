import type { Session } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { playDialogue } from './dialogue.ts';

type Said = { readonly type: 'said'; readonly line: string };

/** Greets, says each line back in capitals, and closes on QUIT. A line `ask` parks it until it is answered. */
class Echo implements Session<Said> {
  readonly bufferedBytes = 0;
  readonly deadline = undefined;
  parked = false;
  #input = '';
  #output = '220 ready\r\n';
  #closed = false;

  receive(bytes: Uint8Array): void {
    this.#input += Buffer.from(bytes).toString('latin1');
  }
  receiveEnd(): void {}
  expire(): void {}
  upgraded(): void {}
  next(): Said | { readonly type: 'close' } | undefined {
    const end = this.#input.indexOf('\r\n');
    if (end < 0 || this.#closed || this.parked) return undefined;
    const line = this.#input.slice(0, end);
    this.#input = this.#input.slice(end + 2);
    if (line === 'ask') this.parked = true;
    else this.#output += `250 ${line.toUpperCase()}\r\n`;
    this.#closed = line === 'quit';
    return this.#closed ? { type: 'close' } : { type: 'said', line };
  }
  answer(): void {
    this.parked = false;
    this.#output += '250 answered\r\n';
  }
  takeOutput(): Uint8Array | undefined {
    const output = this.#output;
    this.#output = '';
    return output === '' ? undefined : new Uint8Array(Buffer.from(output, 'latin1'));
  }
}

const play = (script: string): Promise<unknown> => playDialogue(new Echo(), script, { role: 'server' });

describe('playDialogue', () => {
  it('feeds one side and compares the other, and gives the events', async () => {
    const events = await playDialogue(
      new Echo(),
      `
      S: 220 ready
      # a remark
      C: one

      S: 250 ONE
      C- tw
      C: o
      S: 250 T…O
      C: quit
      S: 250 QUIT
      `,
      { role: 'server' },
    );
    expect(events).toEqual([{ type: 'said', line: 'one' }, { type: 'said', line: 'two' }, { type: 'close' }]);
  });

  it('knows bytes by their names', async () => {
    const events = await playDialogue(new Echo(), 'S: 220 ready\nC- a\\x80\\0\\r\\n\nS: 250 …', { role: 'server' });
    expect(events).toEqual([{ type: 'said', line: 'a\x80\0' }]);
  });

  it('lets events be answered, later, too', async () => {
    const session = new Echo();
    const on = async (event: { readonly type: string; readonly line?: string }): Promise<void> => {
      await Promise.resolve();
      if (event.line === 'ask') session.answer();
    };
    await playDialogue(session, 'S: 220 ready\nC: ask\nC: more\nS: 250 answered\nS: 250 MORE', { role: 'server', on });
  });

  it.each([
    ['another answer', 'S: 220 ready\nC: a\nS: 250 B'],
    ['an answer that does not come', 'S: 220 ready\nS: 250 A'],
    ['an answer too many', 'S: 220 ready\nC: a'],
    ['part of an answer', 'S: 220 read'],
    ['a line of nobody', 'X: 220 ready'],
  ])('fails for %s', async (_, script) => {
    await expect(play(script)).rejects.toThrow();
  });
});
