// Commands over the embedded store, without a socket: CPU time of the session, the service and the storage thread together.
// MOX_BENCH_MESSAGES sets the size of the mailbox.
import { fromLatin1 } from '@mox/runtime';
import { benchmark } from '../../../tools/bench-harness.ts';
import { startServer } from '../test/harness.ts';

const count = Number(process.env['MOX_BENCH_MESSAGES'] ?? 10_000);
const server = await startServer();

function message(k: number): Uint8Array {
  const head = [
    `From: "Sender Number ${k}" <sender${k % 97}@example.com>`,
    'To: Joe <joe@example.org>, Ann <ann@example.net>',
    `Subject: Message number ${k} about something`,
    'Date: Mon, 02 Feb 2026 10:00:00 +0000',
    `Message-ID: <m${k}@example.com>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
  ];
  return fromLatin1(`${head.join('\r\n')}\r\n\r\n${'This is a line of text.\r\n'.repeat(100)}`);
}

for (let k = 0; k < count; k += 500) {
  await server.deliver(
    'INBOX',
    Array.from({ length: Math.min(500, count - k) }, (_, i) => message(k + i)),
    k % 3 ? ['\\Seen'] : [],
  );
}

const connection = await server.connect();
const say = async (command: string): Promise<void> => {
  const answer = await connection.say(`a ${command}\r\n`);
  if (!answer.includes('\r\na OK') && !answer.startsWith('a OK')) throw new Error(answer.slice(-200));
};
await say('SELECT INBOX');
const options = { rounds: 5, roundMilliseconds: 400 };
const some = Math.min(count, 1000);
await benchmark(`SELECT of ${count}`, { mox: () => say('SELECT INBOX') }, options);
await benchmark(`FETCH 1:${count} (FLAGS)`, { mox: () => say('FETCH 1:* (FLAGS)') }, options);
await benchmark(`FETCH 1:${count} (UID FLAGS RFC822.SIZE MODSEQ)`, { mox: () => say('FETCH 1:* (UID FLAGS RFC822.SIZE MODSEQ)') }, options);
await benchmark(`FETCH 1:${count} (ENVELOPE)`, { mox: () => say('FETCH 1:* (ENVELOPE)') }, options);
await benchmark(
  `FETCH 1:${count} (ENVELOPE BODYSTRUCTURE INTERNALDATE)`,
  { mox: () => say('FETCH 1:* (ENVELOPE BODYSTRUCTURE INTERNALDATE)') },
  options,
);
await benchmark(
  `FETCH 1:${some} of header fields`,
  { mox: () => say(`FETCH 1:${some} (BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE)])`) },
  options,
);
await benchmark(
  `FETCH 1:${some} of bodies`,
  { mox: () => say(`FETCH 1:${some} (BODY.PEEK[])`) },
  { ...options, bytes: some * message(0).length },
);
await benchmark(`SEARCH UNSEEN of ${count}`, { mox: () => say('SEARCH UNSEEN') }, options);
await benchmark(`SEARCH SUBJECT of ${count}`, { mox: () => say('SEARCH SUBJECT "number 777"') }, options);
await benchmark('STORE of one', { mox: () => say('STORE 1 FLAGS (\\Seen)') }, options);
await benchmark('NOOP', { mox: () => say('NOOP') }, options);
await connection.close();
await server.close();
