import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatBodyStructure, formatEnvelope } from '@mox/imap';
import { type Envelope, type EnvelopeAddress, type Part, parseStructure } from '@mox/message-format';
import { fromLatin1, fromUtf8, toLatin1 } from '@mox/runtime';
import type { PackedText } from '@mox/store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conformancePath } from '../../../tools/conformance.ts';
import { packEnvelope, packPart } from '../../store/src/packed-structure.ts';
import { ByteWriter } from '../src/byte-writer.ts';
import { writeBodyStructure } from '../src/write-body-structure.ts';
import { writeEnvelope } from '../src/write-envelope.ts';

/** A packed form among others, as the store hands it over. */
function packed(value: unknown): PackedText {
  const bytes = fromUtf8(`[1]\n${JSON.stringify(value)}\n[1]`);
  return { bytes, start: 4, end: bytes.length - 4 };
}

function written(write: (out: ByteWriter) => void): string {
  const out = new ByteWriter();
  out.text('* 1 FETCH (');
  write(out);
  out.text(')');
  const text = toLatin1(out.take());
  expect([text.slice(0, 11), text.at(-1)]).toEqual(['* 1 FETCH (', ')']);
  return text.slice(11, -1);
}

function expectSameEnvelope(envelope: Envelope): void {
  for (const utf8 of [false, true])
    expect(written((out) => writeEnvelope(out, packed(packEnvelope(envelope)), utf8))).toBe(formatEnvelope(envelope, utf8));
}

function expectSamePart(part: Part): void {
  for (const utf8 of [false, true]) {
    for (const extended of [false, true]) {
      const options = { utf8, extended };
      expect(written((out) => writeBodyStructure(out, packed(packPart(part)), options))).toBe(formatBodyStructure(part, options));
    }
  }
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ unit: fc.constantFrom('"', '\\', 'a', '\r', '\n', '\0', '\t', '\u007f', 'é', '\u{1f600}'), maxLength: 6 }),
  fc.string({ unit: 'grapheme-ascii', minLength: 60, maxLength: 70 }),
);
const nullable = fc.option(text, { nil: null });
const address: fc.Arbitrary<EnvelopeAddress> = fc.record({ name: nullable, route: nullable, mailbox: nullable, host: nullable });
const addresses = fc.option(fc.array(address, { maxLength: 3 }), { nil: null });
const envelope: fc.Arbitrary<Envelope> = fc
  .record({
    ...{ date: nullable, subject: nullable, from: addresses, sender: addresses, replyTo: addresses },
    ...{ to: addresses, cc: addresses, bcc: addresses, inReplyTo: nullable, messageId: nullable },
  })
  .chain((made) => fc.constantFrom(made, { ...made, sender: made.from, replyTo: made.from }));
const parameters = fc.array(fc.tuple(text, text), { maxLength: 3 });
const type = fc.oneof(fc.constantFrom('text', 'multipart', 'message', 'image', 'model'), text);
const subtype = fc.oneof(fc.constantFrom('plain', 'rfc822', 'global', 'mixed'), text);

const { part } = fc.letrec<{ part: Part }>((tie) => ({
  part: fc
    .record(
      {
        ...{ headerStart: fc.nat(), bodyStart: fc.nat(), bodyEnd: fc.nat(), bodyLines: fc.nat() },
        ...{ type, subtype, parameters, encoding: text, id: text, description: text, md5: text },
        ...{ disposition: fc.record({ type: text, parameters }), language: fc.array(text, { maxLength: 3 }), location: text },
        parts: fc.array(tie('part'), { maxLength: 2 }),
        message: fc.record({ envelope, part: tie('part') }),
      },
      { requiredKeys: ['headerStart', 'bodyStart', 'bodyEnd', 'bodyLines', 'type', 'subtype', 'parameters', 'encoding'] },
    )
    .map((made) => made as unknown as Part),
}));

function inMultiparts(depth: number): string {
  let body = 'Content-Type: text/plain\r\n\r\ninnermost\r\n';
  for (let i = 0; i < depth; i++) body = `Content-Type: multipart/mixed; boundary="b${i}"\r\n\r\n--b${i}\r\n${body}\r\n--b${i}--\r\n`;
  return body;
}

const shapes: Readonly<Record<string, string>> = {
  'a plain message': 'From: a@example.org\r\nTo: b@example.org\r\nSubject: plain\r\n\r\nText.\r\n',
  'no field at all': '\r\n',
  'raw and encoded words': 'Subject: gr\xfc\xdfe \xc3\xa4\r\nFrom: J\xfcrgen <j@example.org>, "a \\"b\\" \\\\c" <d@example.org>\r\n\r\nx',
  'many addresses': `To: ${Array.from({ length: 500 }, (_, i) => `a${i}@example.org`).join(',\r\n ')}\r\n\r\nx\r\n`,
  'a group, and no From': 'Sender: s@example.org\r\nTo: all: a@example.org, b@example.org;, c@example.org\r\n\r\n',
  'alternatives with an attachment':
    'Content-Type: multipart/mixed; boundary=o\r\nContent-Language: de, en\r\n\r\n--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\n\r\na\r\n--i\r\nContent-Type: text/html\r\nContent-ID: <a@b>\r\n\r\nb\r\n--i--\r\n--o\r\nContent-Type: image/png; name="a\\"b.png"\r\nContent-Disposition: attachment; filename=x\r\nContent-MD5: Q2hl\r\nContent-Location: http://x/\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--o\r\nContent-Type: message/rfc822\r\nContent-Description: \xe4\r\n\r\nSubject: inside\r\nFrom: x@example.org\r\n\r\nhello\r\n--o--\r\n',
  'a multipart without members': 'Content-Type: multipart/mixed; boundary=x\r\n\r\nno part at all\r\n',
  'a message of another kind': 'Content-Type: message/global\r\n\r\nSubject: \xc3\xa4\r\n\r\nx\r\n',
  'multiparts 130 deep': inMultiparts(130),
  'messages 130 deep': `${'Subject: f\r\nContent-Type: message/rfc822\r\n\r\n'.repeat(130)}Subject: last\r\n\r\nx\r\n`,
};

function expectSame(bytes: Uint8Array): void {
  const structure = parseStructure(bytes);
  expectSameEnvelope(structure.envelope);
  expectSamePart(structure.part);
}

describe('what is written of packed forms is what is written of objects', () => {
  it('RFC 9051 §7.5.2: envelopes', () => {
    fc.assert(fc.property(envelope, expectSameEnvelope), { numRuns: 1000 });
  });

  it('RFC 9051 §7.5.2: body structures', () => {
    fc.assert(fc.property(part, expectSamePart), { numRuns: 1500 });
  });

  it.each(Object.entries(shapes))('%s', (_, message) => {
    expectSame(fromLatin1(message));
  });

  it.each([99, 100, 101, 120])('parts nested %i deep, also beyond what is shown', (depth) => {
    const leaf: Part = {
      headerStart: 0,
      bodyStart: 1,
      bodyEnd: 2,
      bodyLines: 3,
      type: 'text',
      subtype: 'plain',
      parameters: [],
      encoding: '7bit',
    };
    let multipart = leaf;
    let message = leaf;
    const { envelope: empty } = parseStructure(new Uint8Array());
    for (let i = 0; i < depth; i++) {
      multipart = { ...leaf, type: 'multipart', subtype: 'mixed', parts: [multipart, leaf] };
      message = { ...leaf, type: 'message', subtype: 'rfc822', message: { envelope: empty, part: message } };
    }
    expectSamePart(multipart);
    expectSamePart(message);
  });

  const suite = conformancePath('mime');
  it.skipIf(!existsSync(suite))('messages of the vectors', () => {
    const files = readdirSync(suite, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.eml'));
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) expectSame(readFileSync(join(suite, file)));
  });
});
