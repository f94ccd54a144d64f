import { fromUtf8, ManualClock, toLatin1 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { envelope, hello, playServer, RecordingService, reply, serverOptions } from '../test/support.ts';
import { SmtpServerSession } from './index.ts';

describe('limits', () => {
  it('RFC 5321 §4.5.3.1.10: too many recipients get 452', async () => {
    await playServer(
      `${hello(8)}${envelope}
      C: RCPT TO:<c@foo.com>
      S: 452 4.5.3 …
      C: DATA
      S: 354 …
      C: .
      S: 250 …`,
      { limits: { recipients: 1 } },
    );
  });

  it('RFC 1870 §6.1: a message declared too large gets 552 at once, one that is after its end', async () => {
    const { resets, messages } = await playServer(
      `${hello(8)}
      C: MAIL FROM:<a@example.org> SIZE=101
      S: 552 5.3.4 …${envelope}
      C: DATA
      S: 354 …
      C: ${'x'.repeat(99)}
      C: RCPT TO:<not@a.command>
      C: .
      S: 552 5.3.4 Message size exceeds the limit
      C: NOOP
      S: 250 …`,
      { limits: { messageBytes: 100 } },
    );
    expect(resets).toEqual(['protocol']);
    expect(messages).toEqual([]);
  });

  it('a message without end is not read to its end', async () => {
    const { types } = await playServer(
      `${hello(8)}${envelope}
      C: DATA
      S: 354 …
      C: ${'x'.repeat(99)}
      C: ${'x'.repeat(200)}
      S: 552 5.3.4 …`,
      { limits: { messageBytes: 100 } },
    );
    expect(types.at(-1)).toBe('close');
  });

  it('RFC 5321 §4.5.3.1.9: a line too long gets 500, once, and the rest of it is no command', async () => {
    await playServer(
      `S: 220 …
      C: NOOP ${'x'.repeat(200)} QUIT
      S: 500 5.5.2 Line too long
      C- NOOP ${'x'.repeat(64)}
      S: 500 5.5.2 Line too long
      C- QUIT
      C-
      C: QUIT
      C: NOOP
      S: 250 …`,
      { limits: { commandLineBytes: 64 } },
    );
  });

  it('too many errors, and too many commands for nothing, end the session', async () => {
    const errors = await playServer('S: 220 …\nC: X\nS: 500 …\nC: X\nS: 500 …\nC: X\nS: 421 4.7.0 …', { limits: { errors: 2 } });
    expect(errors.types.at(-1)).toBe('close');
    await playServer('S: 220 …\nC: NOOP\nS: 250 …\nC: NOOP\nS: 250 …\nC: NOOP\nS: 421 4.7.0 …', { limits: { idleCommands: 2 } });
  });

  it('guessing recipients ends the session', async () => {
    await playServer(
      `${hello(8)}
      C: MAIL FROM:<a@example.org>
      S: 250 …
      C: RCPT TO:<a@foo.com>
      S: 550 …
      C: RCPT TO:<b@foo.com>
      S: 421 …`,
      { limits: { refusedRecipients: 1 } },
      { answer: (event) => (event.type === 'recipient' ? reply(550, '5.1.1', 'no') : undefined) },
    );
  });

  it('RFC 9422 §3: MAILMAX is kept', async () => {
    await playServer(
      `S: 220 …
      C: EHLO x
      ${'S: 250-…\n'.repeat(7)}S: 250 LIMITS MAILMAX=1 RCPTMAX=1000${envelope}
      C: DATA
      S: 354 …
      C: .
      S: 250 …
      C: MAIL FROM:<a@example.org>
      S: 421 4.7.0 …`,
      { limits: { transactions: 1 } },
    );
  });

  it('RFC 5321 §4.5.3.2.7: a client that says nothing gets 421', () => {
    const clock = new ManualClock();
    const session = new SmtpServerSession({ mode: 'smtp', hostname: 'foo.com', clock });
    session.takeOutput();
    expect(session.deadline).toBe(300_000);
    clock.advance(299_000);
    session.receive(new Uint8Array([0x4e]));
    session.next();
    expect(session.deadline).toBe(300_000);
    clock.advance(1_000);
    session.expire();
    expect(toLatin1(session.takeOutput() ?? new Uint8Array())).toBe('421 4.4.2 Idle for too long, closing\r\n');
    expect(session.next()).toEqual({ type: 'close' });
    expect(session.deadline).toBeUndefined();
  });

  it('RFC 5321 §3.8: a server that stops says 421 between commands, and lets a message come to its end', async () => {
    const idle = new SmtpServerSession({ mode: 'smtp', hostname: 'foo.com', clock: new ManualClock() });
    idle.takeOutput();
    idle.shutdown();
    expect(idle.next()).toEqual({ type: 'close' });
    expect(toLatin1(idle.takeOutput() ?? new Uint8Array())).toMatch(/^421 4\.3\.2 /);
  });

  it('RFC 5321 §3.8: a message under way comes to its end before the server stops', async () => {
    const session = new SmtpServerSession(serverOptions());
    session.receive(fromUtf8('EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@foo.com>\r\nDATA\r\n'));
    const service = new RecordingService();
    const pump = async (): Promise<void> => {
      for (let event = session.next(); event; event = session.next()) await service.handle(session, event);
    };
    await pump();
    session.shutdown();
    session.receive(fromUtf8('te'));
    await pump();
    session.takeOutput();
    session.receive(fromUtf8('xt\r\n.\r\nNOOP\r\n'));
    await pump();
    expect(service.messages).toMatchObject([{ content: 'text\r\n' }]);
    expect(toLatin1(session.takeOutput() ?? new Uint8Array())).toMatch(/^250 [^\r]*\r\n421 4\.3\.2 [^\r]*\r\n$/);
  });
});
