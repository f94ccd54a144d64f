import { fromUtf8, toUtf8 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PackedReader, type PackedText } from './packed-reader.ts';
import { StoreError } from './store.ts';

/** A packed text among others. */
function packed(text: string): PackedText {
  const bytes = fromUtf8(`["before"]\n${text}\n["behind"]`);
  return { bytes, start: 11, end: bytes.length - 11 };
}

/** Reads any value by the reader's methods. */
function read(reader: PackedReader): unknown {
  const byte = String.fromCharCode(reader.bytes[reader.at] ?? 0);
  if (byte === '"') return reader.string();
  if (byte !== '[') return reader.isNumber ? reader.number() : reader.absent() && null;
  const values: unknown[] = [];
  if (reader.enter())
    do values.push(read(reader));
    while (reader.more());
  return values;
}

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.nat(),
    fc.constant(null),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('"', '\\', 'a', '\n', '\u007f', 'é') }),
    fc.array(tie('value'), { maxLength: 5 }),
  ),
}));

describe('PackedReader', () => {
  it('reads what JSON reads, and leaves off behind it', () => {
    fc.assert(
      fc.property(value, (made) => {
        const text = packed(JSON.stringify(made));
        const reader = new PackedReader(text);
        expect(read(reader)).toEqual(made);
        expect(reader.at).toBe(text.end);
      }),
    );
  });

  it('passes values and tells where they are', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 8 }), fc.nat(8), (made, count) => {
        const text = packed(JSON.stringify(made));
        const reader = new PackedReader(text);
        const places = reader.places(count);
        expect(places).toHaveLength(Math.min(made.length, count + 1));
        if (made.length > count) expect(reader.at).toBe(places[count]);
        else expect(reader.at).toBe(text.end);
        const again = new PackedReader(text);
        for (const [i, at] of places.entries()) {
          again.at = at;
          expect(read(again)).toEqual(made[i]);
        }
      }),
    );
  });

  it.each([
    ['a b', true],
    ['', true],
    ['quote " and \\', true],
    ['a\tb', false],
    ['\u007f', false],
    ['é', false],
    ['\ud800', false],
  ])('takes %j for plain: %s', (text, plain) => {
    const reader = new PackedReader(packed(JSON.stringify(text)));
    const start = reader.at;
    expect(reader.plainString()).toBe(plain);
    expect(toUtf8(reader.bytes.subarray(start, reader.at))).toBe(plain ? JSON.stringify(text) : '');
  });

  it.each([
    ['text', true],
    ['tex', false],
    ['text/plain', false],
    ['', false],
  ])('knows whether "text" is %j: %s', (text, same) => {
    expect(new PackedReader(packed('"text"')).isString(text)).toBe(same);
  });

  it('throws a StoreError or ends, whatever it is given', () => {
    const character = fc.constantFrom(...'[],"\\01n é');
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 12 }), (text) => {
        const bytes = fromUtf8(text);
        for (const run of [read, (reader: PackedReader) => reader.skip(), (reader: PackedReader) => reader.places(3)]) {
          const reader = new PackedReader({ bytes, start: 0, end: bytes.length });
          try {
            run(reader);
          } catch (error) {
            expect(error).toBeInstanceOf(StoreError);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
