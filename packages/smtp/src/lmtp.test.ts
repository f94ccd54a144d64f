import { describe, it } from 'vitest';
import { hello, playServer, reply } from '../test/support.ts';

describe('LMTP', () => {
  it('RFC 2033 §4.2: a reply for each recipient after the data; RFC 2033 §4.1: no EHLO', async () => {
    await playServer(
      `S: 220 foo.com LMTP ready
      C: EHLO x
      S: 500 …
      ${hello(8, 'LHLO').replace('S: 220 …\n', '')}
      C: MAIL FROM:<chris@bar.com>
      S: 250 …
      C: DATA
      S: 503 …
      C: RCPT TO:<pat@foo.com>
      S: 250 …
      C: RCPT TO:<jones@foo.com>
      S: 550 …
      C: RCPT TO:<green@foo.com>
      S: 250 …
      C: DATA
      S: 354 …
      C: Blah blah blah...
      C: .
      S: 250 2.0.0 OK
      S: 452 4.2.2 <green@foo.com> is temporarily over quota
      C: QUIT
      S: 221 …`,
      { mode: 'lmtp' },
      {
        answer: (event) => {
          if (event.type === 'recipient' && event.recipient.localpart === 'jones') return reply(550, '5.1.1', 'no');
          if (event.type !== 'message-end') return undefined;
          return [reply(250, '2.0.0', 'OK'), reply(452, '4.2.2', '<green@foo.com> is temporarily over quota')];
        },
      },
    );
  });
});
