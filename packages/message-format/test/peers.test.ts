// What others make of the same messages. Every difference has its reason here; a new one fails.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conformancePath, describeConformance, readConformance } from '../../../tools/conformance.ts';
import { randomNumbers } from '../../../tools/fuzz.ts';
import { type ComposeInput, composeMessage, decodeBody, type Message, type Part, parseMessage, partFilename } from '../src/index.ts';
import { generateMessages } from './message-generator.ts';
import { hasPython, outline, type PythonReading, readWithPython } from './python-reading.ts';

function leaves(part: Part): Part[] {
  if (part.message) return leaves(part.message.part);
  return part.parts && part.parts.length > 0 ? part.parts.flatMap(leaves) : [part];
}

/** Our reading in the form of Python's. */
function readLikePython(bytes: Uint8Array, message: Message): PythonReading {
  return {
    outline: outline(message.structure.part),
    leaves: leaves(message.structure.part).map((part) => {
      const body = decodeBody(part, bytes);
      return {
        type: `${part.type}/${part.subtype}`,
        size: body.length,
        sha1: createHash('sha1').update(body).digest('hex'),
        filename: partFilename(part) ?? null,
      };
    }),
    fields: message.headers.length,
  };
}

const suiteFiles = (suite: string): string[] =>
  ['cpython', 'libical'].flatMap((folder) =>
    readdirSync(join(conformancePath(suite), folder))
      .filter((name) => name.endsWith('.eml'))
      .map((name) => `${folder}/${name}`),
  );

/** Where Python's email package reads a message otherwise, and why we do not. */
const pythonDiffers: Readonly<Record<string, string>> = {
  'cpython/msg_15.eml':
    'inner and outer boundary are the same: Python ends the inner multipart at once, RFC 2046 §5.1.2 lets it be read as meant',
  'cpython/msg_39.eml': 'as msg_15',
  'cpython/msg_16.eml': 'Python makes a part of each block of message/delivery-status; RFC 3464 §2.1 has it as one body',
  'cpython/msg_43.eml': 'as msg_16',
  'cpython/msg_36.eml': 'Python takes the content of message/external-body for a message; its phantom body is none (RFC 2046 §5.2.3)',
  'cpython/msg_37.eml': 'boundary lines one after another: Python takes them for one, we for members without content',
  'cpython/msg_42.eml': 'a multipart without members: Python gives no payload, we the preamble that stands there',
  'libical/complex-mime-error.eml': 'base64 without its end: Python gives the encoded text back, we what can be decoded',
  'libical/complex-mime.eml': 'as complex-mime-error',
};

describeConformance('mime', 'messages of other projects, by Python', () => {
  const files = suiteFiles('mime');
  const python = hasPython() ? readWithPython(files.map((file) => join(conformancePath('mime'), file))) : undefined;

  it.skipIf(!python).each(files)('%s', (file) => {
    const bytes = readConformance('mime', file);
    const ours = readLikePython(bytes, parseMessage(bytes));
    const theirs = python?.[files.indexOf(file)];
    const wanted = { outline: theirs?.outline, leaves: theirs?.leaves, fields: theirs?.fields };
    if (pythonDiffers[file]) expect(ours).not.toEqual(wanted);
    else expect(ours).toEqual(wanted);
  });
});

/** Where the npm parsers read the subject or the addresses otherwise. */
const npmDiffers: Readonly<Record<string, string>> = {
  'cpython/msg_05.eml':
    'From is a word without a domain: they take it for a name, we for an address that lacks its domain, as ENVELOPE must',
  'cpython/msg_27.eml': 'a Subject folded with tabs: mailparser makes each a space, RFC 5322 §2.2.3 takes the line end away and no more',
};

describeConformance('mime', 'messages of other projects, by postal-mime and mailparser', () => {
  it.each(suiteFiles('mime'))('%s', async (file) => {
    const bytes = readConformance('mime', file);
    const ours = parseMessage(bytes);
    const postal = await PostalMime.parse(bytes);
    const parsed = await simpleParser(Buffer.from(bytes));
    const mine = { subject: ours.subject, from: ours.from[0]?.address ?? '' };
    const others = [
      { subject: postal.subject ?? '', from: postal.from?.address ?? '' },
      { subject: parsed.subject ?? '', from: parsed.from?.value[0]?.address ?? '' },
    ];
    if (npmDiffers[file]) expect(others).not.toEqual([mine, mine]);
    else expect(others).toEqual([mine, mine]);
  });
});

function options(seed: number) {
  const next = randomNumbers(seed);
  return {
    clock: { now: () => 1_795_428_000_000 },
    random: { bytes: (count: number) => Uint8Array.from({ length: count }, () => Math.floor(next() * 256)) },
  };
}

const word = fc.constantFrom('hello', 'Grüße', '漢字', '😀', 'a,b', '"q"', 'x=y', 'long'.repeat(30), '(c)', 'per%cent');
const sentence = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));
// Python takes quotes off twice: a name that is all in quotes does not survive it.
const filename = sentence.filter((text) => !/^".*"$/.test(text));
const input: fc.Arbitrary<ComposeInput> = fc.record({
  from: fc.record({ name: sentence, address: fc.constant('alice@example.org') }),
  to: fc.array(fc.record({ name: sentence, address: fc.constantFrom('bob@example.com', 'carol@example.net') }), {
    minLength: 1,
    maxLength: 3,
  }),
  subject: sentence,
  text: fc.array(sentence, { minLength: 1, maxLength: 5 }).map((lines) => `${lines.join('\n')}\n`),
  html: sentence.map((text) => `<p>${text}</p>`),
  attachments: fc.array(
    fc.record({
      content: fc.uint8Array({ minLength: 1, maxLength: 500 }),
      filename,
      contentType: fc.constant('application/pdf'),
    }),
    { maxLength: 2 },
  ),
});

describe('messages that we compose', () => {
  const samples = fc
    .sample(input, { numRuns: 60, seed: 7 })
    .map((value, index) => ({ value, bytes: composeMessage(value, options(index)).bytes() }));
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'message-format-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are read the same by postal-mime', async () => {
    for (const { value, bytes } of samples) {
      const read = await PostalMime.parse(bytes);
      expect(read.subject).toBe(value.subject);
      // It puts an empty line behind the text.
      expect(read.text?.trimEnd()).toBe(value.text?.trimEnd());
      expect(read.html?.trim()).toBe(value.html);
      expect(read.attachments.map((attachment) => [attachment.filename, new Uint8Array(attachment.content as ArrayBuffer)])).toEqual(
        (value.attachments ?? []).map((attachment) => [attachment.filename, attachment.content]),
      );
    }
  });

  it('are read the same by mailparser', async () => {
    for (const { value, bytes } of samples) {
      const read = await simpleParser(Buffer.from(bytes));
      expect(read.subject).toBe(value.subject);
      expect(read.text).toBe(value.text);
      expect(read.attachments.map((attachment) => [attachment.filename, new Uint8Array(attachment.content)])).toEqual(
        (value.attachments ?? []).map((attachment) => [attachment.filename, attachment.content]),
      );
    }
  });

  it.skipIf(!hasPython())('are read the same by Python', () => {
    const files = samples.map(({ bytes }, index) => {
      const file = join(folder, `${index}.eml`);
      writeFileSync(file, bytes);
      return file;
    });
    const readings = readWithPython(files);
    for (const [index, { bytes }] of samples.entries()) {
      const { outline: shape, leaves: parts, fields } = readings[index] ?? {};
      expect({ outline: shape, leaves: parts, fields }).toEqual(readLikePython(bytes, parseMessage(bytes)));
    }
  });
});

// Broken ones are in generated.test.ts: Python gives their parts up where we do not, so that there is nothing to compare.
describe('messages out of a grammar', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'message-format-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.skipIf(!hasPython())('are read the same by Python', () => {
    const messages = generateMessages(300, 1, { broken: 0 });
    const files = messages.map((bytes, index) => {
      const file = join(folder, `${index}.eml`);
      writeFileSync(file, bytes);
      return file;
    });
    const readings = readWithPython(files);
    for (const [index, bytes] of messages.entries()) {
      const { outline: shape, leaves: parts, fields } = readings[index] ?? {};
      expect(readLikePython(bytes, parseMessage(bytes))).toEqual({ outline: shape, leaves: parts, fields });
    }
  });
});
