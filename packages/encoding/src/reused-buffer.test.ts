import { concatBytes, toLatin1 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { Base64Encoder } from './base64.ts';
import { Base64Decoder } from './base64-decoder.ts';
import { CharsetDecoder } from './charset.ts';
import { QuotedPrintableDecoder } from './quoted-printable.ts';
import { QuotedPrintableEncoder } from './quoted-printable-encoder.ts';
import { UuencodeDecoder } from './uuencode.ts';

/** Feeds a text in small pieces of one buffer that is written over each time, as sockets and files do. */
function feed(text: string, push: (bytes: Uint8Array) => void): void {
  const buffer = Buffer.alloc(3);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += buffer.length) {
    const length = bytes.copy(buffer, 0, at);
    push(buffer.subarray(0, length));
  }
}

describe('streaming encoders and decoders keep nothing of a buffer that is used again', () => {
  it.each([
    ['base64 decoder', () => new Base64Decoder(), 'aGVsbG8gd29ybGQ=', 'hello world'],
    ['uuencode decoder', () => new UuencodeDecoder(), 'begin 644 x\n+:&5L;&\\@=V]R;&0 \n`\nend\n', 'hello world'],
    ['base64 encoder', () => new Base64Encoder(), 'hello world', 'aGVsbG8gd29ybGQ='],
    ['quoted-printable decoder', () => new QuotedPrintableDecoder(), 'h=65llo =\r\nw=6Frld', 'hello world'],
    ['quoted-printable encoder', () => new QuotedPrintableEncoder({ text: true }), 'hello =\r\nw \r\nx', 'hello =3D\r\nw=20\r\nx'],
  ])('%s', (_name, make, input, expected) => {
    const coder = make();
    const out: Uint8Array[] = [];
    feed(input, (bytes) => out.push(Uint8Array.from(coder.push(bytes))));
    out.push(coder.end());
    expect(toLatin1(concatBytes(out))).toBe(expected);
  });

  it('charset decoder', () => {
    const decoder = new CharsetDecoder('utf-8');
    let text = '';
    feed('gr\u00fc\u00dfe \u4e16\u754c', (bytes) => {
      text += decoder.push(bytes);
    });
    expect(text + decoder.end()).toBe('gr\u00fc\u00dfe \u4e16\u754c');
  });
});
