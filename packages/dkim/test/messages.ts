// Messages for tests: bodies and header sections at the edges of the canonicalizations.
import { concatBytes, fromUtf8, generateKeyPair, importPrivateKey, type PrivateKey } from '@mox/runtime';
import { formatKeyRecord, makeKeyRecord } from '../src/index.ts';

const header = [
  'Received: from a.example (a.example [192.0.2.1])\r\n\tby b.example; Mon, 23 Nov 2026 10:00:00 +0000\r\n',
  'From: Jane <jane@example.org>\r\n',
  'To: joe@example.net,\r\n  other@example.net\r\n',
  'SUBJECT:  spaces \t and   tabs \t\r\n',
  'Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n',
  'Message-ID: <1@example.org>\r\n',
].join('');

/** Bodies by what is odd about them. */
export const bodies: Readonly<Record<string, string>> = {
  empty: '',
  'one line': 'hello\r\n',
  'no last line end': 'hello',
  'only empty lines': '\r\n\r\n\r\n',
  'only white space': ' \t \r\n  \r\n',
  'empty lines at the end': 'hello\r\n\r\n\r\n\r\n',
  'white space at line ends': 'hello \t\r\n \tworld  \r\n\r\n',
  'runs of white space': 'a  b \t c\t\td\r\n  indented\r\n',
  'white space, then empty lines': 'a\r\n  \r\n\t\r\n \r\n',
  'no last line end, white space': 'a\r\nb  ',
  'empty lines within': 'a\r\n\r\n\r\nb\r\n',
  'dots and dashes': '.\r\n..\r\n--x\r\n',
  utf8: 'grüße 世界\r\n',
  'a long line': `${'x'.repeat(5000)} ${'y '.repeat(3000)}\r\n`,
};

/** A whole message with one of the bodies. */
export function messageWith(body: string): Uint8Array {
  return fromUtf8(`${header}\r\n${body}`);
}

/** As `messageWith`, with fields whose white space the milter protocol, and so opendkim, does not change. */
export function milterMessageWith(body: string): Uint8Array {
  return fromUtf8(`${header.replace(/^SUBJECT:.*$/m, 'SUBJECT: spaces \t and   tabs')}\r\n${body}`);
}

/** The fields of a signature on top of its message. */
export function withSignature(fields: string, message: Uint8Array): Uint8Array {
  return concatBytes([fromUtf8(fields), message]);
}

/** A new key, ready to sign, with its PEM and its record. */
export async function makeKey(
  type: 'rsa' | 'ed25519',
): Promise<{ privateKey: PrivateKey; pem: string; pkcs8: Uint8Array; record: string }> {
  const pair = await generateKeyPair(type === 'rsa' ? { type, bits: 2048 } : { type });
  const privateKey = await importPrivateKey(pair.privateKey);
  if (!privateKey) throw new Error('a new key cannot be read');
  const lines =
    Buffer.from(pair.privateKey)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  const pem = ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
  return { privateKey, pem, pkcs8: pair.privateKey, record: formatKeyRecord(makeKeyRecord(type, pair.publicKey)) };
}
