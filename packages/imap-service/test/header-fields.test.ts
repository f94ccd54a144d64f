import { fromLatin1, toLatin1 } from '@mox/runtime';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesAt, clipPlaces, FieldFilter, sizeOfPlaces } from '../src/header-fields.ts';
import { startServer, type TestConnection, type TestServer } from './harness.ts';

const header = 'From: a\r\nSubject: one\r\n\ttwo\r\nX-Y : z\r\nReceived: from x\r\nfrom: b\r\nnonsense\r\n\r\n';

function filter(text: string, names: readonly string[], not: boolean): string {
  const bytes = fromLatin1(text);
  return toLatin1(bytesAt(bytes, new FieldFilter(names, { not }).select({ bytes, start: 0, end: bytes.length })));
}

describe('fields chosen of a header section', () => {
  it.each([
    [['FROM'], false, 'From: a\r\nfrom: b\r\n\r\n'],
    [['subject', 'x-y'], false, 'Subject: one\r\n\ttwo\r\nX-Y : z\r\n\r\n'],
    [['none'], false, '\r\n'],
    [['From', 'Subject', 'RECEIVED'], true, 'X-Y : z\r\nnonsense\r\n\r\n'],
  ])('RFC 9051 §6.4.5.1: %j, not: %s', (names, not, expected) => expect(filter(header, names, not)).toBe(expected));

  it('RFC 9051 §6.4.5.1: a message without an empty line is given none', () => {
    expect(filter('Subject: only\r\nX: y\r\n', ['x'], true)).toBe('Subject: only\r\n');
    expect(filter('Subject: only', ['x'], true)).toBe('Subject: only');
    expect(filter('', ['x'], true)).toBe('');
  });

  it('RFC 9051 §6.4.5: a partial is cut out of what was chosen, wherever its borders are', () => {
    const bytes = fromLatin1('0123456789abcdef');
    const widths = fc.array(fc.nat(3), { maxLength: 6 });
    fc.assert(
      fc.property(widths, fc.nat(18), fc.integer({ min: 1, max: 18 }), (steps, offset, count) => {
        const places: number[] = [];
        let at = 0;
        for (const step of steps) places.push(Math.min(16, (at += step)), Math.min(16, (at += step + 1)));
        const whole = toLatin1(bytesAt(bytes, places));
        const clipped = clipPlaces(places, { offset, count });
        expect(toLatin1(bytesAt(bytes, clipped))).toBe(whole.slice(offset, offset + count));
        expect(sizeOfPlaces(clipped)).toBe(whole.slice(offset, offset + count).length);
        expect(clipPlaces(places, undefined)).toBe(places);
      }),
    );
  });
});

describe('FETCH of header fields', () => {
  let server: TestServer;
  let connection: TestConnection;
  const large = `X-Large: ${'x'.repeat(20_000)}\r\n`;
  const huge = `X-Large: ${'x\r\n '.repeat(50_000)}\r\n`;

  beforeAll(async () => {
    server = await startServer();
    await server.deliver('INBOX', [
      `${header}body`,
      `${large}${header}body`,
      `${huge}${header}body`,
      'Subject: no end\r\nX-Y: z',
      '\r\nno header',
      `Content-Type: message/rfc822\r\n\r\n${header}inner`,
      `${header}${'body\r\n'.repeat(30_000)}`,
    ]);
    connection = await server.connect();
    await connection.say('s SELECT INBOX\r\n');
  });

  afterAll(async () => {
    await connection.close();
    await server.close();
  });

  const fetched = (number: number, label: string, bytes: string, more: string = ''): string =>
    `* ${number} FETCH (${label} {${bytes.length}}\r\n${bytes}${more})\r\n`;

  it('RFC 9051 §6.4.5.1: fields kept beside the message, and those of a section that is too long for that', async () => {
    const label = 'BODY[HEADER.FIELDS (X-Y from)]';
    const wanted = 'From: a\r\nX-Y : z\r\nfrom: b\r\n\r\n';
    const answer = await connection.say('f FETCH 1:7 BODY.PEEK[HEADER.FIELDS (X-Y from)]\r\n');
    const sections = [wanted, wanted, wanted, 'X-Y: z', '\r\n', '\r\n', wanted];
    expect(answer).toBe(`${sections.map((bytes, i) => fetched(i + 1, label, bytes)).join('')}f OK FETCH completed\r\n`);
    // Without those that are read: a batch that is answered at once.
    expect(await connection.say('f FETCH 1,4:7 BODY.PEEK[HEADER.FIELDS (X-Y from)]\r\n')).toBe(
      `${[0, 3, 4, 5, 6].map((i) => fetched(i + 1, label, sections[i] ?? '')).join('')}f OK FETCH completed\r\n`,
    );
  });

  it.each([
    ['HEADER.FIELDS (RECEIVED)', 'Received: from x\r\n\r\n'],
    ['HEADER.FIELDS (X-Y RECEIVED)', 'X-Y : z\r\nReceived: from x\r\n\r\n'],
    ['HEADER.FIELDS (none)', '\r\n'],
    ['HEADER.FIELDS.NOT (From Subject)', 'X-Y : z\r\nReceived: from x\r\nnonsense\r\n\r\n'],
    ['HEADER.FIELDS.NOT (none)', header],
    ['HEADER', header],
  ])('RFC 9051 §6.4.5.1: %s', async (section, wanted) => {
    for (const number of [1, 7])
      expect(await connection.say(`f FETCH ${number} BODY.PEEK[${section}]\r\n`)).toBe(
        `${fetched(number, `BODY[${section}]`, wanted)}f OK FETCH completed\r\n`,
      );
    expect(await connection.say(`f FETCH 6 BODY.PEEK[1.${section}]\r\n`)).toBe(
      `${fetched(6, `BODY[1.${section}]`, wanted)}f OK FETCH completed\r\n`,
    );
  });

  it.each([
    ['<0.3>', 0, 'Sub'],
    ['<4.16>', 4, 'ect: one\r\n\ttwo\r\n'],
    ['<11.1000>', 11, 'e\r\n\ttwo\r\nX-Y : z\r\n\r\n'],
    ['<1000.5>', 1000, ''],
  ])('RFC 9051 §6.4.5: a partial of them, %s', async (partial, offset, wanted) => {
    for (const number of [1, 2])
      expect(await connection.say(`f FETCH ${number} BODY.PEEK[HEADER.FIELDS (subject x-y)]${partial}\r\n`)).toBe(
        `${fetched(number, `BODY[HEADER.FIELDS (subject x-y)]<${offset}>`, wanted)}f OK FETCH completed\r\n`,
      );
  });

  it('RFC 9051 §6.4.5: without PEEK the message is seen, and other items come beside', async () => {
    const wanted = 'Subject: one\r\n\ttwo\r\n\r\n';
    expect(await connection.say('f FETCH 7 (UID BODY[HEADER.FIELDS (SUBJECT)] RFC822.SIZE)\r\n')).toContain(
      `* 7 FETCH (UID 7 BODY[HEADER.FIELDS (SUBJECT)] {${wanted.length}}\r\n${wanted} RFC822.SIZE ${header.length + 180_000} FLAGS (\\Seen))\r\n`,
    );
    expect(await connection.say('f FETCH 7 (BODY[HEADER.FIELDS (SUBJECT)] FLAGS BODY[1]<0.4>)\r\n')).toBe(
      `* 7 FETCH (BODY[HEADER.FIELDS (SUBJECT)] {${wanted.length}}\r\n${wanted} FLAGS (\\Seen) BODY[1]<0> {4}\r\nbody)\r\nf OK FETCH completed\r\n`,
    );
  });

  it('RFC 2180 §4.1.2: what goes while its fields are read is told to be gone', async () => {
    await server.deliver('Archive', [`${header}x`, `${large}${header}`, `${header}x`]);
    await connection.say('s SELECT Archive\r\n');
    const archive = await server.account.mailbox('Archive');
    const { readEmails } = server.account;
    let reads = 0;
    server.account.readEmails = function readAfterExpunge(...args) {
      const found = readEmails.apply(this, args);
      if (++reads !== 2) return found;
      const { account } = server;
      return (async function* expunged() {
        await account.expunge(archive?.id ?? '', Uint32Array.of(2));
        yield* readEmails.apply(account, args);
      })();
    };
    try {
      const answer = await connection.say('f FETCH 1:3 BODY.PEEK[HEADER.FIELDS (X-Y)]\r\n');
      expect(answer).toContain('* 1 FETCH');
      expect(answer).not.toContain('* 2 FETCH');
      expect(answer).toContain('f NO [EXPUNGEISSUED]');
      expect(reads).toBe(2);
    } finally {
      server.account.readEmails = readEmails;
    }
  });
});
