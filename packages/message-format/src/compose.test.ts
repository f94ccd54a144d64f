import { ManualClock, toLatin1, toUtf8 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomNumbers } from '../../../tools/fuzz.ts';
import { type ComposeInput, type ComposeOptions, composeMessage } from './compose.ts';
import { ComposeError } from './compose-error.ts';
import { parseMessage } from './message.ts';
import { replyIdentifiers } from './message-id.ts';

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
  for (const line of header.split('\r\n')) {
    expect(line).toMatch(/^[!-9;-~]+:|^ +[^ ]/);
    // RFC 5322 §2.1.1, and RFC 2047 §2 for lines with an encoded word: longer only where there is nowhere to break.
    const isAscii = /^[\0-\x7f]*$/.test(line);
    if (isAscii && line.trim().split(' ').length > 2) expect(line.length).toBeLessThanOrEqual(line.includes('=?utf-8?') ? 76 : 78);
  }
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

  it('RFC 5322 §3.4: takes addresses as they were read, out of groups too', () => {
    const { to } = parseMessage(compose({ to: [{ group: 'Team', members: [{ name: 'Zoë', address: 'z@b.example' }] }] }));
    expect(to).toEqual([{ name: 'Zoë', address: 'z@b.example', group: 'Team' }]);
    expect(parseMessage(compose({ to })).to).toEqual([{ name: 'Zoë', address: 'z@b.example' }]);
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
    ['a line that is longer than it should be', `${'word '.repeat(16)}\n`, {}, 'quoted-printable'],
    ['a line of 78 characters', `${'x'.repeat(78)}\n`, {}, '7bit'],
    ['a line of 78 characters beyond ASCII', `${'ü'.repeat(78)}\n`, { eightBit: true }, '8bit'],
    ['a NUL', 'a\0b\n', {}, 'quoted-printable'],
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

  it('takes one recipient for a list of one, and a name before an address', () => {
    const read = parseMessage(compose({ from: '"Doe, Jane" <jane@example.org>', to: 'joe@example.net', cc: 'Jürgen <j@bücher.example>' }));
    expect(read.from).toEqual([{ name: 'Doe, Jane', address: 'jane@example.org' }]);
    expect(read.to).toEqual([{ name: '', address: 'joe@example.net' }]);
    expect(read.cc).toEqual([{ name: 'Jürgen', address: 'j@xn--bcher-kva.example' }]);
  });

  it('writes a domain in A-labels without SMTPUTF8', () => {
    expect(parseMessage(compose({ from: 'a@bücher.example' })).from).toEqual([{ name: '', address: 'a@xn--bcher-kva.example' }]);
  });

  it.each<[string, Partial<ComposeInput>, string]>([
    ['a localpart beyond ASCII', { from: 'jürgen@example.org' }, 'needs-smtputf8'],
    ['no address', { to: ['nobody'] }, 'invalid-address'],
    ['two addresses in one', { to: ['Jane <a@b.example>, <x@y.example>'] }, 'invalid-address'],
    ['a name with a line end', { to: ['Jane\r\nBcc: <x@y.example>'] }, 'invalid-address'],
    ['a name with an address in it', { to: 'x@y.example <a@b.example>' }, 'invalid-address'],
    ['a group as text', { to: 'friends: <a@b.example>' }, 'invalid-address'],
    ['a line end in an address', { to: ['a@b.example\r\nBcc: x@y.example'] }, 'invalid-address'],
    ['a field of another input', { headers: [['Subject', 'x']] }, 'invalid-field-name'],
    ['a bad field name', { headers: [['X: y', 'x']] }, 'invalid-field-name'],
    ['a bad identifier', { references: ['a@b> <c'] }, 'invalid-message-id'],
    ['an identifier that no line can hold', { references: [`${'a'.repeat(1000)}@b`] }, 'invalid-message-id'],
    ['an identifier beyond ASCII', { inReplyTo: ['ü@b'] }, 'needs-smtputf8'],
    ['an identifier of its own without a domain', { messageId: 'a' }, 'invalid-message-id'],
    ['no date', { date: Number.NaN }, 'invalid-date'],
    ['a date that no message can say', { date: 1e15 }, 'invalid-date'],
    ['an offset that is none', { offsetMinutes: 0.5 }, 'invalid-date'],
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

  it('reads a stream once', async () => {
    const content = (async function* () {
      yield new Uint8Array(10);
    })();
    const message = composeMessage({ from: 'a@b.example', attachments: [{ content }] }, options());
    for await (const piece of message.stream()) expect(piece.length).toBeGreaterThan(0);
    await expect(message.stream().next()).rejects.toThrow(expect.objectContaining({ code: 'stream-content' }));
    const whole = composeMessage({ from: 'a@b.example' }, options());
    for await (const piece of whole.stream()) expect(piece.length).toBeGreaterThan(0);
    expect((await whole.stream().next()).done).toBe(false);
  });

  it('keeps no more than a piece of a stream', async () => {
    let alive = 0;
    let most = 0;
    const content = (async function* () {
      for (let i = 0; i < 1000; i++) {
        most = Math.max(most, ++alive);
        yield new Uint8Array(50_000);
      }
    })();
    let sizeBytes = 0;
    for await (const piece of composeMessage({ from: 'a@b.example', attachments: [{ content }] }, options()).stream()) {
      sizeBytes += piece.length;
      alive = 0;
    }
    expect(sizeBytes).toBeGreaterThan(66_000_000);
    expect(most).toBe(1);
  });

  it('RFC 2046 §5.2.1: a message that comes as a stream is encoded, and so none by its name', async () => {
    const content = (async function* () {
      yield compose({ subject: 'inner' });
    })();
    const composed = composeMessage({ from: 'a@b.example', attachments: [{ content, contentType: 'message/rfc822' }] }, options());
    const { structure } = await parseMessage(composed.stream());
    expect(structure.defects).toEqual([]);
    expect(structure.part.parts?.[1]).toMatchObject({ type: 'message', subtype: 'global', encoding: 'base64' });
  });

  it('RFC 2046 §5.1.4: further alternatives stand behind the others', () => {
    const calendar = 'BEGIN:VCALENDAR\r\nSUMMARY:Grüße\r\nEND:VCALENDAR\r\n';
    const message = parseMessage(
      compose({
        text: 'Come!',
        html: '<p>Come!</p>',
        alternatives: [{ content: calendar, contentType: 'text/calendar; method=REQUEST; charset=iso-8859-1' }],
        attachments: [{ content: calendar, contentType: 'application/ics', filename: 'invite.ics' }],
      }),
    );
    expect(message.structure.part).toMatchObject({
      subtype: 'mixed',
      parts: [
        {
          subtype: 'alternative',
          parts: [
            { subtype: 'plain' },
            { subtype: 'html' },
            {
              subtype: 'calendar',
              parameters: [
                ['charset', 'utf-8'],
                ['method', 'REQUEST'],
              ],
            },
          ],
        },
        { subtype: 'ics', disposition: { type: 'attachment' } },
      ],
    });
    expect(message.attachments.map((attachment) => toUtf8(attachment.bytes()))).toEqual([calendar, calendar]);
  });

  it('RFC 2045 §6.4: a multipart around eight bits says so', () => {
    const { structure } = parseMessage(compose({ text: 'ü', html: 'ü' }, { eightBit: true }));
    expect(structure.part).toMatchObject({ subtype: 'alternative', encoding: '8bit' });
    expect(parseMessage(compose({ text: 'u', html: 'u' }, { eightBit: true })).structure.part.encoding).toBe('7bit');
  });

  it('RFC 6532 §3.7: UTF-8 in the header of a part needs SMTPUTF8 too', () => {
    const input: ComposeInput = { from: 'a@b.example', attachments: [{ content: 'x', description: 'Grüße' }] };
    expect(composeMessage(input, options({ smtputf8: true })).needsSmtputf8).toBe(true);
    expect(composeMessage(input, options()).needsSmtputf8).toBe(false);
  });

  it('RFC 6532 §3.3: new identifiers are ASCII', () => {
    expect(composeMessage({ from: 'a@bücher.example' }, options({ smtputf8: true })).messageId).toMatch(/@xn--bcher-kva\.example$/);
  });

  it('RFC 5322 §3.6.4: replies to messages with odd identifiers', () => {
    const parent = { messageId: 'no-at-sign', references: ['a@b', 'with space@c', 'ü@d', `${'x'.repeat(2000)}@e`, '<f@g>', 'h@i'] };
    const message = parseMessage(compose(replyIdentifiers(parent)));
    expect(message.inReplyTo).toEqual(['no-at-sign']);
    expect(message.references).toEqual(['a@b', 'h@i', 'no-at-sign']);
  });

  it('RFC 5322 §2.1.1: breaks a name that no line can hold', () => {
    const name = 'x'.repeat(5000);
    for (const smtputf8 of [false, true]) {
      const bytes = compose({ from: { name, address: 'a@b.example' }, to: [{ group: name, members: [] }] }, { smtputf8 });
      checkLines(bytes);
      expect(parseMessage(bytes).from[0]?.name).toBe(name);
    }
  });

  it('RFC 8058 §3.1: says how to leave a list by one click', () => {
    const bytes = compose({ list: { unsubscribe: ['mailto:u@example.org'], oneClick: 'https://example.org/u' } });
    expect(toLatin1(bytes)).toContain(
      'List-Unsubscribe: <https://example.org/u>, <mailto:u@example.org>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n',
    );
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
      '\r\nBcc: x@y.example',
      '\n.\n',
      '\nFrom ',
      '-- ',
      'x'.repeat(300),
      'ü'.repeat(120),
      '\u202e',
      'שלום',
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
          const read = text.replaceAll('\r\n', '\n');
          expect(message.text).toBe(read);
          expect(message.html).toBe(`<p>${read}</p>`);
          expect(message.attachments.map((attachment) => attachment.bytes())).toEqual(files.map((file) => file.content));
          expect(message.attachments.map((attachment) => attachment.filename ?? '')).toEqual(files.map((file) => file.filename));
        },
      ),
      { numRuns: 150 },
    );
  });
});
