import { concatBytes, fromLatin1, fromUtf8, toLatin1 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeXtext, encodeXtext, formatReply, formatReplyLine, smtpReply } from './index.ts';
import { InputBuffer } from './input-buffer.ts';
import { parsePathArgument } from './path.ts';
import { ReplyReader } from './reply-reader.ts';

function readReply(bytes: Uint8Array): unknown {
  const input = new InputBuffer();
  input.push(bytes);
  return new ReplyReader().read(input);
}

describe('replies', () => {
  it('RFC 5321 §4.2.1: several lines are joined by hyphens, RFC 2034 §4: each has the enhanced status code', () => {
    expect(toLatin1(formatReply(smtpReply(550, '5.7.1', ['a', 'b'])))).toBe('550-5.7.1 a\r\n550 5.7.1 b\r\n');
    expect(formatReplyLine(smtpReply(250, '', 'fine'))).toBe('250 fine');
  });

  it('RFC 5321 §4.5.3.1.5: no line is longer than 512 octets, none has what is not printable ASCII', () => {
    const lines = toLatin1(formatReply(smtpReply(250, '2.0.0', `${'x'.repeat(1000)}\r\n250 forged \u00e9\u0000`))).split('\r\n');
    expect(lines.pop()).toBe('');
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^250[ -]2\.0\.0 [\x20-\x7e]{0,500}$/);
  });

  it('RFC 5321 §4.2: what is formatted is read back', () => {
    const word = fc.stringMatching(/^[!-~][ -~]{0,40}$/).filter((text) => !/^[245]\.\d/.test(text));
    const codes = fc.constantFrom([250, '2.1.0'], [450, ''], [550, '5.7.1'], [354, ''], [421, '4.3.2']) as fc.Arbitrary<[number, string]>;
    fc.assert(
      fc.property(codes, fc.array(word, { minLength: 1, maxLength: 5 }), ([code, enhanced], lines) => {
        const reply = smtpReply(code, enhanced, lines.length === 1 ? (lines[0] ?? '') : lines);
        expect(readReply(formatReply(reply))).toEqual(reply);
      }),
    );
  });

  it.each([
    ['250\r\n', smtpReply(250, '', '')],
    ['250 \r\n', smtpReply(250, '', '')],
    ['250 2.1.5\r\n', smtpReply(250, '2.1.5', '')],
    ['550 2.1.5 of another class\r\n', smtpReply(550, '', '2.1.5 of another class')],
    ['250-a\r\n250\r\n', smtpReply(250, '', ['a', ''])],
  ])('RFC 5321 §4.2: %j is read', (text, reply) => {
    expect(readReply(fromLatin1(text))).toEqual(reply);
  });

  it('a reply without end is given up', () => {
    expect(readReply(fromLatin1('250-x\r\n'.repeat(1000)))).toEqual({ problem: 'a reply has too many lines' });
    expect(readReply(fromLatin1('2'.repeat(5000)))).toEqual({ problem: 'a reply line is too long' });
  });
});

describe('xtext', () => {
  it('RFC 3461 §4: any text goes through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const encoded = encodeXtext(text);
        expect(encoded).toMatch(/^[!-*,-<>-~+]*$/);
        expect(decodeXtext(encoded)).toBe(text);
      }),
    );
  });

  it.each(['+', '+4', '+4g', 'a=b', 'a b', '+FF', 'é'])('RFC 3461 §4: %j is none', (text) => {
    expect(decodeXtext(text)).toBeUndefined();
  });
});

describe('paths', () => {
  const postmaster = { ascii: 'foo.com', unicode: 'foo.com' };
  const read = (argument: string, keyword: 'FROM' | 'TO' = 'FROM') => parsePathArgument(argument, { keyword, postmaster });

  it.each([
    ['FROM:<>', null, '', []],
    ['from:<a@b.example> SIZE=1  X', 'a', 'SIZE=1  X', []],
    ['FROM:  <a@b.example>', 'a', '', ['space-before-path']],
    ['FROM:a@b.example X=1', 'a', 'X=1', ['no-angle-brackets']],
    ['FROM:<@r.example,@s.example:a@b.example>', 'a', '', ['source-route']],
    ['FROM:<"a> b"@b.example> X', 'a> b', 'X', []],
    [`FROM:<${'x'.repeat(100)}@b.example>`, 'x'.repeat(100), '', []],
  ])('RFC 5321 §4.1.2: %s', (argument, localpart, rest, oddities) => {
    const path = read(argument);
    expect(path).toMatchObject({ ok: true, value: { rest } });
    if (path.ok) expect([path.value.path?.localpart ?? null, ...path.value.oddities]).toEqual([localpart, ...oddities]);
  });

  it.each([
    '',
    'FROM',
    'FROM:',
    'TO:<a@b.example>',
    'FROM:<a@b.example',
    'FROM:<a@b.example>x',
    'FROM:<a>',
    'FROM:<@b.example>',
    'FROM:<a@-b.example>',
    'FROM:<postmaster>',
  ])('RFC 5321 §4.1.2: %j is refused', (argument) => {
    expect(read(argument).ok).toBe(false);
  });
});

describe('input', () => {
  it('gives the lines that are in it, however it came', () => {
    const text = fc.array(fc.constantFrom('\r\n', '\r', '\n', 'abc', 'x'.repeat(30)), { maxLength: 30 }).map((words) => words.join(''));
    fc.assert(
      fc.property(text, fc.nat({ max: 40 }), (all, size) => {
        const input = new InputBuffer();
        const lines: string[] = [];
        const bytes = fromUtf8(all);
        const take = (): boolean => {
          const line = input.takeLine(1000);
          if (line) lines.push(line.type === 'line' ? toLatin1(line.bytes) : line.type);
          return line !== undefined;
        };
        for (let at = 0; at < bytes.length; at += size + 1) {
          input.push(bytes.slice(at, at + size + 1));
          while (take());
        }
        const expected = all
          .split('\n')
          .slice(0, -1)
          .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : 'bare-lf'));
        expect(lines).toEqual(expected);
        expect(input.length).toBe(all.length - all.lastIndexOf('\n') - 1);
      }),
    );
  });

  it('gathers single bytes, and gives them back', () => {
    const input = new InputBuffer();
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
    for (const byte of bytes) input.push(Uint8Array.of(byte));
    const pieces: Uint8Array[] = [];
    for (let piece = input.peekPiece(); piece; piece = input.peekPiece()) {
      pieces.push(piece);
      input.skip(piece.length);
    }
    expect(concatBytes(pieces)).toEqual(bytes);
    expect(pieces.length).toBeLessThan(100);
  });
});
