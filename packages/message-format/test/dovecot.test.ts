// ENVELOPE and BODYSTRUCTURE beside dovecot, value for value (skipped where it is not installed, or cannot be run: it wants root).
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { fromLatin1, toLatin1 } from '@mox/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conformancePath, describeConformance, readConformance } from '../../../tools/conformance.ts';
import { type DovecotServer, dovecotAvailable } from '../../../tools/dovecot.ts';
import { formatBodyStructure, formatEnvelope } from '../../imap/src/index.ts';
import { startDovecotImap } from '../../imap/test/dovecot-server.ts';
import { parseStructure } from '../src/index.ts';
import { generateMessages } from './message-generator.ts';

/** A value of IMAP: a string or an atom, a number, NIL, a list. */
type Value = string | number | null | readonly Value[];

class ValueReader {
  readonly #text: string;
  at: number;

  constructor(text: string, at = 0) {
    this.#text = text;
    this.at = at;
  }

  read(): Value {
    const first = this.#text[this.at];
    if (first === '(') return this.#list();
    if (first === '"') return this.#quoted();
    if (first === '{') return this.#literal();
    const [word = ''] = /[^\s()]+/y[Symbol.match](this.#text.slice(this.at, this.at + 100)) ?? [];
    this.at += Math.max(1, word.length);
    return word === 'NIL' ? null : /^\d+$/.test(word) ? Number(word) : word;
  }

  #list(): readonly Value[] {
    const values: Value[] = [];
    for (this.at++; this.#text[this.at] !== ')'; ) {
      if (this.at >= this.#text.length) throw new Error('a list without its end');
      if (this.#text[this.at] === ' ') this.at++;
      else values.push(this.read());
    }
    this.at++;
    return values;
  }

  #quoted(): string {
    let value = '';
    for (this.at++; this.at < this.#text.length && this.#text[this.at] !== '"'; this.at++) {
      if (this.#text[this.at] === '\\') this.at++;
      value += this.#text[this.at] ?? '';
    }
    this.at++;
    return value;
  }

  #literal(): string {
    const end = this.#text.indexOf('\n', this.at) + 1;
    const length = Number.parseInt(this.#text.slice(this.at + 1, end), 10);
    this.at = end + length;
    return this.#text.slice(end, this.at);
  }
}

interface Answer {
  readonly envelope: Value;
  readonly structure: Value;
}

/** dovecot with a mailbox, and a connection to it. */
class Dovecot {
  readonly #server: DovecotServer;
  readonly #socket: Socket;
  #boxes = 0;
  #heard: string[] = [];
  #wake: () => void = () => {};

  constructor(server: DovecotServer) {
    this.#server = server;
    this.#socket = connect(server.port, '127.0.0.1');
    this.#socket.on('data', (bytes) => {
      this.#heard.push(bytes.toString('latin1'));
      this.#wake();
    });
  }

  static async start(): Promise<Dovecot> {
    const dovecot = new Dovecot(await startDovecotImap());
    await dovecot.#say('l LOGIN joe secret\r\n');
    return dovecot;
  }

  async #say(text: string): Promise<string> {
    const ended = new RegExp(`(?:^|\\n)${text.slice(0, 1)} (?:OK|NO|BAD)[^\\n]*\\n$`);
    this.#socket.write(text, 'latin1');
    while (!ended.test(this.#heard.slice(-3).join(''))) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const heard = this.#heard.join('');
    this.#heard = [];
    return heard;
  }

  async read(messages: readonly string[]): Promise<Answer[]> {
    // A mailbox that is selected had better not be deleted: dovecot says goodbye then.
    const box = `box${++this.#boxes}`;
    await this.#say(`c CREATE ${box}\r\n`);
    for (let from = 0; from < messages.length; from += 200) {
      const some = messages.slice(from, from + 200).map((message) => ` {${message.length}+}\r\n${message}`);
      expect(await this.#say(`a APPEND ${box}${some.join('')}\r\n`)).toContain('a OK');
    }
    await this.#say(`s SELECT ${box}\r\n`);
    const text = await this.#say('f FETCH 1:* (ENVELOPE BODYSTRUCTURE)\r\n');
    const answers: Answer[] = [];
    for (let at = text.indexOf(' FETCH ('); at >= 0; ) {
      const reader = new ValueReader(text, at + ' FETCH '.length);
      const [, envelope = null, , structure = null] = reader.read() as readonly Value[];
      answers.push({ envelope, structure });
      at = text.indexOf(' FETCH (', reader.at);
    }
    return answers;
  }

  async stop(): Promise<void> {
    this.#socket.destroy();
    await this.#server.stop();
  }
}

const lower = (value: Value | undefined): Value => (typeof value === 'string' ? value.toLowerCase() : (value ?? null));

/** Names in one case; dovecot names the charset that holds where none is named (RFC 2045 §5.2), which is left away. */
function sameParameters(value: Value | undefined): Value {
  if (!Array.isArray(value)) return value ?? null;
  const pairs: Value[] = [];
  for (let i = 0; i < value.length; i += 2)
    if (lower(value[i]) !== 'charset' || lower(value[i + 1]) !== 'us-ascii') pairs.push(lower(value[i]), value[i + 1]);
  return pairs.length === 0 ? null : pairs;
}

function sameDisposition(value: Value | undefined): Value {
  return Array.isArray(value) ? [lower(value[0]), sameParameters(value[1])] : (value ?? null);
}

/** One language may stand in a list or by itself (RFC 9051 §9, body-fld-lang). */
function sameLanguage(value: Value | undefined): Value {
  return typeof value === 'string' ? [value] : (value ?? null);
}

/** Whether a message ends with the closing line of a multipart: the line end behind it is, to dovecot, that multipart's (RFC 2046 §5.1.1: the next boundary's). */
function endsInMultipart(body: Value | undefined): boolean {
  if (!Array.isArray(body)) return false;
  return Array.isArray(body[0]) || (body[0] === 'message' && body[1] === 'rfc822' && endsInMultipart(body[8]));
}

/** A body structure in the form in which two of them are compared: names are the same in whatever case. */
function same(body: Value | undefined): Value {
  if (!Array.isArray(body)) return body ?? null;
  if (Array.isArray(body[0])) {
    const count = body.findIndex((value) => !Array.isArray(value));
    const [subtype, parameters, disposition, language, location] = body.slice(count);
    const names = [lower(subtype), sameParameters(parameters), sameDisposition(disposition), sameLanguage(language), location ?? null];
    return [...body.slice(0, count).map(same), ...names];
  }
  const values: Value[] = [...body];
  for (const i of [0, 1, 5]) values[i] = lower(values[i]);
  values[2] = sameParameters(values[2]);
  const isMessage = values[0] === 'message' && values[1] === 'rfc822' && Array.isArray(values[8]);
  if (isMessage) values[8] = same(values[8]);
  if (isMessage && endsInMultipart(values[8])) values[6] = values[9] = 'as far as the line end';
  const disposition = isMessage ? 11 : values[0] === 'text' ? 9 : 8;
  values[disposition] = sameDisposition(values[disposition]);
  values[disposition + 1] = sameLanguage(values[disposition + 1]);
  return values;
}

function readOurs(message: string): Answer {
  const { part, envelope } = parseStructure(fromLatin1(message));
  return {
    envelope: new ValueReader(formatEnvelope(envelope, false)).read(),
    structure: same(new ValueReader(formatBodyStructure(part, { extended: true, utf8: false })).read()),
  };
}

const html = 'Content-Type: text/html; charset=utf-8\r\n';

/** Address fields, which is what servers differ about most. */
const senders: readonly string[] = [
  ...['a@b.example', '<a@b.example>', 'A B <a@b.example>', '"A, B" <a@b.example>', '"A \\"B\\"" <a@b.example>', 'A (c) <a@b.example>'],
  ...[
    'a@b.example (A B)',
    'A "B" C <a@b.example>',
    '"a b"@c.example',
    'A <"a b"@c.example>',
    'a@[192.0.2.1]',
    'A <@x.example,@y.example:a@b.example>',
  ],
  ...['G: a@b.example, D <d@e.example>;', 'G:;', 'Undisclosed recipients:;, a@b.example', '=?utf-8?q?J=C3=B6rg?= <a@b.example>'],
  ...[
    'a@b.example, c@d.example',
    'A <a@b.example>, C <c@d.example>',
    'a@b.example,, c@d.example',
    'A.B. <a@b.example>',
    '"A"<a@b.example>',
  ],
  ...[
    'A\r\n B <a@b.example>',
    '"A\r\n B" <a@b.example>',
    'A <a@b.example>,\r\n\tC <c@d.example>',
    'a . b @ c . example',
    'A < a@b.example >',
  ],
  ...[
    'J\xc3\xb6rg <a@b.example>',
    '"J\xc3\xb6rg" <a@b.example>',
    'a@b\xc3\xbc.example',
    '(c) a@b.example',
    'a@b.example (x (y) z)',
    "'A' <a@b.example>",
  ],
];
const fields: readonly string[] = [
  ...[
    'Subject: a\r\n b\r\n',
    'Subject:\r\n a\r\n',
    'Subject: \r\n',
    'Subject: =?utf-8?q?a?=\r\n =?utf-8?q?b?=\r\n',
    'Subject: gr\xc3\xbc\xc3\x9f\r\n',
  ],
  ...[
    'Date: Mon, 15 Jan 2024 10:20:30 +0100\r\n',
    'Date: not one\r\n',
    'Message-ID: <a@b>\r\n',
    'Message-ID:\r\n <a@b>\r\n',
    'In-Reply-To: <a@b> <c@d>\r\n',
  ],
  ...[`${html}Content-ID: <a@b>\r\n`, `${html}Content-Description: a\r\n b\r\n`, `${html}Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\r\n`],
  ...[`${html}Content-Language: en\r\n`, `${html}Content-Language: en, de\r\n`, `${html}Content-Location: http://a.example/b\r\n`],
  ...[`${html}Content-Disposition: attachment\r\n`, `${html}Content-Disposition: inline; filename="a b"; size=3\r\n`],
  ...[
    'Content-Type: text/plain; a=b; c="d;e"; f="g\\"h"\r\n',
    'Content-Type: TEXT/HTML; Charset=UTF-8\r\n',
    'Content-Type: text/plain; a*0=x; a*1="y z"\r\n',
  ],
  ...[
    "Content-Type: text/plain; a*=utf-8''%C3%BC\r\n",
    "Content-Type: text/plain; a*1*=%9F; a*0*=utf-8''%C3\r\n",
    'Content-Type: message/delivery-status\r\n',
  ],
  ...[
    'Content-Type: message/external-body; access-type=x\r\n',
    `${html}Content-Transfer-Encoding: BASE64\r\n`,
    `${html}Content-Transfer-Encoding: x-own\r\n`,
  ],
];
const rows: readonly string[] = [
  ...senders.map((sender) => `From: ${sender}\r\n`),
  ...senders.map((sender) => `From: f@x.example\r\nTo: ${sender}\r\n`),
  ...fields,
];

/** Where dovecot answers otherwise, and why we do not. */
const differs: ReadonlyMap<string, string> = new Map([
  ['a@b.example,, c@d.example', 'it makes an address of the empty member of a list, which RFC 5322 §4.4 (obs-addr-list) lets be there'],
  ['a . b @ c . example', 'it knows no blanks around dots (RFC 5322 §4.4, obs-local-part)'],
  ['(c) a@b.example', 'it takes only a comment behind an address for its name'],
  ['Message-ID:\r\n <a@b>', 'it keeps the blank of the fold'],
]);

/** Messages of the suite that dovecot reads otherwise. */
const suiteDiffers: Readonly<Record<string, string>> = {
  'cpython/msg_05.eml': 'it writes MISSING_DOMAIN where there is none, we nothing: NIL would mark a group (RFC 9051 §7.5.2)',
  'cpython/msg_14.eml': 'a media type without a subtype is empty, to us text/plain (RFC 2045 §5.2)',
  'cpython/msg_15.eml': 'as msg_05',
  'cpython/msg_19.eml': 'a first line that is no field: it takes it for a header all the same, we all for text',
  'cpython/msg_25.eml': 'no boundary: it shows a multipart with an empty member, we what is there',
  'cpython/msg_27.eml': 'a Subject folded with tabs: it makes each a space, RFC 5322 §2.2.3 takes the line end away and no more',
  'cpython/msg_33.eml': 'it knows no boundary in the extended form (RFC 2231 §4)',
  'cpython/msg_35.eml': 'a line that is no field ends the header: to it the body is empty then',
  'cpython/msg_38.eml': 'inner and outer boundary lines in one part: it ends both',
  'cpython/msg_41.eml': 'as msg_25',
  'cpython/msg_43.eml': 'as msg_05',
  'libical/complex-mime-error.eml': 'quotes that never end: it passes over the parameter',
};

describe.skipIf(!dovecotAvailable)('beside dovecot', () => {
  let dovecot: Dovecot;
  beforeAll(async () => {
    dovecot = await Dovecot.start();
  }, 30_000);
  afterAll(async () => dovecot.stop());

  it('RFC 9051 §7.5.2, RFC 2231 §6: ENVELOPE and BODYSTRUCTURE of messages out of a grammar', async () => {
    const messages = generateMessages(1000, 1, { broken: 0 }).map((bytes) => toLatin1(bytes));
    const answers = await dovecot.read(messages);
    expect(answers).toHaveLength(messages.length);
    for (const [index, message] of messages.entries()) {
      const { envelope, structure } = answers[index] ?? { envelope: null, structure: null };
      expect([index, readOurs(message)]).toEqual([index, { envelope, structure: same(structure) }]);
    }
  }, 60_000);

  it('RFC 9051 §7.5.2: fields of all shapes', async () => {
    const messages = rows.map((row) => `${row}\r\nText.\r\n`);
    const answers = await dovecot.read(messages);
    for (const [index, message] of messages.entries()) {
      const { envelope, structure } = answers[index] ?? { envelope: null, structure: null };
      const reason = differs.get(rows[index]?.replace(/^From: f@x.example\r\nTo: |^From: |\r\n$/g, '') ?? '');
      const theirs = [rows[index], { envelope, structure: same(structure) }];
      if (reason === undefined) expect([rows[index], readOurs(message)]).toEqual(theirs);
      else expect([rows[index], readOurs(message)], reason).not.toEqual(theirs);
    }
  }, 60_000);

  describeConformance('mime', 'messages of other projects', () => {
    const files = ['cpython', 'libical'].flatMap((folder) =>
      readdirSync(join(conformancePath('mime'), folder))
        .filter((name) => name.endsWith('.eml'))
        .map((name) => `${folder}/${name}`),
    );
    it.each(files)('RFC 9051 §7.5.2: %s', async (file) => {
      const message = toLatin1(readConformance('mime', file)).replaceAll(/\r?\n/g, '\r\n');
      const [answer] = await dovecot.read([message]);
      const theirs = { envelope: answer?.envelope, structure: same(answer?.structure) };
      if (suiteDiffers[file] === undefined) expect(readOurs(message)).toEqual(theirs);
      else expect(readOurs(message), suiteDiffers[file]).not.toEqual(theirs);
    });
  });
});
