// Shapes of messages that are sent though no RFC allows them, or that readers differ about. For each: what we read, and why a peer reads
// otherwise. A peer that comes to agree, or to differ, fails here.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromLatin1 } from '@mox/runtime';
import { simpleParser } from 'mailparser';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseMessage } from '../src/index.ts';
import { type GmimeReading, gmimeAvailable, readWithGmime } from './gmime-reading.ts';
import { hasPython, outline, type PythonReading, readWithPython } from './python-reading.ts';

type Peer = 'python' | 'gmime' | 'postal-mime' | 'mailparser';

interface Wild {
  readonly title: string;
  readonly lines: readonly string[];
  readonly outline?: string;
  readonly text?: string;
  readonly filename?: string;
  /** Why a peer reads otherwise. */
  readonly differs?: Readonly<Partial<Record<Peer, string>>>;
}

const multipart = (parameters: string, ...lines: readonly string[]): string[] => [
  `Content-Type: multipart/mixed; ${parameters}`,
  '',
  ...lines,
];
const oneMember = ['--b', '', 'one', '--b--', ''];
const named = (disposition: string): string[] => [
  'Content-Type: application/octet-stream',
  `Content-Disposition: attachment; ${disposition}`,
  '',
  'x',
];
const encoded = (encoding: string, ...lines: readonly string[]): string[] => [`Content-Transfer-Encoding: ${encoding}`, '', ...lines];
const footer = ['_______________________________________________', 'list mailing list', 'list@example.org'];

const mixed = 'multipart/mixed(text/plain)';
const noComments = 'does not read comments in parameters';
const garbage = 'decodes the text behind the data';
const noWords = 'decodes no encoded words in parameters';

const table: readonly Wild[] = [
  {
    title: 'RFC 2046 §5.1.1: the boundary inside starts with that outside',
    lines: multipart('boundary=b', '--b', 'Content-Type: multipart/mixed; boundary=bc', '', '--bc', '', 'one', '--bc--', '--b--'),
    outline: 'multipart/mixed(multipart/mixed(text/plain))',
    text: 'one',
  },
  {
    title: 'RFC 2046 §5.1.1: blanks behind a boundary',
    lines: multipart('boundary=b', '--b \t', '', 'one', '--b-- '),
    outline: mixed,
    text: 'one',
  },
  {
    title: 'RFC 2046 §5.1.1: lines that are nearly the boundary',
    lines: multipart('boundary=b', '--b', '', '--bx', '-- b', ' --b', '--b--'),
    outline: mixed,
    text: '--bx\n-- b\n --b',
  },
  {
    title: 'RFC 2046 §5.1.1: a boundary in a comment is none',
    lines: multipart('(boundary=c) boundary=b (boundary=d)', ...oneMember),
    outline: mixed,
    text: 'one',
    differs: { gmime: 'does not read comments in parameters', python: noComments },
  },
  {
    title: 'RFC 5322 §3.2.1: a quoted pair in a boundary',
    lines: multipart('boundary="\\b"', ...oneMember),
    outline: mixed,
    text: 'one',
    differs: { python: 'takes the backslash for a part of the boundary' },
  },
  {
    title: 'RFC 2231 §4: a boundary in the extended form',
    lines: multipart("boundary*=us-ascii''b", ...oneMember),
    outline: mixed,
    text: 'one',
  },
  {
    title: 'RFC 2231 §3: a boundary in sections',
    lines: multipart('boundary*0=""; boundary*1="b"', ...oneMember),
    outline: mixed,
    text: 'one',
  },
  {
    title: 'RFC 2046 §5.1.1: an empty boundary',
    lines: multipart('boundary=""', '--', '', 'one', '----'),
    outline: mixed,
    text: 'one',
    differs: { 'postal-mime': 'finds no part', mailparser: 'finds no part' },
  },
  {
    title: 'RFC 2046 §5.1.1: the line end and the closing boundary are missing',
    lines: multipart('boundary=b', '--b', '', 'one'),
    outline: mixed,
    text: 'one',
  },
  {
    title: 'RFC 2046 §5.1.1: no empty line behind the header',
    lines: ['Content-Type: multipart/mixed; boundary=b', ...oneMember],
    outline: mixed,
    text: 'one',
    differs: { gmime: 'takes it for no message', 'postal-mime': 'finds no part', mailparser: 'finds no part' },
  },
  {
    title: 'RFC 2045 §5.1: a comma for the semicolon',
    lines: ['Content-Type: multipart/mixed, boundary=b', '', ...oneMember],
    outline: mixed,
    text: 'one',
    differs: {
      gmime: 'takes the comma for a part of the subtype',
      python: 'takes the comma for a part of the subtype',
      'postal-mime': 'as Python',
      mailparser: 'as Python',
    },
  },
  {
    title: 'RFC 2046 §5.1.5: a member of a digest is a message',
    lines: [
      'Content-Type: multipart/digest; boundary=b',
      '',
      '--b',
      '',
      'Subject: one',
      '',
      'two',
      '--b',
      'Content-Type: text/plain',
      '',
      'three',
      '--b--',
    ],
    outline: 'multipart/digest(message/rfc822(text/plain) text/plain)',
    text: 'three',
    differs: {
      gmime: 'has the text of the message inside first',
      'postal-mime': 'shows the message inside as text',
      mailparser: 'as postal-mime',
    },
  },
  {
    title: 'RFC 5322 §2.2: a line without a colon in the header',
    lines: ['From: a@example.org', 'no field', 'Subject: s', '', 'one'],
    text: 'one',
    differs: {},
  },
  { title: 'RFC 5322 §4.5.8: a space before the colon', lines: ['Content-Transfer-Encoding : base64', '', 'b25l'], text: 'one' },
  {
    title: 'RFC 2045 §6.1: comments and case in the encoding',
    lines: encoded('(x) BASE64 (y)', 'b25l'),
    text: 'one',
    differs: { gmime: 'knows no comments', mailparser: 'knows no comments' },
  },
  {
    title: 'RFC 2045 §6.8: a footer behind base64',
    lines: encoded('base64', 'SGVsbG8=', ...footer),
    text: 'Hello',
    differs: { 'postal-mime': garbage, mailparser: garbage },
  },
  {
    title: 'RFC 2045 §6.8: a footer behind base64 without padding',
    lines: encoded('base64', 'SGVsbG8h', ...footer),
    text: 'Hello!',
    differs: { gmime: 'decodes the text behind the data', 'postal-mime': garbage, mailparser: garbage },
  },
  {
    title: 'RFC 2045 §6.8: base64 in two blocks',
    lines: encoded('base64', 'SGVsbG8=', 'IHlvdQ=='),
    text: 'Hello you',
    differs: { gmime: 'ends with the first padding' },
  },
  {
    title: 'RFC 2045 §6.8: base64 without its padding',
    lines: encoded('base64', 'SGVsbG8'),
    text: 'Hello',
    differs: { gmime: 'gives whole groups only' },
  },
  {
    title: 'RFC 2045 §6.8: what is not base64',
    lines: encoded('base64', 'Hello to you all.'),
    text: 'Hello to you all.',
    differs: { gmime: 'decodes it', 'postal-mime': 'decodes it', mailparser: 'decodes it' },
  },
  {
    title: 'RFC 2045 §6.3: uuencoded text',
    lines: encoded('x-uuencode', 'begin 644 x', '#86)C', '`', 'end'),
    text: 'abc',
    differs: { 'postal-mime': 'does not know uuencode', mailparser: 'does not know uuencode' },
  },
  {
    title: 'RFC 2045 §6.7: blanks at line ends of quoted-printable',
    lines: encoded('quoted-printable', 'a  ', 'b= ', 'c'),
    text: 'a\nbc',
    differs: { gmime: 'keeps them', 'postal-mime': 'keeps them' },
  },
  { title: 'RFC 2231 §3: sections of a name in any order', lines: named('filename*1="b.txt"; filename*0="a"'), filename: 'ab.txt' },
  { title: 'RFC 2231 §3: a section of a name is missing', lines: named('filename*0="a"; filename*2="b.txt"'), filename: 'ab.txt' },
  {
    title: 'RFC 2231 §3: a name in sections beside a plain one',
    lines: named('filename="c.txt"; filename*0="a"; filename*1="b.txt"'),
    filename: 'ab.txt',
    differs: { gmime: 'prefers the plain one', python: 'prefers the plain one' },
  },
  {
    title: 'RFC 2231 §4.1: a section that is not encoded keeps its percent signs',
    lines: named("filename*0*=utf-8''%C3%A9; filename*1=%20.txt"),
    filename: 'é%20.txt',
    differs: { mailparser: 'decodes them' },
  },
  { title: 'RFC 2231 §4: an extended name in quotes', lines: named('filename*="utf-8\'\'%C3%A9.txt"'), filename: 'é.txt' },
  {
    title: 'RFC 2231 §4: an encoded word where the extended form should be',
    lines: named('filename*="=?utf-8?q?=C3=A9?=.txt"'),
    filename: 'é.txt',
    differs: { python: noWords },
  },
  {
    title: 'RFC 2045 §5.1: quotes within quotes',
    lines: named('filename=""a.txt""'),
    filename: 'a.txt',
    differs: { gmime: 'finds no name', 'postal-mime': 'finds no name', mailparser: 'finds no name' },
  },
  {
    title: 'RFC 2231 §4: a charset in the extended form',
    lines: ["Content-Type: text/plain; charset*=us-ascii''iso-8859-2", '', '\xb1'],
    text: 'ą',
  },
  {
    title: 'RFC 2047 §5: an encoded word in quotes',
    lines: named('filename="=?utf-8?q?=C3=A9?=.txt"'),
    filename: 'é.txt',
    differs: { python: noWords },
  },
  { title: 'RFC 2045 §5.1: a name with blanks and no quotes', lines: named('filename=a b.txt; size=3'), filename: 'a b.txt' },
  {
    title: 'RFC 2045 §5.1: quotes that never end',
    lines: named('filename="a b.txt'),
    filename: 'a b.txt',
    differs: { gmime: 'keeps the quote', python: 'keeps the quote' },
  },
  {
    title: 'RFC 2045 §5.1: a quote that nothing opened',
    lines: named('filename=a.txt"'),
    filename: 'a.txt',
    differs: { gmime: 'keeps the quote', python: 'keeps the quote' },
  },
  {
    title: 'RFC 5322 §3.2.1: a path of Windows',
    lines: named('filename="C:\\new\\a.txt"'),
    filename: 'C:\\new\\a.txt',
    differs: { gmime: 'takes the backslashes away', 'postal-mime': 'takes the backslashes away', mailparser: 'as postal-mime' },
  },
  {
    title: 'RFC 6532 §3.2: a name in UTF-8',
    lines: named('filename="\xc3\xa9.txt"'),
    filename: 'é.txt',
    differs: { python: 'reads ASCII only' },
  },
  {
    title: 'RFC 2045 §5.2: a media type without a subtype',
    lines: ['Content-Type: text', '', 'one'],
    text: 'one',
    differs: { gmime: 'takes it for a file', 'postal-mime': 'takes it for a file', mailparser: 'as postal-mime' },
  },
  {
    title: 'RFC 2045 §5.1: the media type in quotes',
    lines: ['Content-Type: "text/plain"; charset=us-ascii', '', 'one'],
    text: 'one',
    differs: { gmime: 'takes it for a file', python: 'keeps the quotes' },
  },
  {
    title: 'RFC 2045 §5.1: blanks in the media type',
    lines: ['Content-Type: text / plain', '', 'one'],
    text: 'one',
    differs: { 'postal-mime': 'takes it for a file', mailparser: 'as postal-mime', python: 'keeps them' },
  },
  {
    title: 'RFC 2978 §2.3: a charset in single quotes',
    lines: ["Content-Type: text/plain; charset='utf-8'", '', '\xc3\xa9'],
    text: 'é',
    differs: { 'postal-mime': 'does not know it' },
  },
  {
    title: 'RFC 2046 §4.1.2: UTF-8 that is called ASCII',
    lines: ['Content-Type: text/plain; charset=us-ascii', '', '\xc3\xa9'],
    text: 'é',
    differs: { gmime: 'leaves it away', 'postal-mime': 'reads windows-1252' },
  },
];

describe('wild messages', () => {
  const messages = table.map(({ lines }) => fromLatin1(['MIME-Version: 1.0', ...lines].join('\r\n')));
  let folder = '';
  let python: PythonReading[] = [];
  let gmime: (GmimeReading | null)[] = [];
  beforeAll(() => {
    if (gmimeAvailable) gmime = readWithGmime(messages);
    folder = mkdtempSync(join(tmpdir(), 'message-format-'));
    if (!hasPython()) return;
    python = readWithPython(
      messages.map((bytes, index) => {
        const file = join(folder, `${index}.eml`);
        writeFileSync(file, bytes);
        return file;
      }),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(table.map((row, index) => [row.title, row, index] as const))('%s', async (_, row, index) => {
    const bytes = messages[index] ?? new Uint8Array();
    const read = parseMessage(bytes);
    const wanted = { text: row.text, filename: row.filename };
    expect({ text: read.text?.trimEnd(), filename: read.attachments[0]?.filename }).toEqual(wanted);
    if (row.outline !== undefined) expect(outline(read.structure.part)).toBe(row.outline);
    const check = (peer: Peer, theirs: unknown, ours: unknown): void => {
      if (row.differs?.[peer] === undefined) expect(theirs, peer).toEqual(ours);
      else expect(theirs, `${peer} no longer ${row.differs[peer]}`).not.toEqual(ours);
    };
    const postal = await PostalMime.parse(bytes);
    check('postal-mime', { text: postal.text?.trimEnd(), filename: postal.attachments[0]?.filename ?? undefined }, wanted);
    const parsed = await simpleParser(Buffer.from(bytes));
    check('mailparser', { text: parsed.text?.trimEnd(), filename: parsed.attachments[0]?.filename }, wanted);
    const gmimes = gmime[index];
    if (gmimeAvailable)
      check(
        'gmime',
        {
          outline: gmimes?.outline,
          text: gmimes?.leaves
            .find(({ text }) => text !== null)
            ?.text?.trimEnd()
            .replaceAll('\r\n', '\n'),
          filename: gmimes?.leaves.find(({ filename }) => filename !== null)?.filename ?? undefined,
        },
        { ...wanted, outline: outline(read.structure.part) },
      );
    const theirs = python[index];
    const names = theirs?.leaves.flatMap(({ filename }) => filename ?? []);
    if (theirs)
      check(
        'python',
        { outline: theirs.outline, names },
        { outline: outline(read.structure.part), names: row.filename === undefined ? [] : [row.filename] },
      );
  });
});
