// Messages of the kinds that people get, made here so that every run measures the same bytes.
import { randomNumbers } from '../../../tools/fuzz.ts';

const words =
  'the a of and to in message server when this that will be for with on it you are as your by or please thanks regards meeting update report attached tomorrow project release question answer between during after before review schedule'.split(
    ' ',
  );
const encoder = new TextEncoder();

function sentence(next: () => number, count: number): string {
  return Array.from({ length: count }, () => words[Math.floor(next() * words.length)]).join(' ');
}

function paragraphs(next: () => number, size: number, width: number): string {
  let text = '';
  let line = '';
  while (text.length < size) {
    const word = sentence(next, 1);
    if (line.length + word.length > width) {
      text += `${line}\r\n`;
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return text;
}

const received = [
  'Return-Path: <alice@example.org>',
  'Received: from mail.example.org (mail.example.org [192.0.2.10])',
  '\tby mx.example.com (Postfix) with ESMTPS id 4ABCDE1234',
  '\tfor <bob@example.com>; Mon, 23 Nov 2026 10:00:01 +0000 (UTC)',
  'Received: from laptop (unknown [198.51.100.7])',
  '\tby mail.example.org (Postfix) with ESMTPSA id 9876543210',
  '\tfor <bob@example.com>; Mon, 23 Nov 2026 10:00:00 +0000 (UTC)',
  'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=2026;',
  '\tt=1795428000; h=from:to:subject:date:message-id:mime-version:content-type;',
  '\tbh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;',
  '\tb=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSbav+yuU4zGeeruD00lszZVoG4ZHRNiYzRabcdefghijk',
  '\t lmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZdzdVyOfAKCdLXdJOc9G2q8Lo',
  '\t XSlEniSbav+yuU4zGeeruD00lszZVoG4ZHRNiYzR==',
].join('\r\n');

const addresses = [
  'From: Alice Example <alice@example.org>',
  'To: "Bob, the builder" <bob@example.com>, carol@example.net',
  'Cc: Dave <dave@example.com>',
].join('\r\n');
const common = [
  'Date: Mon, 23 Nov 2026 10:59:59 +0100',
  'Message-ID: <20261123.abcdef@example.org>',
  'In-Reply-To: <20261122.1@example.com>',
  'References: <20261121.1@example.com> <20261122.1@example.com>',
  'MIME-Version: 1.0',
].join('\r\n');

/** 3.6 KB of plain text. */
export function plainMessage(): Uint8Array {
  const next = randomNumbers(1);
  const head = `${received}\r\n${addresses}\r\n${common}\r\nSubject: ${sentence(next, 6)}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n`;
  return encoder.encode(head + paragraphs(next, 3600 - head.length, 72));
}

function quotedPrintable(text: string): string {
  return text
    .split('\r\n')
    .map((line) => {
      const encoded = [...encoder.encode(line)]
        .map((byte) => (byte === 61 || byte > 126 ? `=${byte.toString(16).toUpperCase()}` : String.fromCharCode(byte)))
        .join('');
      return encoded.replace(/(.{70}[^=]{2}(?!$))/g, '$1=\r\n');
    })
    .join('\r\n');
}

/** 28 KB: text and HTML in quoted-printable, as newsletters and office programs send. */
export function quotedPrintableMessage(): Uint8Array {
  const next = randomNumbers(2);
  const plain = quotedPrintable(paragraphs(next, 7000, 90).replaceAll('e', (e) => (next() < 0.03 ? 'é' : e)));
  let html = '<html><head><style>p { margin: 0; color: #333333 }</style></head><body>\r\n';
  while (html.length < 15500)
    html += `<div class="row"><p style="font-size: 14px; line-height: 20px;">${sentence(next, 14)}, größer &amp; schöner</p></div>\r\n`;
  html = quotedPrintable(`${html}</body></html>\r\n`);
  const part = (type: string, body: string): string =>
    `--=_alternative\r\nContent-Type: ${type}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${body}\r\n`;
  return encoder.encode(
    `${received}\r\n${addresses}\r\n${common}\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe_aus?= Wien\r\nContent-Type: multipart/alternative;\r\n boundary="=_alternative"\r\n\r\nThis is a message in MIME format.\r\n${part('text/plain', plain)}${part('text/html', html)}--=_alternative--\r\n`,
  );
}

/** Multiparts in multiparts, a forwarded message, small attachments: 12 KB. */
export function nestedMessage(): Uint8Array {
  const next = randomNumbers(3);
  const base64 = (size: number): string =>
    Buffer.from(Uint8Array.from({ length: size }, () => Math.floor(next() * 256)))
      .toString('base64')
      .replace(/(.{76})/g, '$1\r\n');
  const leaf = (boundary: string, type: string, body: string, more = ''): string =>
    `--${boundary}\r\nContent-Type: ${type}\r\n${more}\r\n${body}\r\n`;
  const alternative = `${leaf('b3', 'text/plain; charset=us-ascii', paragraphs(next, 900, 72))}${leaf('b3', 'text/html; charset=us-ascii', `<p>${paragraphs(next, 1200, 72)}</p>`)}--b3--\r\n`;
  const related = `${leaf('b2', 'multipart/alternative; boundary=b3', alternative)}${leaf('b2', 'image/png', base64(1500), 'Content-Transfer-Encoding: base64\r\nContent-ID: <logo@example.org>\r\nContent-Disposition: inline; filename=logo.png\r\n')}--b2--\r\n`;
  const forwarded = `${addresses}\r\n${common}\r\nSubject: inner\r\nContent-Type: multipart/mixed; boundary=b4\r\n\r\n${leaf('b4', 'text/plain', paragraphs(next, 800, 72))}${leaf('b4', 'text/csv; name=data.csv', 'a,b\r\n1,2')}--b4--\r\n`;
  const mixed = `${leaf('b1', 'multipart/related; boundary=b2', related)}${leaf('b1', 'application/pdf; name="report.pdf"', base64(2000), 'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="report.pdf"\r\n')}${leaf('b1', 'message/rfc822', forwarded)}--b1--\r\n`;
  return encoder.encode(
    `${received}\r\n${addresses}\r\n${common}\r\nSubject: nested\r\nContent-Type: multipart/mixed; boundary=b1\r\n\r\n${mixed}`,
  );
}

/** Encoded words, RFC 2231 names, ISO-8859-1 and ISO-2022-JP text: 5 KB. */
export function internationalMessage(): Uint8Array {
  const next = randomNumbers(4);
  const japanese = '\x1b$B$3$s$K$A$O@$3&\x1b(B'; // ISO-2022-JP for a greeting
  const latin = `${paragraphs(next, 1500, 70).replaceAll('e', '\u00e9')}`;
  const text = `${received}\r\nFrom: =?utf-8?B?SsO8cmdlbiBNw7xsbGVy?= <juergen@example.org>\r\nTo: =?iso-8859-1?Q?Andr=E9?= <andre@example.com>,\r\n =?utf-8?Q?Zo=C3=AB_?= =?utf-8?Q?Ma=C3=AFs?= <zoe@example.com>\r\n${common}\r\nSubject: =?utf-8?B?R3LDvMOfZSBhdXMgV2llbiB1bmQgYW5kZXJl?=\r\n =?utf-8?B?biBTdMOkZHRlbg==?= =?iso-2022-jp?B?GyRCJDMkcyRLJEEkTxsoQg==?=\r\nContent-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${latin}\r\n--b1\r\nContent-Type: text/plain; charset=iso-2022-jp\r\nContent-Transfer-Encoding: 7bit\r\n\r\n${`${japanese}\r\n`.repeat(30)}\r\n--b1\r\nContent-Type: application/octet-stream;\r\n name*=utf-8''%E6%96%87%E6%9B%B8.bin\r\nContent-Disposition: attachment; filename*0*=utf-8''%E6%96%87;\r\n filename*1*=%E6%9B%B8.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n${'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU2Nzg5\r\n'.repeat(8)}--b1--\r\n`;
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** 5 MB: a text and three attachments in base64. */
export function largeMessage(): Uint8Array {
  const next = randomNumbers(5);
  const random = Buffer.from(Uint8Array.from({ length: 57 * 64 }, () => Math.floor(next() * 256)));
  const block = random.toString('base64').replace(/(.{76})/g, '$1\r\n');
  const attachment = (name: string): string =>
    `--b1\r\nContent-Type: application/pdf; name="${name}"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\n${block.repeat(334)}\r\n`;
  return encoder.encode(
    `${received}\r\n${addresses}\r\n${common}\r\nSubject: large\r\nContent-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${paragraphs(next, 2000, 72)}\r\n${attachment('one.pdf')}${attachment('two.pdf')}${attachment('three.pdf')}--b1--\r\n`,
  );
}
