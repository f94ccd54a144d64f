// What GMime makes of the same messages (skipped where it is not installed).
import { createHash } from 'node:crypto';
import { concatBytes, fromLatin1 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomNumbers } from '../../../tools/fuzz.ts';
import {
  type ComposeInput,
  type ComposeOptions,
  composeMessage,
  decodeBody,
  type MessageAddress,
  type Part,
  parseMessage,
  partFilename,
} from '../src/index.ts';
import { gmimeAvailable, readWithGmime } from './gmime-reading.ts';
import { generateMessages } from './message-generator.ts';
import { outline } from './python-reading.ts';

function leaves(part: Part): Part[] {
  if (part.message) return leaves(part.message.part);
  return part.parts && part.parts.length > 0 ? part.parts.flatMap(leaves) : [part];
}

const sha1 = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');

/** Of a line end before a boundary line GMime leaves the CR to the part, at the borders of its buffers. */
function isSameBody(ours: Uint8Array, theirs: string | undefined): boolean {
  return theirs === sha1(ours) || theirs === sha1(concatBytes([ours, fromLatin1('\r')]));
}

describe.skipIf(!gmimeAvailable)('beside GMime', () => {
  it('RFC 2046 §5.1: reads messages out of a grammar the same', () => {
    const messages = generateMessages(300, 1, { broken: 0 });
    const readings = readWithGmime(messages);
    for (const [index, bytes] of messages.entries()) {
      const { structure } = parseMessage(bytes);
      const reading = readings[index];
      const parts = leaves(structure.part);
      expect(reading?.outline).toBe(outline(structure.part));
      expect(reading?.leaves.map(({ filename }) => filename)).toEqual(parts.map((part) => partFilename(part) ?? null));
      for (const [at, part] of parts.entries())
        expect([index, at, isSameBody(decodeBody(part, bytes), reading?.leaves[at]?.sha1)]).toEqual([index, at, true]);
    }
  });

  const word = fc.constantFrom(
    ...['hello', 'Grüße', '漢字', '😀', 'a,b', '"q"', 'x=y', 'long'.repeat(30), '(c)', '=?utf-8?q?x?=', '長い文章'.repeat(6)],
  );
  const sentence = fc.array(word, { minLength: 1, maxLength: 10 }).map((words) => words.join(' '));
  const recipient = fc.record({ name: sentence, address: fc.constantFrom('bob@example.com', 'carol@example.net') });
  const input: fc.Arbitrary<ComposeInput> = fc.record({
    from: fc.record({ name: sentence, address: fc.constant('alice@example.org') }),
    to: fc.array(fc.oneof(recipient, fc.record({ group: sentence, members: fc.array(recipient, { maxLength: 2 }) })), {
      minLength: 1,
      maxLength: 4,
    }),
    subject: sentence,
    text: fc.array(sentence, { minLength: 1, maxLength: 4 }).map((lines) => `${lines.join('\n')}\n`),
    html: sentence.map((text) => `<p>${text}</p>\n`),
    attachments: fc.array(
      fc.record({
        content: fc.uint8Array({ minLength: 1, maxLength: 300 }),
        filename: fc.oneof(sentence, fc.constantFrom('a"b.txt', 'a\\b.txt', "utf-8''x.txt", '%41.txt', `${'ä'.repeat(100)}.txt`)),
        contentType: fc.constant('application/pdf'),
      }),
      { maxLength: 2 },
    ),
  });
  const ways: readonly Partial<ComposeOptions>[] = [{}, { flowed: true }, { eightBit: true }, { smtputf8: true }];

  /** Names and addresses; GMime leaves the line ends of folds in names. */
  const ofTheirs = (list: readonly (readonly [string, string])[] | null | undefined): unknown =>
    list?.map(([name, address]) => [name.replaceAll('\r\n', ''), address]);
  const ofOurs = (list: readonly MessageAddress[]): unknown => list.map(({ name, address }) => [name, address]);

  it('RFC 5322, RFC 2047, RFC 2231: reads what is composed as it was meant', () => {
    const samples = fc.sample(input, { numRuns: 120, seed: 5 });
    const messages = samples.map((value, index) => {
      const next = randomNumbers(index);
      const random = { bytes: (count: number) => Uint8Array.from({ length: count }, () => Math.floor(next() * 256)) };
      return composeMessage(value, { clock: { now: () => 1_795_428_000_000 }, random, ...ways[index % ways.length] }).bytes();
    });
    const readings = readWithGmime(messages);
    for (const [index, bytes] of messages.entries()) {
      const reading = readings[index];
      const value = samples[index];
      const message = parseMessage(bytes);
      expect([reading?.subject, message.subject]).toEqual([value?.subject, value?.subject]);
      expect([ofTheirs(reading?.from), ofTheirs(reading?.to)]).toEqual([ofOurs(message.from), ofOurs(message.to)]);
      expect(reading?.leaves.flatMap(({ filename }) => filename ?? [])).toEqual(value?.attachments?.map(({ filename }) => filename));
      expect(reading?.leaves.filter(({ type }) => type === 'application/pdf').map((leaf) => leaf.sha1)).toEqual(
        value?.attachments?.map(({ content }) => sha1(content as Uint8Array)),
      );
      if (index % ways.length !== 1) expect(reading?.leaves[0]?.text?.replaceAll('\r\n', '\n').trimEnd()).toBe(value?.text?.trimEnd());
      expect(reading?.leaves[1]?.text?.replaceAll('\r\n', '\n').trimEnd()).toBe(value?.html?.trimEnd());
    }
  });
});
