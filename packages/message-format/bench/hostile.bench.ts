// What an enemy sends: each row stands beside the typical ones, and none may cost more than linear time or bounded memory.
import { benchmark } from '../../../tools/bench-harness.ts';
import { parseAuthenticationResults, parseMessage, parseStructure, previewText } from '../src/index.ts';

const encoder = new TextEncoder();

function nestedParts(count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`;
  return text;
}

function nestedMessages(count: number): string {
  return 'Content-Type: message/rfc822\r\n\r\n'.repeat(count);
}

const open = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n';
const hostile: Readonly<Record<string, string>> = {
  'typical: 1 MB of plain text': `Subject: x\r\n\r\n${'a line of words that is as long as lines are, about so long\r\n'.repeat(17_000)}`,
  '100,000 nested multiparts': nestedParts(100_000),
  '100,000 nested messages': nestedMessages(100_000),
  '100,000 parts side by side': `${open}${'--b\r\n\r\nx\r\n'.repeat(100_000)}--b--\r\n`,
  '1 MB of one header field': `Subject: ${'x'.repeat(1_000_000)}\r\n\r\n`,
  '1 MB of one folded header field': `Subject: ${'x\r\n '.repeat(250_000)}\r\n\r\n`,
  '1 MB of Content-Type parameters': `Content-Type: a/b${';a=(b'.repeat(200_000)}\r\n\r\n`,
  '1 MB of quotes in Content-Type': `Content-Type: a/b;${'a="'.repeat(333_000)}\r\n\r\n`,
  'a million addresses': `To: ${'a@b,'.repeat(1_000_000)}\r\n\r\n`,
  'half a million groups': `To: ${'a:;'.repeat(500_000)}\r\n\r\n`,
  '1 MB of open comments in To': `To: ${'('.repeat(1_000_000)}\r\n\r\n`,
  '1 MB of open angle brackets in To': `To: ${'<'.repeat(1_000_000)}\r\n\r\n`,
  '1 MB of encoded words': `Subject: ${'=?utf-8?q?=C3=A9?= '.repeat(50_000)}\r\n\r\n`,
  '1 MB of halves of encoded words': `Subject: ${'=?utf-8?q?'.repeat(100_000)}\r\n\r\n`,
  '1 MB of =?': `Subject: ${'=?'.repeat(500_000)}\r\n\r\n`,
  '100,000 header fields': `${'X: y\r\n'.repeat(100_000)}\r\n`,
  '100,000 To fields': `${'To: a@b\r\n'.repeat(100_000)}\r\n`,
  '100,000 lines that are no field': `A: b\r\n${'junk\r\n'.repeat(100_000)}\r\n`,
  '1 MB of message identifiers': `References: ${'<a@b> '.repeat(166_000)}\r\n\r\n`,
  '1 MB of lines like boundaries': `${open}${'--\r\n'.repeat(250_000)}`,
  '1 MB of hyphens': `${open}${'-'.repeat(1_000_000)}`,
  '1 MB of empty lines': `Subject: x\r\n\r\n${'\n'.repeat(1_000_000)}`,
  '1 MB of CR': `Subject: x\r\n\r\n${'\r'.repeat(1_000_000)}`,
  '1 MB of = in quoted-printable': `Content-Transfer-Encoding: quoted-printable\r\n\r\n${'='.repeat(1_000_000)}`,
  '1 MB of blanks in quoted-printable': `Content-Transfer-Encoding: quoted-printable\r\n\r\n${' '.repeat(1_000_000)}`,
  '1 MB of = in base64': `Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\n${'A==='.repeat(250_000)}`,
  '1 MB of tags': `Content-Type: text/html\r\n\r\n${'<blockquote>'.repeat(80_000)}`,
  '1 MB of quote marks, flowed': `Content-Type: text/plain; format=flowed\r\n\r\n${'>'.repeat(1_000_000)}`,
  'nothing ended':
    'Content-Type: multipart/mixed; boundary="b\r\n (((\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nTo: "a <b@c (d\r\nContent-Type: text/html\r\n\r\n<a href="',
};

for (const [name, text] of Object.entries(hostile)) {
  const bytes = encoder.encode(text);
  const whole = (): void => {
    const message = parseMessage(bytes);
    for (const attachment of message.attachments) attachment.bytes();
    previewText(message.structure.part, bytes);
  };
  await benchmark(
    `${name} (${bytes.length} B)`,
    { whole, structure: () => parseStructure(bytes) },
    { bytes: bytes.length, rounds: 3, roundMilliseconds: 100 },
  );
}

const results = `a;${'(x)a=b c.d=e;'.repeat(80_000)}`;
await benchmark(
  '1 MB of Authentication-Results',
  { mox: () => parseAuthenticationResults(results) },
  { bytes: results.length, rounds: 3, roundMilliseconds: 100 },
);
