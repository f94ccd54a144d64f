import { ManualClock, toLatin1, toUtf8 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomNumbers } from '../../../tools/fuzz.ts';
import { type ComposeInput, type ComposeOptions, composeMessage } from './compose.ts';
import { ComposeError } from './compose-error.ts';
import { parseMessage } from './message.ts';

function options(more: Partial<ComposeOptions> = {}): ComposeOptions {
  const next = randomNumbers(1);
  return {
    clock: new ManualClock(Date.UTC(2026, 10, 23, 10, 0, 0)),
    random: { bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(next() * 256)) },
    ...more,
  };
}

function compose(input: Partial<ComposeInput>, more: Partial<ComposeOptions> = {}): Uint8Array {
  return composeMessage({ from: 'alice@example.org', ...input }, options(more)).bytes();
}

/** What RFC 5322 asks of every line. */
function checkLines(bytes: Uint8Array): void {
  const text = toLatin1(bytes);
  const [header = ''] = text.split('\r\n\r\n', 1);
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  for (const line of text.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
  for (const line of header.split('\r\n')) expect(line).toMatch(/^[!-9;-~]+:|^ +[^ ]/);
}

describe('composeMessage', () => {
  it('RFC 6522 §3: a report has text for people first, then what programs read', () => {
    const report = {
      type: 'delivery-status',
      parts: [
        { content: 'Reporting-MTA: dns; mx.example.org\r\n', contentType: 'message/delivery-status' },
        { content: 'From: a@example.org\r\n\r\nhello\r\n', contentType: 'message/rfc822' },
      ],
    };
    const bytes = compose({ subject: 'Undelivered', text: 'It could not be delivered.', report });
    const { structure } = parseMessage(bytes);
    expect(structure.defects).toEqual([]);
    expect(structure.part).toMatchObject({
      type: 'multipart',
      subtype: 'report',
      parts: [{ subtype: 'plain' }, { subtype: 'delivery-status', encoding: '7bit' }, { subtype: 'rfc822', encoding: '7bit' }],
    });
    expect(structure.part.parameters).toContainEqual(['report-type', 'delivery-status']);
    expect(toLatin1(bytes)).not.toContain('Content-Disposition');
  });

  it('writes a small message', () => {
    expect(toLatin1(compose({ to: ['bob@example.com'], subject: 'Hello', text: 'Hi Bob\n' })).split('\r\n')).toEqual([
      'Date: Mon, 23 Nov 2026 10:00:00 +0000',
      'From: alice@example.org',
      'To: bob@example.com',
      'Subject: Hello',
      expect.stringMatching(/^Message-ID: <[0-9a-z]+\.[0-9a-f]{24}@example\.org>$/),
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=us-ascii',
      'Content-Transfer-Encoding: 7bit',
      '',
      'Hi Bob',
      '',
    ]);
  });

  it('RFC 5322 §2.2.3: folds between recipients', () => {
    const to = Array.from({ length: 30 }, (_, i) => ({ name: `Recipient, number ${i}`, address: `r${i}@example.com` }));
    const bytes = compose({ to });
    checkLines(bytes);
    const lines = toLatin1(bytes).split('\r\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(78);
    expect(parseMessage(bytes).to).toEqual(to);
  });

  it('RFC 5322 §3.4: writes groups, empty ones too', () => {
    const bytes = compose({
      to: [
        { group: 'undisclosed', members: [] },
        { group: 'Team, A', members: ['a@b.example', { name: 'Zoë', address: 'z@b.example' }] },
      ],
    });
    expect(toLatin1(bytes)).toContain('\r\nTo: undisclosed:; "Team, A": a@b.example,'.replace(':;', ':;,'));
    expect(parseMessage(bytes).to).toEqual([
      { name: '', address: 'a@b.example', group: 'Team, A' },
      { name: 'Zoë', address: 'z@b.example', group: 'Team, A' },
    ]);
  });

  it('RFC 5322 §3.6.2: several authors have a sender', () => {
    const message = parseMessage(compose({ from: ['a@b.example', 'c@d.example'] }));
    expect(message.sender).toEqual([{ name: '', address: 'a@b.example' }]);
  });

  it('RFC 2387 §3: makes alternatives, related parts and attachments', () => {
    const image = Uint8Array.from({ length: 300 }, (_, i) => i);
    const bytes = compose({
      text: 'plain',
      html: '<img src="cid:logo@x">',
      attachments: [
        { content: image, contentType: 'image/png', contentId: 'logo@x', filename: 'logo.png' },
        {
          content: 'a;b\n',
          contentType: 'text/csv',
          filename: 'Übersicht «2026» with a name that is long enough to need several sections.csv',
        },
      ],
    });
    checkLines(bytes);
    const message = parseMessage(bytes);
    expect(message.defects).toEqual([]);
    expect(message.structure.part).toMatchObject({
      subtype: 'mixed',
      parts: [
        { subtype: 'alternative', parts: [{ subtype: 'plain' }, { subtype: 'related', parts: [{ subtype: 'html' }, { subtype: 'png' }] }] },
        { subtype: 'csv' },
      ],
    });
    expect(message.text).toBe('plain');
    expect(message.attachments.map(({ filename, contentId, disposition }) => ({ filename, contentId, disposition }))).toEqual([
      { filename: 'logo.png', contentId: 'logo@x', disposition: 'inline' },
      {
        filename: 'Übersicht «2026» with a name that is long enough to need several sections.csv',
        contentId: undefined,
        disposition: 'attachment',
      },
    ]);
    expect(message.attachments[0]?.bytes()).toEqual(image);
  });

  it.each([
    ['ascii', 'plain text\n', {}, '7bit'],
    ['8 bits', 'größe\n', {}, 'quoted-printable'],
    ['8 bits where they may stand', 'größe\n', { eightBit: true }, '8bit'],
    ['mostly beyond ASCII', 'Ελληνικά '.repeat(50), {}, 'base64'],
    ['a long line', 'x'.repeat(2000), {}, 'quoted-printable'],
    ['a From line', 'a\nFrom here\n', {}, 'quoted-printable'],
  ])('RFC 2045 §6: chooses the encoding of %s', (_, text, more, encoding) => {
    const message = parseMessage(compose({ text }, more));
    expect(message.structure.part.encoding).toBe(encoding);
    expect(message.text).toBe(text);
  });

  it('RFC 2046 §5.1.1: chooses a boundary that does not occur', () => {
    const fixed: ComposeOptions = { ...options(), random: { bytes: (count) => new Uint8Array(count) } };
    const text = `--=_0_${'0'.repeat(24)}\n--=_1_${'0'.repeat(24)}--\n`;
    const bytes = composeMessage(
      { from: 'a@b.example', text, html: '<p>', attachments: [{ content: text, contentType: 'text/plain' }] },
      fixed,
    ).bytes();
    const message = parseMessage(bytes);
    expect(message.text).toBe(text);
    expect(message.attachments).toHaveLength(1);
    expect(message.defects.map((defect) => defect.code)).toEqual([]);
  });

  it('RFC 6532 §3: writes UTF-8 for SMTPUTF8 and says so', () => {
    const input: ComposeInput = { from: { name: 'Jürgen', address: 'jürgen@bücher.example' }, subject: 'Grüße', text: 'ü\n' };
    const message = composeMessage(input, options({ smtputf8: true }));
    expect(message).toMatchObject({ needsSmtputf8: true, needsEightBit: true });
    expect(toUtf8(message.bytes())).toContain('From: Jürgen <jürgen@bücher.example>\r\nSubject: Grüße\r\n');
    expect(parseMessage(message.bytes())).toMatchObject({ subject: 'Grüße', from: [{ name: 'Jürgen', address: 'jürgen@bücher.example' }] });
  });

  it('writes a domain in A-labels without SMTPUTF8', () => {
    expect(parseMessage(compose({ from: 'a@bücher.example' })).from).toEqual([{ name: '', address: 'a@xn--bcher-kva.example' }]);
  });

  it.each<[string, Partial<ComposeInput>, string]>([
    ['a localpart beyond ASCII', { from: 'jürgen@example.org' }, 'needs-smtputf8'],
    ['no address', { to: ['nobody'] }, 'invalid-address'],
    ['a line end in an address', { to: ['a@b.example\r\nBcc: x@y.example'] }, 'invalid-address'],
    ['a field of another input', { headers: [['Subject', 'x']] }, 'invalid-field-name'],
    ['a bad field name', { headers: [['X: y', 'x']] }, 'invalid-field-name'],
    ['a bad identifier', { references: ['a@b> <c'] }, 'invalid-message-id'],
    ['a multipart to attach', { attachments: [{ content: 'x', contentType: 'multipart/mixed' }] }, 'invalid-content-type'],
    ['nobody to be from', { from: [] }, 'missing-from'],
  ])('refuses %s', (_, input, code) => {
    expect(() => compose(input)).toThrow(expect.objectContaining({ name: 'ComposeError', code }));
  });

  it('keeps line ends out of what is said', () => {
    const bytes = compose({
      subject: 'a\r\nBcc: x@y.example',
      to: [{ name: 'a\r\nb', address: 'c@d.example' }],
      headers: [['X-Note', 'x\ny\r\n z']],
    });
    expect(parseMessage(bytes).headers.map((field) => field.nameLower)).not.toContain('bcc');
    checkLines(bytes);
  });

  it('streams attachments', async () => {
    const content = (async function* () {
      for (let i = 0; i < 100; i++) yield new Uint8Array(777).fill(i);
    })();
    const message = composeMessage({ from: 'a@b.example', text: 'x', attachments: [{ content, filename: 'big' }] }, options());
    expect(() => message.bytes()).toThrow(ComposeError);
    const parsed = await parseMessage(message.stream());
    expect(parsed.attachments[0]?.bytes()).toEqual(Uint8Array.from({ length: 77_700 }, (_, i) => Math.floor(i / 777)));
  });

  it('RFC 2046 §5.2.1: a forwarded message is not encoded', () => {
    const inner = compose({ subject: 'inner', text: 'x\n' });
    const message = parseMessage(compose({ text: 'see', attachments: [{ content: inner, contentType: 'message/rfc822' }] }));
    expect(message.structure.part.parts?.[1]).toMatchObject({
      type: 'message',
      subtype: 'rfc822',
      encoding: '7bit',
      message: { envelope: { subject: 'inner' } },
    });
    expect(message.attachments[0]?.bytes()).toEqual(inner);
  });

  it('RFC 3676 §4.2: writes flowed text', () => {
    const text = `${'a paragraph of words that goes on '.repeat(10).trim()}\n\n> quoted\n From here\n>not quoted by a space\n-- \nme\n`;
    const bytes = compose({ text }, { flowed: true });
    expect(toLatin1(bytes)).toContain('format=flowed');
    for (const line of toLatin1(bytes).split('\r\n')) expect(line.length).toBeLessThanOrEqual(78);
    expect(parseMessage(bytes).text).toBe(text.replace('>not', '> not'));
  });
});

/** Text as people may write it, and stranger. */
const unit = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      'a',
      'Z',
      '0',
      ' ',
      ' ',
      'ß',
      '漢',
      '😀',
      '.',
      ',',
      '"',
      '\\',
      '<',
      '>',
      '@',
      '=?',
      '?=',
      '=',
      '_',
      '(',
      ')',
      ';',
      ':',
      '%',
      "'",
      '\t',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
);
const line = fc.string({ unit, maxLength: 200 });
/** What a header field keeps: controls become spaces. */
const spaced = (text: string): string => text.replace(/[\u0000-\u001f\u007f]+/g, ' ');

describe('parse undoes compose', () => {
  it.each([{ smtputf8: false }, { smtputf8: true }, { smtputf8: true, eightBit: false }])('with %j', (more) => {
    fc.assert(
      fc.property(
        line,
        fc.array(line, { maxLength: 4 }),
        line,
        fc.array(
          fc.record({
            content: fc.uint8Array({ maxLength: 300 }),
            filename: line,
            type: fc.constantFrom('image/png', 'text/plain', 'application/pdf'),
          }),
          { maxLength: 3 },
        ),
        (subject, lines, name, files) => {
          const text = lines.join('\n');
          const input: ComposeInput = {
            from: { name, address: 'a@example.org' },
            to: [{ name, address: '"odd @ one"@example.org' }],
            subject,
            text,
            html: `<p>${text}</p>`,
            attachments: files.map((file) => ({ content: file.content, filename: file.filename, contentType: file.type })),
            headers: [['X-Extra', subject]],
          };
          const bytes = composeMessage(input, options(more)).bytes();
          checkLines(bytes);
          const message = parseMessage(bytes);
          expect(message.defects).toEqual([]);
          expect(message.subject).toBe(spaced(subject));
          expect(message.from).toEqual([{ name: spaced(name).trim(), address: 'a@example.org' }]);
          expect(message.text).toBe(text);
          expect(message.html).toBe(`<p>${text}</p>`);
          expect(message.attachments.map((attachment) => attachment.bytes())).toEqual(files.map((file) => file.content));
          expect(message.attachments.map((attachment) => attachment.filename ?? '')).toEqual(files.map((file) => file.filename));
        },
      ),
      { numRuns: 150 },
    );
  });
});
