import { describe, expect, it } from 'vitest';
import { hello, playServer } from '../../test/support.ts';

describe('SMTPUTF8', () => {
  it('RFC 6531 §3.5: an address beyond ASCII needs the parameter', async () => {
    const { messages } = await playServer(`${hello(8)}
      C: MAIL FROM:<\\xc3\\xa9@example.org>
      S: 550 5.6.7 …
      C: MAIL FROM:<a@example.org>
      S: 250 …
      C: RCPT TO:<\\xc3\\xa9@foo.com>
      S: 553 5.6.7 …
      C: RSET
      S: 250 …
      C: MAIL FROM:<\\xc3\\xa9@b\\xc3\\xbccher.example> SMTPUTF8
      S: 250 …
      C: RCPT TO:<\\xe9@foo.com>
      S: 501 5.5.2 Not UTF-8
      C: RCPT TO:<\\xc3\\xa9@foo.com>
      S: 250 …
      C: DATA
      S: 354 …
      C: .
      S: 250 …`);
    expect(messages).toMatchObject([{ sender: 'é@bücher.example', recipients: ['é@foo.com'] }]);
  });
});
