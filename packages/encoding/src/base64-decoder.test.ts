import { concatBytes, fromLatin1, toLatin1 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { encodeBase64 } from './base64.ts';
import { Base64Decoder, decodeBase64Lenient, readBase64 } from './base64-decoder.ts';
import type { EncodingProblem } from './encoding-problem.ts';

interface Reading {
  readonly text: string;
  readonly problems: readonly (readonly [EncodingProblem['code'], number])[];
}

function reading(bytes: Uint8Array, problems: readonly EncodingProblem[]): Reading {
  return { text: toLatin1(bytes), problems: problems.map(({ code, offset }) => [code, offset]) };
}

function readWhole(bytes: Uint8Array): Reading {
  const read = readBase64(bytes);
  return reading(read.bytes, read.problems);
}

/** Reads pieces that are overwritten once they were pushed. */
function readPieces(bytes: Uint8Array, cuts: readonly number[]): Reading {
  const decoder = new Base64Decoder();
  const places = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length];
  const decoded = places.slice(1).map((end, i) => {
    const piece = bytes.slice(places[i], end);
    const out = decoder.push(piece).slice();
    piece.fill(33);
    return out;
  });
  return reading(concatBytes([...decoded, decoder.end()]), decoder.problems);
}

function everySize(bytes: Uint8Array, size: number): Reading {
  return readPieces(
    bytes,
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => i * size),
  );
}

const footer = '_______________________________________________\r\nlist mailing list\r\nlist@example.org\r\nhttps://example.org/list\r\n';
const line = encodeBase64(fromLatin1('57 bytes of text, which make a line of 76 digits in MIME.'));

const cases: readonly (readonly [title: string, text: string, decoded: string, problems: Reading['problems']])[] = [
  ['RFC 2045 §6.8: padding', 'SGVsbG8=', 'Hello', []],
  ['RFC 2045 §6.8: line ends and blanks', ' SGVs\r\n\tbG8h \r\n\r\n', 'Hello!', []],
  ['RFC 2045 §6.8: characters outside of the alphabet', 'Z!m9\r\nv\u00e9YmF*y\r\n', 'foobar', [['stray-character', 1]]],
  ['RFC 2045 §6.8: a line in quotes', '> SGVsbG8h\r\n', 'Hello!', [['stray-character', 0]]],
  ['RFC 2045 §6.8: a blank in a line', 'SGVs bG8h\r\n', 'Hello!', []],
  ['RFC 2045 §6.8: an inserted character', `${line}!\r\n${line.slice(0, 20)}-${line.slice(20)}\r\n`.replace('-', '?'), '', []],
  ['no padding', 'Zm9vYg', 'foob', [['incomplete', 6]]],
  ['too little padding', 'Zm9vYg=', 'foob', [['incomplete', 6]]],
  ['too much padding', 'Zm9v====\r\n==\r\n', 'foo', []],
  ['a single digit at the end', 'Zm9vY', 'foo', [['incomplete', 5]]],
  ['a single digit before padding', 'Zm9vY===', 'foo', [['incomplete', 5]]],
  ['padding on a line of its own', 'Zg\r\n==', 'f', []],
  ['= within a line', 'SG=VsbG8h', 'Hello!', [['stray-character', 2]]],
  ['= between groups', 'SGVs=bG8h', 'Hello!', [['stray-character', 4]]],
  ['RFC 2045 §6.8: blocks one behind the other, by lines', 'SGVsbG8=\r\nSGVsbG8=\r\nSGVs\r\n', 'HelloHelloHel', []],
  ['RFC 2045 §6.8: blocks one behind the other, in a line', 'Zg==Zm8=Zm9v', 'ffofoo', []],
  ['RFC 2045 §6.8: blocks of many lines', `${line}\r\nZg==\r\n${line}\r\nZg==\r\n`, '', []],
  ['RFC 2045 §6.8: a footer behind padding', `SGVsbG8=\r\n${footer}`, 'Hello', [['foreign-text', 10]]],
  ['RFC 2045 §6.8: a footer behind whole groups', `SGVsbG8h\r\n${footer}`, 'Hello!', [['foreign-text', 10]]],
  ['a footer where padding is missing', `${line}\r\nSGVsbG8\r\n${footer}`, '', []],
  ['a footer behind an empty line', 'SGVsbG8h\r\n\r\n-- \r\nJohn Smith\r\n', 'Hello!', [['foreign-text', 12]]],
  ['text in the line of the padding', 'SGVsbG8= -- bye', 'Hello', [['foreign-text', 8]]],
  ['words of four letters in a footer', 'SGVsbG8=\r\n--\r\nBest\r\nJohn', 'Hello', [['foreign-text', 10]]],
  ['a footer that is encoded, behind one that is not', `SGVsbG8=\r\nThe end.\r\n${line}\r\n`, '', []],
  ['text before', `CAUTION: this is from outside\r\n\r\n${line}\r\n`, '', []],
  ['HTML behind', 'SGVsbG8h\r\n<br/>\r\n<p>Bye</p>\r\n', 'Hello!', [['foreign-text', 10]]],
  ['nothing but text', 'This is not encoded.\r\nIt says so.\r\n', 'This is not encoded.\r\nIt says so.\r\n', [['not-encoded', 0]]],
  ['the alphabet of URLs', '-__-_w==', '\xfb\xff\xfe\xff', []],
  ['padding only', '====', '', []],
  ['nothing', '', '', []],
];

describe('readBase64', () => {
  const text57 = '57 bytes of text, which make a line of 76 digits in MIME.';
  /** What the longer cases are, which do not fit on a line. */
  const longer: Readonly<Record<string, readonly [string, Reading['problems']]>> = {
    'RFC 2045 §6.8: an inserted character': [text57 + text57, [['stray-character', 76]]],
    'RFC 2045 §6.8: blocks of many lines': [`${text57}f${text57}f`, []],
    'a footer where padding is missing': [
      `${text57}Hello`,
      [
        ['incomplete', 87],
        ['foreign-text', 87],
      ],
    ],
    'a footer that is encoded, behind one that is not': [`Hello${text57}`, [['foreign-text', 10]]],
    'text before': [text57, [['foreign-text', 0]]],
  };
  it.each(cases)('%s', (title, text, decoded, problems) => {
    const bytes = fromLatin1(text);
    const [wantedText, wantedProblems] = longer[title] ?? [decoded, problems];
    const wanted = { text: wantedText, problems: wantedProblems };
    expect(readWhole(bytes)).toEqual(wanted);
    for (const size of [1, 2, 3, 5, 17]) expect(everySize(bytes, size)).toEqual(wanted);
    expect(toLatin1(decodeBase64Lenient(bytes))).toBe(wantedText);
    // The same behind lines that the platform decodes.
    if (title.startsWith('nothing') || title === 'text before') return;
    const tidy = `${line}\r\n`.repeat(4);
    const behind = { text: text57.repeat(4) + wantedText, problems: wantedProblems.map(([code, at]) => [code, at + tidy.length]) };
    expect(readWhole(fromLatin1(tidy + text))).toEqual(behind);
    expect(everySize(fromLatin1(tidy + text), 100)).toEqual(behind);
  });

  it('passes over a line of text however long it is, and keeps little of it', () => {
    const text = `SGVsbG8=\r\n${'word after word '.repeat(10_000)}\r\n${line}`;
    for (const size of [1000, 4096]) {
      const { text: decoded, problems } = everySize(fromLatin1(text), size);
      expect([decoded, problems]).toEqual([`Hello${text57}`, [['foreign-text', 10]]]);
    }
  });

  it('takes a body without line ends', () => {
    const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => i * 7);
    const encoded = fromLatin1(encodeBase64(bytes));
    for (const size of [1, 999, 1000, 1001, 5000]) expect(everySize(encoded, size)).toEqual({ text: toLatin1(bytes), problems: [] });
  });

  it('decodes what was encoded in lines, in whatever pieces', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 3, maxLength: 1000 }),
        fc.constantFrom(4, 60, 72, 76, 1000),
        fc.constantFrom('\r\n', '\n', '\r\n '),
        fc.array(fc.nat(1400), { maxLength: 8 }),
        (bytes, lineLength, lineEnd, cuts) => {
          const text = encodeBase64(bytes, { lineLength }).replaceAll('\r\n', lineEnd);
          const wanted = { text: toLatin1(bytes), problems: [] };
          expect(readWhole(fromLatin1(text))).toEqual(wanted);
          expect(readWhole(fromLatin1(`${text}${lineEnd}`))).toEqual(wanted);
          expect(readPieces(fromLatin1(text), cuts)).toEqual(wanted);
        },
      ),
    );
  });

  it('RFC 2045 §6.8: keeps what blocks, footers and pieces of all kinds were meant to be', () => {
    const block = fc.uint8Array({ minLength: 60, maxLength: 400 });
    const footers = fc.constantFrom('', footer, '-- \r\nJohn Smith\r\nExample Inc.\r\n', '\r\nThis e-mail is confidential.\r\n');
    fc.assert(
      fc.property(
        fc.array(block, { minLength: 1, maxLength: 4 }),
        footers,
        fc.array(fc.nat(3000), { maxLength: 8 }),
        (blocks, end, cuts) => {
          const encoded = blocks.map((bytes) => `${encodeBase64(bytes, { lineLength: 76 })}\r\n`).join('');
          const bytes = fromLatin1(encoded + end);
          const wanted = readWhole(bytes);
          expect(wanted.text).toBe(toLatin1(concatBytes(blocks)));
          expect(wanted.problems.map(([code]) => code)).toEqual(end === '' ? [] : ['foreign-text']);
          expect(readPieces(bytes, cuts)).toEqual(wanted);
        },
      ),
    );
  });

  it('takes mutants the same whole and in pieces of all kinds', () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => i * 7);
    const seeds = [
      encodeBase64(bytes, { lineLength: 76 }),
      encodeBase64(bytes, { lineLength: 30 }),
      encodeBase64(bytes),
      `${line}\r\nZg==\r\n${footer}${line}`,
      `${footer.repeat(30)}${line}\r\n${line}`,
      `${'Word '.repeat(300)}\r\n${line}`,
      'Zg==',
    ];
    const tokens = ['=', '==', '\r\n', '\n', '\r', '-', '_', '--', ' ', '\u00e9', 'QUJD', 'Zg==', footer, `${line}\r\n`, 'a word', '!'];
    const all = [...mutants(seeds, { count: 3000, tokens })];
    for (const [index, mutant] of all.entries()) {
      const whole = readWhole(mutant);
      expect(everySize(mutant, 1 + (index % 130))).toEqual(whole);
      if (index % 10 === 0) expect(everySize(mutant, 1)).toEqual(whole);
    }
  });
});
