import { ManualClock, type TransportEvent } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { playDialogue } from '../../../tools/dialogue.ts';
import { type ImapServerEvent, ImapServerSession } from './index.ts';

type Event = ImapServerEvent | TransportEvent;

/** A service that knows one user, accepts every message and says OK to all else. */
function answer(session: ImapServerSession, event: Event): void {
  switch (event.type) {
    case 'sasl-lookup':
      return session.answerLookup(
        event.lookup.type === 'password' && event.lookup.password.reveal() === 'secret' ? { type: 'accepted' } : { type: 'refused' },
      );
    case 'authenticated':
      return session.acceptLogin();
    case 'append':
    case 'append-next':
      return session.acceptAppend();
    case 'append-end':
    case 'idle-done':
      return session.complete({ status: 'OK', text: 'done' });
    case 'command':
      if (event.command.name === 'ENABLE') {
        const enabled = session.enable((event.command as { capabilities: string[] } & typeof event.command).capabilities);
        session.untagged(`ENABLED${enabled.map((name) => ` ${name}`).join('')}`);
      }
      return session.complete({ status: 'OK', text: `${event.command.name} done` });
    default:
      return undefined;
  }
}

function play(script: string, options: Partial<ConstructorParameters<typeof ImapServerSession>[0]> = {}): Promise<Event[]> {
  const session = new ImapServerSession({ clock: new ManualClock(), starttls: true, sasl: { plaintextWithoutTls: true }, ...options });
  return playDialogue(session, script, { role: 'server', on: (event) => answer(session, event) });
}

const login = `
  S: * OK [CAPABILITY …] IMAP server ready
  C: a LOGIN user secret
  S: a OK [CAPABILITY …] Logged in
`;

describe('a server session', () => {
  it('RFC 9051 §7.1.1: greets with its capabilities', async () => {
    await play(`
      S: * OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ ENABLE ID SASL-IR STARTTLS AUTH=…PLAIN…] IMAP server ready
      C: a CAPABILITY
      S: * CAPABILITY IMAP4rev1 IMAP4rev2 …
      S: a OK CAPABILITY completed
      C: b LOGOUT
      S: * BYE Goodbye
      S: b OK LOGOUT completed
    `);
  });

  it('RFC 9051 §6.2.3: LOGINDISABLED and no LOGIN in clear text', async () => {
    await play(
      `
      S: * OK [CAPABILITY … LOGINDISABLED…] IMAP server ready
      C: a LOGIN user secret
      S: a NO [PRIVACYREQUIRED] LOGIN is possible under TLS only
    `,
      { sasl: {} },
    );
  });

  it('RFC 9051 §6.2.1: what follows STARTTLS in clear text is thrown away', async () => {
    const session = new ImapServerSession({ clock: new ManualClock(), starttls: true });
    session.takeOutput();
    session.receive(new TextEncoder().encode('a STARTTLS\r\nb CAPABILITY\r\n'));
    expect(session.next()).toEqual({ type: 'start-tls' });
    expect(session.parked).toBe(true);
    expect(session.deadline).toBeUndefined();
    session.upgraded({ protocol: 'TLSv1.3', cipher: 'x', channelBindingTypes: [], channelBinding: () => undefined });
    session.takeOutput();
    expect(session.next()).toBeUndefined();
    expect(session.takeOutput()).toBeUndefined();
    session.receive(new TextEncoder().encode('c CAPABILITY\r\nd STARTTLS\r\n'));
    expect(session.next()).toBeUndefined();
    const text = new TextDecoder().decode(session.takeOutput());
    expect(text).toContain('AUTH=PLAIN');
    expect(text).not.toContain('ID STARTTLS');
    expect(text).toContain('d BAD');
  });

  it('RFC 9051 §6.2.2: AUTHENTICATE PLAIN, with and without an initial response', async () => {
    await play(`
      S: * OK …
      C: a AUTHENTICATE PLAIN
      S: + 
      C: AHVzZXIAc2VjcmV0
      S: a OK [CAPABILITY …] Logged in
    `);
    await play(`
      S: * OK …
      C: a AUTHENTICATE plain AHVzZXIAc2VjcmV0
      S: a OK [CAPABILITY …] Logged in
    `);
  });

  it('RFC 9051 §6.2.2: the exchange is cancelled by *', async () => {
    await play(`
      S: * OK …
      C: a AUTHENTICATE PLAIN
      S: + 
      C: *
      S: a BAD authentication cancelled
      C: b AUTHENTICATE NONESUCH
      S: b NO [CANNOT] this mechanism is not offered here
    `);
  });

  it('RFC 5530 §3: a wrong password is AUTHENTICATIONFAILED; too many end the connection', async () => {
    const events = await play(
      `
      S: * OK …
      C: a LOGIN user wrong
      S: a NO [AUTHENTICATIONFAILED] user name or password is wrong
      C: b LOGIN {4}
      S: + Ready for literal data
      C: user "wrong"
      S: b NO [AUTHENTICATIONFAILED] user name or password is wrong
      S: * BYE Too many failed logins
    `,
      { limits: { authenticationFailures: 2 } },
    );
    expect(events.filter((event) => event.type === 'authentication-failed')).toHaveLength(2);
    expect(events.at(-1)).toEqual({ type: 'close' });
  });

  it('RFC 9051 §6.2.2: exchanges that were cancelled or cannot be read are no guesses', async () => {
    await play(
      `
      S: * OK …
      ${'C: a AUTHENTICATE PLAIN\n      S: + \n      C: *\n      S: a BAD authentication cancelled\n      '.repeat(3)}C: b AUTHENTICATE PLAIN !
      S: b BAD the response is not in the syntax of the mechanism
      C: c LOGIN user secret
      S: c OK …
    `,
      { limits: { authenticationFailures: 1 } },
    );
  });

  it('RFC 9051 §3: commands are refused outside of their state', async () => {
    await play(`
      S: * OK …
      C: a SELECT INBOX
      S: a BAD this command is not allowed in the state "not-authenticated"
      C: b LOGIN user secret
      S: b OK …
      C: c LOGIN user secret
      S: c BAD this command is not allowed in the state "authenticated"
      C: d FETCH 1 FLAGS
      S: d BAD this command is not allowed in the state "authenticated"
    `);
  });

  it('RFC 9051 §6.3.13: IDLE until DONE', async () => {
    const events = await play(`${login}
      C: i IDLE
      S: + Idling
      C: DONE
      S: i OK done
      C: j IDLE
      S: + Idling
      C: k NOOP
      S: j BAD DONE was expected
    `);
    expect(events.filter((event) => event.type.startsWith('idle')).map((event) => event.type)).toEqual([
      'idle',
      'idle-done',
      'idle',
      'idle-done',
    ]);
  });

  it('RFC 9051 §6.3.1: ENABLE tells what is new', async () => {
    await play(`${login}
      C: e ENABLE IMAP4rev2 X-GOOD-IDEA QRESYNC
      S: * ENABLED IMAP4rev2 QRESYNC CONDSTORE
      S: e OK ENABLE done
      C: f ENABLE CONDSTORE
      S: * ENABLED
      S: f OK ENABLE done
    `);
  });

  it('RFC 9051 §6.3.12: APPEND waits for its message, and streams it', async () => {
    const events = await play(`${login}
      C: a APPEND saved-messages (\\Seen $Forwarded) "17-Jul-1996 02:44:25 -0700" {11}
      S: + Ready for the message
      C- Hello 
      C- world
      C: 
      S: a OK done
    `);
    const append = events.find((event) => event.type === 'append');
    expect(append).toMatchObject({
      command: {
        mailbox: 'saved-messages',
        message: { flags: ['\\Seen', '$Forwarded'], sizeBytes: 11, receivedAt: Date.UTC(1996, 6, 17, 9, 44, 25) },
      },
    });
    const bytes = events.flatMap((event) => (event.type === 'append-chunk' ? [...event.bytes] : []));
    expect(String.fromCharCode(...bytes)).toBe('Hello world');
  });

  it('RFC 3502 §6.3.11: several messages in one APPEND; RFC 7888 §4: without waiting', async () => {
    const events = await play(`${login}
      C: a APPEND "a b" {3+}
      C: one (\\Seen) {3+}
      C: two {5}
      S: + Ready for the message
      C: three
      S: a OK done
    `);
    expect(events.map((event) => event.type).filter((type) => type.startsWith('append'))).toEqual([
      'append',
      'append-chunk',
      'append-next',
      'append-chunk',
      'append-next',
      'append-chunk',
      'append-end',
    ]);
  });

  it('RFC 9051 §4.3: the mailbox of APPEND may be a literal', async () => {
    const events = await play(`${login}
      C: a APPEND {5+}
      C: inbox {3+}
      C: one
      S: a OK done
    `);
    expect(events.find((event) => event.type === 'append')).toMatchObject({ command: { mailbox: 'INBOX' } });
  });

  it('RFC 7889 §4: a message beyond APPENDLIMIT is refused before it comes, or with the connection', async () => {
    await play(
      `${login}
      C: a APPEND INBOX {101}
      S: a NO [TOOBIG] the message is too large
      C: b NOOP
      S: b OK NOOP done
      C: c APPEND INBOX {101+}
      S: c NO [TOOBIG] the message is too large
      S: * BYE The message is too large to be passed over
    `,
      { limits: { appendBytes: 100 } },
    );
  });

  it('RFC 3502 §6.3.11: a message of no bytes cancels APPEND, at the end of its line', async () => {
    const events = await play(`${login}
      C: a APPEND INBOX {0}
      S: + Ready for the message
      C:
      S: a NO a message of no bytes cancels APPEND
      C: b APPEND INBOX {3+}
      C: one {0}
      S: + Ready for the message
      C:
      S: b NO a message of no bytes cancels APPEND
      C: c APPEND INBOX {0+}
      C:
      S: c NO a message of no bytes cancels APPEND
      C: d NOOP
      S: d OK NOOP done
    `);
    expect(events.map((event) => event.type).filter((type) => type.startsWith('append'))).toEqual([
      'append',
      'append-chunk',
      'append-abort',
    ]);
  });

  it('RFC 9051 §6.3.12: a refused APPEND passes over what comes all the same', async () => {
    const session = new ImapServerSession({ clock: new ManualClock(), sasl: { plaintextWithoutTls: true } });
    const events: Event[] = await playDialogue(
      session,
      `${login}
      C: a APPEND nowhere {3}
      S: a NO [TRYCREATE] no such mailbox
      C: b APPEND nowhere {3+}
      C: one {3+}
      C: two
      S: b NO [TRYCREATE] no such mailbox
      C: c NOOP
      S: c OK NOOP done
    `,
      {
        role: 'server',
        on: (event) =>
          event.type === 'append' ? session.complete({ status: 'NO', code: 'TRYCREATE', text: 'no such mailbox' }) : answer(session, event),
      },
    );
    expect(events.map((event) => event.type).filter((type) => type.startsWith('append'))).toEqual(['append', 'append']);
  });

  it('RFC 3502 §6.3.11: bad syntax behind an accepted message aborts it', async () => {
    const events = await play(`${login}
      C: a APPEND INBOX {3+}
      C: one nonsense
      S: a BAD …
      C: b NOOP
      S: b OK NOOP done
    `);
    expect(events.map((event) => event.type)).toContain('append-abort');
  });

  it('RFC 9051 §4.3: a literal that is too large is refused before it comes, or passed over', async () => {
    await play(
      `${login}
      C: a SEARCH BODY {101}
      S: a BAD [TOOBIG] the literal is too large
      C: b SELECT {101+}
      C: ${'x'.repeat(101)}
      S: b BAD [TOOBIG] the literal is too large
      C: c NOOP
      S: c OK NOOP done
    `,
      { limits: { literalBytes: 100 } },
    );
  });

  it('RFC 7162 §4: a line that is too long is refused, and the next one is heard', async () => {
    await play(
      `${login}
      C: a SELECT ${'x'.repeat(300)}
      S: a BAD [TOOBIG] the line is too long
      C: b NOOP
      S: b OK NOOP done
    `,
      { limits: { lineBytes: 200 } },
    );
  });

  it('gives up on a client that talks nonsense', async () => {
    const events = await play(
      `
      S: * OK …
      C: GET / HTTP/1.1
      S: GET BAD …
      C: Host:
      S: * BAD …
      S: * BYE Too many commands that make no sense
    `,
      { limits: { badCommands: 2 } },
    );
    expect(events).toEqual([{ type: 'close' }]);
  });

  it('bears more nonsense from who has logged in', async () => {
    await play(
      `${login}
      C: a FOO
      S: a BAD …
      C: b FOO
      S: b BAD …
      C: c FOO
      S: c BAD …
      S: * BYE Too many commands that make no sense
    `,
      { limits: { badCommands: 2, badCommandsAfterLogin: 3 } },
    );
  });

  it('RFC 9051 §5.4: logs out a client that is silent', () => {
    const clock = new ManualClock();
    const session = new ImapServerSession({ clock, sasl: { plaintextWithoutTls: true } });
    expect(session.deadline).toBe(120_000);
    session.receive(new TextEncoder().encode('a LOGIN user secret\r\n'));
    for (let event = session.next(); event; event = session.next()) answer(session, event);
    expect(session.deadline).toBe(30 * 60_000);
    clock.advance(30 * 60_000);
    session.expire();
    expect(session.next()).toEqual({ type: 'close' });
    expect(session.deadline).toBeUndefined();
  });
});
