import { concatBytes, fromLatin1, toLatin1 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import type { EncodingProblem } from './encoding-problem.ts';
import { decodeUuencode, readUuencode, UuencodeDecoder } from './uuencode.ts';

/** Writes uuencoded data; zero as the character given. */
function encode(bytes: Uint8Array, zero: ' ' | '`' = '`'): string {
  const character = (value: number): string => ((value & 63) === 0 ? zero : String.fromCharCode((value & 63) + 32));
  let text = 'begin 644 file.bin\n';
  for (let at = 0; at < bytes.length; at += 45) {
    const line = bytes.subarray(at, at + 45);
    text += character(line.length);
    for (let i = 0; i < line.length; i += 3) {
      const bits = ((line[i] ?? 0) << 16) | ((line[i + 1] ?? 0) << 8) | (line[i + 2] ?? 0);
      text += character(bits >> 18) + character(bits >> 12) + character(bits >> 6) + character(bits);
    }
    text += '\n';
  }
  return `${text}${zero}\nend\n`;
}

function inPieces(bytes: Uint8Array, size: number): { bytes: Uint8Array; problems: readonly EncodingProblem[] } {
  const decoder = new UuencodeDecoder();
  const decoded: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) decoded.push(decoder.push(bytes.subarray(at, at + size)));
  decoded.push(decoder.end());
  return { bytes: concatBytes(decoded), problems: decoder.problems };
}

const hello = '+:&5L;&\\@=V]R;&0';

const cases: readonly (readonly [title: string, text: string, decoded: string, problems: readonly [string, number][]])[] = [
  ['begin to end', `begin 644 x\n${hello}\n\`\nend\n`, 'hello world', []],
  ['CRLF, spaces for zero', `begin 644 x y\r\n${hello} \r\n \r\nend\r\n`, 'hello world', []],
  ['a four-digit mode and no name', `begin 0644\n${hello}\n\`\nend`, 'hello world', []],
  ['spaces cut off line ends', `begin 644 x\n#86)C\n#\n"\n\nend\n`, 'abc\0\0\0\0\0', []],
  ['a checksum behind each line', `begin 644 x\n#86)C!\n\`\nend\n`, 'abc', []],
  ['no line of no length', `begin 644 x\n#86)C\nend\n`, 'abc', []],
  ['text before', `Here it is:\n\nbegin 644 x\n#86)C\n\`\nend\n`, 'abc', [['foreign-text', 0]]],
  ['a footer', 'begin 644 x\n#86)C\n`\nend\n\n-- \nlist\n', 'abc', [['foreign-text', 25]]],
  ['text within', 'begin 644 x\n#86)C\nlist of words\n#86)C\n`\nend\n', 'abcabc', [['foreign-text', 18]]],
  ['no end', 'begin 644 x\n#86)C\n', 'abc', [['incomplete', 18]]],
  ['cut within a line', `begin 644 x\n${hello.slice(0, 9)}`, 'hello ', [['incomplete', 21]]],
  ['no begin', `${hello}\n\`\nend\n`, 'hello world', [['incomplete', 0]]],
  ['nothing encoded', 'begin with words\nand more\n', 'begin with words\nand more\n', [['not-encoded', 0]]],
  ['nothing', '', '', []],
];

describe('readUuencode', () => {
  it.each(cases)('RFC 2045 §6.3: x-uuencode, %s', (_, text, decoded, problems) => {
    for (const read of [readUuencode(fromLatin1(text)), ...[1, 2, 7, 20].map((size) => inPieces(fromLatin1(text), size))]) {
      expect([toLatin1(read.bytes), read.problems.map(({ code, offset }) => [code, offset])]).toEqual([decoded, problems]);
    }
  });

  it('decodes what was encoded, in whatever pieces', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 500 }),
        fc.constantFrom<' ' | '`'>(' ', '`'),
        fc.integer({ min: 1, max: 300 }),
        (bytes, zero, size) => {
          const text = encode(bytes, zero);
          const stripped = text.replace(/ +$/gm, '');
          for (const written of [text, stripped]) {
            expect(decodeUuencode(fromLatin1(written))).toEqual(bytes);
            expect(inPieces(fromLatin1(written), size)).toEqual({ bytes, problems: [] });
          }
        },
      ),
    );
  });

  it('takes mutants the same whole and in pieces', () => {
    const data = encode(Uint8Array.from({ length: 300 }, (_, i) => i * 7));
    const seeds = [data, `Text before. ${'and more\n'.repeat(600)}${data}`, `${'x'.repeat(2500)}\n${data}`];
    for (const mutant of mutants(seeds, { count: 300, tokens: ['\n', '\r\n', 'end\n', 'begin 644 x\n', ' ', '`', 'words\n', 'M'] })) {
      const whole = readUuencode(mutant);
      for (const size of [1, 64, 1000]) expect(inPieces(mutant, size)).toEqual({ ...whole, bytes: Uint8Array.from(whole.bytes) });
    }
  });
});
