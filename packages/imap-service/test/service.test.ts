import { fromLatin1, toLatin1 } from '@mox/runtime';
import { StoreError } from '@mox/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestConnection, type TestServer } from './harness.ts';

/** Plays lines against a connection: `C:` is said, `S:` must come; `…` stands for any text, `S* ` for any lines up to the next match. */
async function play(connection: TestConnection, script: string): Promise<void> {
  let heard: string[] = [];
  for (const line of script.split('\n')) {
    const match = /^\s*([CS])([:*]) ?(.*)$/.exec(line);
    if (!match) continue;
    const [, who, mark, text = ''] = match;
    if (who === 'C') {
      expect(heard, 'said beyond the script').toEqual([]);
      heard = (await connection.say(`${text.replaceAll('\\r\\n', '\r\n')}\r\n`)).split('\r\n').slice(0, -1);
      continue;
    }
    const pattern = new RegExp(
      `^${text
        .split('…')
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*')}$`,
      's',
    );
    if (mark === '*') {
      const at = heard.findIndex((one) => pattern.test(one));
      if (at < 0) expect(heard.join('\n')).toBe(text);
      heard = heard.slice(at + 1);
    } else {
      const next = heard.shift() ?? '(nothing)';
      if (!pattern.test(next)) expect(next).toBe(text);
    }
  }
  expect(heard, 'said beyond the script').toEqual([]);
}

const simple = (subject: string): string =>
  `From: Ann <ann@example.net>\r\nTo: joe@example.org\r\nSubject: ${subject}\r\n\r\nBody of ${subject}\r\n`;

describe('IMAP over the store', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  it('RFC 9051 §6.3.9: LIST with patterns and special uses', async () => {
    const c = await server.connect();
    await play(
      c,
      `
      C: a LIST "" ""
      S: * LIST (\\Noselect) "/" ""
      S: a OK LIST completed
      C: b CREATE Projects/Mox
      S: b OK [MAILBOXID (…)] CREATE completed
      C: c LIST "" %
      S: * LIST (\\HasNoChildren) "/" INBOX
      S: * LIST (\\HasNoChildren \\Archive) "/" Archive
      S: * LIST (\\HasNoChildren \\Drafts) "/" Drafts
      S: * LIST (\\HasNoChildren \\Junk) "/" Junk
      S: * LIST (\\HasChildren) "/" Projects
      S: * LIST (\\HasNoChildren \\Sent) "/" Sent
      S: * LIST (\\HasNoChildren \\Trash) "/" Trash
      S: c OK LIST completed
      C: d LIST Projects/ *
      S: * LIST (\\HasNoChildren) "/" Projects/Mox
      S: d OK LIST completed
      C: e LIST (SPECIAL-USE) "" (Sent Tr* inbox)
      S: * LIST (\\HasNoChildren \\Sent) "/" Sent
      S: * LIST (\\HasNoChildren \\Trash) "/" Trash
      S: e OK LIST completed
      C: f LIST "" inbox RETURN (STATUS (MESSAGES UNSEEN))
      S: * LIST (\\HasNoChildren) "/" INBOX
      S: * STATUS INBOX (MESSAGES 0 UNSEEN 0)
      S: f OK LIST completed
    `,
    );
  });

  it('RFC 9051 §6.3.4: CREATE, RENAME and DELETE, and what they refuse', async () => {
    const c = await server.connect();
    await play(
      c,
      `
      C: a CREATE "Entw&APw-rfe/&U,BTFw-"
      S: a OK …
      C: b LIST "" Entw*
      S: * LIST (\\HasChildren) "/" Entw&APw-rfe
      S: * LIST (\\HasNoChildren) "/" Entw&APw-rfe/&U,BTFw-
      S: b OK LIST completed
      C: c CREATE "Entw&APw-rfe"
      S: c NO [ALREADYEXISTS] A mailbox of this name exists already
      C: d CREATE inbox
      S: d NO [ALREADYEXISTS] …
      C: e DELETE "Entw&APw-rfe"
      S: e NO [HASCHILDREN] …
      C: f DELETE INBOX
      S: f NO [CANNOT] …
      C: g DELETE Nowhere
      S: g NO [NONEXISTENT] There is no such mailbox
      C: h RENAME Entw&APw-rfe Neu
      S: h OK RENAME completed
      C: i RENAME Neu Neu/Neu
      S: i NO [CANNOT] …
      C: j STATUS "Neu/&U,BTFw-" (MESSAGES)
      S: * STATUS Neu/&U,BTFw- (MESSAGES 0)
      S: j OK STATUS completed
      C: k CREATE Later (USE (\\Archive))
      S: k NO [USEATTR] …
      C: l CREATE Later (USE (\\All))
      S: l NO [USEATTR] …
      C: m ENABLE IMAP4rev2
      S: * ENABLED IMAP4rev2
      S: m OK ENABLE completed
      C: n LIST "" Neu/%
      S: * LIST (\\HasNoChildren) "/" "Neu/\xe5\x8f\xb0\xe5\x8c\x97"
      S: n OK LIST completed
    `,
    );
  });

  it('RFC 3501 §6.3.9: LSUB shows what is above a subscription where % cuts it off', async () => {
    const c = await server.connect();
    await play(
      c,
      `
      C: a CREATE foo/bar/baz
      S: a OK …
      C: b UNSUBSCRIBE foo
      S: b OK …
      C: c UNSUBSCRIBE foo/bar
      S: c OK …
      C: d SUBSCRIBE foo/bar/baz
      S: d OK …
      C: e LSUB "" foo/%
      S: * LSUB (\\Noselect) "/" foo/bar
      S: e OK LSUB completed
      C: f LIST (SUBSCRIBED RECURSIVEMATCH) "" foo
      S: * LIST (\\HasChildren) "/" foo ("CHILDINFO" ("SUBSCRIBED"))
      S: f OK LIST completed
      C: g SUBSCRIBE Nowhere
      S: g NO [NONEXISTENT] …
    `,
    );
  });

  it('RFC 9051 §6.3.2: SELECT, EXAMINE and what they tell', async () => {
    await server.deliver('Archive', [simple('one'), simple('two')], ['\\Seen', '$Label']);
    await server.deliver('Archive', [simple('three')]);
    const c = await server.connect();
    await play(
      c,
      `
      C: a SELECT Archive
      S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Label)
      S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Label \\*)] Limited
      S: * 3 EXISTS
      S: * 3 RECENT
      S: * OK [UNSEEN 3] First unseen message
      S: * OK [UIDVALIDITY …] UIDs valid
      S: * OK [UIDNEXT 4] Predicted next UID
      S: * OK [HIGHESTMODSEQ …] Highest mod-sequence
      S: * OK [MAILBOXID (…)] Mailbox id
      S: a OK [READ-WRITE] SELECT completed
      C: b EXAMINE Archive
      S: * OK [CLOSED] Previous mailbox is now closed
      S* * OK [PERMANENTFLAGS ()] Read-only
      S* b OK [READ-ONLY] EXAMINE completed
      C: c STORE 1 +FLAGS (\\Deleted)
      S: c NO The mailbox was selected read-only
      C: d FETCH 3 BODY[HEADER.FIELDS (SUBJECT)]
      S: * 3 FETCH (BODY[HEADER.FIELDS (SUBJECT)] {18}
      S: Subject: three
      S: 
      S: )
      S: d OK FETCH completed
      C: e FETCH 3 FLAGS
      S: * 3 FETCH (FLAGS ())
      S: e OK FETCH completed
      C: f SELECT Nowhere
      S: * OK [CLOSED] Previous mailbox is now closed
      S: f NO [NONEXISTENT] There is no such mailbox
      C: g FETCH 1 FLAGS
      S: g BAD …
      C: h ENABLE IMAP4rev2
      S: * ENABLED IMAP4rev2
      S: h OK …
      C: i SELECT archive
      S: i NO [NONEXISTENT] There is no such mailbox
      C: j SELECT Archive
      S* * OK [MAILBOXID (…)] Mailbox id
      S: * LIST () "/" Archive
      S: j OK [READ-WRITE] SELECT completed
      C: k UNSELECT
      S: k OK UNSELECT completed
    `,
    );
  });

  it('RFC 9051 §6.4.5: FETCH of sections marks as seen, and says so', async () => {
    const nested = [
      'Subject: outer',
      'Content-Type: multipart/mixed; boundary=a',
      '',
      '--a',
      'Content-Type: text/plain',
      'Content-Transfer-Encoding: base64',
      '',
      'aGVsbG8AIQ==',
      '--a',
      'Content-Type: message/rfc822',
      '',
      'Subject: inner',
      '',
      'inner body',
      '--a--',
      '',
    ].join('\r\n');
    await server.deliver('Drafts', [nested]);
    const c = await server.connect();
    await play(
      c,
      `
      C: a SELECT Drafts
      S* a OK …
      C: b FETCH 1 (BODY.PEEK[2.HEADER] BODY.PEEK[2.1] BODY.PEEK[1.MIME]<0.12> BODY.PEEK[9])
      S: * 1 FETCH (BODY[2.HEADER] {18}
      S: Subject: inner
      S: 
      S:  BODY[2.1] {10}
      S: inner body BODY[1.MIME]<0> {12}
      S: Content-Type BODY[9] NIL)
      S: b OK FETCH completed
      C: c UID FETCH 1 (BINARY.PEEK[1]<1.5> BINARY.SIZE[1] BODY[TEXT]<100000.5>)
      S: * 1 FETCH (UID 1 BINARY[1]<1> ~{5}
      S: ello\0 BINARY.SIZE[1] 7 BODY[TEXT]<100000> {0}
      S:  FLAGS (\\Seen \\Recent))
      S: c OK FETCH completed
      C: d FETCH 1 RFC822.HEADER
      S: * 1 FETCH (RFC822.HEADER {61}
      S* d OK FETCH completed
      C: e FETCH 1 BODY
      S: * 1 FETCH (BODY (("text" "plain" NIL NIL NIL "base64" 12 0)("message" "rfc822" NIL NIL NIL "7bit" 28 (NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain" NIL NIL NIL "7bit" 10 0) 2) "mixed"))
      S: e OK FETCH completed
      C: f FETCH 2 FLAGS
      S: f BAD There is no message with this sequence number
      C: g UID FETCH 77 FLAGS
      S: g OK FETCH completed
      C: h UID FETCH 77:* UID
      S: * 1 FETCH (UID 1)
      S: h OK FETCH completed
    `,
    );
  });

  it('RFC 9051 §6.4.5: messages come out byte for byte, large ones in pieces', async () => {
    const large = new Uint8Array(1_000_003).map((_, i) => (i * 7919) & 255);
    large.set(fromLatin1('Subject: x\r\n\r\n'));
    const c = await server.connect();
    const answer = await c.say(`a APPEND Trash {${large.length}+}\r\n${toLatin1(large)}\r\n`);
    expect(answer).toMatch(/^a OK \[APPENDUID \d+ 1\] APPEND completed\r\n$/);
    await c.say('b SELECT Trash\r\n');
    expect(await c.say('c FETCH 1 BODY.PEEK[]\r\n')).toBe(
      `* 1 FETCH (BODY[] {${large.length}}\r\n${toLatin1(large)})\r\nc OK FETCH completed\r\n`,
    );
    expect(await c.say('d FETCH 1 BODY.PEEK[]<900000.200000>\r\n')).toBe(
      `* 1 FETCH (BODY[]<900000> {100003}\r\n${toLatin1(large.subarray(900_000))})\r\nd OK FETCH completed\r\n`,
    );
    const trash = await server.account.mailbox('Trash');
    for await (const [email] of server.account.readEmails(trash?.id ?? '', Uint32Array.of(1), ['decision'])) {
      expect(email?.decision).toMatchObject({
        direction: 'append',
        outcome: 'delivered',
        session: { remoteAddress: '192.0.2.1', login: { account: 'joe', mechanism: 'PLAIN' } },
        message: { sizeBytes: large.length },
        deliveries: [{ mailbox: 'Trash' }],
      });
    }
    expect.assertions(4);
  });

  it('RFC 9051 §6.3.12: APPEND to nowhere, with the message and without', async () => {
    const c = await server.connect();
    await play(
      c,
      `
      C: a APPEND Nowhere {5}
      S: a NO [TRYCREATE] There is no such mailbox
      C: b APPEND Nowhere {5+}\\r\\nhello
      S: b NO [TRYCREATE] There is no such mailbox
      C: c APPEND Sent (\\Seen $Sent) "01-Feb-2020 03:04:05 +0100" {5+}\\r\\nhello {3+}\\r\\nabc
      S: c OK [APPENDUID … 1:2] APPEND completed
      C: d SELECT Sent
      S* d OK …
      C: e FETCH 1:2 (FLAGS INTERNALDATE RFC822.SIZE)
      S: * 1 FETCH (FLAGS ($Sent \\Seen \\Recent) INTERNALDATE "01-Feb-2020 02:04:05 +0000" RFC822.SIZE 5)
      S: * 2 FETCH (FLAGS (\\Recent) INTERNALDATE "…" RFC822.SIZE 3)
      S: e OK FETCH completed
      C: f APPEND Sent {5+}\\r\\nhello nonsense
      S: f BAD …
      C: g STATUS Sent (MESSAGES)
      S: * STATUS Sent (MESSAGES 2)
      S: g OK STATUS completed
    `,
    );
  });

  it('RFC 9051 §6.4.4: SEARCH in the view and in the store', async () => {
    await server.account.createMailbox('Search');
    await server.deliver('Search', [simple('red'), simple('green')], ['\\Seen']);
    await server.deliver('Search', [simple('blue'), simple('red again')], ['$Hot', '\\Flagged']);
    const c = await server.connect();
    await play(
      c,
      `
      C: a SELECT Search
      S* a OK …
      C: b SEARCH SUBJECT red
      S: * SEARCH 1 4
      S: b OK SEARCH completed
      C: c SEARCH UNSEEN SUBJECT red
      S: * SEARCH 4
      S: c OK SEARCH completed
      C: d UID SEARCH OR SEEN KEYWORD $hot NOT 2:3
      S: * SEARCH 1 4
      S: d OK SEARCH completed
      C: e SEARCH RETURN (MIN MAX COUNT) ALL
      S: * ESEARCH (TAG "e") MIN 1 MAX 4 COUNT 4
      S: e OK SEARCH completed
      C: f SEARCH RETURN (SAVE) BODY green
      S: f OK SEARCH completed
      C: g FETCH $ UID
      S: * 2 FETCH (UID 2)
      S: g OK FETCH completed
      C: h SEARCH TEXT nothing
      S: * SEARCH
      S: h OK SEARCH completed
      C: i SEARCH 3:9 NOT 1:3
      S: * SEARCH 4
      S: i OK SEARCH completed
      C: j SEARCH LARGER 10 SMALLER 100000 SINCE 1-Jan-2026 BEFORE 3-Jan-2026
      S: * SEARCH 1 2 3 4
      S: j OK SEARCH completed
      C: k SEARCH FROM ann HEADER To joe
      S: * SEARCH 1 2 3 4
      S: k OK SEARCH completed
      C: l SEARCH OLDER 5 YOUNGER 4000000000
      S: * SEARCH 1 2 3 4
      S: l OK SEARCH completed
      C: m ENABLE IMAP4rev2
      S: * ENABLED IMAP4rev2
      S: m OK …
      C: n UID SEARCH FLAGGED
      S: * ESEARCH (TAG "n") UID ALL 3:4
      S: n OK SEARCH completed
      C: o SEARCH KEYWORD none
      S: * ESEARCH (TAG "o")
      S: o OK SEARCH completed
      C: p SEARCH MODSEQ 1
      S: * OK [HIGHESTMODSEQ …] Mod-sequences from here on
      S: * ESEARCH (TAG "p") ALL 1:4 MODSEQ …
      S: p OK SEARCH completed
    `,
    );
  });

  it('RFC 9051 §6.4.6: STORE, silently and not', async () => {
    await server.account.createMailbox('Store');
    await server.deliver('Store', [simple('a'), simple('b'), simple('c')]);
    const c = await server.connect();
    await play(
      c,
      `
      C: a SELECT Store
      S* a OK …
      C: b STORE 1:2 +FLAGS (\\Flagged)
      S: * 1 FETCH (FLAGS (\\Flagged \\Recent))
      S: * 2 FETCH (FLAGS (\\Flagged \\Recent))
      S: b OK STORE completed
      C: c UID STORE 2 FLAGS.SILENT \\Seen
      S: c OK STORE completed
      C: d FETCH 1:3 FLAGS
      S: * 1 FETCH (FLAGS (\\Flagged \\Recent))
      S: * 2 FETCH (FLAGS (\\Seen \\Recent))
      S: * 3 FETCH (FLAGS (\\Recent))
      S: d OK FETCH completed
      C: e STORE 2 +FLAGS (Shiny)
      S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Shiny)
      S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Shiny \\*)] Limited
      S: * 2 FETCH (FLAGS (Shiny \\Seen \\Recent))
      S: e OK STORE completed
      C: f STORE 4 +FLAGS (\\Seen)
      S: f BAD There is no message with this sequence number
    `,
    );
  });

  it('RFC 7162 §3.1.3: UNCHANGEDSINCE leaves alone what changed', async () => {
    await server.account.createMailbox('Cond');
    await server.deliver('Cond', [simple('a'), simple('b'), simple('c')]);
    const c = await server.connect();
    await c.say('a SELECT Cond (CONDSTORE)\r\n');
    const before = (await server.account.mailbox('Cond'))?.highestModseq ?? 0;
    await c.say('b STORE 2 +FLAGS (\\Seen)\r\n');
    await play(
      c,
      `
      C: c STORE 1:3 (UNCHANGEDSINCE ${before}) -FLAGS.SILENT (\\Seen)
      S: c OK [MODIFIED 2] Conditional STORE failed for some
      C: d STORE 1:3 (UNCHANGEDSINCE ${before}) +FLAGS.SILENT (\\Deleted)
      S: * 1 FETCH (UID 1 MODSEQ (…))
      S: * 3 FETCH (UID 3 MODSEQ (…))
      S: d OK [MODIFIED 2] Conditional STORE failed for some
      C: e UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${before + 1})
      S: * 1 FETCH (UID 1 FLAGS (\\Deleted \\Recent) MODSEQ (…))
      S: * 3 FETCH (UID 3 FLAGS (\\Deleted \\Recent) MODSEQ (…))
      S: e OK FETCH completed
    `,
    );
  });

  it('RFC 7162 §3.2.5: QRESYNC tells what went and what changed', async () => {
    await server.account.createMailbox('Resync');
    await server.deliver('Resync', [simple('a'), simple('b'), simple('c'), simple('d')]);
    const mailbox = await server.account.mailbox('Resync');
    if (!mailbox) throw new Error('no mailbox');
    await server.account.expunge(mailbox.id, Uint32Array.of(2));
    await server.account.updateFlags(mailbox.id, { uids: Uint32Array.of(3), mode: 'add', flags: ['\\Seen'] });
    const c = await server.connect();
    await play(
      c,
      `
      C: a SELECT Resync (QRESYNC (${mailbox.uidValidity} ${mailbox.highestModseq}))
      S: a BAD QRESYNC must be enabled first
      C: b ENABLE QRESYNC
      S: * ENABLED QRESYNC CONDSTORE
      S: b OK ENABLE completed
      C: c SELECT Resync (QRESYNC (${mailbox.uidValidity} ${mailbox.highestModseq} 1:9))
      S* * VANISHED (EARLIER) 2
      S: * 2 FETCH (UID 3 FLAGS (\\Seen \\Recent) MODSEQ (…))
      S: c OK [READ-WRITE] SELECT completed
      C: d UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${mailbox.highestModseq} VANISHED)
      S: * VANISHED (EARLIER) 2
      S: * 2 FETCH (UID 3 FLAGS (\\Seen \\Recent) MODSEQ (…))
      S: d OK FETCH completed
      C: e SELECT Resync (QRESYNC (${mailbox.uidValidity} ${mailbox.highestModseq} 1:9 (1:2 1,3)))
      S* * OK [MAILBOXID …
      S: * 2 FETCH (UID 3 FLAGS (\\Seen) MODSEQ (…))
      S: e OK [READ-WRITE] SELECT completed
      C: f STORE 1 +FLAGS.SILENT (\\Deleted)
      S: * 1 FETCH (UID 1 MODSEQ (…))
      S: f OK STORE completed
      C: g EXPUNGE
      S: * VANISHED 1
      S: g OK [HIGHESTMODSEQ …] EXPUNGE completed
      C: h SELECT Resync (QRESYNC (1 1))
      S: * OK [CLOSED] …
      S* * OK [MAILBOXID …
      S: h OK [READ-WRITE] SELECT completed
    `,
    );
  });

  it('RFC 9051 §6.4.3: EXPUNGE, UID EXPUNGE and CLOSE', async () => {
    await server.account.createMailbox('Expunge');
    await server.deliver(
      'Expunge',
      Array.from({ length: 6 }, (_, i) => simple(`m${i}`)),
    );
    const c = await server.connect();
    await play(
      c,
      `
      C: a SELECT Expunge
      S* a OK …
      C: b STORE 2,4,5 +FLAGS.SILENT (\\Deleted)
      S: b OK STORE completed
      C: c UID EXPUNGE 1:3,5
      S: * 5 EXPUNGE
      S: * 2 EXPUNGE
      S: c OK EXPUNGE completed
      C: d EXPUNGE
      S: * 3 EXPUNGE
      S: d OK EXPUNGE completed
      C: e UID MOVE 1,6 Trash
      S: * OK [COPYUID … 1,6 …:…] Moved
      S: * 3 EXPUNGE
      S: * 1 EXPUNGE
      S: e OK MOVE completed
      C: f STORE 1 +FLAGS (\\Deleted)
      S: * 1 FETCH (FLAGS (\\Deleted \\Recent))
      S: f OK STORE completed
      C: g CLOSE
      S: g OK CLOSE completed
      C: h STATUS Expunge (MESSAGES)
      S: * STATUS Expunge (MESSAGES 0)
      S: h OK STATUS completed
    `,
    );
  });

  it('RFC 9051 §7.5.1: messages that another client removed go when numbers may move, and not before', async () => {
    await server.account.createMailbox('Shared');
    await server.deliver('Shared', [simple('a'), simple('b'), simple('c')]);
    const c = await server.connect();
    const other = await server.connect();
    await c.say('a SELECT Shared\r\n');
    await other.say('a SELECT Shared\r\n');
    await other.say('b STORE 1 +FLAGS (\\Deleted)\r\n');
    await other.say('c EXPUNGE\r\n');
    await server.deliver('Shared', [simple('d')]);
    await play(
      c,
      `
      C: b FETCH 2:3 UID
      S: * 2 FETCH (UID 2)
      S: * 3 FETCH (UID 3)
      S: * 4 EXISTS
      S: * 4 RECENT
      S: b OK FETCH completed
      C: c FETCH 1 BODY.PEEK[TEXT]
      S: c NO [EXPUNGEISSUED] Some of the messages were expunged
      C: d COPY 1 Trash
      S: * 1 EXPUNGE
      S: d NO [EXPUNGEISSUED] These messages were expunged
      C: e NOOP
      S: e OK NOOP completed
      C: f FETCH 1 UID
      S: * 1 FETCH (UID 2)
      S: f OK FETCH completed
    `,
    );
  });

  it('RFC 9051 §6.3.13: an idle client hears at once', async () => {
    await server.account.createMailbox('Idle');
    await server.deliver('Idle', [simple('a')]);
    const c = await server.connect();
    await c.say('a SELECT Idle\r\n');
    expect(await c.say('b IDLE\r\n')).toBe('+ Idling\r\n');
    await server.deliver('Idle', [simple('b')]);
    await expect.poll(() => c.heard()).toBe('* 2 EXISTS\r\n* 2 RECENT\r\n');
    const mailbox = await server.account.mailbox('Idle');
    await server.account.updateFlags(mailbox?.id ?? '', { uids: Uint32Array.of(1), mode: 'add', flags: ['\\Answered'] });
    await expect.poll(() => c.heard()).toBe('* 1 FETCH (FLAGS (\\Answered \\Recent))\r\n');
    await server.account.expunge(mailbox?.id ?? '', Uint32Array.of(1));
    await expect.poll(() => c.heard()).toBe('* 1 EXPUNGE\r\n');
    expect(await c.say('DONE\r\n')).toBe('b OK IDLE completed\r\n');
  });

  it('RFC 2180 §3: a mailbox that is deleted under a client is empty to it', async () => {
    await server.account.createMailbox('Doomed');
    await server.deliver('Doomed', [simple('a'), simple('b')]);
    const c = await server.connect();
    const other = await server.connect();
    await c.say('a SELECT Doomed\r\n');
    expect(await other.say('a DELETE Doomed\r\n')).toContain('a OK');
    await play(
      c,
      `
      C: b NOOP
      S: * 2 EXPUNGE
      S: * 1 EXPUNGE
      S: b OK NOOP completed
      C: c SEARCH TEXT x
      S: * SEARCH
      S: c OK SEARCH completed
    `,
    );
  });

  it('RFC 2971 §3.1 and RFC 9051 §6.3.10: ID and NAMESPACE', async () => {
    const c = await server.connect();
    await play(
      c,
      `
      C: a ID ("name" "test")
      S: * ID ("name" "mox")
      S: a OK ID completed
      C: b NAMESPACE
      S: * NAMESPACE (("" "/")) NIL NIL
      S: b OK NAMESPACE completed
    `,
    );
  });
});

describe('faults', () => {
  it('RFC 9051 §7.1: a fault of the store is a NO with a code, and the connection stays', async () => {
    const logged: string[] = [];
    const log = (message: string): void => void logged.push(message);
    const server = await startServer({ logger: { debug: log, info: log, warn: log, error: log } });
    try {
      const c = await server.connect();
      const { account } = server;
      const original = account.mailboxes;
      Object.assign(account, { mailboxes: () => Promise.reject(new StoreError('disk-full', 'no room')) });
      expect(await c.say('a LIST "" *\r\n')).toContain('a NO [UNAVAILABLE]');
      Object.assign(account, { mailboxes: () => Promise.reject(new TypeError('a bug')) });
      expect(await c.say('b LIST "" *\r\n')).toContain('b NO [SERVERBUG]');
      Object.assign(account, { mailboxes: original });
      expect(await c.say('c LIST "" INBOX\r\n')).toContain('c OK');
      expect(logged.filter((message) => message === 'an IMAP command failed')).toHaveLength(2);
    } finally {
      await server.close();
    }
  });

  it('RFC 9051 §6.2.3: who is no account cannot log in; a directory that is down is told apart', async () => {
    const server = await startServer({ credentials: async () => Promise.reject(new Error('down')) });
    try {
      const c = await server.connect();
      expect(await c.say('a LOGIN joe secret\r\n')).toContain('a NO [UNAVAILABLE]');
    } finally {
      await server.close();
    }
    const open = await startServer({ credentials: async () => ({ type: 'accepted' }) });
    try {
      const { connect } = open;
      expect(await (await connect()).say('a NOOP\r\n')).toContain('a OK');
      const stranger = await connect();
      await stranger.say('x LOGOUT\r\n');
      expect(stranger.closed).toBe(true);
    } finally {
      await open.close();
    }
  });
});
