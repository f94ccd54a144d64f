import type { Address } from '@mox/address';
import { randomBytes } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { formatAddressLiteral, formatReceived, formatReturnPath, makeTransactionId, withProtocol } from './index.ts';

const ehlo = { verb: 'EHLO', name: 'client.example' } as const;
const tls = { protocol: 'TLSv1.2', cipher: 'ECDHE-RSA-AES128-GCM-SHA256' };

describe('the WITH clause', () => {
  it.each([
    ['SMTP', { mode: 'smtp', hello: { verb: 'HELO', name: 'x' }, authenticated: false, smtputf8: false }],
    ['ESMTP', { mode: 'smtp', hello: ehlo, authenticated: false, smtputf8: false }],
    ['ESMTPA', { mode: 'submission', hello: ehlo, authenticated: true, smtputf8: false }],
    ['ESMTPS', { mode: 'smtp', hello: ehlo, tls, authenticated: false, smtputf8: false }],
    ['ESMTPSA', { mode: 'submission', hello: ehlo, tls, authenticated: true, smtputf8: false }],
    ['LMTP', { mode: 'lmtp', hello: { verb: 'LHLO', name: 'x' }, authenticated: false, smtputf8: false }],
    ['LMTPSA', { mode: 'lmtp', hello: { verb: 'LHLO', name: 'x' }, tls, authenticated: true, smtputf8: false }],
    ['UTF8SMTP', { mode: 'smtp', hello: ehlo, authenticated: false, smtputf8: true }],
    ['UTF8SMTPSA', { mode: 'submission', hello: ehlo, tls, authenticated: true, smtputf8: true }],
    ['UTF8LMTPS', { mode: 'lmtp', hello: { verb: 'LHLO', name: 'x' }, tls, authenticated: false, smtputf8: true }],
  ] as const)('RFC 3848 §1, RFC 6531 §4.3: %s', (expected, facts) => {
    expect(withProtocol(facts)).toBe(expected);
  });
});

describe('Received', () => {
  const facts = {
    mode: 'smtp',
    hello: ehlo,
    remoteAddress: '::ffff:192.0.2.1',
    hostname: 'mx.example.org',
    authenticated: false,
    smtputf8: false,
    id: 'abc',
    date: 'Mon, 23 Nov 2026 12:00:00 +0000',
  } as const;

  it('RFC 5321 §4.4: names the client as it called itself and by its address', () => {
    expect(formatReceived(facts)).toBe(
      'Received: from client.example ([192.0.2.1])\r\n\tby mx.example.org with ESMTP id abc; Mon, 23 Nov 2026 12:00:00 +0000\r\n',
    );
  });

  it('RFC 8314 §4.3: names the cipher suite, where its name fits the grammar', () => {
    expect(formatReceived({ ...facts, tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' } })).toContain(
      '\r\n\ttls TLS_AES_128_GCM_SHA256; ',
    );
    expect(formatReceived({ ...facts, tls })).not.toContain('tls');
  });

  it('RFC 6531 §3.7.3: U-labels with SMTPUTF8, A-labels without', () => {
    const recipient: Address = { localpart: 'a', domain: { ascii: 'xn--bcher-kva.example', unicode: 'bücher.example' } };
    expect(formatReceived({ ...facts, recipient })).toContain('for <a@xn--bcher-kva.example>');
    expect(formatReceived({ ...facts, recipient, smtputf8: true })).toContain('for <a@bücher.example>');
    expect(formatReturnPath(recipient, true)).toBe('Return-Path: <a@bücher.example>\r\n');
    expect(formatReturnPath(null, false)).toBe('Return-Path: <>\r\n');
  });

  it.each([
    ['192.0.2.1', '[192.0.2.1]'],
    ['2001:db8::1', '[IPv6:2001:db8::1]'],
    ['fe80::1%eth0', '[IPv6:fe80::1]'],
  ])('RFC 5321 §4.1.3: %s is %s', (ip, literal) => {
    expect(formatAddressLiteral(ip)).toBe(literal);
  });
});

describe('transaction ids', () => {
  it('sort by time, and differ within one millisecond', () => {
    const random = { bytes: randomBytes };
    const now = Date.UTC(2026, 10, 23);
    const ids = [0, 1, 1000, 86_400_000, 31_536_000_000_000].map((later) => makeTransactionId(now + later, random));
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(Array.from({ length: 1000 }, () => makeTransactionId(now, random))).size).toBe(1000);
    for (const id of ids) expect(id).toMatch(/^[0-9a-z]{17}$/);
  });
});
