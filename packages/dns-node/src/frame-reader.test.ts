import { concatBytes } from '@mox/runtime';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameReader } from './frame-reader.ts';

it('RFC 1035 §4.2.2: messages come out whole, wherever the stream is cut', () => {
  const message = fc.uint8Array({ minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(fc.array(message), fc.infiniteStream(fc.integer({ min: 1, max: 50 })), (messages, cuts) => {
      const stream = concatBytes([new Uint8Array(0), ...messages.flatMap((m) => [Uint8Array.of(m.length >> 8, m.length & 255), m])]);
      const reader = new FrameReader();
      const read: Uint8Array[] = [];
      for (let at = 0; at < stream.length; ) {
        const size = cuts.next().value ?? 1;
        read.push(...reader.push(stream.subarray(at, at + size)));
        at += size;
      }
      expect(read).toEqual(messages);
    }),
    { numRuns: 200 },
  );
});

it('a message of no bytes is passed over', () => {
  expect([...new FrameReader().push(Uint8Array.of(0, 0, 0, 0, 0, 1, 7))]).toEqual([Uint8Array.of(7)]);
});
