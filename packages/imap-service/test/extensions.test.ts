import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestConnection, type TestServer } from './harness.ts';

const message = (subject: string): string => `From: ann@example.net\r\nSubject: ${subject}\r\n\r\nBody of ${subject}\r\n`;

describe('extensions', () => {
  let server: TestServer;
  let c: TestConnection;
  beforeAll(async () => {
    server = await startServer();
    await server.deliver('INBOX', ['one', 'two', 'three', 'four'].map(message), ['\\Seen']);
    c = await server.connect();
    await c.say('s SELECT INBOX\r\n');
  });
  afterAll(() => server.close());

  it.each([
    'LITERAL+ UTF8=ACCEPT BINARY CHILDREN CONDSTORE CREATE-SPECIAL-USE ENABLE ESEARCH ID IDLE LIST-EXTENDED LIST-STATUS MOVE MULTIAPPEND NAMESPACE',
    'OBJECTID PREVIEW QRESYNC SASL-IR SAVEDATE SEARCHRES SPECIAL-USE STATUS=SIZE UIDPLUS UNSELECT WITHIN APPENDLIMIT=104857600',
  ])('RFC 9051 §7.2.2: are announced: %s', async (names) => {
    const [line = ''] = (await c.say('a CAPABILITY\r\n')).split('\r\n');
    for (const name of names.split(' ')) expect(line.split(' ')).toContain(name);
  });

  it.each<[string, string, string | RegExp]>([
    ['RFC 2342 §5', 'NAMESPACE', '* NAMESPACE (("" "/")) NIL NIL\r\na OK NAMESPACE completed\r\n'],
    ['RFC 5161 §3.1', 'ENABLE X-GOOD-IDEA', '* ENABLED\r\na OK ENABLE completed\r\n'],
    ['RFC 8438 §3', 'STATUS INBOX (SIZE)', /^\* STATUS INBOX \(SIZE \d+\)\r\na OK/],
    ['RFC 7889 §3', 'STATUS INBOX (APPENDLIMIT)', '* STATUS INBOX (APPENDLIMIT 104857600)\r\na OK STATUS completed\r\n'],
    ['RFC 8474 §4.3', 'STATUS INBOX (MAILBOXID)', '* STATUS INBOX (MAILBOXID (M1))\r\na OK STATUS completed\r\n'],
    ['RFC 8474 §5.3', 'FETCH 1 (EMAILID THREADID)', /^\* 1 FETCH \(EMAILID \(E\d+\) THREADID \(T\d+\)\)\r\na OK/],
    ['RFC 8474 §6', 'SEARCH EMAILID E2', '* SEARCH 2\r\na OK SEARCH completed\r\n'],
    ['RFC 8514 §4.2', 'FETCH 1 SAVEDATE', /^\* 1 FETCH \(SAVEDATE "\d\d-...-\d{4} \d\d:\d\d:\d\d \+0000"\)\r\na OK/],
    ['RFC 8514 §4.3', 'SEARCH SAVEDBEFORE 1-Jan-2000', '* SEARCH\r\na OK SEARCH completed\r\n'],
    ['RFC 8970 §3.1', 'FETCH 2 PREVIEW', '* 2 FETCH (PREVIEW "Body of two")\r\na OK FETCH completed\r\n'],
    ['RFC 8970 §4.1', 'FETCH 2 (PREVIEW (LAZY))', '* 2 FETCH (PREVIEW "Body of two")\r\na OK FETCH completed\r\n'],
    ['RFC 5032 §2', 'SEARCH YOUNGER 1', '* SEARCH\r\na OK SEARCH completed\r\n'],
    ['RFC 5032 §2', 'SEARCH OLDER 1', '* SEARCH 1 2 3 4\r\na OK SEARCH completed\r\n'],
    ['RFC 4731 §3.1', 'SEARCH RETURN (COUNT MIN) SEEN', '* ESEARCH (TAG "a") MIN 1 COUNT 4\r\na OK SEARCH completed\r\n'],
    ['RFC 3516 §4.2', 'FETCH 1 BINARY.PEEK[1]', '* 1 FETCH (BINARY[1] {13}\r\nBody of one\r\n)\r\na OK FETCH completed\r\n'],
    ['RFC 3516 §4.2', 'FETCH 1 BINARY.SIZE[1]', '* 1 FETCH (BINARY.SIZE[1] 13)\r\na OK FETCH completed\r\n'],
    ['RFC 5819 §2', 'LIST "" INBOX RETURN (STATUS (MESSAGES))', /LIST \(.*\) "\/" INBOX\r\n\* STATUS INBOX \(MESSAGES 4\)\r\na OK/],
    ['RFC 6154 §2', 'LIST "" Drafts', '* LIST (\\HasNoChildren \\Drafts) "/" Drafts\r\na OK LIST completed\r\n'],
    ['RFC 6154 §3', 'CREATE Everything (USE (\\All))', /^a NO \[USEATTR\]/],
    ['RFC 5258 §3.1', 'LIST (SUBSCRIBED) "" (INBOX Sen%)', /\\Subscribed.* INBOX\r\n.*\\Subscribed.* Sent\r\na OK/],
    ['RFC 5258 §4', 'LIST "" Sent RETURN (CHILDREN)', /\\HasNoChildren/],
    ['RFC 3348 §3', 'LIST "" Sent', /\\HasNoChildren/],
    ['RFC 2971 §3.1', 'ID NIL', '* ID ("name" "mox")\r\na OK ID completed\r\n'],
    ['RFC 7888 §4', 'STATUS {5+}\r\nINBOX (MESSAGES)', '* STATUS INBOX (MESSAGES 4)\r\na OK STATUS completed\r\n'],
    ['RFC 4959 §3', 'AUTHENTICATE PLAIN =', /^a BAD/],
  ])('%s: %s', async (_, command, answer) => {
    const heard = await c.say(`a ${command}\r\n`);
    if (typeof answer === 'string') expect(heard).toBe(answer);
    else expect(heard).toMatch(answer);
  });

  it('RFC 9051 §6.4.4: a search passes over numbers that there are not', async () => {
    const found = async (keys: string): Promise<string> => (await c.say(`a SEARCH ${keys}\r\n`)).split('\r\n')[0] ?? '';
    expect(await found('9:*')).toBe('* SEARCH 4');
    expect(await found('1000')).toBe('* SEARCH');
    expect(await found('RETURN (COUNT) 1000')).toBe('* ESEARCH (TAG "a") COUNT 0');
    expect(await found('NOT 3:1000 UID 1:*')).toBe('* SEARCH 1 2');
    expect(await found('1000 SUBJECT one')).toBe('* SEARCH');
  });

  it('RFC 5182 §2.1: a SEARCH that fails by NO leaves nothing saved, one that is BAD what there was', async () => {
    await c.say('a SEARCH RETURN (SAVE) 2\r\n');
    expect(await c.say('b SEARCH RETURN (SAVE) FOO\r\n')).toMatch(/^b BAD/);
    expect(await c.say('c SEARCH CHARSET x-un ALL\r\n')).toBe('c NO [BADCHARSET (UTF-8 US-ASCII)] This charset is not known here\r\n');
    expect(await c.say('d SEARCH $\r\n')).toBe('* SEARCH 2\r\nd OK SEARCH completed\r\n');
    expect(await c.say('e SEARCH RETURN (SAVE) CHARSET x-un ALL\r\n')).toMatch(/^e NO \[BADCHARSET/);
    expect(await c.say('f SEARCH $\r\n')).toBe('* SEARCH\r\nf OK SEARCH completed\r\n');
  });

  it('RFC 9051 §6.4.5: an item that is asked for twice is answered once', async () => {
    expect(await c.say('a FETCH 1 (UID UID BODY.PEEK[]<0.2> BODY.PEEK[]<0.2>)\r\n')).toBe(
      '* 1 FETCH (UID 1 BODY[]<0> {2}\r\nFr)\r\na OK FETCH completed\r\n',
    );
  });

  it('RFC 5182 §2.4: with MIN or MAX alone only those are saved', async () => {
    await c.say('a SEARCH RETURN (SAVE MIN MAX) ALL\r\n');
    expect(await c.say('b FETCH $ UID\r\n')).toBe('* 1 FETCH (UID 1)\r\n* 4 FETCH (UID 4)\r\nb OK FETCH completed\r\n');
    await c.say('a SEARCH RETURN (SAVE MIN COUNT) 2:3\r\n');
    expect(await c.say('b FETCH $ UID\r\n')).toBe('* 2 FETCH (UID 2)\r\n* 3 FETCH (UID 3)\r\nb OK FETCH completed\r\n');
    expect(await c.say('c SEARCH $ NOT 2\r\n')).toBe('* SEARCH 3\r\nc OK SEARCH completed\r\n');
  });

  it('RFC 2177 §3, RFC 3691 §2, RFC 4315 §2.1, RFC 6851 §3.2: IDLE, UNSELECT, UID EXPUNGE and UID MOVE', async () => {
    await server.account.createMailbox('Other');
    await server.deliver('Other', ['a', 'b', 'c', 'd'].map(message), ['\\Deleted']);
    const other = await server.connect();
    await other.say('s SELECT Other\r\n');
    expect(await other.say('a UID EXPUNGE 2\r\n')).toBe('* 2 EXPUNGE\r\na OK EXPUNGE completed\r\n');
    expect(await other.say('b UID MOVE 3 INBOX\r\n')).toMatch(
      /^\* OK \[COPYUID \d+ 3 5\] Moved\r\n\* 2 EXPUNGE\r\nb OK MOVE completed\r\n$/,
    );
    expect(await other.say('c IDLE\r\nDONE\r\n')).toBe('+ Idling\r\nc OK IDLE completed\r\n');
    expect(await other.say('d UNSELECT\r\ne STATUS Other (MESSAGES)\r\n')).toBe(
      'd OK UNSELECT completed\r\n* STATUS Other (MESSAGES 2)\r\ne OK STATUS completed\r\n',
    );
  });

  it('RFC 6855 §3: after ENABLE UTF8=ACCEPT names and headers are UTF-8 in quotes, and messages may be', async () => {
    const other = await server.connect();
    const utf8 = (text: string): string => Buffer.from(text).toString('latin1');
    await other.say('a CREATE "&AOQ-"\r\n');
    const legacy = await other.say('b LIST "" "&AOQ-"\r\n');
    expect(legacy).toBe('* LIST (\\HasNoChildren) "/" &AOQ-\r\nb OK LIST completed\r\n');
    expect(await other.say('c ENABLE UTF8=ACCEPT\r\n')).toContain('* ENABLED UTF8=ACCEPT\r\n');
    expect(await other.say('d LIST "" "&AOQ-"\r\n')).toBe('d OK LIST completed\r\n');
    expect(await other.say(utf8('e LIST "" "ä"\r\n'))).toBe(utf8('* LIST (\\HasNoChildren) "/" "ä"\r\ne OK LIST completed\r\n'));
    const text = utf8('Subject: ä\r\n\r\nx\r\n');
    expect(await other.say(utf8(`f APPEND "ä" UTF8 (~{${text.length}+}\r\n`) + `${text})\r\n`)).toMatch(/^f OK \[APPENDUID \d+ 1\]/);
    await other.say(utf8('g SELECT "ä"\r\n'));
    expect(await other.say('h FETCH 1 ENVELOPE\r\n')).toContain(utf8('(NIL "ä" NIL'));
  });

  it('RFC 7162 §3.2.10.2: with QRESYNC messages vanish by uid, and the mod-sequence is not told too high', async () => {
    await server.account.createMailbox('Vanish');
    await server.deliver('Vanish', ['a', 'b', 'c'].map(message));
    const one = await server.connect();
    const two = await server.connect();
    await one.say('e ENABLE QRESYNC\r\ns SELECT Vanish\r\n');
    await two.say('s SELECT Vanish\r\nt STORE 2 +FLAGS (\\Deleted)\r\nu EXPUNGE\r\nv STORE 2 +FLAGS (\\Flagged)\r\n');
    const index = await server.account.mailbox('Vanish');
    const heard = await one.say('f FETCH 3 FLAGS\r\n');
    expect(heard).toMatch(/^\* 3 FETCH \(FLAGS \(\\Flagged \\Recent\)\)\r\n/);
    const code = /f OK \[HIGHESTMODSEQ (\d+)\]/.exec(heard);
    expect(Number(code?.[1])).toBeLessThan(index?.highestModseq ?? 0);
    expect(await one.say('g NOOP\r\n')).toBe('* VANISHED 2\r\ng OK NOOP completed\r\n');
  });

  it('RFC 7162 §3.2.6: VANISHED (EARLIER) tells of what came and went after the mod-sequence, too', async () => {
    await server.account.createMailbox('Brief');
    await server.deliver('Brief', ['a', 'b', 'c', 'd'].map(message), ['\\Deleted']);
    const one = await server.connect();
    await one.say('a ENABLE QRESYNC\r\nb SELECT Brief\r\nc UID EXPUNGE 2,4\r\n');
    expect(await one.say('d UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)\r\n')).toMatch(/^\* VANISHED \(EARLIER\) 2,4\r\n/);
    const validity = (await server.account.mailbox('Brief'))?.uidValidity;
    expect(await one.say(`e SELECT Brief (QRESYNC (${validity} 1 1:8))\r\n`)).toContain('* VANISHED (EARLIER) 2,4\r\n');
    expect(await one.say(`f SELECT Brief (QRESYNC (${validity} 1 3:8))\r\n`)).toContain('* VANISHED (EARLIER) 4\r\n');
    expect(await one.say(`g SELECT Brief (QRESYNC (${validity} 1))\r\n`)).not.toContain('VANISHED');
  });
});
