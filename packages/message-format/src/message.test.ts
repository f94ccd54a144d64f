import { fromLatin1, fromUtf8, toUtf8 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { internationalMessage, nestedMessage, plainMessage, quotedPrintableMessage } from '../bench/samples.ts';
import { decodeBody, decodeBodyStream, decodeText, decodeTextStream, rawBody } from './decode-body.ts';
import { messageText, parseMessage } from './message.ts';
import type { Part } from './part.ts';
import { previewText, textPreview } from './preview.ts';
import { parseStructure } from './structure.ts';

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const piece of source) all.push(piece);
  return all;
}

function leaves(part: Part): Part[] {
  if (part.message) return leaves(part.message.part);
  return part.parts?.flatMap(leaves) ?? [part];
}

function message(...lines: string[]): Uint8Array {
  return fromUtf8(lines.join('\r\n'));
}

describe('parseMessage', () => {
  it.each([
    ['"<b@x>"', 'image/gif', '<p>'],
    ['"<nobody@x>"', 'text/html', undefined],
  ])('RFC 2387 §3.2: what a multipart/related is about is the part that start=%s names', (start, attached, html) => {
    const read = parseMessage(
      message(
        `Content-Type: multipart/related; boundary=b; start=${start}`,
        '',
        '--b',
        'Content-Type: image/gif',
        'Content-Disposition: inline',
        '',
        'x',
        '--b',
        'Content-Type: text/html',
        'Content-ID: <b@x>',
        '',
        '<p>',
        '--b--',
      ),
    );
    expect(read.html).toBe(html);
    expect(read.attachments.map(({ contentType }) => contentType)).toContain(attached);
  });

  it('decodes what is international', () => {
    const read = parseMessage(internationalMessage());
    expect(read.subject).toBe('Grüße aus Wien und anderen Städtenこんにちは');
    expect(read.from).toEqual([{ name: 'Jürgen Müller', address: 'juergen@example.org' }]);
    expect(read.to).toEqual([
      { name: 'André', address: 'andre@example.com' },
      { name: 'Zoë Maïs', address: 'zoe@example.com' },
    ]);
    expect(read.attachments.map((attachment) => attachment.filename)).toEqual(['文書.bin']);
    expect(read.text).toContain('é');
    expect(read.text).toContain('こ');
    expect(read.date).toEqual({ instant: Date.UTC(2026, 10, 23, 9, 59, 59), offsetMinutes: 60 });
    expect(read.references).toEqual(['20261121.1@example.com', '20261122.1@example.com']);
    expect(read.inReplyTo).toEqual(['20261122.1@example.com']);
    expect(read.messageId).toBe('20261123.abcdef@example.org');
  });

  it('RFC 8621 §4.1.4: tells texts from attachments', () => {
    const read = parseMessage(nestedMessage());
    expect(read.text).toBeDefined();
    expect(read.html).toMatch(/^<p>/);
    expect(read.attachments.map((attachment) => [attachment.contentType, attachment.filename, attachment.contentId])).toEqual([
      ['image/png', 'logo.png', 'logo@example.org'],
      ['application/pdf', 'report.pdf', undefined],
      ['message/rfc822', undefined, undefined],
    ]);
    expect(read.attachments[1]?.bytes()).toHaveLength(2000);
    expect(read.defects).toEqual([]);
  });

  it.each<[string, string[], { text?: string; html?: string; attachments: number }]>([
    ['nothing', [], { text: '', attachments: 0 }],
    ['plain text', ['', 'hi', ''], { text: 'hi\n', attachments: 0 }],
    ['HTML alone', ['Content-Type: text/html', '', '<b>hi</b>'], { html: '<b>hi</b>', attachments: 0 }],
    ['a file alone', ['Content-Type: application/pdf', '', 'x'], { attachments: 1 }],
    ['a text that is attached', ['Content-Type: text/plain', 'Content-Disposition: attachment', '', 'x'], { attachments: 1 }],
    ['flowed text', ['Content-Type: text/plain; format=flowed; delsp=yes', '', 'a ', 'b', ''], { text: 'ab\n', attachments: 0 }],
    [
      'texts around an image',
      [
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        '',
        'one',
        '--b',
        'Content-Type: image/png',
        '',
        'x',
        '--b',
        '',
        'two',
        '--b--',
      ],
      { text: 'one\ntwo\n', attachments: 1 },
    ],
    [
      'text with a calendar as alternative',
      ['Content-Type: multipart/alternative; boundary=b', '', '--b', '', 'one', '--b', 'Content-Type: text/calendar', '', 'x', '--b--'],
      { text: 'one', attachments: 1 },
    ],
  ])('reads %s', (_, lines, { text, html, attachments }) => {
    const read = parseMessage(message(...lines));
    expect(read.text).toBe(text);
    expect(read.html).toBe(html);
    expect(read.attachments).toHaveLength(attachments);
  });

  it('RFC 8621 §4.1.4: text and HTML are each the whole message, where a list put a plain footer under HTML', () => {
    const part = (type: string, text: string): string[] => ['--b', `Content-Type: ${type}`, '', text];
    const head = ['Content-Type: multipart/mixed; boundary=b', ''];
    const read = parseMessage(message(...head, ...part('text/html', '<p>a'), ...part('text/plain', 'b < c'), '--b--'));
    expect([read.text, read.html, messageText(read)]).toEqual([
      'a\nb < c\n',
      '<p>a\n<div style="white-space: pre-wrap">b &lt; c</div>\n',
      'a\nb < c\n',
    ]);
  });

  it.each([
    [
      'a multipart without members',
      ['Content-Type: multipart/mixed; boundary=b', '', '--b', 'Content-Type: multipart/mixed; boundary=c', '', 'x', '--b--'],
    ],
    ['one that is encoded', ['Content-Type: multipart/mixed; boundary=c', 'Content-Transfer-Encoding: base64', '', 'LS1jDQo=']],
    ['one without a boundary', ['Content-Type: multipart/mixed', '', 'x']],
  ])('RFC 2046 §5.1.1: lists %s as an attachment', (_, lines) => {
    expect(parseMessage(message(...lines)).attachments.map(({ contentType }) => contentType)).toEqual(['multipart/mixed']);
  });

  it.each([
    ['=?utf-8?q?J=C3=B6rg?= X', { name: 'Jörg X', address: '' }],
    ['root', { name: '', address: 'root' }],
    ['"odd one"@example.org', { name: '', address: '"odd one"@example.org' }],
    ['"a\\"b"@example.org', { name: '', address: '"a\\"b"@example.org' }],
    ['"plain"@example.org', { name: '', address: 'plain@example.org' }],
    ['a..b.@example.org', { name: '', address: 'a..b.@example.org' }],
  ])('RFC 5322 §3.4.1: From %s', (value, wanted) => {
    expect(parseMessage(message(`From: ${value}`, '', '')).from).toEqual([wanted]);
  });

  it('refuses text at once, and says what to do', () => {
    const text = 'Subject: x\r\n\r\n' as unknown as Uint8Array;
    for (const parse of [parseMessage, parseStructure]) expect(() => parse(text)).toThrow('without an encoding');
  });

  it('RFC 1468: reads a header in ISO-2022-JP as it is', () => {
    const read = parseMessage(fromLatin1('From: \x1b$BF|K\\\x1b(B <a@b.c>\r\nSubject: Re: \x1b$BF|K\\\x1b(B 1\r\n\r\n'));
    expect([read.from, read.subject]).toEqual([[{ name: '日本', address: 'a@b.c' }], 'Re: 日本 1']);
  });

  it('passes over a byte order mark before the first field', () => {
    const read = parseMessage(fromUtf8('\ufeffSubject: s\r\nTo: a@b\r\n\r\nbody'));
    expect([read.subject, read.text, read.headers.map(({ name, start }) => [name, start])]).toEqual([
      's',
      'body',
      [
        ['Subject', 3],
        ['To', 15],
      ],
    ]);
    expect(read.defects.map(({ code, offset }) => [code, offset])).toEqual([['no-header-field', 0]]);
  });

  it.each([
    ['text/html', 'quoted-printable', '=B1'],
    ['text/html', '8bit', '\u00b1'],
  ])('takes the charset of %s in %s from its content where the Content-Type has none', async (type, encoding, character) => {
    const meta = '<meta http-equiv="content-type" content="text/html; charset=iso-8859-2">';
    const quoted = encoding === '8bit' ? meta : meta.replaceAll('=', '=3D');
    const bytes = fromLatin1(`Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${quoted}${character}`);
    const read = parseMessage(bytes);
    expect(read.html).toBe(`${meta}ą`);
    const { part } = read.structure;
    for (const size of [1, 50, 2000]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        rawBody(part, bytes).subarray(i * size, i * size + size),
      );
      expect((await collect(decodeTextStream(part, pieces))).join('')).toBe(read.html);
    }
  });

  it('makes text of HTML where there is no other', () => {
    expect(messageText(parseMessage(message('Content-Type: text/html', '', '<p>a</p><p>b</p>')))).toBe('a\n\nb');
  });

  it('reads streams as it reads bytes, up to a size', async () => {
    const bytes = nestedMessage();
    const pieces = (async function* () {
      for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
    })();
    expect((await parseMessage(pieces)).structure).toEqual(parseMessage(bytes).structure);
    const endless = (async function* () {
      for (;;) yield fromUtf8('Subject: x\r\n\r\n'.repeat(1000));
    })();
    const cut = await parseMessage(endless, { sizeBytes: 10_000 });
    expect(cut.structure.sizeBytes).toBe(10_000);
    expect(cut.defects.map((defect) => defect.code)).toContain('size-limit');
  });

  it('takes mutants of all kinds', () => {
    const seeds = [plainMessage().subarray(0, 2500), nestedMessage(), internationalMessage(), quotedPrintableMessage().subarray(0, 4000)];
    for (const mutant of mutants(seeds, {
      count: 1500,
      tokens: ['\r\n', '--b1', '--b1--', '=', '=?', '?=', '"', '(', '<', ';', '\r\n\r\n', '*=', "''", '\0'],
    })) {
      const read = parseMessage(mutant);
      for (const attachment of read.attachments) attachment.bytes();
      previewText(read.structure.part, mutant);
      messageText(read);
    }
  });
});

describe('bodies as streams', () => {
  const samples = [
    nestedMessage(),
    internationalMessage(),
    quotedPrintableMessage(),
    message('Content-Type: text/plain; format=flowed', '', 'a ', 'b', '> c ', 'd'),
  ];

  it('are the same however they are cut', async () => {
    for (const bytes of samples) {
      for (const part of leaves(parseMessage(bytes).structure.part)) {
        const raw = rawBody(part, bytes).subarray(0, 600);
        const short = { ...part, bodyEnd: part.bodyStart + raw.length };
        const cuts = fc.sample(fc.array(fc.nat(raw.length), { maxLength: 6 }), { numRuns: 15, seed: 3 });
        for (const cut of cuts) {
          const places = [0, ...cut.toSorted((a, b) => a - b), raw.length];
          const pieces = places.slice(1).map((end, i) => raw.subarray(places[i], end));
          expect(Buffer.concat(await collect(decodeBodyStream(short, pieces)))).toEqual(Buffer.from(decodeBody(short, bytes)));
          if (part.type === 'text') expect((await collect(decodeTextStream(short, pieces))).join('')).toBe(decodeText(short, bytes));
        }
      }
    }
  });
});

describe('previewText', () => {
  it.each([
    [['', 'Hello  there,\r\nhow are you?\r\n'], 'Hello there, how are you?'],
    [['', '> quoted\r\nanswer\r\n-- \r\nme'], 'answer'],
    [['', '> only quotes'], '> only quotes'],
    [['Content-Type: text/html', '', '<style>x</style><p>Hi <b>you</b></p>&#8203;&zwnj;<p>there'], 'Hi you there'],
    [['Content-Type: image/png', '', 'x'], ''],
    [['Content-Type: multipart/encrypted; boundary=b', '', '--b', 'Content-Type: application/pgp-encrypted', '', 'x', '--b--'], ''],
  ])('RFC 8970 §3.3: of %j', (lines, wanted) => {
    const bytes = message(...lines);
    expect(previewText(parseMessage(bytes).structure.part, bytes)).toBe(wanted);
  });

  it('RFC 8970 §3.3: has at most 200 characters, none cut in half', () => {
    expect(Array.from(textPreview('😀'.repeat(500)))).toHaveLength(200);
    expect(textPreview('a'.repeat(500))).toHaveLength(200);
    expect(toUtf8(fromUtf8(textPreview(`${'a'.repeat(199)}😀😀`)))).not.toContain('\ufffd');
  });

  it('reads the start of a large part only', () => {
    const large = fromLatin1(`Content-Type: text/html\r\n\r\n${'<div><b></b></div>'.repeat(100_000)}late`);
    expect(previewText(parseMessage(large).structure.part, large)).toBe('');
  });
});
