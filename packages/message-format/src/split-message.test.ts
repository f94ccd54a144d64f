import { concatBytes, fromLatin1 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { internationalMessage, largeMessage, nestedMessage, quotedPrintableMessage } from '../bench/samples.ts';
import { decodeBody, rawBody } from './decode-body.ts';
import type { MessageStructure, Part } from './part.ts';
import { splitMessage } from './split-message.ts';
import { parseStructure } from './structure.ts';

interface Split {
  readonly structure: MessageStructure | undefined;
  /** Content by the offset of the part's header. */
  readonly bodies: ReadonlyMap<number, Uint8Array>;
  readonly opened: number;
  readonly closed: number;
}

async function split(pieces: readonly Uint8Array[], raw: boolean): Promise<Split> {
  const bodies = new Map<number, Uint8Array>();
  let structure: MessageStructure | undefined;
  let current = -1;
  let opened = 0;
  let closed = 0;
  for await (const event of splitMessage(pieces, { raw })) {
    if (event.type === 'part') {
      current = event.head.headerStart;
      opened++;
    } else if (event.type === 'body') bodies.set(current, concatBytes([bodies.get(current) ?? new Uint8Array(0), event.bytes]));
    else if (event.type === 'end') closed++;
    else structure = event.structure;
  }
  return { structure, bodies, opened, closed };
}

function leaves(part: Part): Part[] {
  if (part.message) return leaves(part.message.part);
  return part.parts?.flatMap(leaves) ?? [part];
}

async function check(bytes: Uint8Array, cuts: readonly number[], raw: boolean): Promise<void> {
  const places = [0, ...cuts.filter((cut) => cut <= bytes.length).toSorted((a, b) => a - b), bytes.length];
  const result = await split(
    places.slice(1).map((end, index) => bytes.slice(places[index], end)),
    raw,
  );
  const structure = parseStructure(bytes);
  expect(result.structure).toEqual(structure);
  expect(result.opened).toBe(result.closed);
  for (const part of leaves(structure.part)) {
    const wanted = raw ? rawBody(part, bytes) : decodeBody(part, bytes);
    expect(Buffer.from(result.bodies.get(part.headerStart) ?? []), `${part.headerStart}`).toEqual(Buffer.from(wanted));
  }
}

describe('splitMessage', () => {
  const samples = [nestedMessage(), internationalMessage(), quotedPrintableMessage()];

  it('gives the same bodies as decodeBody, however the stream is cut', async () => {
    for (const bytes of samples) {
      for (const cuts of [[], [1], [bytes.length >> 1], Array.from({ length: 40 }, (_, i) => Math.floor((bytes.length * i) / 40))])
        await check(bytes, cuts, false);
    }
  });

  it('gives raw bodies of mutants, however they are cut', async () => {
    const seeds = [
      fromLatin1(
        'Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\nx\r\n\r\n--b\r\nA: b\r\n\r\ny\n--b\r\nContent-Type: message/rfc822\r\n\r\nS: i\r\n\r\nz\r\n--b--\r\nepilogue\r\n',
      ),
      fromLatin1('no header\r\nat all\r\n'),
      fromLatin1('A: b\r\nmissing line\r\nhere'),
    ];
    const all = [...mutants(seeds, { count: 300, tokens: ['\r\n', '\n', '\r', '--b', '--b--', '\r\n\r\n', '-', 'A: b'] })];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...all), fc.array(fc.nat(250), { maxLength: 8 }), (bytes, cuts) => check(bytes, cuts, true)),
      { numRuns: 600 },
    );
  });

  it('tells the header of each part before its body', async () => {
    const names: string[] = [];
    for await (const event of splitMessage([nestedMessage()])) {
      if (event.type === 'part') names.push(`${event.head.depth} ${event.head.type}/${event.head.subtype} ${event.head.fields.length}`);
    }
    expect(names.slice(0, 4)).toEqual(['0 multipart/mixed 14', '1 multipart/related 1', '2 multipart/alternative 1', '3 text/plain 1']);
  });

  it('keeps little, whatever the size', async () => {
    const bytes = largeMessage();
    const pieces = (function* () {
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
    })();
    let largest = 0;
    let total = 0;
    for await (const event of splitMessage(pieces)) {
      if (event.type !== 'body') continue;
      largest = Math.max(largest, event.bytes.length);
      total += event.bytes.length;
    }
    expect(largest).toBeLessThanOrEqual(65_536);
    expect(total).toBeGreaterThan(3_600_000);
  });
});
