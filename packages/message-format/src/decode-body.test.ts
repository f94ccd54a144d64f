import { concatBytes, fromLatin1, toLatin1 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyDecoder, decodeBody, readBody } from './decode-body.ts';
import { parseMessage } from './message.ts';
import { splitMessage } from './split-message.ts';
import { openMessage } from './stored-message.ts';
import { parseStructure } from './structure.ts';

const footer = '_______________________________________________\r\nlist mailing list\r\nlist@example.org\r\n';
/** Text before the body: what offsets count from the start of. */
const head = (encoding: string, type = 'text/plain'): string => `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;

/** Body as decoded, with the place of each defect in the body and the rule. */
const bodies: readonly (readonly [
  title: string,
  encoding: string,
  body: string,
  decoded: string,
  defects: readonly (readonly [string, number, string])[],
])[] = [
  ['whole base64', 'base64', 'SGVsbG8=\r\n', 'Hello', []],
  ['a footer behind base64', 'base64', `SGVsbG8=\r\n${footer}`, 'Hello', [['body-foreign-text', 10, 'RFC 2045 §6.8']]],
  ['a footer behind base64 without padding', 'base64', `SGVsbG8h\r\n${footer}`, 'Hello!', [['body-foreign-text', 10, 'RFC 2045 §6.8']]],
  ['a footer in base64 of its own', 'base64', 'SGVsbG8=\r\nIHdvcmxkCg==\r\n', 'Hello world\n', []],
  ['base64 cut short', 'base64', 'SGVsbG8', 'Hello', [['body-incomplete', 7, 'RFC 2045 §6.8']]],
  ['a stray in base64', 'base64', 'SGVs!bG8h\r\n', 'Hello!', [['body-stray-character', 4, 'RFC 2045 §6.8']]],
  ['what is not base64', 'base64', 'Hello to you all.\r\n', 'Hello to you all.\r\n', [['body-not-encoded', 0, 'RFC 2045 §6.8']]],
  ['uuencoded data', 'x-uuencode', 'begin 644 x\r\n#86)C\r\n`\r\nend\r\n', 'abc', []],
  ['uuencoded data by another name', 'uuencode', 'begin 644 x\r\n#86)C\r\n`\r\nend\r\n', 'abc', []],
  ['uuencoded data by a third name', 'X-UUE', 'begin 644 x\r\n#86)C\r\n`\r\nend\r\n', 'abc', []],
  ['uuencoded data cut short', 'x-uuencode', 'begin 644 x\r\n#86)C\r\n', 'abc', [['body-incomplete', 20, 'RFC 2045 §6.3']]],
  [
    'a footer behind uuencoded data',
    'x-uuencode',
    'begin 644 x\r\n#86)C\r\n`\r\nend\r\n-- \r\nlist\r\n',
    'abc',
    [['body-foreign-text', 28, 'RFC 2045 §6.3']],
  ],
  ['quoted-printable', 'quoted-printable', 'a=3Db', 'a=b', []],
  ['an encoding of the identity', '8-bit', 'a=3Db', 'a=3Db', []],
];

describe('bodies', () => {
  it.each(bodies)('RFC 2045 §6: %s', async (_, encoding, body, decoded, defects) => {
    const start = head(encoding, 'application/x-y');
    const bytes = fromLatin1(start + body);
    const { part } = parseStructure(bytes);
    const wanted = defects.map(([code, offset, rfc]) => ({ code, offset: offset + start.length, rfc }));
    expect(toLatin1(decodeBody(part, bytes))).toBe(decoded);
    expect(readBody(part, bytes).defects).toEqual(wanted);
    const decoder = bodyDecoder(part);
    const pieces = Array.from(fromLatin1(body), (byte) => decoder.push(Uint8Array.of(byte)).slice());
    expect(toLatin1(concatBytes([...pieces, decoder.end()]))).toBe(decoded);
    expect(decoder.defects).toEqual(wanted);
    const [attachment] = parseMessage(bytes).attachments;
    expect(attachment?.decode()).toEqual(readBody(part, bytes));
    for await (const event of splitMessage([bytes.subarray(0, 70), bytes.subarray(70)]))
      if (event.type === 'end') expect(event.defects).toEqual(wanted);
  });

  it.each(bodies)('RFC 2045 §6: a text has the defects of %s among those of the message', async (_, encoding, body, decoded, defects) => {
    const bytes = fromLatin1(head(encoding) + body);
    const read = parseMessage(bytes);
    expect(read.text).toBe(decoded.replaceAll('\r\n', '\n'));
    const ofBody = read.defects.filter(({ code }) => code.startsWith('body-'));
    expect(ofBody.map(({ code, offset }) => [code, offset])).toEqual(
      defects.map(([code, offset]) => [code, offset + head(encoding).length]),
    );
    const stored = await openMessage({ sizeBytes: bytes.length, read: (from, to) => [bytes.subarray(from, to)] });
    expect(await stored.text()).toBe(read.text);
  });

  it('RFC 2045 §6.8: are the same whole, as streams and in size, however they are cut', () => {
    const piece = fc.constantFrom(
      'SGVsbG8=\r\n',
      'SGVsbG8h\r\n',
      `${'QUJD'.repeat(19)}\r\n`,
      footer,
      '\r\n',
      'Zg==',
      '=',
      ' ',
      'word',
      'begin 644 x\n',
      '#86)C\n',
      'end\n',
    );
    const encodings = fc.constantFrom('base64', 'x-uuencode', 'quoted-printable');
    fc.assert(
      fc.property(encodings, fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(600), { maxLength: 10 }), (encoding, parts, cuts) => {
        const bytes = fromLatin1(head(encoding) + parts.join(''));
        const { part } = parseStructure(bytes);
        const raw = bytes.subarray(part.bodyStart, part.bodyEnd);
        const decoder = bodyDecoder(part);
        const places = [0, ...cuts.filter((cut) => cut < raw.length).toSorted((a, b) => a - b), raw.length];
        const pieces = places.slice(1).map((end, i) => decoder.push(raw.slice(places[i], end)).slice());
        const whole = readBody(part, bytes);
        expect(toLatin1(concatBytes([...pieces, decoder.end()]))).toBe(toLatin1(whole.bytes));
        expect(decoder.defects).toEqual(whole.defects);
      }),
      { numRuns: 1500 },
    );
  });

  it('RFC 2045 §6.4: a part in an encoding that nobody knows is a file of octets, and stays encoded', () => {
    const read = parseMessage(fromLatin1(`${head('x-yenc', 'image/png')}=ybegin`));
    expect(read.attachments.map(({ contentType, bytes }) => [contentType, toLatin1(bytes())])).toEqual([
      ['application/octet-stream', '=ybegin'],
    ]);
    expect(read.defects).toEqual([{ code: 'unknown-encoding', offset: 0, rfc: 'RFC 2045 §6.4' }]);
  });

  const inner = 'Subject: inside\r\n\r\nbody = of words';
  it.each([
    ['base64', btoa(inner), []],
    ['quoted-printable', inner.replace('=', '=3D'), []],
    // deviates RFC 2045 §6.4: the label is wrong; what stands there is the message.
    ['base64', inner, ['body-not-encoded']],
  ])('RFC 2045 §6.4: a message/rfc822 in %s, against the rule, is a leaf that decodes to the message', (encoding, body, defects) => {
    const read = parseMessage(fromLatin1(head(encoding, 'message/rfc822') + body));
    expect(read.defects.map(({ code }) => code)).toEqual(['encoded-message']);
    const decoded = read.attachments[0]?.decode();
    expect(decoded?.defects.map(({ code }) => code)).toEqual(defects);
    expect(parseMessage(decoded?.bytes ?? new Uint8Array()).subject).toBe('inside');
  });

  it('RFC 2045 §6.4: the encoding that a multipart says, against the rule, is not that of its members', () => {
    const text = `${head('quoted-printable', 'multipart/mixed; boundary=b')}--b\r\n\r\na=3Db\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n--b--\r\n`;
    const read = parseMessage(fromLatin1(text));
    expect([read.text, read.defects.map(({ code }) => code)]).toEqual(['a=3Db\na\n', ['encoded-multipart']]);
  });
});
