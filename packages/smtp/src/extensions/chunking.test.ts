import { describe, expect, it } from 'vitest';
import { envelope, hello, playServer, reply } from '../../test/support.ts';

describe('CHUNKING', () => {
  it('RFC 3030 §4.1: simple chunking, pipelined', async () => {
    const { messages } = await playServer(`${hello(8)}
      C: MAIL FROM:<a@example.org>
      C: RCPT TO:<b@foo.com>
      C: BDAT 5
      C- .\\r\\nab
      C: bdat 3 last
      C- c\\r\\n
      S: 250 2.1.0 OK
      S: 250 2.1.5 OK
      S: 250 2.0.0 5 octets received
      S: 250 2.0.0 OK, message accepted
      C: NOOP
      S: 250 …`);
    expect(messages).toMatchObject([{ content: '.\r\nabc\r\n' }]);
  });

  it('RFC 3030 §2: refused chunks are thrown away, none of them is a command', async () => {
    const { resets } = await playServer(`${hello(8)}
      C: BDAT 6
      C: QUIT
      S: 503 5.5.1 Need MAIL before this
      C: MAIL FROM:<a@example.org>
      S: 250 …
      C: BDAT 6 LAST
      C: QUIT
      S: 503 5.5.1 Need RCPT before this
      C: RCPT TO:<b@foo.com>
      S: 250 …
      C: BDAT 0
      S: 250 2.0.0 0 octets received
      C: DATA
      S: 503 …
      C: RCPT TO:<c@foo.com>
      S: 503 …
      C: RSET
      S: 250 …
      C: BDAT six
      S: 501 5.5.4 …`);
    expect(resets).toEqual(['rset']);
  });

  it('RFC 3030 §2: a message refused at its start fails with its first chunk, and the next ones too', async () => {
    await playServer(
      `${hello(8)}${envelope}
      C: BDAT 6
      C: QUIT
      C: BDAT 6 LAST
      C: QUIT
      S: 554 5.7.1 no
      S: 503 …
      C: NOOP
      S: 250 …`,
      {},
      { answer: (event) => (event.type === 'message-start' ? reply(554, '5.7.1', 'no') : undefined) },
    );
  });

  it('RFC 1870 §6.3: chunks beyond the largest size', async () => {
    const { resets } = await playServer(
      `${hello(8)}${envelope}
      C: BDAT 8
      C- 12345678
      S: 250 …
      C: BDAT 4 LAST
      C- 9012
      S: 552 …
      C: BDAT 11
      C- 12345678901
      S: 503 …
      C: MAIL FROM:<a@example.org>
      S: 250 …
      C: RCPT TO:<b@foo.com>
      S: 250 …
      C: BDAT 11
      C- 12345678901
      S: 552 …
      C: BDAT 999999999999999
      S: 503 …`,
      { limits: { messageBytes: 10 } },
    );
    expect(resets).toEqual(['protocol', 'protocol']);
  });

  it('RFC 2033 §4.3: in LMTP a reply for each recipient, none without recipients', async () => {
    await playServer(
      `${hello(8, 'LHLO')}
      C: MAIL FROM:<a@example.org>
      S: 250 …
      C: BDAT 2 LAST
      C:
      C: MAIL FROM:<a@example.org>
      S: 250 …
      C: RCPT TO:<b@foo.com>
      S: 250 …
      C: RCPT TO:<b@foo.com>
      S: 250 …
      C: BDAT 2 LAST
      C:
      S: 250 …
      S: 250 …`,
      { mode: 'lmtp' },
    );
  });

  it('RFC 3030 §3: BINARYMIME goes by BDAT, and may hold anything', async () => {
    const { messages } = await playServer(
      `${hello(9)}
      C: MAIL FROM:<a@example.org> BODY=BINARYMIME
      S: 250 …
      C: RCPT TO:<b@foo.com>
      S: 250 …
      C: DATA
      S: 503 …
      C: BDAT 4 LAST
      C- \\n\\0\\r\\xff
      S: 250 …`,
      { binaryMime: true },
    );
    expect(messages).toMatchObject([{ content: '\n\0\r\xff' }]);
    await playServer(`${hello(8)}\nC: MAIL FROM:<a@example.org> BODY=BINARYMIME\nS: 555 …`);
  });

  it.each(['\\n', '\\r', 'a\\nb', 'a\\rb', '\\r\\r\\n', '\\n\\r\\n'])(
    'RFC 3030 §2: text in chunks has lines with CR LF: %s is refused',
    async (text) => {
      const length = text.replaceAll(/\\./g, '.').length;
      await playServer(`${hello(8)}${envelope}\nC: BDAT ${length} LAST\nC- ${text}\nS: 554 5.6.0 …`);
    },
  );
});
