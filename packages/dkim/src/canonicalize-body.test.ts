import { concatBytes, fromLatin1, toLatin1 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalizeBody } from './canonicalize-body.ts';
import type { Canonicalization } from './canonicalize-header.ts';

function run(canonicalization: Canonicalization, pieces: readonly Uint8Array[]): string {
  const out: Uint8Array[] = [];
  const canonicalizer = canonicalizeBody(canonicalization, (bytes) => out.push(bytes.slice()));
  for (const piece of pieces) canonicalizer.write(piece);
  canonicalizer.end();
  return toLatin1(concatBytes(out));
}

function withoutLastEmptyLines(body: string): string {
  let end = body.length;
  while (body.endsWith('\r\n', end)) end -= 2;
  return body.slice(0, end);
}

/** What the RFC says, in regular expressions: slow and plain. */
function reference(canonicalization: Canonicalization, body: string): string {
  if (canonicalization === 'simple') return `${withoutLastEmptyLines(body)}\r\n`;
  const reduced = body.replace(/[ \t]+(?=\r\n|$)/g, '').replace(/[ \t]+/g, ' ');
  const trimmed = withoutLastEmptyLines(reduced);
  return trimmed === '' ? '' : `${trimmed}\r\n`;
}

describe('canonicalizeBody', () => {
  it.each([
    ['simple', '', '\r\n', '§3.4.3'],
    ['relaxed', '', '', '§3.4.4'],
    ['simple', ' C \r\nD \t E\r\n\r\n\r\n', ' C \r\nD \t E\r\n', '§3.4.5'],
    ['relaxed', ' C \r\nD \t E\r\n\r\n\r\n', ' C\r\nD E\r\n', '§3.4.5'],
    ['relaxed', ' \t\r\n\r\n', '', '§3.4.4'],
    ['relaxed', 'a', 'a\r\n', '§3.4.4'],
    ['simple', 'a\rb\n\r\r\n', 'a\rb\n\r\r\n', '§3.4.3'],
    ['relaxed', 'a \rb\n \r\r\n', 'a \rb\n \r\r\n', '§3.4.4'],
  ] as const)('%s: %j -> %j (RFC 6376 %s)', (canonicalization, body, expected, _section) => {
    expect(run(canonicalization, [fromLatin1(body)])).toBe(expected);
  });

  const body = fc
    .array(fc.constantFrom('\r\n', '\r', '\n', ' ', '\t', '  ', 'a', 'word', '\r\n\r\n', '.'), { maxLength: 60 })
    .map((parts) => parts.join(''));

  it.each(['simple', 'relaxed'] as const)('%s: every split of the body gives the same, which is what the RFC says', (canonicalization) => {
    fc.assert(
      fc.property(body, fc.array(fc.nat(200), { maxLength: 6 }), (text, cuts) => {
        const bytes = fromLatin1(text);
        const bounds = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
        const pieces = bounds.slice(1).map((end, i) => bytes.subarray(bounds[i], end));
        expect(run(canonicalization, pieces)).toBe(reference(canonicalization, text));
      }),
      { numRuns: 2000 },
    );
  });

  it('every single split of a body that has everything', () => {
    const text = 'a  b \t\r\n\r\n \r\nc\r\rd\n\t e \r\n\r\n\r\n';
    for (const canonicalization of ['simple', 'relaxed'] as const) {
      for (let cut = 0; cut <= text.length; cut++) {
        expect(run(canonicalization, [fromLatin1(text.slice(0, cut)), fromLatin1(text.slice(cut))])).toBe(
          reference(canonicalization, text),
        );
      }
    }
  });

  it('stretches of every length and place, between white space that is reduced', () => {
    const word = 'abcdefghijklmnopqrstuvwxyz'.repeat(4);
    let text = '';
    for (let length = 1; length < 100; length++) text += `${word.slice(0, length)}${[' \t', ' \r\n', '\t', ' ', '\r\n'][length % 5]}`;
    text += `${'long '.repeat(1000)} \t${word}`;
    for (let cut = 0; cut < 200; cut++) {
      expect(run('relaxed', [fromLatin1(text.slice(0, cut)), fromLatin1(text.slice(cut))])).toBe(reference('relaxed', text));
    }
  });

  it('bodies larger than a round', () => {
    const text = `${'x '.repeat(40_000)}\r\n${'\r\n'.repeat(30_000)}end`;
    for (const canonicalization of ['simple', 'relaxed'] as const)
      expect(run(canonicalization, [fromLatin1(text)])).toBe(reference(canonicalization, text));
  });
});
