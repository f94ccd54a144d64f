import { concatBytes, ManualClock, type TransportEvent, toLatin1 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { CommandBuilder, type ImapClientEvent, ImapClientSession, ImapError } from './index.ts';

function output(session: ImapClientSession): string {
  const pieces: Uint8Array[] = [];
  for (let bytes = session.takeOutput(); bytes; bytes = session.takeOutput()) pieces.push(bytes);
  return toLatin1(concatBytes(pieces));
}

function hear(session: ImapClientSession, text: string): (ImapClientEvent | TransportEvent)[] {
  session.receive(new TextEncoder().encode(text));
  const events = [];
  for (let event = session.next(); event; event = session.next()) events.push(event);
  return events;
}

describe('a client session', () => {
  it('RFC 9051 §2.2.1: tags commands and gives out responses', () => {
    const session = new ImapClientSession({ clock: new ManualClock() });
    expect(hear(session, '* OK ready\r\n')).toMatchObject([{ type: 'response', response: { type: 'status', status: 'OK' } }]);
    expect(session.send(new CommandBuilder('SELECT').mailbox('Entwürfe').raw('(CONDSTORE)'))).toBe('A1');
    expect(output(session)).toBe('A1 SELECT "Entw&APw-rfe" (CONDSTORE)\r\n');
    expect(hear(session, '* 3 EXISTS\r\nA1 OK [READ-WRITE] done\r\n')).toMatchObject([
      { response: { type: 'exists', number: 3 } },
      { response: { type: 'tagged', tag: 'A1' } },
    ]);
  });

  it('RFC 9051 §4.3: holds a literal back until it may come; what follows waits', () => {
    const session = new ImapClientSession({ clock: new ManualClock() });
    session.send(new CommandBuilder('APPEND').mailbox('INBOX').flags(['\\Seen']).dateTime(0).literal(Uint8Array.of(65, 66)));
    session.send(new CommandBuilder('NOOP'));
    expect(output(session)).toBe('A1 APPEND "INBOX" (\\Seen) "01-Jan-1970 00:00:00 +0000" {2}\r\n');
    expect(hear(session, '+ go on\r\n')).toEqual([]);
    expect(output(session)).toBe('AB\r\nA2 NOOP\r\n');
  });

  it('RFC 7888 §4: sends it at once where the server takes that', () => {
    const session = new ImapClientSession({ clock: new ManualClock() });
    session.nonSynchronizingLiterals = true;
    session.send(new CommandBuilder('LOGIN').string('joe').string('a\r\nb'));
    expect(output(session)).toBe('A1 LOGIN "joe" {4+}\r\na\r\nb\r\n');
  });

  it('RFC 9051 §6.2.1: STARTTLS throws away what came in clear text behind the answer', () => {
    const session = new ImapClientSession({ clock: new ManualClock() });
    session.startTls();
    expect(output(session)).toBe('A1 STARTTLS\r\n');
    expect(hear(session, 'A1 OK begin\r\n* CAPABILITY FORGED\r\n')).toMatchObject([{ type: 'start-tls' }, { response: { tag: 'A1' } }]);
    session.upgraded({ protocol: 'TLSv1.3', cipher: 'x', channelBindingTypes: [], channelBinding: () => undefined });
    expect(hear(session, '* CAPABILITY TRUE\r\n')).toMatchObject([{ response: { capabilities: ['TRUE'] } }]);
  });

  it('gives up a server that sends without end, or not at all', () => {
    const clock = new ManualClock();
    const session = new ImapClientSession({ clock, limits: { lineBytes: 100, literalBytes: 100 } });
    expect(hear(session, `* OK ${'x'.repeat(200)}`)).toMatchObject([{ type: 'broken' }, { type: 'close' }]);
    const silent = new ImapClientSession({ clock, timeoutMilliseconds: 1000 });
    silent.send(new CommandBuilder('NOOP'));
    clock.advance(1000);
    silent.expire();
    expect(silent.next()).toMatchObject({ type: 'broken' });
  });

  it('does not let a caller write what is no command', () => {
    expect(() => new CommandBuilder('NOOP').raw('x\r\ny')).toThrow(ImapError);
    expect(() => new CommandBuilder('FETCH').set([])).toThrow(ImapError);
    expect(new CommandBuilder('FETCH').set([1, 2, 3, 7]).raw('FLAGS').pieces()).toEqual(['FETCH 1:3,7 FLAGS']);
  });
});
