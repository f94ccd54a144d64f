// Typical and hostile inputs, against the npm packages that do the same.
import {
  decodeBase64Lenient,
  decodeCharset,
  decodeEncodedWords,
  decodeModifiedUtf7,
  decodeParameters,
  decodeQuotedPrintable,
  decodeUuencode,
  encodeBase64Bytes,
  encodeQuotedPrintable,
  encodeWords,
} from '@mox/encoding';
import iconv from 'iconv-lite';
import libmime from 'libmime';
import libqp from 'libqp';
import { benchmark } from '../../../tools/bench-harness.ts';
import { randomNumbers } from '../../../tools/fuzz.ts';

const fromUtf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const random = randomNumbers(1);
const binary = Uint8Array.from({ length: 1 << 20 }, () => Math.floor(random() * 256));

const sentence = 'It is a truth universally acknowledged, that a single man in possession of a good fortune must be in want of a wife.\r\n';
const german = 'Über den Wolken muß die Freiheit wohl grenzenlos sein, alle Ängste, alle Sorgen, sagt man, blieben darunter verborgen.\r\n';
const asciiText = encodeQuotedPrintable(fromUtf8(sentence.repeat(8000)), { text: true });
const germanText = encodeQuotedPrintable(fromUtf8(german.repeat(8000)), { text: true });
const html = encodeQuotedPrintable(
  fromUtf8('<td style="color: #333; padding: 0 10px;" class="x"><a href="https://example.org/?a=1&b=2">Link</a></td>\r\n'.repeat(8000)),
  { text: true },
);
const escapes = fromUtf8('=C3=A9'.repeat(170_000));
const blanks = fromUtf8(' '.repeat(1 << 20));
const equals = fromUtf8('='.repeat(1 << 20));

const qp = (bytes: Uint8Array): Record<string, () => unknown> => {
  const buffer = Buffer.from(bytes);
  return { mox: () => decodeQuotedPrintable(bytes), libqp: () => libqp.decode(buffer) };
};
await benchmark('quoted-printable decode, English text', qp(asciiText), { bytes: asciiText.length });
await benchmark('quoted-printable decode, German text', qp(germanText), { bytes: germanText.length });
await benchmark('quoted-printable decode, HTML', qp(html), { bytes: html.length });
await benchmark('quoted-printable decode, hostile: all escapes', qp(escapes), { bytes: escapes.length });
await benchmark('quoted-printable decode, hostile: all blanks', qp(blanks), { bytes: blanks.length });
await benchmark('quoted-printable decode, hostile: all =', qp(equals), { bytes: equals.length });

const germanBytes = fromUtf8(german.repeat(2000));
const germanBuffer = Buffer.from(germanBytes);
await benchmark(
  'quoted-printable encode, German text',
  { mox: () => encodeQuotedPrintable(germanBytes, { text: true }), libqp: () => libqp.wrap(libqp.encode(germanBuffer)) },
  { bytes: germanBytes.length, rounds: 3 },
);

const base64 = encodeBase64Bytes(binary, { lineLength: 76 });
const base64Buffer = Buffer.from(base64);
await benchmark(
  'base64 decode, lines of 76',
  { mox: () => decodeBase64Lenient(base64), Buffer: () => Buffer.from(base64Buffer.toString('latin1'), 'base64') },
  { bytes: base64.length },
);
const withFooter = fromUtf8(`${new TextDecoder().decode(base64)}\r\n______\r\nlist mailing list\r\nlist@example.org\r\n`);
await benchmark('base64 decode, a footer behind', { mox: () => decodeBase64Lenient(withFooter) }, { bytes: withFooter.length });
const words = fromUtf8(`QUJD\r\n${'a word '.repeat(150_000)}\r\n${'a word\r\n'.repeat(1000)}`);
await benchmark('base64 decode, hostile: words', { mox: () => decodeBase64Lenient(words) }, { bytes: words.length });
const padded = fromUtf8('QQ==\r\n'.repeat(170_000));
await benchmark('base64 decode, hostile: padding everywhere', { mox: () => decodeBase64Lenient(padded) }, { bytes: padded.length });
const uuencoded = fromUtf8(`begin 644 x\n${`M${'#86)C'.repeat(12)}\n`.repeat(16_000)}\`\nend\n`);
await benchmark('uuencode decode', { mox: () => decodeUuencode(uuencoded) }, { bytes: uuencoded.length });
await benchmark('base64 encode, lines of 76', { mox: () => encodeBase64Bytes(binary, { lineLength: 76 }) }, { bytes: binary.length });

const latin = Uint8Array.from(german.repeat(2000), (c) => c.charCodeAt(0));
const latinBuffer = Buffer.from(latin);
const russian = Uint8Array.from({ length: 200_000 }, (_, i) => (i % 7 === 0 ? 32 : 0xa0 + (i % 0x50)));
const russianBuffer = Buffer.from(russian);
await benchmark(
  'charset decode, iso-8859-1',
  { mox: () => decodeCharset(latin, 'iso-8859-1'), 'iconv-lite': () => iconv.decode(latinBuffer, 'iso-8859-1') },
  { bytes: latin.length },
);
await benchmark(
  'charset decode, cp437',
  { mox: () => decodeCharset(russian, 'cp437'), 'iconv-lite': () => iconv.decode(russianBuffer, 'cp437') },
  { bytes: russian.length },
);

const subject = '=?utf-8?q?Angebot_f=C3=BCr?= =?utf-8?b?IFNpZSBhdXMgS8O2bG4=?= und Umgebung =?iso-8859-1?q?=FCber?=';
const plainSubject = 'Re: [project] a quite usual subject without any encoded word';
await benchmark('encoded words decode', { mox: () => decodeEncodedWords(subject), libmime: () => libmime.decodeWords(subject) });
await benchmark('encoded words decode, none there', {
  mox: () => decodeEncodedWords(plainSubject),
  libmime: () => libmime.decodeWords(plainSubject),
});
await benchmark('encoded words encode', {
  mox: () => encodeWords('Angebot für Sie aus Köln und Umgebung'),
  libmime: () => libmime.encodeWords('Angebot für Sie aus Köln und Umgebung', 'Q', 52),
});
for (const [name, unit] of [
  ['openings without an end', '=?a?q?'],
  ['many words', '=?utf-8?q?a?= '],
  ['many words of many charsets', '=?utf-8?q?=C3?= =?us-ascii?q?x?= '],
  ['openings alone', '=?'],
] as const) {
  const small = unit.repeat(Math.floor(100_000 / unit.length));
  const large = unit.repeat(Math.floor(1_000_000 / unit.length));
  await benchmark(
    `encoded words decode, hostile: ${name}, 100 KB`,
    { mox: () => decodeEncodedWords(small) },
    { bytes: small.length, rounds: 3 },
  );
  await benchmark(
    `encoded words decode, hostile: ${name}, 1 MB`,
    { mox: () => decodeEncodedWords(large) },
    { bytes: large.length, rounds: 3 },
  );
}

const parameters = Array.from({ length: 10 }, (_, i) => [`filename*${i}*`, i === 0 ? "utf-8''%C3%BCber" : 'x%20y'] as const);
await benchmark('parameters decode, ten sections', { mox: () => decodeParameters(parameters) });
const many = Array.from({ length: 100_000 }, (_, i) => [`filename*${i % 5000}*`, 'x%20y'] as const);
await benchmark('parameters decode, hostile: 100,000 sections', { mox: () => decodeParameters(many) }, { rounds: 3 });
await benchmark('modified UTF-7 decode', { mox: () => decodeModifiedUtf7('~peter/mail/&U,BTFw-/&ZeVnLIqe-') });
