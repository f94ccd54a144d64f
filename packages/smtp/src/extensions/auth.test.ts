import { describe, expect, it } from 'vitest';
import { envelope, findEvent, hello, playServer, testTls } from '../../test/support.ts';
import { authParameter, bodyParameter, envidParameter, notifyParameter, orcptParameter, retParameter, sizeParameter } from '../index.ts';

describe('AUTH', () => {
  const plain = btoa('\0user\0secret');

  it('RFC 4954 §4.1: PLAIN under TLS; nothing but it and LOGIN and SCRAM is offered by default', async () => {
    const { events, session } = await playServer(
      `S: 220 …
      C: EHLO x
      S: 250-foo.com
      S: 250-PIPELINING
      S: 250-SIZE 52428800
      S: 250-AUTH SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN
      ${'S: 250-…\n'.repeat(4)}S: 250-DSN
      S: 250 LIMITS …
      C: MAIL FROM:<a@example.org>
      S: 530 5.7.0 Authentication required
      C: AUTH PLAIN ${plain}
      S: 235 2.7.0 Authentication succeeded
      C: AUTH PLAIN ${plain}
      S: 503 5.5.1 …
      C: MAIL FROM:<a@example.org> AUTH=b+2Bc@example.org RET=hdrs ENVID=x+20y BODY=8bitmime SIZE=5
      S: 250 …
      C: RCPT TO:<b@foo.com> NOTIFY=failure,delay ORCPT=rfc822;b@foo.com
      S: 250 …
      C: RCPT TO:<b@foo.com> NOTIFY=NEVER,DELAY
      S: 501 5.5.4 …`,
      { mode: 'submission', tls: testTls, sasl: {} },
    );
    expect(session.facts.login).toMatchObject({ authcid: 'user', mechanism: 'PLAIN' });
    const mail = findEvent(events, 'mail');
    expect(mail?.parameters.get(authParameter)).toBe('b+c@example.org');
    expect(mail?.parameters.get(retParameter)).toBe('HDRS');
    expect(mail?.parameters.get(envidParameter)).toBe('x y');
    expect(mail?.parameters.get(bodyParameter)).toBe('8BITMIME');
    expect(mail?.parameters.get(sizeParameter)).toBe(5);
    const recipient = findEvent(events, 'recipient');
    expect(recipient?.parameters.get(notifyParameter)).toEqual(['FAILURE', 'DELAY']);
    expect(recipient?.parameters.get(orcptParameter)).toEqual({ type: 'rfc822', address: 'b@foo.com' });
  });

  it('RFC 4954 §4: without an initial response, cancelled, not base64, too long', async () => {
    await playServer(
      `${hello(10)}
      C: AUTH PLAIN
      S: 334 
      C: *
      S: 501 5.7.0 Authentication cancelled
      C: AUTH PLAIN
      S: 334 
      C: =AAA
      S: 501 5.5.2 Not base64
      C: AUTH PLAIN
      S: 334 
      C: ${'A'.repeat(12_300)}
      S: 500 5.5.6 …
      C: NOOP
      S: 250 …
      C: AUTH
      S: 501 …
      C: AUTH NTLM
      S: 504 5.5.4 …
      C: AUTH PLAIN
      S: 334 
      C: ${plain}
      S: 235 …`,
      { mode: 'submission', tls: testTls, sasl: {} },
    );
  });

  it('RFC 4954 §6: 538 where only TLS is missing', async () => {
    await playServer(`${hello(10)}\nC: AUTH PLAIN ${plain}\nS: 538 5.7.11 …`, { mode: 'submission', sasl: {} });
  });

  it('RFC 4954 §4: failed logins are told, counted, and end the session', async () => {
    const wrong = btoa('\0user\0wrong');
    const { events, types } = await playServer(
      `${hello(10)}\n${`C: AUTH PLAIN ${wrong}\nS: 535 5.7.8 …\n`.repeat(2)}C: AUTH PLAIN ${wrong}\nS: 421 4.7.0 …`,
      { mode: 'submission', tls: testTls, sasl: {}, limits: { failedLogins: 2 } },
    );
    expect(events.filter(({ type }) => type === 'authentication-failed')).toHaveLength(3);
    expect(types.at(-1)).toBe('close');
  });

  it('RFC 4954 §4: exchanges that were cancelled or cannot be read are no guesses', async () => {
    await playServer(
      `${hello(10)}
      ${'C: AUTH PLAIN\nS: 334 \nC: *\nS: 501 5.7.0 …\n'.repeat(3)}${'C: AUTH PLAIN !\nS: 501 5.5.2 …\n'.repeat(3)}C: AUTH PLAIN ${plain}
      S: 235 …`,
      { mode: 'submission', tls: testTls, sasl: {}, limits: { failedLogins: 0 } },
    );
  });

  it('RFC 4954 §4: not within a transaction', async () => {
    await playServer(`${hello(9)}${envelope}\nC: AUTH PLAIN ${plain}\nS: 503 …`, { tls: testTls, sasl: {} });
  });
});
