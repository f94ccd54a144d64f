// A message as it comes in from outside: the header section that servers on the way and checks at the end leave behind.
import { randomNumbers } from '../../../tools/fuzz.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function received(from: string, by: string, id: string): string {
  return `Received: from ${from} (${from} [192.0.2.${id.length}])\r\n\tby ${by} with ESMTPS id ${id}\r\n\tfor <mox@localhost>\r\n\t(version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\r\n\tMon, 23 Nov 2026 12:00:00 +0000`;
}

/** A message of a mailing list with about three kilobytes of header section, and so many bytes of body. */
export function everydayMessage(number: number, bodyBytes: number): Buffer {
  const random = randomNumbers(number);
  const letters = (count: number): string => Array.from({ length: count }, () => alphabet[Math.floor(random() * 64)]).join('');
  const lines = (count: number): string => Array.from({ length: count }, () => letters(64)).join('\r\n\t');
  const sender = `sender${number % 97}@list.example.com`;
  const head = [
    `Return-Path: <bounce+${number}@list.example.com>`,
    received('mx.list.example.com', 'mx.example.org', letters(20)),
    `ARC-Seal: i=1; a=rsa-sha256; t=1795435200; cv=none; d=example.org; s=arc;\r\n\tb=${lines(5)}`,
    `ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=arc;\r\n\th=from:to:subject:date:message-id; bh=${letters(43)}=;\r\n\tb=${lines(5)}`,
    `Authentication-Results: mx.example.org; dkim=pass header.i=@list.example.com header.s=s1;\r\n\tspf=pass smtp.mailfrom=bounce@list.example.com; dmarc=pass header.from=list.example.com`,
    received('app17.internal.example.com', 'mx.list.example.com', letters(16)),
    `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=list.example.com; s=s1;\r\n\th=from:to:subject:date:message-id:list-id; bh=${letters(43)}=;\r\n\tb=${lines(5)}`,
    received('localhost', 'app17.internal.example.com', letters(12)),
    `From: "Sender Number ${number % 97}" <${sender}>`,
    'To: Mox <mox@localhost>',
    ...(number % 3 ? [] : [`Cc: "List" <list@list.example.com>,\r\n other${number}@example.net`]),
    `Subject: message ${number} about something that takes more than a line when it is\r\n written out`,
    `Date: Mon, 23 Nov 2026 12:00:00 +0000`,
    `Message-ID: <${number}@test.example>`,
    ...(number % 2
      ? [`In-Reply-To: <${number - 1}@test.example>`, `References: <${number - 2}@test.example>\r\n\t<${number - 1}@test.example>`]
      : []),
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 7bit',
    `List-Unsubscribe: <https://list.example.com/u/${letters(60)}>,\r\n\t<mailto:leave@list.example.com>`,
    'List-Id: <list.example.com>',
    ...(number % 5 ? [] : [`X-Mailer: Mailer ${number % 10}.1`]),
    `X-MS-Exchange-Organization-Network-Message-Id: ${letters(36)}`,
  ];
  const body = `${'x'.repeat(72)}\r\n`.repeat(Math.ceil(bodyBytes / 74));
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}
