import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { concatBytes, fromLatin1, fromUtf8 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { internationalMessage, nestedMessage, plainMessage, quotedPrintableMessage } from '../bench/samples.ts';
import { parseMessage } from './message.ts';
import type { Part } from './part.ts';
import { splitMessage } from './split-message.ts';
import { type MessageSource, openMessage, type StoredAttachment } from './stored-message.ts';
import { parseStructure } from './structure.ts';

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const piece of source) all.push(piece);
  return all;
}

/** A message kept in memory, handed out in pieces of a size. */
function kept(bytes: Uint8Array, pieceBytes: number): MessageSource {
  return {
    sizeBytes: bytes.length,
    *read(start, end) {
      for (let at = start; at < end; at += pieceBytes) yield bytes.subarray(at, Math.min(end, at + pieceBytes));
    },
  };
}

describe('openMessage', () => {
  const samples = [plainMessage(), nestedMessage(), internationalMessage(), quotedPrintableMessage(), new Uint8Array(0)];

  it('reads what parseMessage reads, however the bytes come', async () => {
    const seeds = [nestedMessage().subarray(0, 3000), internationalMessage()];
    const all = [...samples, ...mutants(seeds, { count: 60, tokens: ['\r\n', '\n', '--b1', '--b1--', '\r\n\r\n', '=', '\0'] })];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...all), fc.constantFrom(1, 3, 80, 1000, 65_536), async (bytes, pieceBytes) => {
        const opened = await openMessage(kept(bytes, pieceBytes));
        const { attachments, text, html, ...summary } = parseMessage(bytes);
        expect(opened).toMatchObject(summary);
        expect(await opened.text()).toBe(text);
        expect(await opened.html()).toBe(html);
        const facts = ({ filename, contentType, rawSizeBytes, part }: StoredAttachment) => ({ filename, contentType, rawSizeBytes, part });
        expect(opened.attachments.map(facts)).toEqual(attachments.map(facts));
        for (const [index, attachment] of opened.attachments.entries())
          expect(concatBytes(await collect(attachment.stream()))).toEqual(new Uint8Array(attachments[index]?.bytes() ?? []));
      }),
      { numRuns: 150 },
    );
  });

  it('reads no more of a text than is wanted', async () => {
    const bytes = fromUtf8(`Content-Type: text/plain; charset=utf-8\r\n\r\n${'\u{1f600}'.repeat(10_000)}`);
    let handedOut = 0;
    const source = kept(bytes, 100);
    const counted: MessageSource = {
      ...source,
      *read(start, end) {
        for (const piece of source.read(start, end) as Iterable<Uint8Array>) {
          handedOut += piece.length;
          yield piece;
        }
      },
    };
    const message = await openMessage(counted);
    handedOut = 0;
    expect(await message.text({ mostCharacters: 101 })).toBe('\u{1f600}'.repeat(50));
    expect(handedOut).toBeLessThan(1000);
  });

  it('passes on what the source throws', async () => {
    const read = function* (): Generator<Uint8Array> {
      yield fromUtf8('Subject: x\r\n');
      throw new RangeError('disk');
    };
    await expect(openMessage({ sizeBytes: 100, read })).rejects.toThrow('disk');
  });
});

describe('messages that are larger than memory should be', () => {
  const line = fromLatin1(`${'QUJD'.repeat(19)}\r\n`);
  const block = concatBytes(Array.from({ length: 1000 }, () => line));
  const head = fromLatin1(
    'From: a@b.example\r\nSubject: large\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.zip\r\n\r\n',
  );
  const tail = fromLatin1('--b--\r\n');
  const blocks = 4000;
  const sizeBytes = head.length + blocks * block.length + tail.length;

  /** The bytes of 312 MB from one offset to another, made as they are read. */
  function* generate(start: number, end: number): Generator<Uint8Array> {
    for (let at = start; at < end; ) {
      const within = (at - head.length) % block.length;
      const isHead = at < head.length;
      const isTail = at >= sizeBytes - tail.length;
      const from = isHead ? head.subarray(at) : isTail ? tail.subarray(at - (sizeBytes - tail.length)) : block.subarray(within);
      const piece = from.subarray(0, end - at);
      at += piece.length;
      yield piece;
    }
  }

  /** Most bytes held at once while something runs, beyond those held before; what can be collected is not counted. */
  async function heldBytes(run: (look: () => void) => Promise<void>): Promise<number> {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const held = (): number => {
      // Buffers are freed behind the scenes: the second run waits for what the first one found.
      collectGarbage();
      collectGarbage();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const before = held();
    let most = before;
    let looks = 0;
    await run(() => {
      if (++looks % 1000 === 0) most = Math.max(most, held());
    });
    return Math.max(most, held()) - before;
  }

  it('are opened, and their attachments read, in bounded memory', async () => {
    let decoded = 0;
    const held = await heldBytes(async (look) => {
      const message = await openMessage({
        sizeBytes,
        *read(start, end) {
          for (const piece of generate(start, end)) {
            look();
            yield piece;
          }
        },
      });
      expect([message.subject, await message.text(), message.structure.sizeBytes]).toEqual(['large', 'hello', sizeBytes]);
      const [attachment] = message.attachments;
      expect([attachment?.filename, attachment?.rawSizeBytes]).toEqual(['a.zip', blocks * block.length - 2]);
      for await (const bytes of attachment?.stream() ?? []) decoded += bytes.length;
    });
    expect(decoded).toBe(blocks * 1000 * 57);
    expect(held).toBeLessThan(16 * 1024 * 1024);
  }, 60_000);

  it('are split, and their structure read, in bounded memory', async () => {
    const source = async function* (look: () => void): AsyncGenerator<Uint8Array> {
      for (const piece of generate(0, sizeBytes)) {
        look();
        yield piece;
      }
    };
    let decoded = 0;
    let parts: readonly Part[] = [];
    const held = await heldBytes(async (look) => {
      for await (const event of splitMessage(source(look))) {
        if (event.type === 'body') decoded += event.bytes.length;
        else if (event.type === 'structure') parts = event.structure.part.parts ?? [];
      }
      expect((await parseStructure(source(look))).part.parts).toEqual(parts);
    });
    expect(parts.map((part) => [part.type, part.bodyLines])).toEqual([
      ['text', 0],
      ['application', blocks * 1000 - 1],
    ]);
    expect(decoded).toBe(blocks * 1000 * 57 + 'hello'.length);
    expect(held).toBeLessThan(16 * 1024 * 1024);
  }, 60_000);
});
