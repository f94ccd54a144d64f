// Commands and responses beside imapflow's parser and compiler, on the same bytes; body structures; and input that means harm.
import { parseStructure } from '@mox/message-format';
import { fromLatin1, ManualClock, toLatin1 } from '@mox/runtime';
import { compiler, parser } from 'imapflow/lib/handler/imap-handler.js';
import { ImapStream } from 'imapflow/lib/handler/imap-stream.js';
import { benchmark } from '../../../tools/bench-harness.ts';
import {
  CommandBuilder,
  formatBodyStructure,
  formatEnvelope,
  ImapClientSession,
  ImapServerSession,
  parseCommand,
  parseResponse,
} from '../src/index.ts';

const commands = {
  'UID FETCH, 3 items': 'A1 UID FETCH 1:500,600 (UID FLAGS RFC822.SIZE)',
  'FETCH of header fields':
    'A1 FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM TO CC SUBJECT DATE MESSAGE-ID)])',
  SEARCH: 'A1 UID SEARCH RETURN (ALL) OR (UNSEEN FROM "smith@example.org") (SINCE 1-Feb-2024 SUBJECT "report") NOT DELETED',
  STORE: 'A1 UID STORE 4,6,8:20 +FLAGS.SILENT (\\Seen $Forwarded)',
  LIST: 'A1 LIST (SUBSCRIBED) "" ("*") RETURN (CHILDREN STATUS (MESSAGES UNSEEN))',
};

const address = '(("Terry Gray" NIL "gray" "cac.washington.edu"))';
const envelope = `ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" ${address} ${address} ${address} ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>")`;
const body =
  'BODYSTRUCTURE (("text" "plain" ("charset" "utf-8") NIL NIL "quoted-printable" 1152 23 NIL NIL NIL NIL)("text" "html" ("charset" "utf-8") NIL NIL "base64" 4554 73 NIL ("attachment" ("filename" "a b.html")) NIL NIL) "alternative" ("boundary" "----=_Part_1") NIL NIL NIL)';
const responses = {
  'FETCH flags': '* 23 FETCH (UID 4827313 FLAGS (\\Seen \\Answered $Forwarded) RFC822.SIZE 44827 MODSEQ (12121231777))',
  'FETCH envelope': `* 12 FETCH (UID 5 ${envelope})`,
  'FETCH body structure': `* 12 FETCH (UID 5 ${body})`,
  'tagged OK': 'A142 OK [READ-WRITE] SELECT completed',
  LIST: '* LIST (\\HasNoChildren \\Sent) "/" "Sent Items"',
  'SEARCH of 1000': `* SEARCH ${Array.from({ length: 1000 }, (_, i) => i * 3 + 1).join(' ')}`,
  'FETCH of 20 KB of text': `* 1 FETCH (UID 5 BODY[] {20000}\r\n${'x'.repeat(20_000)})`,
};

for (const [name, text] of Object.entries(commands)) {
  const bytes = fromLatin1(text);
  const buffer = Buffer.from(text, 'latin1');
  await benchmark(
    `parse command: ${name}`,
    { mox: () => parseCommand(toLatin1(bytes)), imapflow: () => parser(buffer) },
    { bytes: bytes.length },
  );
}

for (const [name, text] of Object.entries(responses)) {
  const bytes = fromLatin1(`${text}\r\n`);
  const match = /^([^{]*)\{\d+\}\r\n(x+)(\))$/.exec(text);
  const line = Buffer.from(match ? text.replace(match[2] ?? '', '') : text, 'latin1');
  // imapflow takes literals beside the line, as its stream cuts them out.
  const options = match ? { literals: [Buffer.from(match[2] ?? '')] } : {};
  await benchmark(
    `parse response: ${name}`,
    { mox: () => parseResponse(bytes), imapflow: () => parser(line, options) },
    { bytes: bytes.length },
  );
}

await benchmark('compile command: UID FETCH', {
  mox: () => new CommandBuilder('UID FETCH').set([1, 2, 3, 7, 9]).raw('(UID FLAGS BODY.PEEK[HEADER])').pieces(),
  imapflow: () =>
    compiler({
      tag: 'A1',
      command: 'UID FETCH',
      attributes: [
        { type: 'SEQUENCE', value: '1:3,7,9' },
        [
          { type: 'ATOM', value: 'UID' },
          { type: 'ATOM', value: 'FLAGS' },
          { type: 'ATOM', value: 'BODY.PEEK', section: [{ type: 'ATOM', value: 'HEADER' }] },
        ],
      ],
    }),
});

// What a client gets that opens a mailbox of 10,000 messages: cut anywhere, as sockets do.
const session = fromLatin1(
  Array.from(
    { length: 10_000 },
    (_, i) => `* ${i + 1} FETCH (UID ${i * 3 + 7} FLAGS (\\Seen $Forwarded) RFC822.SIZE ${4000 + i} ${envelope} ${body})\r\n`,
  ).join(''),
);

function oursReads(pieceBytes: number, bytes: Uint8Array): number {
  const client = new ImapClientSession({ clock: new ManualClock() });
  let count = 0;
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    client.receive(bytes.subarray(at, at + pieceBytes));
    for (let event = client.next(); event; event = client.next()) count++;
  }
  return count;
}

async function imapflowReads(pieceBytes: number, bytes: Uint8Array): Promise<number> {
  const stream = new ImapStream({ logger: { trace() {}, debug() {}, info() {}, warn() {}, error() {} } });
  let count = 0;
  const readAll = async (): Promise<void> => {
    for (let data = stream.read(); data !== null; data = stream.read()) {
      await parser(data.payload, { literals: data.literals });
      count++;
      data.next?.();
    }
  };
  const done = new Promise<void>((resolve, reject) => {
    stream.on('end', resolve);
    stream.on('readable', () => void readAll().catch(reject));
  });
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    if (!stream.write(bytes.subarray(at, at + pieceBytes))) await new Promise((resolve) => stream.once('drain', resolve));
  }
  stream.end();
  await done;
  return count;
}

const few = session.subarray(0, 100_000);
const rounds = { rounds: 3, roundMilliseconds: 500 };
await benchmark(
  'a client reads 10,000 FETCH responses in pieces of 64 KB',
  { mox: () => oursReads(65_536, session), imapflow: () => imapflowReads(65_536, session) },
  { bytes: session.length, ...rounds },
);
await benchmark(
  'a client reads 100 KB of FETCH responses byte by byte',
  { mox: () => oursReads(1, few), imapflow: () => imapflowReads(1, few) },
  { bytes: few.length, ...rounds },
);

const message = [
  'From: "Terry Gray" <gray@cac.washington.edu>',
  'To: joe@example.org, Ann <ann@example.net>',
  'Subject: minutes',
  'Content-Type: multipart/mixed; boundary=a',
  '',
  ...Array.from(
    { length: 5 },
    (_, i) => `--a\r\nContent-Type: text/plain; charset=utf-8; name="part ${i}"\r\nContent-Transfer-Encoding: base64\r\n\r\nYWJj`,
  ),
  '--a--',
  '',
].join('\r\n');
const structure = parseStructure(fromLatin1(message));
await benchmark('format ENVELOPE', { mox: () => formatEnvelope(structure.envelope, false) });
await benchmark('format BODYSTRUCTURE of 6 parts', { mox: () => formatBodyStructure(structure.part, { extended: true, utf8: false }) });

const hostile = {
  'quotes without end': `a LOGIN "${'\\"'.repeat(30_000)}`,
  'parentheses without end': `a SEARCH ${'('.repeat(60_000)}`,
  '10,000 ranges': `a UID FETCH ${Array.from({ length: 10_000 }, (_, i) => `${i + 1}:*`).join(',')} FLAGS`,
};
for (const [name, text] of Object.entries(hostile))
  await benchmark(`hostile command: ${name}`, { mox: () => parseCommand(text) }, { bytes: text.length });
const deep = fromLatin1(`* 1 FETCH (BODY ${'('.repeat(100_000)})\r\n`);
await benchmark('hostile response: nested 100,000 times', { mox: () => parseResponse(deep) }, { bytes: deep.length });
const drip = Uint8Array.of(65);
await benchmark(
  'hostile line: 60,000 bytes, one by one',
  {
    mox() {
      const session = new ImapServerSession({ clock: new ManualClock() });
      for (let i = 0; i < 60_000; i++) {
        session.receive(drip);
        session.next();
      }
    },
  },
  { bytes: 60_000 },
);
