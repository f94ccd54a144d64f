// Mail data and whole transactions, typical and hostile. `node --conditions=@mox/source packages/smtp/bench/smtp.bench.ts`
import { createRequire } from 'node:module';
import { fromLatin1, ManualClock } from '@mox/runtime';
import { benchmark } from '../../../tools/bench-harness.ts';
import { DataDecoder, DataEncoder, SmtpClientSession, SmtpServerSession } from '../src/index.ts';

const require = createRequire(import.meta.url);
/** The peer's reader of commands and mail data: a writable stream. */
const { SMTPStream: PeerStream } = require('smtp-server/lib/smtp-stream.js') as {
  SMTPStream: new () => {
    oncommand: (command: Buffer, callback: () => void) => void;
    startDataMode(): NodeJS.ReadableStream;
    write(chunk: Uint8Array, callback: () => void): void;
    continue(): void;
  };
};

const questions = new Set(['hello', 'mail', 'recipient', 'message-start', 'message-end']);

function split(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

function decode(pieces: readonly Uint8Array[]): number {
  const decoder = new DataDecoder();
  for (const piece of pieces) decoder.decode(piece, () => {});
  return decoder.sizeBytes;
}

function peerDecode(pieces: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve) => {
    const stream = new PeerStream();
    stream.oncommand = (_, callback) => callback();
    const data = stream.startDataMode();
    data.on('data', () => {});
    data.on('end', () => {
      stream.continue();
      resolve();
    });
    let at = 0;
    const next = (): void => {
      const piece = pieces[at++];
      if (piece) stream.write(piece, next);
    };
    next();
  });
}

function encode(content: Uint8Array): number {
  const encoder = new DataEncoder();
  return encoder.encode(content).length + encoder.finish().length;
}

/** One session with some transactions, in memory. */
function serve(input: readonly Uint8Array[]): void {
  const session = new SmtpServerSession({ mode: 'smtp', hostname: 'mx.example', clock: new ManualClock() });
  for (const piece of input) {
    session.receive(piece);
    for (let event = session.next(); event; event = session.next()) if (questions.has(event.type)) session.answer();
    session.takeOutput();
  }
}

/** Client and server, wired to each other. */
function converse(content: Uint8Array, messages: number): void {
  const clock = new ManualClock();
  const server = new SmtpServerSession({ mode: 'smtp', hostname: 'mx.example', clock });
  const client = new SmtpClientSession({ hostname: 'client.example', clock });
  let left = messages;
  for (let moved = true; moved; ) {
    moved = false;
    for (let event = server.next(); event; event = server.next()) if (questions.has(event.type)) server.answer();
    const said = server.takeOutput();
    if (said) client.receive(said);
    for (let event = client.next(); event; event = client.next()) {
      if (event.type === 'content-wanted') {
        client.write(content);
        client.endContent();
      } else if (event.type === 'ready' || event.type === 'result') {
        if (left-- > 0) client.send({ sender: 'a@example.org', recipients: [{ address: 'b@example.net' }] });
        else client.quit();
      }
    }
    const answered = client.takeOutput();
    if (answered) server.receive(answered);
    moved = said !== undefined || answered !== undefined;
  }
}

const mebibyte = 1024 * 1024;
const text = fromLatin1(`${`${'The quick brown fox jumps over the lazy dog, again and again. '.padEnd(74)}\r\n`.repeat(14_000)}.\r\n`);
const dots = fromLatin1(`${'..\r\n'.repeat(mebibyte / 4)}.\r\n`);
const lineEnds = fromLatin1(`${'\r\n'.repeat(mebibyte / 2)}.\r\n`);
const oneLine = fromLatin1(`${'x'.repeat(mebibyte)}\r\n.\r\n`);
const stray = fromLatin1(`${'\r\n.\r'.repeat(mebibyte / 4)}\r\n.\r\n`);

for (const [row, bytes] of Object.entries({
  'DATA, text': text,
  'DATA, every line a dot': dots,
  'DATA, nothing but line ends': lineEnds,
  'DATA, one line': oneLine,
  'DATA, stray CR behind dots': stray,
})) {
  const pieces = split(bytes, 65_536);
  await benchmark(row, { mox: () => decode(pieces), 'smtp-server': () => peerDecode(pieces) }, { bytes: bytes.length });
}
const singles = split(text.subarray(0, 65_536), 1);
await benchmark('DATA, 64 KB byte by byte', { mox: () => decode(singles) }, { bytes: singles.length });
await benchmark('dot stuffing, text', { mox: () => encode(text) }, { bytes: text.length });
await benchmark('dot stuffing, every line a dot', { mox: () => encode(dots) }, { bytes: dots.length });

const body = text.subarray(0, 4_104);
const transaction = `MAIL FROM:<a@example.org> SIZE=4096\r\nRCPT TO:<b@example.net>\r\nDATA\r\n`;
const one = fromLatin1(transaction);
const end = fromLatin1('.\r\n');
const session = [fromLatin1('EHLO client.example\r\n'), ...Array.from({ length: 100 }, () => [one, body, end]).flat()];
await benchmark('session with 100 messages of 4 KB, server alone', { mox: () => serve(session) }, { bytes: 100 * body.length });
await benchmark('session with 100 messages of 4 KB, client and server', { mox: () => converse(body, 100) }, { bytes: 100 * body.length });
const commands = [fromLatin1('NOOP\r\n'.repeat(190))];
await benchmark('190 NOOP in one piece', { mox: () => serve(commands) });
const endless = split(fromLatin1(`EHLO ${'x'.repeat(mebibyte)}`), 1_000);
await benchmark('a command line of 1 MB without end', { mox: () => serve(endless) }, { bytes: mebibyte });
const recipients = [fromLatin1(`EHLO x\r\nMAIL FROM:<a@example.org>\r\n${'RCPT TO:<b@example.net>\r\n'.repeat(1_000)}`)];
await benchmark('1,000 recipients', { mox: () => serve(recipients) });
