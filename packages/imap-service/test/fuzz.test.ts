import { concatBytes, fromLatin1, toLatin1 } from '@mox/runtime';
import { expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { startServer } from './harness.ts';

const seeds = [
  'a FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[1.HEADER.FIELDS (A B)]<0.10> BINARY[1]<1.2> BINARY.SIZE[2] PREVIEW SAVEDATE)\r\n',
  'a UID FETCH 1,3:* (FLAGS BODY[TEXT] RFC822.HEADER) (CHANGEDSINCE 1 VANISHED)\r\n',
  'a SEARCH RETURN (ALL MIN SAVE) OR (FROM x NOT SEEN) (SUBJECT "t" LARGER 5) UID 1:* SINCE 1-Jan-2020\r\n',
  'a UID SEARCH KEYWORD $x MODSEQ 5 OLDER 5 EMAILID E1 $ HEADER A b\r\n',
  'a STORE 1:2 (UNCHANGEDSINCE 100) +FLAGS.SILENT (\\Seen $Foo Bar)\r\n',
  'a SELECT INBOX (QRESYNC (1 2 1:5 (1:2 1,3)) CONDSTORE)\r\n',
  'a EXAMINE Archive\r\n',
  'a COPY 1:2 Archive\r\n',
  'a UID MOVE 1 Trash\r\n',
  'a APPEND INBOX (\\Seen Foo) "17-Jul-1996 02:44:25 -0700" {12+}\r\nSubject: x\r\n {3+}\r\nabc\r\n',
  'a LIST (SUBSCRIBED RECURSIVEMATCH) "a/" (% * b) RETURN (CHILDREN STATUS (MESSAGES UIDNEXT HIGHESTMODSEQ MAILBOXID))\r\n',
  'a LSUB "" %/%\r\n',
  'a CREATE "x/&AOQ-/y" (USE (\\Sent))\r\n',
  'a RENAME INBOX x\r\n',
  'a RENAME Archive INBOX/a\r\n',
  'a DELETE x\r\n',
  'a SUBSCRIBE x/y\r\n',
  'a STATUS Archive (MESSAGES UNSEEN SIZE DELETED APPENDLIMIT)\r\n',
  'a EXPUNGE\r\n',
  'a UID EXPUNGE 1:*\r\n',
  'a ENABLE QRESYNC IMAP4rev2 UTF8=ACCEPT\r\n',
  'a IDLE\r\nDONE\r\n',
  'a ID ("x" "y")\r\n',
  'a CLOSE\r\n',
];

it('whatever a client sends, nothing breaks in the server', async () => {
  const faults: unknown[] = [];
  const server = await startServer({
    logger: { debug() {}, info() {}, warn() {}, error: (message, fields) => faults.push([message, fields]) },
    limits: { badCommands: 1_000_000, badCommandsAfterLogin: 1_000_000 },
  });
  try {
    const nested =
      'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\nYWJj\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nA: x\r\n\r\ny\r\n--b--\r\n';
    let connection = await server.connect();
    const tokens = [
      '"',
      '\\',
      '(',
      ')',
      '[',
      ']',
      '{3+}\r\nabc',
      '*',
      '%',
      '$',
      ':',
      ',',
      '0',
      '4294967295',
      'INBOX',
      '\u00e4',
      ' ',
      '\r\n',
      '/',
      '&',
      'NIL',
      '1.2.3',
      '<1.5>',
    ];
    let count = 0;
    for (const mutant of mutants(seeds, { count: 2500, tokens })) {
      if (count++ % 100 === 0) await server.deliver('INBOX', [nested, 'Subject: t\r\n\r\nx\r\n']);
      if (connection.closed || count % 150 === 0) connection = await server.connect();
      if (count % 3 === 0) await connection.say('s SELECT INBOX\r\n');
      // Ends what the mutant has left open: a literal, an IDLE, a line.
      const heard = toLatin1(await connection.exchange(concatBytes([mutant, fromLatin1('\r\nDONE\r\n')])));
      expect(heard).not.toContain('SERVERBUG');
    }
    expect(faults).toEqual([]);
    expect(await server.store.check()).toEqual([]);
  } finally {
    await server.close();
  }
}, 60_000);
