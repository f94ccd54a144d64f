// What must hold for every message, whole or broken.
import { fromUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { randomNumbers } from '../../../tools/fuzz.ts';
import { type Message, type Part, parseMessage, parseStructure, previewText, StructureParser, splitMessage } from '../src/index.ts';
import { generateMessages } from './message-generator.ts';

const messages = [...generateMessages(150, 1, { broken: 0 }), ...generateMessages(350, 1000, { broken: 0.2 })];

/** Cuts bytes at places that the seed decides, some of them one behind the other. */
function cut(bytes: Uint8Array, seed: number): Uint8Array[] {
  const random = randomNumbers(seed);
  const places = Array.from({ length: 8 }, () => Math.floor(random() * (bytes.length + 1)));
  const all = [0, ...places, (places[0] ?? 0) + 1, bytes.length].filter((place) => place <= bytes.length).toSorted((a, b) => a - b);
  return all.slice(1).map((end, index) => bytes.slice(all[index], end));
}

/** What of a message is data. */
function facts({ attachments, ...message }: Message): unknown {
  return {
    ...message,
    attachments: attachments.map((attachment) => ({ ...attachment, stream: undefined, bytes: undefined, decode: attachment.decode() })),
  };
}

async function* stream(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

describe('generated messages', () => {
  it('RFC 9051 §7.5.2: have places that fit, and sizes and lines that count bytes', () => {
    const visit = (part: Part, bytes: Uint8Array, from: number, to: number): number => {
      expect(part.headerStart).toBeGreaterThanOrEqual(from);
      expect(part.bodyStart).toBeGreaterThanOrEqual(part.headerStart);
      expect(part.bodyEnd).toBeGreaterThanOrEqual(part.bodyStart);
      expect(part.bodyEnd).toBeLessThanOrEqual(to);
      expect(part.bodyLines).toBe(bytes.subarray(part.bodyStart, part.bodyEnd).filter((byte) => byte === 10).length);
      let behind = part.bodyStart;
      for (const inner of part.parts ?? []) behind = visit(inner, bytes, behind, part.bodyEnd);
      if (part.message) visit(part.message.part, bytes, part.bodyStart, part.bodyEnd);
      return part.bodyEnd;
    };
    for (const bytes of messages) {
      const structure = parseStructure(bytes);
      expect(structure).toMatchObject({ sizeBytes: bytes.length, lines: bytes.filter((byte) => byte === 10).length });
      visit(structure.part, bytes, 0, bytes.length);
    }
  });

  it('RFC 2046 §5.1: whole ones have no defects of structure', () => {
    for (const bytes of messages.slice(0, 150)) {
      // A body in Latin-1 or a preamble may look like anything; what the grammar makes is well formed.
      expect(parseStructure(bytes).defects.filter(({ code }) => code !== 'line-too-long')).toEqual([]);
    }
  });

  it('are read the same however their bytes are cut', async () => {
    for (const [index, bytes] of messages.entries()) {
      const pieces = cut(bytes, index);
      const parser = new StructureParser();
      for (const piece of pieces) parser.write(piece);
      expect(parser.end()).toEqual(parseStructure(bytes));
      if (index % 5 > 0) continue;
      expect(facts(await parseMessage(stream(pieces)))).toEqual(facts(parseMessage(bytes)));
      const events = [];
      for await (const event of splitMessage(pieces)) if (event.type !== 'body') events.push(event);
      const whole = [];
      for await (const event of splitMessage([bytes])) if (event.type !== 'body') whole.push(event);
      expect(events).toEqual(whole);
    }
  });

  it('lose nothing: each leaf is text, media or attachment', () => {
    const leaves = (part: Part): Part[] => (part.parts && part.parts.length > 0 ? part.parts.flatMap(leaves) : [part]);
    for (const bytes of messages) {
      const message = parseMessage(bytes);
      const listed = new Set(message.attachments.map(({ part }) => part));
      const left = leaves(message.structure.part).filter((part) => !listed.has(part));
      expect(left.filter((part) => part.type !== 'text')).toEqual([]);
      if (left.length > 0) expect(message.text ?? message.html).toBeTypeOf('string');
    }
  });
});

/** Families of hostile input: what is quadratic in one of them does not end within the time of a test. */
const families: Readonly<Record<string, (pieces: number) => string>> = {
  'parameters with open comments': (n) => `Content-Type: a/b${';('.repeat(n)}`,
  'members with open comments': (n) =>
    `Content-Type: multipart/mixed; boundary=b\r\n\r\n${`--b\r\nContent-Type: a/b${';('.repeat(32_000)}\r\n\r\n`.repeat(n / 32_000)}`,
  'parameters without semicolons': (n) => `Content-Type: a/b;${' a=b (c'.repeat(n)}`,
  'sections of a parameter': (n) => `Content-Disposition: a${Array.from({ length: n / 20 }, (_, i) => `; f*${i}*=%4`).join('')}`,
  'lines that are no field': (n) => `junk\r\n${'no field\r\n'.repeat(n)}Subject: x\r\n\r\n`,
  'nested multiparts': (n) =>
    Array.from({ length: n / 50 }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`).join(''),
  'nested multiparts of one boundary': (n) => 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n'.repeat(n / 50),
  'members without their empty line': (n) => `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\nA: b\r\n'.repeat(n / 10)}`,
  'header sections ended by boundary lines': (n) => `Content-Type: multipart/mixed; boundary=b\r\n${'--c\r\n'.repeat(n)}`,
  'lines that are nearly the boundary': (n) =>
    `Content-Type: multipart/mixed; boundary=${'b'.repeat(900)}\r\n\r\n${`--${'b'.repeat(899)}\r\n`.repeat(n / 900)}`,
  'halves of encoded words': (n) => `Subject: ${'=?iso-2022-jp?b?GyRC?= =?'.repeat(n / 10)}\r\n\r\n`,
  'encoded words cut within a character': (n) => `Subject: ${'=?iso-2022-jp?b?GyRCRg==?= =?iso-2022-jp?b?fA==?= '.repeat(n / 40)}\r\n\r\n`,
  'open brackets in References': (n) => `Message-ID: ${'<a@'.repeat(n)}\r\nReferences: ${'<a'.repeat(n)}\r\n\r\n`,
  'open angle brackets and quotes in To': (n) => `To: ${'"<('.repeat(n)}\r\n\r\n`,
  'words in base64': (n) => `Content-Transfer-Encoding: base64\r\n\r\nQUJD\r\n${'a word '.repeat(n)}`,
  'padding in one line of base64': (n) => `Content-Transfer-Encoding: base64\r\n\r\n${'Zg=='.repeat(n)}`,
  'odd padding in one line of base64': (n) => `Content-Transfer-Encoding: base64\r\n\r\n${'QUJD='.repeat(n)}`,
  'blanks and padding in base64': (n) => `Content-Transfer-Encoding: base64\r\n\r\nQUJD${`${' '.repeat(997)}=`.repeat(n / 200)}`,
  'short lines of base64': (n) => `Content-Transfer-Encoding: base64\r\n\r\n${'Zg==\r\n'.repeat(n)}`,
  'lines that are nearly base64': (n) => `Content-Transfer-Encoding: base64\r\n\r\n${`${'QUJD'.repeat(19)}?\r\n`.repeat(n / 20)}`,
  'begin lines of uuencode': (n) => `Content-Transfer-Encoding: x-uuencode\r\n\r\n${'begin 644 x\r\n'.repeat(n)}`,
  'soft line breaks and blanks': (n) => `Content-Transfer-Encoding: quoted-printable\r\n\r\n${'= \t'.repeat(n)}`,
};

it.each(Object.entries(families))('reads 200,000 of %s in linear time', (_, make) => {
  const bytes = fromUtf8(make(200_000));
  const message = parseMessage(bytes);
  expect(message.structure.sizeBytes).toBe(bytes.length);
  expect(previewText(message.structure.part, bytes).length).toBeLessThan(1000);
});
