import { fromUtf8, toUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { writeField } from './field-writer.ts';
import { formatReceived, parseReceived } from './received.ts';

const postfix =
  'from mail.example.org (mail.example.org [192.0.2.10]) (using TLSv1.3 with cipher X (256/256 bits)) (No client certificate requested) by mx.example.com (Postfix) with ESMTPS id 4ABC for <bob@example.com>; Mon, 23 Nov 2026 10:00:01 +0000 (UTC)';

describe('parseReceived', () => {
  it('RFC 5321 §4.4: reads all clauses', () => {
    expect(parseReceived(postfix)).toEqual({
      from: {
        name: 'mail.example.org',
        tcpName: 'mail.example.org',
        tcpAddress: '192.0.2.10',
        comment: 'mail.example.org [192.0.2.10] using TLSv1.3 with cipher X (256/256 bits) No client certificate requested',
      },
      by: { name: 'mx.example.com', comment: 'Postfix' },
      with: 'ESMTPS',
      id: '4ABC',
      for: 'bob@example.com',
      clauses: [],
      date: { instant: Date.UTC(2026, 10, 23, 10, 0, 1), offsetMinutes: 0 },
    });
  });

  it.each([
    [
      'from [IPv6:2001:db8::1] (unknown [IPv6:2001:db8::1]) by x with SMTP; 1 Jan 2020 00:00:00 +0000',
      { from: { name: '[IPv6:2001:db8::1]', tcpAddress: '2001:db8::1' } },
    ],
    ['by 2002:a17:906:1 with SMTP id x; Mon, 23 Nov 2026 10:00:01 -0800 (PST)', { by: { name: '2002:a17:906:1' }, with: 'SMTP' }],
    [
      '(qmail 123 invoked by uid 0); 23 Nov 2026 10:00:01 -0000',
      { clauses: [], date: { instant: Date.UTC(2026, 10, 23, 10, 0, 1), offsetMinutes: 0 } },
    ],
    ['from by by with with id', { from: { name: 'by' }, by: { name: 'with' }, with: 'id' }],
    ['', { clauses: [] }],
    [
      'from a.example (2001:db8::1) by b.example (2001:db8::2) with Microsoft SMTP Server (version=TLS1_2) id 15.20; 1 Jan 2024 00:00:00 +0000',
      { from: { name: 'a.example', tcpAddress: '2001:db8::1' }, by: { tcpAddress: '2001:db8::2' }, with: 'Microsoft SMTP Server' },
    ],
    ['from unknown (HELO a.example) (192.0.2.1) by b.example with SMTP', { from: { name: 'unknown', tcpAddress: '192.0.2.1' } }],
  ])('copes with %j', (text, wanted) => expect(parseReceived(text)).toMatchObject(wanted));

  it('takes mutants and long input', () => {
    for (const mutant of mutants([fromUtf8(postfix)], { count: 2000 })) parseReceived(toUtf8(mutant));
    for (const piece of ['(', 'from ', '"', 'x(', '[', ';']) parseReceived(piece.repeat(200_000));
  });
});

it('RFC 5321 §4.4: reads what formatReceived writes, and nothing that a peer slipped in', () => {
  const date = { instant: Date.UTC(2026, 10, 23, 10, 0, 1), offsetMinutes: 60 };
  const pieces = formatReceived({
    from: { name: 'evil) by other (x\r\nBcc: y', tcpName: 'host.example', tcpAddress: '2001:db8::1' },
    by: { name: 'mx.example.com' },
    with: 'ESMTPS',
    id: 'abc',
    for: 'bob@example.com',
    clauses: [['tls', 'TLS_AES_128_GCM_SHA256']],
    date,
  });
  const field = writeField('Received', pieces);
  expect(field.split('\r\n').every((line) => line.length <= 78)).toBe(true);
  expect(parseReceived(pieces.join(' '))).toMatchObject({
    from: { name: 'evil_by_other_x_Bcc:_y', tcpName: 'host.example', tcpAddress: '2001:db8::1' },
    by: { name: 'mx.example.com' },
    with: 'ESMTPS',
    id: 'abc',
    for: 'bob@example.com',
    clauses: [['tls', 'TLS_AES_128_GCM_SHA256']],
    date,
  });
});
