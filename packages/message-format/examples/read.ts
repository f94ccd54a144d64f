import { parseMessage } from '@mox/message-format';

// Or the bytes of a file, or a stream: `await parseMessage(createReadStream('message.eml'))`.
const bytes = new TextEncoder().encode(`From: =?utf-8?q?J=C3=BCrgen?= <juergen@example.org>
To: "Doe, Jane" <jane@example.com>, bob@example.com
Date: Mon, 23 Nov 2026 10:00:00 +0100
Subject: =?utf-8?b?R3LDvMOfZSBhdXMgV2llbg==?=
Message-ID: <1@example.org>
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Sch=C3=B6ne Gr=C3=BC=C3=9Fe!
--b
Content-Type: text/csv
Content-Disposition: attachment; filename*=utf-8''%C3%BCbersicht.csv

a;b
--b--
`);

const message = parseMessage(bytes);
console.log(message.from[0]?.name, message.from[0]?.address); // Jürgen juergen@example.org
console.log(message.subject); // Grüße aus Wien
console.log(message.date && new Date(message.date.instant).toISOString()); // 2026-11-23T09:00:00.000Z
console.log(message.text); // Schöne Grüße!
for (const attachment of message.attachments) {
  console.log(attachment.filename, attachment.contentType, attachment.bytes().length); // übersicht.csv text/csv 3
}
console.log(message.defects); // what was wrong with it: here, line ends without CR
