import { describe, expect, it } from 'vitest';
import { playServer } from '../test/support.ts';

const start = `S: 220 …
C: EHLO x
${'S: 250-…\n'.repeat(7)}S: 250 …
C: MAIL FROM:<a@example.org>
S: 250 …
C: RCPT TO:<b@foo.com>
S: 250 …
C: DATA
S: 354 …
`;

/** Everything that may stand around a dot and look like a line end to somebody. */
const ends = ['\\r\\n', '\\n', '\\r', '\\r\\r\\n', '\\n\\r', '\\0\\r\\n', '\\r\\n\\0', '\\x0b', '\\xe2\\x80\\xa8', '\\x85'];

/** The bytes of an escaped text. */
function bytes(text: string): string {
  return text.replace(/\\(r|n|0|x([0-9a-f]{2}))/g, (_, name: string, hex?: string) =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : ({ r: '\r', n: '\n', 0: '\0' }[name] ?? ''),
  );
}

/** Whether a message has a CR or an LF that is no line end. */
function hasBareLineEnd(content: string): boolean {
  return /[\r\n]/.test(content.replaceAll('\r\n', ''));
}

const smuggled = 'MAIL FROM:<evil@example.org>\\r\\nRCPT TO:<victim@foo.com>\\r\\nDATA\\r\\nSubject: forged\\r\\n';

describe('RFC 5321 §4.1.1.4: only CR LF . CR LF ends a message', () => {
  for (const before of ends) {
    for (const after of ends) {
      if (before.endsWith('\\r\\n') && after.startsWith('\\r\\n')) continue;
      it(`${before}.${after} does not`, async () => {
        const content = `Subject: x\\r\\n\\r\\ntext${before}.${after}${smuggled}`;
        // What reaches the end must be one message, taken whole or refused whole; nothing of it may have been a command.
        const bad = hasBareLineEnd(bytes(content));
        const { messages, events } = await playServer(
          `${start}C- ${content}\nC: .\nS: ${bad ? '554 5.6.0 …' : '250 …'}\nC: NOOP\nS: 250 …`,
        );
        expect(messages).toHaveLength(bad ? 0 : 1);
        expect(events.filter(({ type }) => type === 'mail')).toHaveLength(1);
        if (!bad) expect(messages[0]?.content).toBe(bytes(content).replaceAll('\r\n.', '\r\n'));
      });
    }
  }

  it('RFC 5321 §4.5.2: dots at the starts of lines are taken off, others are kept', async () => {
    const { messages } = await playServer(`${start}C: ..\nC: .a\nC: a.\nC: ...\nC: . \nC: .\nS: 250 …`);
    expect(messages[0]?.content).toBe('.\r\na\r\na.\r\n..\r\n \r\n');
  });

  it('RFC 5321 §4.5.2: many dots, few chunks', async () => {
    const lines = Array.from({ length: 500 }, (_, i) => `..${'x'.repeat(i % 100)}`);
    const { messages, types } = await playServer(`${start}C- ${lines.join('\\r\\n')}\\r\\n.\\r\\n\nS: 250 …`);
    expect(messages[0]?.content).toBe(lines.map((line) => `${line.slice(1)}\r\n`).join(''));
    expect(types.filter((type) => type === 'message-chunk').length).toBeLessThan(10);
  });

  it('RFC 5321 §2.3.8: where bare CR and LF are taken, they are kept and noted, and end nothing', async () => {
    const { messages, events } = await playServer(`${start}C- a\\n.\\nb\\r.\\rc\\r\\n\nC: .\nS: 250 …`, { bareLineEnds: 'accept' });
    expect(messages[0]?.content).toBe('a\n.\nb\r.\rc\r\n');
    const end = events.find(({ type }) => type === 'message-end');
    expect(end).toMatchObject({ content: { bareCr: true, bareLf: true, sizeBytes: 11 } });
  });

  it('a dot and a CR that is no line end keep their CR', async () => {
    const { messages } = await playServer(`${start}C- .\\rx\\r\\n.\\r\\r\\n\nC: .\nS: 250 …`, { bareLineEnds: 'accept' });
    expect(messages[0]?.content).toBe('\rx\r\n\r\r\n');
  });

  it('RFC 6152 §3: octets above 127 without BODY are taken and noted', async () => {
    const { events } = await playServer(`${start}C: caf\\xe9\nC: .\nS: 250 …`);
    const end = events.find((event) => event.type === 'message-end');
    expect([...(end?.type === 'message-end' ? end.transaction.oddities : [])]).toEqual(['eight-bit-undeclared']);
  });
});

describe('RFC 5321 §2.3.8: only CR LF ends a command', () => {
  it('a line with LF alone gets 500, and what follows up to CR LF is none', async () => {
    const { events } = await playServer(`S: 220 …
      C- RSET\\nEHLO evil
      S: 500 5.5.2 …
      C:
      C: NOOP
      S: 250 …`);
    expect(events.some(({ type }) => type === 'hello')).toBe(false);
  });

  it('a client that ends lines with LF alone is told twice and sent away', async () => {
    const { types } = await playServer('S: 220 …\nC- EHLO x\\n\nS: 500 5.5.2 …\nC- EHLO x\\n\nS: 421 4.5.2 …');
    expect(types.at(-1)).toBe('close');
  });

  it.each(['NOOP \\0', 'NOOP \\rQUIT', 'NOOP \\x1b[2J', 'NOOP \\x7f'])('%s has a character that no command has', async (line) => {
    await playServer(`S: 220 …\nC: ${line}\nS: 500 5.5.2 …\nC: NOOP\nS: 250 …`);
  });
});
