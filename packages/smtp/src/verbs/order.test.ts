import { describe, expect, it } from 'vitest';
import { envelope, hello, playServer, reply } from '../../test/support.ts';

describe('order of commands', () => {
  it('RFC 5321 §4.1.4: what may come before EHLO, and what not', async () => {
    await playServer(`S: 220 foo.com ESMTP ready
      C: NOOP whatever
      S: 250 2.0.0 OK
      C: RSET
      S: 250 2.0.0 OK
      C: VRFY x
      S: 252 …
      C: EXPN list
      S: 502 5.5.1 …
      C: MAIL FROM:<a@b.example>
      S: 503 5.5.1 Say hello first
      C: LHLO x
      S: 500 5.5.1 …
      C: SEND FROM:<a@b.example>
      S: 503 …
      C: BOGUS
      S: 500 5.5.1 Command not recognized
      C:
      S: 500 …
      C: EHLO
      S: 501 5.5.4 …
      C: HELO client.example
      S: 250 foo.com
      C: RCPT TO:<b@foo.com>
      S: 503 5.5.1 Need MAIL before this
      C: DATA
      S: 503 5.5.1 Need MAIL before this
      C: MAIL FROM:<a@b.example>
      S: 250 …
      C: MAIL FROM:<a@b.example>
      S: 503 5.5.1 A mail transaction is open already
      C: DATA
      S: 503 5.5.1 Need RCPT before this
      C: QUIT now
      S: 501 5.5.4 …
      C: quit
      S: 221 2.0.0 foo.com closing`);
  });

  it('RFC 5321 §4.1.4: EHLO within a transaction ends it', async () => {
    const { resets } = await playServer(`${hello(8)}${envelope}
      C: EHLO again.example
      ${'S: 250-…\n'.repeat(7)}S: 250 …
      C: DATA
      S: 503 …`);
    expect(resets).toEqual(['hello']);
  });

  it('RFC 5321 §4.1.1.11: parameters that no extension defines get 555, those after HELO too', async () => {
    await playServer(`S: 220 …
      C: HELO client.example
      S: 250 foo.com
      C: MAIL FROM:<a@b.example> SIZE=10
      S: 555 5.5.4 …
      ${hello(8).replace('S: 220 …\n', '')}
      C: MAIL FROM:<a@b.example> FOO=10
      S: 555 5.5.4 …
      C: MAIL FROM:<a@b.example> RET=FULL
      S: 555 5.5.4 …
      C: MAIL FROM:<a@b.example> SIZE=x
      S: 501 5.5.4 …
      C: MAIL FROM:<a@b.example> SIZE=1 size=1
      S: 501 5.5.4 …
      C: MAIL FROM:<a@b.example> =1
      S: 501 5.5.4 …
      C: MAIL FROM:<a@b.example>SIZE=1
      S: 501 5.5.4 …`);
  });

  it('RFC 5321 §3.1: a service may send a client away before the greeting', async () => {
    const options = { askOnConnect: true };
    await playServer('S: 554 5.7.1 no\nC: EHLO x\nS: 503 …\nC: QUIT\nS: 221 …', options, {
      answer: (event) => (event.type === 'connect' ? reply(554, '5.7.1', 'no') : undefined),
    });
    await playServer('S: 220 …', options);
  });

  it('RFC 5321 §4.1.1.3: Postmaster without a domain is one of this host, source routes are dropped', async () => {
    const { messages } = await playServer(`${hello(8)}
      C: MAIL FROM: <@relay.example:a@b.example>
      S: 250 …
      C: RCPT TO:<postMASTER>
      S: 250 …
      C: rcpt to:c@foo.com
      S: 250 …
      C: RCPT TO:<>
      S: 501 …
      C: RCPT TO:<a b@foo.com>
      S: 501 5.1.3 …
      C: RCPT TO:<"a b"@foo.com>
      S: 250 …
      C: DATA
      S: 354 …
      C: .
      S: 250 …`);
    expect(messages).toMatchObject([
      { sender: 'a@b.example', recipients: ['postMASTER@foo.com', 'c@foo.com', '"a b"@foo.com'], content: '' },
    ]);
  });
});
