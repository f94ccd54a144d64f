import { parseStructure } from '@mox/message-format';
import { fromLatin1, fromUtf8, toLatin1 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { formatBodyStructure, formatEnvelope, type ImapResponse, parseResponse } from './index.ts';

function parse(text: string, utf8 = false): ImapResponse {
  return parseResponse(fromLatin1(`${text}\r\n`), { utf8 });
}

const nilEnvelope = {
  date: null,
  subject: null,
  from: null,
  sender: null,
  replyTo: null,
  to: null,
  cc: null,
  bcc: null,
  inReplyTo: null,
  messageId: null,
};

describe('responses', () => {
  it.each<[string, object]>([
    ['* OK IMAP4rev1 server ready', { type: 'status', status: 'OK', text: 'IMAP4rev1 server ready' }],
    ['* OK [UIDVALIDITY 3857529045] UIDs valid', { code: { name: 'UIDVALIDITY', argument: '3857529045' }, text: 'UIDs valid' }],
    ['* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited', { code: { name: 'PERMANENTFLAGS', argument: '(\\Deleted \\Seen \\*)' } }],
    ['* BYE Autologout', { type: 'status', status: 'BYE' }],
    [
      'A142 OK [READ-WRITE] SELECT completed',
      { type: 'tagged', tag: 'A142', status: 'OK', code: { name: 'READ-WRITE', argument: '' }, text: 'SELECT completed' },
    ],
    ['A142 NO', { type: 'tagged', status: 'NO', text: '' }],
    ['+ Ready for additional command text', { type: 'continue', text: 'Ready for additional command text' }],
    ['+', { type: 'continue', text: '' }],
    ['* CAPABILITY IMAP4rev1 STARTTLS AUTH=GSSAPI', { type: 'capability', capabilities: ['IMAP4rev1', 'STARTTLS', 'AUTH=GSSAPI'] }],
    ['* ENABLED', { type: 'enabled', capabilities: [] }],
    ['* FLAGS (\\Answered \\Flagged $x)', { type: 'flags', flags: ['\\Answered', '\\Flagged', '$x'] }],
    ['* LIST (\\Noselect) "/" foo', { type: 'list', attributes: ['\\Noselect'], delimiter: '/', mailbox: 'foo' }],
    ['* LIST () NIL {3}\r\nfoo', { delimiter: null, mailbox: 'foo' }],
    ['* LIST () "/" "&U,BTFw-"', { mailbox: '台北' }],
    ['* LIST (\\NonExistent) "/" "Foo" ("CHILDINFO" ("SUBSCRIBED"))', { mailbox: 'Foo', childInfo: ['SUBSCRIBED'] }],
    ['* LIST () "/" "NewMailbox" ("OLDNAME" ("OldMailbox"))', { oldName: 'OldMailbox' }],
    ['* LSUB () "." #news.comp.mail.misc', { type: 'lsub', mailbox: '#news.comp.mail.misc' }],
    [
      '* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292 MAILBOXID (F2212))',
      {
        type: 'mailbox-status',
        mailbox: 'blurdybloop',
        items: new Map<string, string | number>([
          ['MESSAGES', 231],
          ['UIDNEXT', 44292],
          ['MAILBOXID', 'F2212'],
        ]),
      },
    ],
    ['* 23 EXISTS', { type: 'exists', number: 23 }],
    ['* 5 RECENT', { type: 'recent', number: 5 }],
    ['* 44 EXPUNGE', { type: 'expunge', number: 44 }],
    [
      '* VANISHED (EARLIER) 41,43:116',
      {
        type: 'vanished',
        earlier: true,
        uids: [
          [41, 41],
          [43, 116],
        ],
      },
    ],
    ['* VANISHED 405,407', { type: 'vanished', earlier: false }],
    ['* SEARCH', { type: 'search', numbers: [] }],
    ['* SEARCH 1000000000 4294967295 1 ', { numbers: [1_000_000_000, 4_294_967_295, 1] }],
    ['* SEARCH 1 4294967296', { type: 'unknown', problem: 'the number is too large (at 11)' }],
    ['* SEARCH 2 5 6 (MODSEQ 917162500)', { numbers: [2, 5, 6], modseq: 917162500 }],
    [
      '* ESEARCH (TAG "a567") UID COUNT 5 ALL 4:19,21,28',
      {
        type: 'esearch',
        tag: 'a567',
        uid: true,
        count: 5,
        all: [
          [4, 19],
          [21, 21],
          [28, 28],
        ],
      },
    ],
    ['* ESEARCH (TAG "a") MIN 2 MAX 47 MODSEQ 1236', { min: 2, max: 47, modseq: 1236 }],
    [
      '* NAMESPACE (("" "/")("#mh/" "/" "X-PARAM" ("FLAG1" "FLAG2"))) NIL (("#shared/" "/"))',
      {
        personal: [
          { prefix: '', delimiter: '/' },
          { prefix: '#mh/', delimiter: '/' },
        ],
        others: [],
        shared: [{ prefix: '#shared/', delimiter: '/' }],
      },
    ],
    [
      '* ID ("name" "Cyrus" "os" NIL)',
      {
        type: 'id',
        parameters: new Map([
          ['name', 'Cyrus'],
          ['os', null],
        ]),
      },
    ],
    [
      '* 23 FETCH (FLAGS (\\Seen) UID 4827313 RFC822.SIZE 44827 MODSEQ (12121231777))',
      {
        type: 'fetch',
        number: 23,
        data: { flags: ['\\Seen'], uid: 4827313, sizeBytes: 44827, modseq: 12121231777 },
      },
    ],
    [
      '* 1 FETCH (INTERNALDATE "17-Jul-1996 02:44:25 -0700" EMAILID (M6d99) THREADID NIL SAVEDATE NIL PREVIEW "hi")',
      {
        data: { receivedAt: Date.UTC(1996, 6, 17, 9, 44, 25), emailId: 'M6d99', threadId: null, savedAt: null, preview: 'hi' },
      },
    ],
    ['* 1 FETCH (X-NEW (1 ("a" NIL)) UID 5)', { data: { uid: 5 } }],
    [
      '* 12 FETCH (BODY[HEADER] {5}\r\nhello BODY[]<7> "x" BINARY.SIZE[1.2] 9 RFC822.TEXT NIL)',
      {
        data: {
          sections: [
            { item: 'BODY[HEADER]', bytes: fromUtf8('hello') },
            { item: 'BODY[]', offset: 7, bytes: fromUtf8('x') },
            { item: 'RFC822.TEXT', bytes: null },
          ],
          binarySizes: new Map([['1.2', 9]]),
        },
      },
    ],
    [
      '* 1 FETCH (BODY[HEADER.FIELDS ("a]b" C)] ~{2}\r\nx\0)',
      { data: { sections: [{ item: 'BODY[HEADER.FIELDS ("a]b" C)]', bytes: Uint8Array.of(120, 0) }] } },
    ],
    ['* 5 UNHEARD of', { type: 'unknown' }],
    ['nonsense', { type: 'unknown' }],
  ])('RFC 9051 §7: %j', (text, expected) => {
    expect(parse(text)).toMatchObject(expected);
  });

  it('RFC 9051 §7.5.2: the envelope of the RFC', () => {
    const text =
      '* 12 FETCH (ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US") ("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>"))';
    const response = parse(text);
    expect(response).toMatchObject({
      data: {
        envelope: {
          subject: 'IMAP4rev1 WG mtg summary and minutes',
          from: [{ name: 'Terry Gray', route: null, mailbox: 'gray', host: 'cac.washington.edu' }],
          cc: [{ mailbox: 'minutes' }, { name: 'John Klensin' }],
          bcc: null,
          messageId: '<B27397-0100000@cac.washington.edu>',
        },
      },
    });
    if (response.type !== 'fetch' || !response.data.envelope) throw new Error('no envelope');
    // Written again as it came, but for the space that the RFC's own example has between addresses.
    const written = formatEnvelope(response.data.envelope, false);
    expect(`* 12 FETCH (ENVELOPE ${written})`).toBe(text.replace('") ("John', '")("John'));
  });

  it.each<[string, object]>([
    [
      '* QUOTA "User quota" (STORAGE 10 512 MESSAGE 3 100)',
      {
        type: 'quota',
        root: 'User quota',
        resources: [
          { name: 'STORAGE', usage: 10, limit: 512 },
          { name: 'MESSAGE', usage: 3, limit: 100 },
        ],
      },
    ],
    ['* QUOTA "" ()', { type: 'quota', root: '', resources: [] }],
    ['* QUOTAROOT INBOX "" x', { type: 'quota-root', mailbox: 'INBOX', roots: ['', 'x'] }],
    ['* QUOTAROOT comp.mail.mime', { roots: [] }],
  ])('RFC 9208 §4.2.1: %j', (text, expected) => {
    expect(parse(text)).toMatchObject(expected);
  });

  it.each<[string, object]>([
    [
      '* ACL INBOX Fred rwipslxetad -Fred wetd "" r',
      {
        type: 'acl',
        mailbox: 'INBOX',
        rights: new Map([
          ['Fred', 'rwipslxetad'],
          ['-Fred', 'wetd'],
          ['', 'r'],
        ]),
      },
    ],
    [
      '* LISTRIGHTS ~/Mail/saved smith la r swicdkxte',
      { type: 'list-rights', mailbox: '~/Mail/saved', identifier: 'smith', required: 'la', optional: ['r', 'swicdkxte'] },
    ],
    ['* LISTRIGHTS INBOX anyone ""', { required: '', optional: [] }],
    ['* MYRIGHTS R&-D rwiptsldaex', { type: 'my-rights', mailbox: 'R&D', rights: 'rwiptsldaex' }],
  ])('RFC 4314 §3.6: %j', (text, expected) => {
    expect(parse(text)).toMatchObject(expected);
  });

  it.each<[string, object]>([
    [
      '* METADATA "INBOX" (/private/comment "My own comment" /shared/x NIL)',
      {
        type: 'metadata',
        mailbox: 'INBOX',
        entries: new Map([
          ['/private/comment', 'My own comment'],
          ['/shared/x', null],
        ]),
        changed: [],
      },
    ],
    ['* METADATA "" (/private/comment {3}\r\na"b)', { mailbox: '', entries: new Map([['/private/comment', 'a"b']]) }],
    ['* METADATA "" (/private/comment ~{3}\r\na\0b)', { entries: new Map([['/private/comment', 'a\0b']]) }],
    ['* METADATA "" /shared/comment /private/comment', { changed: ['/shared/comment', '/private/comment'], entries: new Map() }],
  ])('RFC 5464 §4.4.1: %j', (text, expected) => {
    expect(parse(text)).toMatchObject(expected);
  });

  it.each<[string, object]>([
    ['* SORT 5 3 4 1 2', { type: 'sort', numbers: [5, 3, 4, 1, 2] }],
    ['* SORT', { type: 'sort', numbers: [] }],
    ['* SORT 2 5 (MODSEQ 917162500)', { type: 'sort', numbers: [2, 5], modseq: 917162500 }],
    ['* THREAD', { type: 'thread', threads: [] }],
    [
      '* THREAD (2)(3 6 (4 23)(44 7 96))',
      {
        type: 'thread',
        threads: [
          { numbers: [2], branches: [] },
          {
            numbers: [3, 6],
            branches: [
              { numbers: [4, 23], branches: [] },
              { numbers: [44, 7, 96], branches: [] },
            ],
          },
        ],
      },
    ],
    ['* THREAD ((3)(5))', { threads: [{ numbers: [], branches: [{ numbers: [3] }, { numbers: [5] }] }] }],
    ['* THREAD (1', { type: 'unknown' }],
    ['* THREAD (0)', { type: 'unknown' }],
    ['* THREAD 1', { type: 'unknown' }],
  ])('RFC 5256 §4: %j', (text, expected) => {
    expect(parse(text)).toMatchObject(expected);
  });

  it('PARTIAL of RFC 9394 tells the places asked for and what is there', () => {
    expect(parse('* ESEARCH (TAG "A01") UID PARTIAL (-1:-100 200:250,252)')).toMatchObject({
      uid: true,
      partial: {
        from: -1,
        to: -100,
        numbers: [
          [200, 250],
          [252, 252],
        ],
      },
    });
    expect(parse('* ESEARCH (TAG "A01") UID PARTIAL (23500:24000 NIL)')).toMatchObject({
      partial: { from: 23500, to: 24000, numbers: [] },
    });
  });

  const part = (more: string): string => `* 1 FETCH (UID 5 BODYSTRUCTURE ${more})`;
  // What servers send although the syntax has it otherwise: no message may be lost for it.
  it.each<[what: string, text: string, expected: object]>([
    [
      'items that are not known',
      '* 1 FETCH (X-GM-THRID 1278455344230334865 X-GM-LABELS (\\Inbox "a b" () NIL) CID {2}\r\nxy UID 5)',
      {
        uid: 5,
        others: new Map<string, unknown>([
          ['X-GM-THRID', '1278455344230334865'],
          ['X-GM-LABELS', ['\\Inbox', 'a b', [], null]],
          ['CID', 'xy'],
        ]),
      },
    ],
    ['spaces in places', '* 1 FETCH ( FLAGS ( \\Seen  $x )  UID 5 )', { uid: 5, flags: ['\\Seen', '$x'] }],
    ['no space between items', '* 1 FETCH (FLAGS ()UID 5)', { uid: 5, flags: [] }],
    ['a date that is none', '* 1 FETCH (INTERNALDATE "31-Feb-2020 00:00:00 +0000" UID 5)', { uid: 5 }],
    ['no date', '* 1 FETCH (INTERNALDATE NIL UID 5)', { uid: 5 }],
    ['no envelope and no structure', '* 1 FETCH (ENVELOPE NIL BODYSTRUCTURE NIL UID 5)', { uid: 5 }],
    ['a size that is negative', '* 1 FETCH (RFC822.SIZE -1 UID 5)', { uid: 5, sizeBytes: 0 }],
    ['a structure without sizes', part('("text" "plain" NIL NIL NIL "7bit" NIL -1)'), { uid: 5, structure: { sizeBytes: 0, lines: 0 } }],
    [
      'empty parameters',
      part('("text" "plain" () NIL NIL "7bit" 1 1 NIL ("inline" ()) () NIL)'),
      { structure: { parameters: [], disposition: { type: 'inline', parameters: [] }, language: [] } },
    ],
    [
      'a disposition without parameters',
      part('("text" "plain" NIL NIL NIL "7bit" 1 1 NIL ("inline"))'),
      { structure: { disposition: { type: 'inline', parameters: [] } } },
    ],
    [
      'a disposition that is a string',
      part('("text" "plain" NIL NIL NIL "7bit" 1 1 NIL "inline" NIL)'),
      { structure: { disposition: { type: 'inline' } } },
    ],
    ['an empty disposition', part('("text" "plain" NIL NIL NIL "7bit" 1 1 NIL () NIL)'), { structure: { disposition: null } }],
    [
      'spaces between members',
      part('(("text" "plain" NIL NIL NIL "7bit" 1 1) ("text" "html" NIL NIL NIL "7bit" 2 1) "mixed")'),
      { structure: { subtype: 'mixed', parts: [{}, { subtype: 'html' }] } },
    ],
    [
      'a quote within quotes',
      part('("text" "plain" ("name" "a"b".txt") NIL "x\\y" "7bit" 1 1)'),
      { structure: { parameters: [['name', 'a"b".txt']], description: 'x\\y' } },
    ],
    [
      '8-bit text in quotes',
      part('("text" "plain" ("name" "\xc3\xa4") NIL NIL "7bit" 1 1)'),
      { structure: { parameters: [['name', 'ä']] } },
    ],
    [
      'literals for strings',
      part('({4}\r\ntext {5}\r\nplain ({4}\r\nname {1}\r\nx) NIL NIL "7bit" 1 1)'),
      { structure: { type: 'text', subtype: 'plain', parameters: [['name', 'x']] } },
    ],
    [
      'extension data that nobody knows',
      part('("text" "plain" NIL NIL NIL "7bit" 1 1 NIL NIL NIL NIL "x" (1 ("y" NIL)) 7)'),
      { structure: { location: null } },
    ],
    [
      'a forwarded message without its inside',
      part('("message" "rfc822" NIL NIL NIL "7bit" 10)'),
      { structure: { type: 'message', sizeBytes: 10 } },
    ],
    [
      'spaces between addresses',
      '* 1 FETCH (ENVELOPE (NIL NIL ((NIL NIL "a" "b") (NIL NIL "c" "d")) () NIL NIL NIL NIL NIL NIL))',
      { envelope: { from: [{ mailbox: 'a' }, { mailbox: 'c' }], sender: [] } },
    ],
  ])('RFC 9051 §7.5.2: %s', (_, text, expected) => {
    const response = parse(text);
    expect(response).toMatchObject({ type: 'fetch', data: expected });
    if (response.type === 'fetch') expect(response.data.receivedAt).toBeUndefined();
  });

  it('RFC 9051 §7.1: words that begin with a bracket do not hide how a command ended', () => {
    expect(parse('A1 NO [quota exceeded')).toEqual({ type: 'tagged', tag: 'A1', status: 'NO', text: '[quota exceeded' });
  });

  it('names of mailboxes in UTF-8 without quotes are read', () => {
    expect(parse('* LIST () "/" Entw\xc3\xbcrfe', true)).toMatchObject({ type: 'list', mailbox: 'Entwürfe' });
  });

  it('sections are plain arrays of bytes, whatever they came in', () => {
    const response = parseResponse(Buffer.from('* 1 FETCH (BODY[] {3}\r\nabc)\r\n'));
    if (response.type !== 'fetch') throw new Error(response.type);
    expect(response.data.sections?.[0]?.bytes?.constructor).toBe(Uint8Array);
  });

  it('RFC 9051 §4.3: zeros before the size of a literal do not make text of it', () => {
    expect(parse(`* 1 FETCH (BODY[] {${'0'.repeat(50)}3}\r\na)b)`)).toMatchObject({ data: { sections: [{ bytes: fromLatin1('a)b') }] } });
  });

  it('RFC 9051 §7.5.2: the body structure of the RFC', () => {
    expect(
      parse(
        '* 1 FETCH (BODY (("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1152 23)("TEXT" "PLAIN" ("CHARSET" "US-ASCII" "NAME" "cc.diff") "<960723163407.20117h@cac.washington.edu>" "Compiler diff" "BASE64" 4554 73) "MIXED"))',
      ),
    ).toMatchObject({
      data: {
        structure: {
          type: 'multipart',
          subtype: 'mixed',
          parts: [
            { type: 'text', subtype: 'plain', parameters: [['charset', 'US-ASCII']], sizeBytes: 1152, lines: 23 },
            { id: '<960723163407.20117h@cac.washington.edu>', description: 'Compiler diff', encoding: 'base64', lines: 73 },
          ],
        },
      },
    });
  });

  it('RFC 9051 §7.5.2: a structure that was written is read again', () => {
    const message = [
      'Subject: =?utf-8?q?outer?=',
      'Content-Type: multipart/mixed; boundary=a; x="q\\"uote"',
      'Content-Language: en, de',
      '',
      '--a',
      'Content-Type: text/plain; charset=utf-8; name="\xc3\xa4.txt"',
      'Content-Disposition: attachment; filename="x y"',
      'Content-ID: <1@x>',
      'Content-MD5: abc',
      '',
      'text',
      '--a',
      'Content-Type: message/rfc822',
      '',
      'From: joe@example.org',
      'Content-Location: http://example.org/',
      '',
      'inner',
      '--a--',
      '',
    ].join('\r\n');
    const { part } = parseStructure(fromLatin1(message));
    for (const utf8 of [false, true]) {
      const text = formatBodyStructure(part, { extended: true, utf8 });
      expect(parse(`* 1 FETCH (BODYSTRUCTURE ${text})`)).toMatchObject({
        data: {
          structure: {
            subtype: 'mixed',
            parameters: [
              ['boundary', 'a'],
              ['x', 'q"uote'],
            ],
            language: ['en', 'de'],
            parts: [
              {
                parameters: [
                  ['charset', 'utf-8'],
                  ['name', 'ä.txt'],
                ],
                disposition: { type: 'attachment', parameters: [['filename', 'x y']] },
                id: '<1@x>',
                md5: 'abc',
              },
              {
                type: 'message',
                message: {
                  envelope: { ...nilEnvelope, from: [{ mailbox: 'joe', host: 'example.org' }], sender: [{}], replyTo: [{}] },
                  body: { location: 'http://example.org/' },
                },
              },
            ],
          },
        },
      });
    }
    expect(formatBodyStructure(part, { extended: false, utf8: true })).not.toContain('attachment');
    const { part: global } = parseStructure(fromLatin1('Content-Type: message/global\r\n\r\nSubject: x\r\n\r\ny\r\n'));
    // RFC 3501 §9: to a client without UTF-8 it is one more type; RFC 9051 §9 shows what is in it.
    expect(formatBodyStructure(global, { extended: false, utf8: false })).toBe('("message" "global" NIL NIL NIL "7bit" 17)');
    expect(formatBodyStructure(global, { extended: false, utf8: true })).toContain('"x"');
    const { part: memberless } = parseStructure(fromLatin1('Content-Type: multipart/mixed; boundary=zz\r\n\r\n--zz--\r\n'));
    expect(formatBodyStructure(memberless, { extended: false, utf8: true })).toBe('(("text" "plain" NIL NIL NIL "7bit" 0 0) "mixed")');
  });

  const address = fc.record({
    name: fc.option(fc.string({ unit: 'binary' })),
    route: fc.constant(null),
    mailbox: fc.option(fc.string()),
    host: fc.option(fc.string()),
  });
  const text = fc.option(fc.string({ unit: 'binary' }).map((s) => s.replaceAll('\0', '')));

  it('RFC 9051 §7.5.2: any envelope that was written is read again', () => {
    fc.assert(
      fc.property(text, text, fc.array(address, { minLength: 1, maxLength: 3 }), fc.boolean(), (date, subject, from, utf8) => {
        const clean = from.map((one) => ({
          ...one,
          name: one.name?.replaceAll('\0', '') ?? null,
          mailbox: one.mailbox?.replaceAll('\0', '') ?? null,
          host: one.host?.replaceAll('\0', '') ?? null,
        }));
        fc.pre([date, subject, ...clean.map(({ name }) => name)].every((one) => one === null || one.isWellFormed()));
        const envelope = { ...nilEnvelope, date, subject, from: clean, sender: clean, replyTo: clean };
        const response = parseResponse(fromLatin1(`* 1 FETCH (ENVELOPE ${formatEnvelope(envelope, utf8)})\r\n`));
        expect(response).toEqual({ type: 'fetch', number: 1, data: { envelope } });
      }),
    );
  });

  it('never throws, whatever comes', () => {
    const seeds = [
      '* 12 FETCH (FLAGS (\\Seen) ENVELOPE ("d" "s" ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL NIL "<x>") BODY[1] {3}\r\nabc MODSEQ (5))\r\n',
      '* 1 FETCH (BODYSTRUCTURE (("text" "plain" ("a" "b") NIL NIL "7bit" 5 1 NIL ("x" NIL) ("en") NIL)("message" "rfc822" NIL NIL NIL "7bit" 1 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain" NIL NIL NIL "7bit" 1 1) 5) "mixed"))\r\n',
      '* LIST (\\A) "/" "x" ("OLDNAME" ("y"))\r\n',
      '* ESEARCH (TAG "a") UID ALL 1:2\r\n',
      '* NAMESPACE (("" "/")) NIL NIL\r\n',
      '* OK [X (a] b)] text\r\n',
      '* STATUS x (MESSAGES 5)\r\n',
      '* VANISHED (EARLIER) 1:5\r\n',
      '* THREAD (2)(3 6 (4 23)(44 7 96))\r\n* SORT 1 2\r\n',
      '* METADATA "" (/a ~{3}\r\nabc /b NIL)\r\n',
      '* QUOTA "" (STORAGE 1 2)\r\n',
      '* LISTRIGHTS a b c d\r\n',
      '* ESEARCH PARTIAL (-1:-5 NIL)\r\n',
      '* 1 FETCH (X-A (b (c NIL) "d\\q"e") BODYSTRUCTURE NIL)\r\n',
    ];
    for (const mutant of mutants(seeds, { count: 20_000, tokens: ['{3}\r\n', '"', '(', ')', '[', ']', 'NIL', '\\', ' ', '99999999999'] })) {
      expect(parseResponse(mutant)).toHaveProperty('type');
    }
  });

  it('a structure nested without end is no response', () => {
    expect(parse(`* 1 FETCH (BODY ${'('.repeat(100_000)})`)).toMatchObject({ type: 'unknown' });
  });

  it('latin1 helper is its own inverse', () => {
    expect(toLatin1(fromLatin1('\xff\x00a'))).toBe('\xff\x00a');
  });
});
