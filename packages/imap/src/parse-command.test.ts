import type { Secret } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { CommandBuilder, type ImapCommand, type ParseCommandOptions, parseCommand } from './index.ts';

function parse(text: string, options: ParseCommandOptions = {}): ImapCommand | string {
  const parsed = parseCommand(`a ${text}`, options);
  return parsed.ok ? parsed.command : `BAD ${parsed.text}`;
}

const ranges = (...list: [number, number][]) => ({ type: 'ranges', ranges: list });
const peek = (section: object, more: object = {}) => ({ name: 'BODY[]', peek: true, section: { path: [], ...section }, ...more });

describe('commands', () => {
  it.each<[string, object]>([
    ['CAPABILITY', { name: 'CAPABILITY' }],
    ['noop', { name: 'NOOP' }],
    ['LOGIN SMITH SESAME', { name: 'LOGIN', user: 'SMITH' }],
    ['LOGIN {11}\r\nFRED FOOBAR {7}\r\nfat man', { name: 'LOGIN', user: 'FRED FOOBAR' }],
    ['AUTHENTICATE plain =', { name: 'AUTHENTICATE', mechanism: 'PLAIN', initialResponse: '=' }],
    ['ID NIL', { name: 'ID', parameters: null }],
    [
      'ID ("name" "sodr" "version" NIL)',
      {
        name: 'ID',
        parameters: new Map([
          ['name', 'sodr'],
          ['version', null],
        ]),
      },
    ],
    ['ENABLE condstore x-foo', { name: 'ENABLE', capabilities: ['CONDSTORE', 'X-FOO'] }],
    ['SELECT iNbOx', { name: 'SELECT', mailbox: 'INBOX' }],
    ['SELECT inbox/Sub', { name: 'SELECT', mailbox: 'INBOX/Sub' }],
    ['SELECT "~peter/mail/&U,BTFw-/&ZeVnLIqe-"', { name: 'SELECT', mailbox: '~peter/mail/台北/日本語' }],
    ['SELECT R&D', { name: 'SELECT', mailbox: 'R&D' }],
    ['SELECT "Entw\xc3\xbcrfe"', { name: 'SELECT', mailbox: 'Entwürfe' }],
    ['EXAMINE "a \\"b\\\\"', { name: 'EXAMINE', mailbox: 'a "b\\' }],
    ['SELECT INBOX (CONDSTORE)', { name: 'SELECT', mailbox: 'INBOX', condstore: true }],
    [
      'SELECT INBOX (QRESYNC (67890007 90060115194045000 41:211,214:541))',
      {
        qresync: {
          uidValidity: 67890007,
          modseq: Number.MAX_SAFE_INTEGER,
          knownUids: [
            [41, 211],
            [214, 541],
          ],
        },
      },
    ],
    [
      'SELECT INBOX (QRESYNC (67890007 20 1:29997 (5000,7500,9990:9999 15000,22500,29970:29979)))',
      {
        qresync: {
          uidValidity: 67890007,
          modseq: 20,
          knownUids: [[1, 29997]],
          match: {
            numbers: [
              [5000, 5000],
              [7500, 7500],
              [9990, 9999],
            ],
            uids: [
              [15000, 15000],
              [22500, 22500],
              [29970, 29979],
            ],
          },
        },
      },
    ],
    ['SELECT INBOX (QRESYNC (1 2 (3 4)) CONDSTORE)', { condstore: true, qresync: { match: { numbers: [[3, 3]], uids: [[4, 4]] } } }],
    ['CREATE owatagusiam/', { name: 'CREATE', mailbox: 'owatagusiam/' }],
    ['CREATE MySpecial (USE (\\Drafts \\Sent))', { name: 'CREATE', specialUse: ['\\Drafts', '\\Sent'] }],
    ['RENAME blurdybloop sarasoop', { name: 'RENAME', from: 'blurdybloop', to: 'sarasoop' }],
    ['LIST "" ""', { name: 'LIST', reference: '', patterns: [''], extended: false }],
    ['LIST ~/Mail/ %', { name: 'LIST', reference: '~/Mail/', patterns: ['%'] }],
    [
      'LIST (SUBSCRIBED RECURSIVEMATCH) "" (INBOX Sent/%) RETURN (CHILDREN STATUS (MESSAGES UNSEEN))',
      {
        select: ['SUBSCRIBED', 'RECURSIVEMATCH'],
        patterns: ['INBOX', 'Sent/%'],
        returns: ['CHILDREN'],
        status: ['MESSAGES', 'UNSEEN'],
        extended: true,
      },
    ],
    ['LIST () "" * RETURN ()', { select: [], returns: [], extended: true }],
    ['LSUB "#news." "comp.mail.*"', { name: 'LSUB', reference: '#news.', patterns: ['comp.mail.*'] }],
    ['STATUS blurdybloop (UIDNEXT MESSAGES)', { name: 'STATUS', mailbox: 'blurdybloop', items: ['UIDNEXT', 'MESSAGES'] }],
    ['EXPUNGE', { name: 'EXPUNGE' }],
    ['UID EXPUNGE 3000:3002', { name: 'EXPUNGE', set: ranges([3000, 3002]) }],
    ['COPY 2:4,* MEETING', { name: 'COPY', uid: false, set: ranges([2, 4], [0, 0]), mailbox: 'MEETING' }],
    ['UID MOVE $ Trash', { name: 'MOVE', uid: true, set: { type: 'saved' }, mailbox: 'Trash' }],
    ['STORE 2:4 +FLAGS (\\Deleted)', { name: 'STORE', mode: 'add', silent: false, flags: ['\\Deleted'] }],
    ['STORE 1 flags.silent \\seen $Foo', { mode: 'replace', silent: true, flags: ['\\Seen', '$Foo'] }],
    [
      'UID STORE 6,4,8 (UNCHANGEDSINCE 12121230045) -FLAGS.SILENT ()',
      { uid: true, mode: 'remove', unchangedSince: 12121230045, flags: [] },
    ],
    [
      'FETCH 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])',
      {
        items: [{ name: 'FLAGS' }, { name: 'BODY[]', peek: false, section: { path: [], text: 'HEADER.FIELDS', fields: ['DATE', 'FROM'] } }],
      },
    ],
    ['FETCH 1 FAST', { items: [{ name: 'FLAGS' }, { name: 'INTERNALDATE' }, { name: 'RFC822.SIZE' }] }],
    ['FETCH 1 body.peek[]', { items: [peek({})] }],
    ['FETCH 1 BODY.PEEK[1.2.HEADER]<0.100>', { items: [peek({ path: [1, 2], text: 'HEADER' }, { partial: { offset: 0, count: 100 } })] }],
    ['FETCH 1 BODY.PEEK[4.2.MIME]', { items: [peek({ path: [4, 2], text: 'MIME' })] }],
    ['FETCH 1 BODY.PEEK[HEADER.FIELDS.NOT ("a b" {1}\r\nc)]', { items: [peek({ text: 'HEADER.FIELDS.NOT', fields: ['a b', 'c'] })] }],
    ['FETCH 1 (BODY BODYSTRUCTURE)', { items: [{ name: 'BODY' }, { name: 'BODYSTRUCTURE' }] }],
    ['FETCH 1 RFC822.HEADER', { items: [peek({ text: 'HEADER' }, { legacyName: 'RFC822.HEADER' })] }],
    [
      'FETCH 1 (BINARY.PEEK[1.2]<5.6> BINARY.SIZE[])',
      {
        items: [
          { name: 'BINARY[]', peek: true, path: [1, 2], partial: { offset: 5, count: 6 } },
          { name: 'BINARY.SIZE[]', path: [] },
        ],
      },
    ],
    ['FETCH 1 (PREVIEW (LAZY) EMAILID)', { items: [{ name: 'PREVIEW', lazy: true }, { name: 'EMAILID' }] }],
    ['UID FETCH 300:500 (FLAGS) (CHANGEDSINCE 12345 VANISHED)', { uid: true, changedSince: 12345, vanished: true }],
  ])('RFC 9051 §9: %j', (text, expected) => {
    expect(parse(text)).toMatchObject(expected);
  });

  it('RFC 9051 §6.2.3: the password does not print', () => {
    const command = parse('LOGIN joe "pass word"') as ImapCommand & { password: Secret };
    expect(command.password.reveal()).toBe('pass word');
    expect(JSON.stringify(command)).not.toContain('pass word');
  });

  it.each<[string, object]>([
    ['ALL', { type: 'all' }],
    [
      'FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"',
      {
        type: 'and',
        keys: [
          { type: 'flag', flag: '\\Flagged', set: true },
          { type: 'received', from: Date.UTC(1994, 1, 1) },
          { type: 'not', key: { type: 'from', text: 'Smith' } },
        ],
      },
    ],
    ['CHARSET UTF-8 TEXT {8}\r\n\xd0\xbc\xd0\xbe\xd0\xb9\xd1\x84', { type: 'text', text: 'мойф' }],
    ['CHARSET ISO-8859-1 SUBJECT "\xfc"', { type: 'subject', text: 'ü' }],
    [
      '(OR 2:4 UID 7) SENTON "3-Mar-2020"',
      {
        type: 'and',
        keys: [
          {
            type: 'or',
            keys: [
              { type: 'numbers', uid: false, set: ranges([2, 4]) },
              { type: 'numbers', uid: true, set: ranges([7, 7]) },
            ],
          },
          { type: 'sent', from: Date.UTC(2020, 2, 3), to: Date.UTC(2020, 2, 4) },
        ],
      },
    ],
    // Not decoded: whoever searches says BADCHARSET.
    ['CHARSET X-NONE SUBJECT "\xfc"', { type: 'subject', text: '\xfc' }],
    ['UNKEYWORD $Junk', { type: 'flag', flag: '$Junk', set: false }],
    ['NEW', { type: 'and', keys: [{ type: 'recent' }, { type: 'flag', flag: '\\Seen', set: false }] }],
    ['HEADER Message-ID ""', { type: 'header', field: 'Message-ID', text: '' }],
    [
      'LARGER 1000 SMALLER 2000',
      {
        type: 'and',
        keys: [
          { type: 'larger', sizeBytes: 1000 },
          { type: 'smaller', sizeBytes: 2000 },
        ],
      },
    ],
    ['MODSEQ "/flags/\\\\draft" all 620162338', { type: 'modseq', modseq: 620162338 }],
    ['MODSEQ 5', { type: 'modseq', modseq: 5 }],
    ['EMAILID M6d99', { type: 'email-id', id: 'M6d99' }],
    ['SAVEDSINCE 28-Nov-2018', { type: 'saved', from: Date.UTC(2018, 10, 28) }],
    ['YOUNGER 3600', { type: 'younger', seconds: 3600 }],
    ['$', { type: 'numbers', set: { type: 'saved' } }],
  ])('RFC 9051 §6.4.4: SEARCH %j', (text, key) => {
    expect(parse(`SEARCH ${text}`)).toMatchObject({ name: 'SEARCH', key });
  });

  it('RFC 4731 §3.1: RETURN', () => {
    expect(parse('UID SEARCH RETURN (MIN MAX COUNT) SEEN')).toMatchObject({ uid: true, returns: ['MIN', 'MAX', 'COUNT'] });
    expect(parse('SEARCH RETURN () SEEN')).toMatchObject({ returns: ['ALL'] });
    expect(parse('SEARCH SEEN')).not.toHaveProperty('returns');
  });

  it('RFC 9051 §6.3.12: APPEND up to its literal', () => {
    const options = { announcesMessage: true };
    expect(parse('APPEND Drafts (\\Seen) "17-Jul-1996 02:44:25 -0700" {310}', options)).toMatchObject({
      mailbox: 'Drafts',
      message: { flags: ['\\Seen'], receivedAt: Date.UTC(1996, 6, 17, 9, 44, 25), sizeBytes: 310, nonSynchronizing: false, utf8: false },
    });
    expect(parse('APPEND Drafts UTF8 (~{5+}', options)).toMatchObject({ message: { literal8: true, utf8: true, nonSynchronizing: true } });
    expect(parse('APPEND Drafts {5}')).toBe('BAD APPEND needs a literal');
    expect(parse('APPEND {5}', options)).toContain('BAD');
  });

  it.each([
    ['', 'BAD an atom is missing'],
    ['FOO', 'BAD this command is not known'],
    ['UID', 'BAD a space is missing'],
    ['UID NOOP', 'BAD this command is not known'],
    ['NOOP ', 'BAD there is more than the command takes'],
    ['LOGIN joe', 'BAD a space is missing'],
    ['LOGIN "joe x', 'BAD a quoted string has no end'],
    ['LOGIN "jo\\e" x', 'BAD a backslash may quote only a quote or a backslash'],
    ['LOGIN {9}\r\njoe x', 'BAD a literal is cut short'],
    ['LOGIN joe\0 x', 'BAD NUL is not allowed in a command'],
    ['SELECT INBOX (FOO)', 'BAD there is no such parameter'],
    ['SELECT INBOX (QRESYNC (1 2 1:*))', 'BAD only numbers are allowed here'],
    ['LIST (RECURSIVEMATCH) "" *', 'BAD RECURSIVEMATCH needs another selection option'],
    ['FETCH 0 FLAGS', 'BAD zero is not allowed here'],
    ['FETCH 4294967296 FLAGS', 'BAD the number is too large'],
    ['FETCH 1, FLAGS', 'BAD a number is missing'],
    ['FETCH 1 ()', 'BAD a name is missing'],
    ['FETCH 1 FOO', 'BAD there is no such FETCH item'],
    ['FETCH 1 (FLAGS ALL)', 'BAD there is no such FETCH item'],
    ['FETCH 1 BODY[MIME]', 'BAD there is no such section'],
    ['FETCH 1 BODY[1.]', 'BAD a part number is missing'],
    ['FETCH 1 BODY[]<1.0>', 'BAD zero bytes cannot be asked for'],
    ['FETCH 1 (FLAGS) (CHANGEDSINCE 1 VANISHED)', 'BAD VANISHED needs UID FETCH and CHANGEDSINCE'],
    ['STORE 1 +FOO (\\Seen)', 'BAD only FLAGS can be stored'],
    ['STORE 1 +FLAGS (\\Nonesuch)', 'BAD this is no flag that a client may set'],
    ['STORE 1 +FLAGS (\\Recent)', 'BAD only a server sets \\Recent'],
    ['APPEND x (\\Nonesuch) {1}\r\nx', 'BAD this is no flag that a client may set'],
    ['APPEND x "32-Jan-2020 00:00:00 +0000" {1}\r\nx', 'BAD the date and time are not valid'],
    ['APPEND x {1}\r\nx', 'BAD APPEND needs a literal'],
    ['SEARCH', 'BAD a space is missing'],
    ['SEARCH FOO', 'BAD there is no such search key'],
    ['SEARCH SINCE 31-Feb-2020', 'BAD the date is not valid'],
    ['SEARCH TEXT {1}\r\n\xff', 'BAD the text is not in the charset that was named'],
    [`SEARCH ${'('.repeat(100)}ALL${')'.repeat(100)}`, 'BAD the search is nested too deeply'],
    [`SEARCH ${'NOT '.repeat(100)}ALL`, 'BAD the search is nested too deeply'],
  ])('refuses %j', (text, expected) => {
    expect(parse(text)).toBe(expected);
  });

  it('RFC 6855 §3: with UTF-8 agreed on, a mailbox name that is none is refused', () => {
    for (const command of ['CREATE "\xff\xfe"', 'LIST "" "\xff%"']) {
      expect(parseCommand(`a ${command}`, { utf8: true })).toMatchObject({ ok: false, text: 'the name of a mailbox is not UTF-8' });
      expect(parseCommand(`a ${command}`)).toMatchObject({ ok: true });
    }
    expect(parseCommand('a CREATE "\xc3\xa4"', { utf8: true })).toMatchObject({ ok: true, command: { mailbox: 'ä' } });
  });

  it('RFC 9051 §2.2.1: without a tag the refusal has none', () => {
    for (const text of ['', ' NOOP', '+ NOOP', 'a', '* NOOP']) expect(parseCommand(text)).toMatchObject({ ok: false, tag: '*' });
  });

  it('never throws, whatever comes', () => {
    const seeds = [
      'a FETCH 1:*,5 (FLAGS BODY.PEEK[1.2.HEADER.FIELDS (A "b")]<0.5> PREVIEW (LAZY)) (CHANGEDSINCE 5)',
      'a SEARCH RETURN (MIN SAVE) CHARSET utf-8 OR (FROM {3}\r\nabc NOT SINCE 1-Feb-1994) UID 5:* MODSEQ "/flags/x" all 5',
      'a SELECT "x" (QRESYNC (1 2 3:4 (5 6)) CONDSTORE)',
      'a LIST (SUBSCRIBED) "" (a b) RETURN (STATUS (MESSAGES))',
      'a APPEND x (\\Seen) "17-Jul-1996 02:44:25 -0700" UTF8 (~{5+}',
      'a ID ("a" NIL)',
      'a UID STORE 1 (UNCHANGEDSINCE 5) +FLAGS.SILENT (\\Seen x)',
      'a CREATE x (USE (\\Sent))',
    ];
    const tokens = ['{3}\r\n', '"', '\\', '(', ')', '[', ']', '<', '$', '*', ':', ',', 'NIL', 'UID ', '4294967296', ' ', '\r\n'];
    for (const mutant of mutants(seeds, { count: 20_000, tokens })) {
      const text = String.fromCharCode(...mutant);
      for (const announcesMessage of [false, true]) {
        const parsed = parseCommand(text, { announcesMessage });
        if (!parsed.ok) expect(parsed.offset).toBeLessThanOrEqual(text.length);
      }
    }
  });

  it('RFC 7162 §4: a long set of uids costs linear time', () => {
    const set = Array.from({ length: 20_000 }, (_, i) => i * 2 + 1).join(',');
    const started = performance.now();
    expect(parse(`UID FETCH ${set} FLAGS`)).toMatchObject({ name: 'FETCH' });
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('what a client builds, a server understands', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (name, utf8) => {
        fc.pre(!name.includes('\0') && name.isWellFormed() && name.toUpperCase() !== 'INBOX' && !/^inbox\//i.test(name));
        fc.pre(name === name.normalize('NFC'));
        let text = 'a ';
        for (const piece of new CommandBuilder('SELECT', { utf8 }).mailbox(name).pieces()) {
          text += typeof piece === 'string' ? piece : `{${piece.literal.length}}\r\n${String.fromCharCode(...piece.literal)}`;
        }
        const parsed = parseCommand(text, { utf8 });
        expect(parsed).toMatchObject({ ok: true, command: { mailbox: name } });
      }),
    );
  });
});
