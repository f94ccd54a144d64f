import { fromUtf8, ManualClock, toLatin1 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { playServer, reply, serverOptions } from '../test/support.ts';
import { SmtpError, SmtpServerSession } from './index.ts';

const ehlo = `
S: 220 foo.com ESMTP ready
C: EHLO bar.com
S: 250-foo.com
S: 250-PIPELINING
S: 250-SIZE 52428800
S: 250-8BITMIME
S: 250-ENHANCEDSTATUSCODES
S: 250-CHUNKING
S: 250-SMTPUTF8
S: 250 LIMITS RCPTMAX=1000
`;

describe('scenarios of RFC 5321', () => {
  it('RFC 5321 appendix D.1: a typical SMTP transaction', async () => {
    const { messages } = await playServer(
      `${ehlo}
      C: MAIL FROM:<Smith@bar.com>
      S: 250 2.1.0 OK
      C: RCPT TO:<Jones@foo.com>
      S: 250 2.1.5 OK
      C: RCPT TO:<Green@foo.com>
      S: 550 5.1.1 No such user here
      C: RCPT TO:<Brown@foo.com>
      S: 250 2.1.5 OK
      C: DATA
      S: 354 Start mail input; end with <CRLF>.<CRLF>
      C: Blah blah blah...
      C: ...etc. etc. etc.
      C: .
      S: 250 2.0.0 OK, message accepted
      C: QUIT
      S: 221 2.0.0 foo.com closing`,
      {},
      {
        answer: (event) =>
          event.type === 'recipient' && event.recipient.localpart === 'Green' ? reply(550, '5.1.1', 'No such user here') : undefined,
      },
    );
    expect(messages).toEqual([
      { sender: 'Smith@bar.com', recipients: ['Jones@foo.com', 'Brown@foo.com'], content: 'Blah blah blah...\r\n..etc. etc. etc.\r\n' },
    ]);
  });

  it('RFC 5321 appendix D.2: an aborted SMTP transaction', async () => {
    const { messages, resets } = await playServer(`${ehlo}
      C: MAIL FROM:<Smith@bar.com>
      S: 250 2.1.0 OK
      C: RCPT TO:<Jones@foo.com>
      S: 250 2.1.5 OK
      C: RSET
      S: 250 2.0.0 OK
      C: QUIT
      S: 221 2.0.0 foo.com closing`);
    expect(messages).toEqual([]);
    expect(resets).toEqual(['rset']);
  });

  it('RFC 5321 appendix D.4: verifying and sending', async () => {
    await playServer(`${ehlo}
      C: VRFY Crispin
      S: 252 2.5.0 …
      C: MAIL FROM:<EAK@bar.com>
      S: 250 2.1.0 OK
      C: RCPT TO:<Admin.MRC@foo.com>
      S: 250 2.1.5 OK
      C: DATA
      S: 354 …
      C: Blah blah blah...
      C: .
      S: 250 2.0.0 …
      C: QUIT
      S: 221 …`);
  });
});

describe('questions', () => {
  it('wait only once they were told, behind the facts before them', () => {
    const session = new SmtpServerSession(serverOptions());
    session.receive(fromUtf8('EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@foo.com>\r\nDATA\r\ntext\r\n.\r\n'));
    const types: string[] = [];
    for (let event = session.next(); event; event = session.next()) {
      types.push(event.type);
      if (session.parked) session.answer();
      else expect(() => session.answer()).toThrow(SmtpError);
    }
    expect(types).toEqual(['hello', 'mail', 'recipient', 'message-start', 'message-chunk', 'message-end']);
    expect(() => session.answerLookup({ type: 'refused' })).toThrow(SmtpError);
  });

  it('RFC 5321 §4.1.1.8: HELP names the commands of this protocol', () => {
    const texts = (mode: 'smtp' | 'lmtp') => {
      const session = new SmtpServerSession({ mode, hostname: 'foo.com', clock: new ManualClock() });
      session.receive(fromUtf8('HELP\r\n'));
      session.next();
      return toLatin1(session.takeOutput() ?? new Uint8Array());
    };
    expect(texts('smtp')).toMatch(/ EHLO name/);
    expect(texts('smtp')).not.toMatch(/LHLO/);
    expect(texts('lmtp')).toMatch(/ LHLO name/);
    expect(texts('lmtp')).not.toMatch(/EHLO/);
  });
});
