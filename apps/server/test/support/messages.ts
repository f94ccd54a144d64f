// Messages of every shape: those of the vectors, and generated ones.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformancePath } from '../../../../tools/conformance.ts';
import { randomNumbers } from '../../../../tools/fuzz.ts';

export interface SampleMessage {
  readonly name: string;
  /** Lines end in CRLF, the last one, too. */
  readonly bytes: Buffer;
}

function toCrlf(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n');
  return Buffer.from(text.endsWith('\r\n') ? text : `${text}\r\n`, 'latin1');
}

/** The messages of the vectors, line ends made CRLF. None where the vectors are not there. */
export function vectorMessages(): SampleMessage[] {
  const suite = conformancePath('mime');
  if (!existsSync(suite)) return [];
  const files = readdirSync(suite, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.eml'));
  return files.toSorted().map((name) => ({ name, bytes: toCrlf(readFileSync(join(suite, name))) }));
}

function nested(depth: number): string {
  let body = 'Content-Type: text/plain\r\n\r\ninnermost\r\n';
  for (let i = 0; i < depth; i++) {
    body = `Content-Type: multipart/mixed; boundary="b${i}"\r\n\r\n--b${i}\r\n${body}\r\n--b${i}--\r\n`;
  }
  return body;
}

function forwarded(depth: number): string {
  let message = 'Subject: first\r\n\r\nHello.\r\n';
  for (let i = 0; i < depth; i++) message = `Subject: forward ${i}\r\nContent-Type: message/rfc822\r\n\r\n${message}`;
  return message;
}

const generated: Readonly<Record<string, string>> = {
  'a plain message': 'From: a@example.org\r\nTo: b@example.org\r\nSubject: plain\r\n\r\nText.\r\n',
  'no header': '\r\nonly a body\r\n',
  'no body': 'Subject: no body\r\n\r\n',
  'no line between header and body': 'Subject: x\r\nthis is no field\r\n',
  'nothing but an empty line': '\r\n',
  'dots in all places': 'Subject: dots\r\n\r\n.\r\n..\r\n.a\r\n a.\r\n...\r\n.\r\n',
  '8-bit header': 'Subject: gr\xfc\xdfe und \xc3\xa4\r\nFrom: J\xfcrgen <j@example.org>\r\n\r\n\xe4\xf6\xfc\r\n',
  'a long line': `Subject: long\r\n\r\n${'x'.repeat(990)}\r\n`,
  'empty lines at the end': 'Subject: blank\r\n\r\na\r\n\r\n\r\n\r\n',
  'deeply nested parts': `Subject: nested\r\nMIME-Version: 1.0\r\n${nested(60)}`,
  'forwards of forwards': forwarded(30),
  'a boundary that never comes': 'Content-Type: multipart/mixed; boundary=x\r\n\r\nno part at all\r\n',
  'a boundary that is empty': 'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nx\r\n----\r\n',
  'broken base64': 'Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!AAAA===x\r\n',
  'a header field without end': `Subject: ${Array.from({ length: 400 }, (_, i) => `word${i}`).join('\r\n ')}\r\n\r\nx\r\n`,
  'many addresses': `To: ${Array.from({ length: 2000 }, (_, i) => `a${i}@example.org`).join(',\r\n ')}\r\n\r\nx\r\n`,
  'control characters': 'Subject: \x01\x02\x07\r\n\r\n\x01\x1b[31m\x7f\r\n',
};

/** Generated messages of odd shapes. */
export function generatedMessages(): SampleMessage[] {
  return Object.entries(generated).map(([name, text]) => ({ name, bytes: Buffer.from(text, 'latin1') }));
}

/** A message with an attachment of about so many bytes, as base64. */
export function largeMessage(bytes: number): Buffer {
  const random = randomNumbers(1);
  const line = (): string =>
    `${Array.from({ length: 76 }, () => 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'[Math.floor(random() * 64)]).join('')}\r\n`;
  const block = Buffer.from(Array.from({ length: 1000 }, line).join(''));
  const head =
    'From: a@example.org\r\nTo: b@example.org\r\nSubject: large\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=large.bin\r\n' +
    'Content-Transfer-Encoding: base64\r\n\r\n';
  return Buffer.concat([Buffer.from(head), ...Array.from({ length: Math.ceil(bytes / block.length) }, () => block)]);
}

/** A small message that can be told from others. */
export function numberedMessage(number: number | string, sizeBytes: number = 0): Buffer {
  const head = `From: sender@example.org\r\nTo: mox@localhost\r\nSubject: message ${number}\r\nMessage-ID: <${number}@test.example>\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n\r\n`;
  const fill = 'x'.repeat(72);
  const lines = Math.max(1, Math.ceil((sizeBytes - head.length) / 74));
  return Buffer.from(`${head}${Array.from({ length: lines }, () => fill).join('\r\n')}\r\n`);
}
