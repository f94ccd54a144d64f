import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fromLatin1, toLatin1 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conformancePath, describeConformance, readConformance } from '../../../tools/conformance.ts';
import { mutants } from '../../../tools/fuzz.ts';
import type { MessageStructure, Part } from './part.ts';
import { parseStructure, StructureParser } from './structure.ts';

function lines(...all: string[]): Uint8Array {
  return fromLatin1(all.join('\r\n'));
}

function outline(part: Part): string {
  const inner = part.parts?.map(outline) ?? (part.message ? [outline(part.message.part)] : []);
  return `${part.type}/${part.subtype}${inner.length > 0 ? `(${inner.join(' ')})` : ''}`;
}

function body(bytes: Uint8Array, part: Part): string {
  return toLatin1(bytes.subarray(part.bodyStart, part.bodyEnd));
}

function codes(structure: MessageStructure): string[] {
  return structure.defects.map((defect) => defect.code);
}

function inPieces(bytes: Uint8Array, cuts: readonly number[]): MessageStructure {
  const parser = new StructureParser();
  let from = 0;
  for (const cut of cuts) {
    parser.write(bytes.slice(from, cut));
    from = cut;
  }
  parser.write(bytes.slice(from));
  return parser.end();
}

const nested = lines(
  'From: "Doe, Jane" <jane@example.org>',
  'To: undisclosed: a@example.com, b@example.com;',
  'Subject: one',
  ' and two',
  'Content-Type: multipart/mixed; boundary="outer 1" (a comment)',
  '',
  'preamble',
  '--outer 1',
  '',
  'plain',
  '',
  '--outer 1  ',
  'Content-Type: multipart/alternative;',
  ' boundary=inner',
  '',
  '--inner',
  'Content-Type: text/html',
  'Content-Transfer-Encoding: Quoted-Printable',
  '',
  '<p>=20',
  '--inner',
  '',
  '--inner--',
  'epilogue of inner',
  '--inner',
  '--outer 1',
  'Content-Type: message/rfc822',
  'Content-Disposition: attachment; filename="x.eml"',
  '',
  'Subject: inside',
  '',
  'hello',
  '--outer 1--',
  'epilogue',
  '',
);

describe('parseStructure', () => {
  it('RFC 5322 §2.1: a message without a body is all header', () => {
    const structure = parseStructure(lines('Subject: a', ''));
    expect(structure).toMatchObject({ sizeBytes: 12, lines: 1, defects: [], envelope: { subject: 'a' } });
    expect(structure.part).toMatchObject({ headerStart: 0, bodyStart: 12, bodyEnd: 12, bodyLines: 0, type: 'text', subtype: 'plain' });
  });

  it('takes no bytes for a message', () => {
    expect(parseStructure(new Uint8Array(0))).toMatchObject({ sizeBytes: 0, lines: 0, part: { bodyStart: 0, bodyEnd: 0 } });
  });

  it.each([
    ['', 0],
    ['a', 0],
    ['a\r\n', 1],
    ['a\r\nb', 1],
    ['a\nb\n', 2],
    ['\r\n\r\n', 2],
  ])('RFC 9051 §7.5.2: counts the line ends of the body %j', (text, count) => {
    expect(parseStructure(fromLatin1(`S: x\r\n\r\n${text}`)).part.bodyLines).toBe(count);
  });

  it('RFC 2046 §5.1.1: the line end before a boundary belongs to the boundary', () => {
    const { part, defects } = parseStructure(nested);
    expect(defects).toEqual([]);
    expect(outline(part)).toBe('multipart/mixed(text/plain multipart/alternative(text/html text/plain) message/rfc822(text/plain))');
    const [plain, alternative, message] = part.parts ?? [];
    expect(plain && body(nested, plain)).toBe('plain\r\n');
    expect(plain?.bodyLines).toBe(1);
    const html = alternative?.parts?.[0];
    expect(html && body(nested, html)).toBe('<p>=20');
    expect(html).toMatchObject({ encoding: 'quoted-printable', bodyLines: 0 });
    expect(alternative?.parts?.[1]).toMatchObject({ bodyLines: 0 });
    expect(message?.message?.envelope.subject).toBe('inside');
    expect(message && body(nested, message)).toBe('Subject: inside\r\n\r\nhello');
    expect(message).toMatchObject({ bodyLines: 2, disposition: { type: 'attachment', parameters: [['filename', 'x.eml']] } });
  });

  it('RFC 5322 §3.4: an envelope has names, groups and unfolded text', () => {
    const { envelope } = parseStructure(nested);
    expect(envelope.subject).toBe('one and two');
    expect(envelope.from).toEqual([{ name: 'Doe, Jane', route: null, mailbox: 'jane', host: 'example.org' }]);
    expect(envelope.to?.map((address) => [address.mailbox, address.host])).toEqual([
      ['undisclosed', null],
      ['a', 'example.com'],
      ['b', 'example.com'],
      [null, null],
    ]);
    expect(envelope.cc).toBeNull();
  });

  it('gives the same for LF as for CRLF, but for sizes and a defect', () => {
    const lf = fromLatin1(toLatin1(nested).replaceAll('\r\n', '\n'));
    const structure = parseStructure(lf);
    expect(outline(structure.part)).toBe(outline(parseStructure(nested).part));
    expect(structure.lines).toBe(parseStructure(nested).lines);
    expect(codes(structure)).toEqual(['bare-lf']);
  });

  it('gives the same however the bytes are cut in two', () => {
    const whole = parseStructure(nested);
    for (let cut = 0; cut <= nested.length; cut++) expect(inPieces(nested, [cut])).toEqual(whole);
  });

  it('keeps nothing of a buffer that is used again', () => {
    const parser = new StructureParser();
    const buffer = Buffer.alloc(7);
    for (let at = 0; at < nested.length; at += buffer.length) {
      const length = Math.min(buffer.length, nested.length - at);
      buffer.set(nested.subarray(at, at + length));
      parser.write(buffer.subarray(0, length));
    }
    expect(parser.end()).toEqual(parseStructure(nested));
  });

  it('gives the same for every way to cut mutants', () => {
    const source = [
      nested,
      fromLatin1('A: b\r\n\r\nx\ry\r\r\n\0'),
      fromLatin1('Content-Type: multipart/digest; boundary=-\n\n---\n\n---\nA:\n---'),
      fromLatin1('Content-Type: multipart/mixed; boundary=x\n--x\nA: b\n\ny\n--x--\n'),
    ];
    const all = [
      ...mutants(source, { count: 400, tokens: ['\r\n', '\n', '\r', '--', '--inner', '--outer 1--', '\r\n\r\n', '-', '\0', ': '] }),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.array(fc.nat(1200), { maxLength: 12 }), (bytes, cuts) => {
        const places = cuts.filter((cut) => cut <= bytes.length).toSorted((a, b) => a - b);
        expect(inPieces(bytes, places)).toEqual(parseStructure(bytes));
      }),
      { numRuns: 600, seed: 1 },
    );
    for (const bytes of all.slice(0, 60)) {
      expect(
        inPieces(
          bytes,
          Array.from(bytes, (_, i) => i),
        ),
      ).toEqual(parseStructure(bytes));
    }
  });

  it.each([
    ['an unended multipart', 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx', ['missing-closing-boundary']],
    ['no boundary parameter', 'Content-Type: multipart/mixed\r\n\r\n--b\r\n', ['missing-boundary']],
    ['no member', 'Content-Type: multipart/mixed; boundary=b\r\n\r\ntext\r\n--b--\r\n', ['multipart-without-parts']],
    ['a boundary line in a header', 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nA: b\r\n--b--\r\n', ['missing-empty-line']],
    ['a member without its empty line', 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b--\r\n', ['missing-empty-line']],
    ['a line that is no field', 'A: b\r\nhello there\r\nC: d\r\n\r\n', ['no-header-field']],
    ['a bare CR', 'A: b\r\n\r\na\rb\r\n', ['bare-cr']],
    ['a bare CR at the end', 'A: b\r\n\r\na\r', ['bare-cr']],
    ['a NUL', 'A: b\r\n\r\na\0b\r\n', ['nul']],
    ['a long line', `A: b\r\n\r\n${'x'.repeat(999)}\r\n`, ['line-too-long']],
    ['a second Subject', 'Subject: a\r\nSubject: b\r\n\r\n', ['duplicate-field']],
    [
      'a base64 multipart',
      'Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n--b--',
      ['encoded-multipart', 'multipart-without-parts'],
    ],
  ])('notes %s', (_, text, wanted) => {
    expect(codes(parseStructure(fromLatin1(text)))).toEqual(wanted);
  });

  it('RFC 2046 §5.1.2: an inner multipart that is not closed ends with the outer one', () => {
    const text = lines(
      'Content-Type: multipart/mixed; boundary=a',
      '',
      '--a',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      '',
      'x',
      '--a',
      '',
      'y',
      '--a--',
    );
    const { part, defects } = parseStructure(text);
    expect(outline(part)).toBe('multipart/mixed(multipart/mixed(text/plain) text/plain)');
    expect(defects.map((defect) => defect.code)).toEqual(['missing-closing-boundary']);
  });

  it('takes a boundary that an inner multipart says again for the inner one', () => {
    const text = lines(
      'Content-Type: multipart/mixed; boundary=a',
      '',
      '--a',
      'Content-Type: multipart/mixed; boundary=a',
      '',
      '--a',
      '',
      'x',
      '--a--',
      '--a',
      '',
      'y',
      '--a--',
    );
    expect(outline(parseStructure(text).part)).toBe('multipart/mixed(multipart/mixed(text/plain) text/plain)');
  });

  it.each([
    ['hello\r\nworld\r\n\r\nmore', 0, 3],
    ['A: b\r\nSubject: x\r\nno empty line\r\nhere', 18, 1],
    ['From me@x Mon Jan 1\r\nA: b\r\n\r\nbody', 29, 0],
    [' odd\r\nA: b\r\n\r\nbody', 14, 0],
    ['A: b\r\njunk\r\nC: d\r\n\r\nbody', 20, 0],
  ])('finds the body of %j', (text, bodyStart, bodyLines) => {
    expect(parseStructure(fromLatin1(text)).part).toMatchObject({ bodyStart, bodyLines, bodyEnd: text.length });
  });

  it('RFC 2046 §5.1.1: finds the parts of a multipart whose header has no empty line', () => {
    const text = lines('Subject: x', 'Content-Type: multipart/mixed; boundary=b', '--b', 'Content-Type: text/html', '', 'x', '--b--', '');
    const structure = parseStructure(text);
    expect(outline(structure.part)).toBe('multipart/mixed(text/html)');
    expect(codes(structure)).toEqual(['missing-empty-line']);
    for (let cut = 0; cut <= text.length; cut++) expect(inPieces(text, [cut])).toEqual(structure);
  });

  it.each([
    ['a blank at its end', '"b "', ['--b ', '--b --']],
    ['a tab at its end', '"b\t"', ['--b', '--b--']],
    ['UTF-8', '"b\xc3\xa9"', ['--b\xc3\xa9', '--b\xc3\xa9--']],
    ['Latin-1', '"b\xe9"', ['--b\xe9', '--b\xe9--']],
  ])('RFC 2046 §5.1.1: a boundary may have %s', (_, boundary, [open = '', close = '']) => {
    const text = lines(`Content-Type: multipart/mixed; boundary=${boundary}`, '', open, '', 'x', close, 'epilogue', '');
    const { part, defects } = parseStructure(text);
    expect(part.parts?.map((member) => body(text, member))).toEqual(['x']);
    expect(defects).toEqual([]);
  });

  it('RFC 2046 §5.1.1: a boundary that ends in a blank does not close the one outside that it starts with', () => {
    const inner = ['Content-Type: multipart/mixed; boundary="b "', '', '--b ', '', 'x', '--b --'];
    const text = lines('Content-Type: multipart/mixed; boundary=b', '', '--b', ...inner, '--b', '', 'y', '--b--', '');
    expect(outline(parseStructure(text).part)).toBe('multipart/mixed(multipart/mixed(text/plain) text/plain)');
  });

  it.each([
    ['a message', '', 'junk line', 'Subject: x', 'x'],
    ['a message in a part', 'Content-Type: message/rfc822\r\n\r\n', 'not a field', 'From: a@b', null],
  ])('RFC 5322 §2.2: a first line that is no field does not take the header from %s', (_, outer, first, second, subject) => {
    const { part, envelope, defects } = parseStructure(lines(`${outer}${first}`, second, 'Content-Type: text/html', '', 'body'));
    const inner = part.message ?? { part, envelope };
    expect(inner.part).toMatchObject({ type: 'text', subtype: 'html', bodyLines: 0 });
    expect(inner.envelope.subject).toBe(subject);
    expect(defects.map(({ code }) => code)).toEqual(['no-header-field']);
  });

  it('RFC 2046 §5.1: text that looks like fields stays the text of a part without a header', () => {
    const member = ['Dear all,', 'Date: tomorrow', 'Subject: lunch', '', 'bye'];
    const text = lines('Content-Type: multipart/mixed; boundary=b', '', '--b', ...member, '--b--', '');
    const [part] = parseStructure(text).part.parts ?? [];
    expect(part && body(text, part)).toBe(member.join('\r\n'));
    const headed = lines('Content-Type: multipart/mixed; boundary=b', '', '--b', 'junk', 'Content-Type: text/html', '', 'x', '--b--');
    expect(outline(parseStructure(headed).part)).toBe('multipart/mixed(text/html)');
  });

  it('RFC 2046 §5.2.2: the body of a fragment may follow its header at once', () => {
    const text = lines('Content-Type: message/partial', 'no field', 'more');
    expect(body(text, parseStructure(text).part)).toBe('no field\r\nmore');
  });

  it('RFC 2046 §5.1.5: a member of a digest is a message', () => {
    const text = lines('Content-Type: multipart/digest; boundary=a', '', '--a', '', 'Subject: x', '', 'y', '--a--');
    const member = parseStructure(text).part.parts?.[0];
    expect(member).toMatchObject({ type: 'message', subtype: 'rfc822', message: { envelope: { subject: 'x' } } });
  });
});

describe('limits', () => {
  const deep = (depth: number): string => {
    let text = '';
    for (let i = 0; i < depth; i++) text += `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`;
    return text;
  };

  it('stops at the depth', () => {
    const structure = parseStructure(fromLatin1(deep(1000)), { depth: 10, defects: 1000 });
    let depth = 0;
    for (let part: Part | undefined = structure.part; part?.parts; part = part.parts[0]) depth++;
    expect(depth).toBe(10);
    expect(codes(structure)).toContain('depth-limit');
  });

  it('stops at the number of parts', () => {
    const text = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(50)}--b--\r\n`;
    const structure = parseStructure(fromLatin1(text), { parts: 10 });
    expect(structure.part.parts).toHaveLength(9);
    expect(codes(structure)).toEqual(['parts-limit']);
    expect(structure.part.bodyEnd).toBe(text.length);
  });

  it('reads so many header bytes and no more, and still finds the body', () => {
    const text = `A: ${'x'.repeat(5000)}\r\nSubject: late\r\n\r\nbody`;
    const structure = parseStructure(fromLatin1(text), { headerBytes: 1000 });
    expect(structure.envelope.subject).toBeNull();
    expect(structure.part.bodyStart).toBe(text.length - 4);
    expect(codes(structure)).toContain('header-bytes-limit');
    expect(inPieces(fromLatin1(text), [10, 990, 1002, 4000])).toMatchObject({ part: structure.part });
  });

  it('reads so many fields and no more', () => {
    const structure = parseStructure(fromLatin1(`${'A: b\r\n'.repeat(100)}Subject: late\r\n\r\nbody`), { headerFields: 50 });
    expect(structure.envelope.subject).toBeNull();
    expect(codes(structure)).toEqual(['header-fields-limit']);
  });

  it('lists so many defects and no more', () => {
    expect(parseStructure(fromLatin1('junk\r\n'.repeat(5000))).defects.length).toBeLessThanOrEqual(100);
  });
});

describeConformance('mime', 'messages of other projects', () => {
  const files = ['cpython', 'libical'].flatMap((folder) =>
    readdirSync(join(conformancePath('mime'), folder))
      .filter((name) => name.endsWith('.eml'))
      .map((name) => `${folder}/${name}`),
  );

  it.each(files)('%s has places that fit', (file) => {
    const bytes = readConformance('mime', file);
    const structure = parseStructure(bytes);
    const visit = (part: Part, from: number, to: number): void => {
      expect(part.headerStart).toBeGreaterThanOrEqual(from);
      expect(part.bodyStart).toBeGreaterThanOrEqual(part.headerStart);
      expect(part.bodyEnd).toBeGreaterThanOrEqual(part.bodyStart);
      expect(part.bodyEnd).toBeLessThanOrEqual(to);
      expect(part.bodyLines).toBe(bytes.subarray(part.bodyStart, part.bodyEnd).filter((byte) => byte === 10).length);
      for (const inner of part.parts ?? []) visit(inner, part.bodyStart, part.bodyEnd);
      if (part.message) visit(part.message.part, part.bodyStart, part.bodyEnd);
    };
    visit(structure.part, 0, bytes.length);
    for (const cut of [1, bytes.length >> 2, bytes.length >> 1, bytes.length - 1]) expect(inPieces(bytes, [cut])).toEqual(structure);
  });

  it.each(['base64', 'BASE64', '"base64"', ' base64 (comment)', '(comment) base64'])('RFC 2045 §6.1: %j is base64', (value) => {
    const { part } = parseStructure(fromLatin1(`Content-Transfer-Encoding: ${value}\r\n\r\nYQ==\r\n`));
    expect(part.encoding).toBe('base64');
  });

  it.each([
    ['base 64', 'base64'],
    ['base-64', 'base64'],
    ['b64', 'base64'],
    ['base64; x=y', 'base64'],
    ['quoted_printable', 'quoted-printable'],
    ['QuotedPrintable', 'quoted-printable'],
    ['quoted printable (c)', 'quoted-printable'],
    ['8-bit', '8-bit'],
    ['base64x', 'base64x'],
    ['x-base64', 'x-base64'],
    ['', '7bit'],
  ])('RFC 2045 §6.1: %j is %s', (value, encoding) => {
    expect(parseStructure(fromLatin1(`Content-Transfer-Encoding: ${value}\r\n\r\n`)).part.encoding).toBe(encoding);
  });
});
