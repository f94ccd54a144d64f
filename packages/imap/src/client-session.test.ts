import { concatBytes, ManualClock, type TransportEvent, toLatin1 } from '@mox/runtime';
import fc from 'fast-check';
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

  it('RFC 9051 §5.5: the end of an earlier command leaves a literal that is held back alone', () => {
    const session = new ImapClientSession({ clock: new ManualClock() });
    session.send(new CommandBuilder('NOOP'));
    session.send(new CommandBuilder('LOGIN').string('joe').string('a\r\nb'));
    session.send(new CommandBuilder('CAPABILITY'));
    expect(output(session)).toBe('A1 NOOP\r\nA2 LOGIN "joe" {4}\r\n');
    expect(hear(session, 'A1 OK done\r\n')).toMatchObject([{ response: { tag: 'A1' } }]);
    expect(hear(session, '+\r\n')).toEqual([]);
    expect(output(session)).toBe('a\r\nb\r\nA3 CAPABILITY\r\n');
  });

  it('RFC 9051 §4.3: a literal that is refused is not sent, what waits behind it is', () => {
    const session = new ImapClientSession({ clock: new ManualClock() });
    session.send(new CommandBuilder('APPEND').mailbox('x').literal(Uint8Array.of(65)));
    session.send(new CommandBuilder('APPEND').mailbox('y').literal(Uint8Array.of(66)));
    expect(output(session)).toBe('A1 APPEND "x" {1}\r\n');
    hear(session, 'A1 NO [TRYCREATE] no\r\n');
    expect(output(session)).toBe('A2 APPEND "y" {1}\r\n');
    hear(session, '+ go on\r\n');
    expect(output(session)).toBe('B\r\n');
  });

  it('RFC 7888 §5: LITERAL- lets small literals go at once', () => {
    const session = new ImapClientSession({ clock: new ManualClock() });
    session.nonSynchronizingLiterals = 'small';
    session.send(new CommandBuilder('APPEND').mailbox('x').literal(new Uint8Array(4096).fill(65)));
    expect(output(session)).toHaveLength('A1 APPEND "x" {4096+}\r\n\r\n'.length + 4096);
    session.send(new CommandBuilder('APPEND').mailbox('x').literal(new Uint8Array(4097).fill(65)));
    expect(output(session)).toBe('A2 APPEND "x" {4097}\r\n');
  });

  it('RFC 6855 §4: a message with international headers; RFC 3516 §4.4: a literal with NUL', () => {
    const session = new ImapClientSession({ clock: new ManualClock() });
    session.nonSynchronizingLiterals = true;
    session.send(new CommandBuilder('APPEND', { utf8: true }).mailbox('ä').utf8Message(Uint8Array.of(65)));
    session.send(new CommandBuilder('APPEND').mailbox('x').literal8(Uint8Array.of(0)));
    expect(output(session)).toBe('A1 APPEND "\xc3\xa4" UTF8 (~{1+}\r\nA)\r\nA2 APPEND "x" ~{1+}\r\n\0\r\n');
  });

  it('RFC 9051 §6.1.3: a connection that ends after LOGOUT is not broken', () => {
    const session = new ImapClientSession({ clock: new ManualClock() });
    session.send(new CommandBuilder('LOGOUT'));
    expect(hear(session, '* BYE bye\r\nA1 OK done\r\n')).toMatchObject([
      { response: { status: 'BYE' } },
      { response: { tag: 'A1' } },
      { type: 'close' },
    ]);
    session.receiveEnd();
    expect(session.next()).toBeUndefined();
  });

  it('RFC 9051 §7.1.5: BYE that ends the connection before a command was answered is no fault of the network', () => {
    const session = new ImapClientSession({ clock: new ManualClock() });
    session.send(new CommandBuilder('NOOP'));
    hear(session, '* BYE going down\r\n');
    session.receiveEnd();
    expect(session.next()).toEqual({ type: 'close' });
  });

  const script = [
    '* OK ready',
    '* 1 FETCH (UID 5 BODY[] {10}',
    'a)\r\n* 2 EX ENVELOPE ("d" {3}',
    'x"y NIL NIL NIL NIL NIL NIL NIL "<m>"))',
    '* SEARCH 1 22 333 4444',
    '* LIST () "/" {3}',
    'a b',
    '* 2 FETCH (BODY[1] ~{0}',
    ')',
    'A1 OK done',
    '',
  ].join('\r\n');

  it('gives the same however the bytes are cut', () => {
    const read = (pieces: readonly string[]): string => {
      const session = new ImapClientSession({ clock: new ManualClock() });
      return JSON.stringify(pieces.flatMap((piece) => hear(session, piece)));
    };
    const whole = read([script]);
    expect(whole).not.toContain('unknown');
    expect(read(Array.from(script))).toBe(whole);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(script.length), { maxLength: 20 }), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), script.length];
        expect(read(places.slice(1).map((end, i) => script.slice(places[i], end)))).toBe(whole);
      }),
    );
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
