import { concatBytes, fromLatin1, toLatin1 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { authservId, filterHeader, HeaderCollector } from './header-section.ts';

function collect(pieces: readonly Uint8Array[]): { header: string; rest: string } {
  const collector = new HeaderCollector();
  const rest: Uint8Array[] = [];
  let whole = false;
  for (const piece of pieces) {
    if (whole) rest.push(piece);
    else {
      const left = collector.push(piece);
      if (!left) continue;
      whole = true;
      rest.push(left);
    }
  }
  return { header: toLatin1(collector.take()), rest: toLatin1(concatBytes(rest)) };
}

describe('gathering', () => {
  it.each([
    ['a: b\r\n\r\nbody', 'a: b\r\n\r\n', 'body'],
    ['\r\nbody', '\r\n', 'body'],
    ['a: b\r\n\nbody', 'a: b\r\n\nbody', ''],
    ['a: b\r\n\r\r\n\r\n\r\n', 'a: b\r\n\r\r\n\r\n', '\r\n'],
    ['', '', ''],
  ])('RFC 5322 §2.1: %j has its header section before the first empty line', (text, header, rest) => {
    expect(collect([fromLatin1(text)])).toEqual({ header, rest });
  });

  it('does not depend on how the message is cut', () => {
    const texts = fc.array(fc.constantFrom('\r\n', '\r', '\n', 'a', 'x: y', ' '), { maxLength: 12 }).map((words) => words.join(''));
    fc.assert(
      fc.property(texts, fc.nat({ max: 30 }), (text, point) => {
        const bytes = fromLatin1(text);
        expect(collect([bytes.slice(0, point), bytes.slice(point)])).toEqual(collect([bytes]));
        expect(collect(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(collect([bytes]));
      }),
    );
  });

  it('a section of 1 MB in single bytes costs linear time', () => {
    const collector = new HeaderCollector();
    for (let i = 0; i < 1_000_000; i++) collector.push(Uint8Array.of(120));
    expect(collector.length).toBe(1_000_000);
  });
});

describe('filtering', () => {
  it('takes whole fields out, folded lines with them, and leaves the rest as it stood', () => {
    const header = fromLatin1('X: 1\r\nDrop: a\r\n b\r\n\tc\r\ndrop : d\r\nbroken line\r\nY: 2\r\n\r\n');
    const { pieces, facts } = filterHeader(header, ({ nameLower }) => nameLower === 'drop');
    expect(toLatin1(concatBytes(pieces))).toBe('X: 1\r\nbroken line\r\nY: 2\r\n\r\n');
    expect(facts.removed).toEqual(['Drop', 'drop']);
  });

  it.each([
    [' goes on a field above\r\nSubject: x\r\n\r\n', true],
    ['\tgoes on a field above\r\n', true],
    ['no field at all\r\n\r\n', false],
    ['Subject: x\r\n\r\n', false],
    ['\r\n', false],
    ['', false],
  ])('RFC 5322 §2.2.3: %j would go on the field above: %s', (text, startsFolded) => {
    expect(filterHeader(fromLatin1(text), () => false).startsFolded).toBe(startsFolded);
  });

  it('never throws, and takes out nothing but what it was told to', () => {
    const seeds = ['Return-Path: <a@b>\r\nAuthentication-Results: (c) x.example; spf=pass\r\nFrom: a@b\r\n\r\n'];
    for (const bytes of mutants(seeds, { count: 3000, seed: 11 })) {
      const { pieces } = filterHeader(bytes, () => false);
      expect(concatBytes(pieces)).toEqual(bytes);
      const { pieces: left, facts } = filterHeader(bytes, ({ value }) => authservId(value) === 'x.example');
      expect(concatBytes(left).length < bytes.length).toBe(facts.removed.length > 0);
    }
  });

  it.each([
    ['mx.example.org; spf=pass', 'mx.example.org'],
    [' MX.Example.Org 1; none', 'mx.example.org'],
    ['(comment (nested \\) one)) mx.example.org', 'mx.example.org'],
    ['"mx.example.org"; none', 'mx.example.org'],
    ['mx.example.org(x); none', 'mx.example.org'],
    ['(unclosed mx.example.org', ''],
    ['', ''],
  ])('RFC 8601 §2.2: %j is of %j', (value, id) => {
    expect(authservId(value)).toBe(id);
  });
});
