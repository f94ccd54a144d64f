import { concatBytes, fromLatin1, ManualClock, toLatin1 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { questions } from '../test/support.ts';
import { DataDecoder, DataEncoder, SmtpClientSession, type SmtpServerOptions, SmtpServerSession } from './index.ts';

/** Everything that a session says and tells for some input, cut into pieces. Content is told as one text. */
function run(
  pieces: readonly Uint8Array[],
  options: Partial<SmtpServerOptions> = {},
): { output: string; events: unknown[]; buffered: number } {
  const session = new SmtpServerSession({
    mode: 'smtp',
    hostname: 'foo.com',
    clock: new ManualClock(),
    sasl: { plaintextWithoutTls: true },
    ...options,
  });
  const events: unknown[] = [];
  let output = '';
  let content = '';
  let taken = 0;
  let buffered = 0;
  const pump = (): void => {
    for (let event = session.next(); event; event = session.next()) {
      if (event.type === 'message-start') taken = content.length;
      if (event.type === 'message-chunk') content += toLatin1(event.bytes);
      // How much of a refused message was told before it was refused may depend on the pieces.
      if (event.type === 'reset') content = content.slice(0, taken);
      if (event.type === 'message-end') events.push(event.type, event.content);
      else if (event.type !== 'message-chunk' && event.type !== 'clear-text-discarded') events.push(event.type);
      if (questions.has(event.type)) session.answer();
      if (event.type === 'lookup') session.answerLookup({ type: 'refused' });
    }
    output += toLatin1(session.takeOutput() ?? new Uint8Array());
  };
  pump();
  for (const piece of pieces) {
    session.receive(piece);
    pump();
    buffered = Math.max(buffered, session.bufferedBytes);
  }
  session.receiveEnd();
  pump();
  events.push(content);
  return { output, events, buffered };
}

function cut(bytes: Uint8Array, points: readonly number[]): Uint8Array[] {
  const sorted = [...new Set(points.map((point) => point % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...sorted].map((start, i) => bytes.slice(start, sorted[i] ?? bytes.length));
}

const conversation = `EHLO client.example\r\nMAIL FROM:<a@example.org> SIZE=100 BODY=8BITMIME\r\nRCPT TO:<b@foo.com>\r\nRCPT TO:<nobody@\r\nDATA\r\nSubject: x\r\n\r\n..dots\r\n.\r\n\r\n..\r\n.\r\n`;
const conversations = [
  `${conversation}AUTH LOGIN\r\ndXNlcg==\r\nc2VjcmV0\r\nMAIL FROM:<>\r\nRCPT TO:<Postmaster>\r\nBDAT 5\r\nQUIT\nBDAT 0 LAST\r\nQUIT\r\n`,
  `HELO x\r\nNOOP\r\nmail from: a@b.example\r\nrcpt to:<c@foo.com>\r\ndata\r\nbare\n.\nlf\r.\r\r\n.\r\n.\r\nRSET\r\nQUIT\r\n`,
  `EHLO y\nMAIL\r\nBOGUS\r\nVRFY x\r\nEXPN y\r\nHELP\r\nAUTH PLAIN AHUAcA==\r\nAUTH SCRAM-SHA-1 biwsbj11c2VyLHI9YQ==\r\n*\r\nBDAT x\r\n`,
  `LHLO z\r\nSTARTTLS\r\nEHLO z\r\n${'NOOP xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n'.repeat(3)}`,
].map(fromLatin1);

describe('a session does not depend on how its input is cut', () => {
  it.each(conversations.map((bytes, i) => [i, bytes] as const))(
    'RFC 2920 §3.2: conversation %i, at every single point, and byte by byte',
    (_, bytes) => {
      const whole = run([bytes]);
      for (let point = 0; point <= bytes.length; point++)
        expect(run(cut(bytes, [point])), `cut at ${point}`).toMatchObject({ output: whole.output, events: whole.events });
      const single = run(Array.from(bytes, (byte) => Uint8Array.of(byte)));
      expect(single).toMatchObject({ output: whole.output, events: whole.events });
    },
  );

  it('RFC 2920 §3.2: any conversation, any cuts', () => {
    const inputs = [
      ...mutants(conversations, {
        count: 300,
        seed: 7,
        tokens: ['\r\n', '\n', '\r', '.', '\r\n.\r\n', 'DATA\r\n', 'BDAT 3\r\n', 'RSET\r\n', '\0'],
      }),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...inputs), fc.array(fc.nat({ max: 500 }), { maxLength: 8 }), (bytes, points) => {
        const whole = run([bytes]);
        const parts = run(cut(bytes, points));
        expect(parts).toMatchObject({ output: whole.output, events: whole.events });
      }),
      { numRuns: 300 },
    );
  });
});

describe('hostile input', () => {
  it('never throws, and keeps no more than a line', () => {
    for (const bytes of mutants(conversations, { count: 1500, seed: 3 })) {
      const pieces = cut(bytes, [bytes.length >> 1]);
      const { buffered, output } = run(pieces, { limits: { errors: 1_000 } });
      expect(buffered).toBeLessThanOrEqual(12_288);
      expect(output).toMatch(/^(?:[2-5][0-9]{2}[ -][\t\x20-\x7e]*\r\n)*$/);
    }
  });

  it('a client survives whatever a server says', () => {
    const said = [
      '220 hi\r\n250-x\r\n250-PIPELINING\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE\r\n235 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n221 bye\r\n',
    ];
    for (const bytes of mutants(said, { count: 3000, seed: 5 })) {
      const session = new SmtpClientSession({ hostname: 'c.example', clock: new ManualClock() });
      session.receive(bytes);
      session.receiveEnd();
      let results = 0;
      let events = 0;
      for (let event = session.next(); event; event = session.next()) {
        if (++events > 20) throw new Error('it does not come to an end');
        if (event.type === 'ready') session.send({ sender: 'a@example.org', recipients: [{ address: 'b@example.org' }] });
        if (event.type === 'content-wanted') session.endContent();
        if (event.type === 'result') results++;
        if (event.type === 'result') session.quit();
      }
      expect(results).toBeLessThanOrEqual(1);
    }
  });
});

describe('transparency (RFC 5321 §4.5.2)', () => {
  const contents = fc.array(fc.constantFrom('.', '..', '.\r\n', '\r\n', 'a', 'text', '\r\n.', '\n', '\r', '\0', 'é'), { maxLength: 40 });
  const canonical = (text: string): string => {
    const ended = text.replace(/\r\n|\r|\n/g, '\r\n');
    return ended === '' || ended.endsWith('\r\n') ? ended : `${ended}\r\n`;
  };

  it('RFC 5321 §4.5.2: what is encoded decodes to itself, with line ends made CR LF, however it is cut', () => {
    fc.assert(
      fc.property(
        contents,
        fc.array(fc.nat({ max: 100 }), { maxLength: 6 }),
        fc.array(fc.nat({ max: 100 }), { maxLength: 6 }),
        (words, before, behind) => {
          const content = fromLatin1(words.join(''));
          const encoder = new DataEncoder();
          const sent = concatBytes([...cut(content, before).map((piece) => encoder.encode(piece)), encoder.finish()]);
          const decoder = new DataDecoder();
          const received: Uint8Array[] = [];
          let used = 0;
          for (const piece of cut(sent, behind)) used += decoder.done ? 0 : decoder.decode(piece, (chunk) => received.push(chunk));
          expect(decoder.done).toBe(true);
          expect(used).toBe(sent.length);
          expect(decoder).toMatchObject({ bareCr: false, bareLf: false });
          const text = toLatin1(concatBytes(received));
          expect(text).toBe(canonical(toLatin1(content)));
          expect(encoder.changed).toBe(/[\r\n]/.test(toLatin1(content).replaceAll('\r\n', '')));
          expect(decoder.sizeBytes).toBe(text.length);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('RFC 5321 §4.5.2: any octets decode as lines that CR LF ends, however they are cut', () => {
    const octets = fc.array(fc.constantFrom('.', '..', '\r\n', '\r\n.', '\r\n.\r', 'a', '\n', '\r', '.\r', '\xff'), { maxLength: 60 });
    fc.assert(
      fc.property(octets, fc.array(fc.nat({ max: 150 }), { maxLength: 6 }), (words, points) => {
        const sent = `${words.join('')}\r\n.\r\n`;
        // Written down once more, as the RFC says it: lines up to the one with a dot alone, first dots taken off.
        const lines = sent.split('\r\n');
        const content = lines.slice(0, lines.indexOf('.')).map((line) => `${line.replace(/^\./, '')}\r\n`);
        const decoder = new DataDecoder();
        const received: Uint8Array[] = [];
        let used = 0;
        for (const piece of cut(fromLatin1(sent), points))
          used += decoder.done ? 0 : decoder.decode(piece, (chunk) => received.push(chunk));
        const raw = lines.slice(0, lines.indexOf('.'));
        expect(toLatin1(concatBytes(received))).toBe(content.join(''));
        expect(used).toBe(raw.map((line) => line.length + 2).reduce((a, b) => a + b, 0) + 3);
        expect(decoder).toMatchObject({
          done: true,
          sizeBytes: content.join('').length,
          bareCr: raw.some((line) => line.includes('\r')),
          bareLf: raw.some((line) => line.includes('\n')),
          eightBit: raw.some((line) => line.includes('\xff')),
        });
      }),
      { numRuns: 3000 },
    );
  });
});
