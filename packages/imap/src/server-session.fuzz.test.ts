import { concatBytes, fromLatin1, ManualClock, type TransportEvent, toLatin1 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { type ImapServerEvent, ImapServerSession } from './index.ts';

type Event = ImapServerEvent | TransportEvent;

const script = [
  'a CAPABILITY',
  'b LOGIN {3+}',
  'joe {6}',
  'secret',
  'c SELECT INBOX',
  'd UID FETCH 1:*,5 (FLAGS BODY.PEEK[HEADER.FIELDS (A "b")])',
  'e APPEND INBOX (\\Seen) {12}',
  'hello\r\nworld (\\Draft) {3+}',
  'abc',
  'f IDLE',
  'DONE',
  'g SEARCH TEXT {2+}',
  'xy',
  'h APPEND "x y" {5+}',
  'hello nonsense',
  'i NOOP',
  'j LOGOUT',
  '',
].join('\r\n');

/** Says yes to everything at once. */
function answer(session: ImapServerSession, event: Event): void {
  if (event.type === 'sasl-lookup') session.answerLookup({ type: 'accepted' });
  else if (event.type === 'authenticated') session.acceptLogin();
  else if (event.type === 'append' || event.type === 'append-next') session.acceptAppend();
  else if (event.type === 'command' || event.type === 'append-end' || event.type === 'idle-done')
    session.complete({ status: 'OK', text: event.type });
}

function run(pieces: readonly Uint8Array[], limits = {}): { output: string; events: string; session: ImapServerSession } {
  const session = new ImapServerSession({ clock: new ManualClock(), sasl: { plaintextWithoutTls: true }, limits });
  const output: Uint8Array[] = [];
  let events = '';
  const pump = (): void => {
    for (;;) {
      const event = session.next();
      for (let bytes = session.takeOutput(); bytes; bytes = session.takeOutput()) output.push(bytes);
      if (!event) return;
      // How a message is cut up is no matter.
      events += event.type === 'append-chunk' ? toLatin1(event.bytes) : `<${event.type}>`;
      answer(session, event);
    }
  };
  pump();
  for (const piece of pieces) {
    session.receive(piece);
    pump();
  }
  return { output: toLatin1(concatBytes(output)), events, session };
}

describe('a server session fed in pieces', () => {
  const bytes = fromLatin1(script);
  const whole = run([bytes.slice()]);

  it('gets through the script', () => {
    expect(whole.output).toContain('h BAD');
    expect(whole.output).toContain('j OK LOGOUT completed');
    expect(whole.events).toContain('<append>hello\r\nworld<append-next>abc<append-end>');
  });

  it('gives the same however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(bytes.length), { maxLength: 30 }), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((end, i) => bytes.slice(places[i], end));
        const { output, events } = run(pieces);
        expect(events).toBe(whole.events);
        expect(output).toBe(whole.output);
      }),
      { numRuns: 200 },
    );
  });

  it('gives the same byte by byte', () => {
    const { output, events } = run(Array.from(bytes, (byte) => Uint8Array.of(byte)));
    expect([events, output]).toEqual([whole.events, whole.output]);
  });

  it('never throws and never keeps more than its limits, whatever comes', () => {
    const limits = {
      lineBytes: 500,
      literalBytes: 300,
      commandBytes: 600,
      appendBytes: 1000,
      badCommands: 1000,
      badCommandsAfterLogin: 1000,
      authenticationFailures: 1000,
    };
    const tokens = [
      '{5}\r\n',
      '{5+}\r\n',
      '{999999}\r\n',
      '{400+}\r\n',
      '~{3}',
      'APPEND x {3+}\r\n',
      'IDLE\r\n',
      'DONE\r\n',
      '*\r\n',
      '\r\n',
      '\n',
      '\r',
      '\0',
      '"',
    ];
    for (const mutant of mutants([script, 'b AUTHENTICATE PLAIN\r\nAGEAYg==\r\n'], { count: 3000, tokens })) {
      const { session } = run([mutant.subarray(0, mutant.length >> 1).slice(), mutant.subarray(mutant.length >> 1).slice()], limits);
      expect(session.bufferedBytes).toBe(0);
    }
  });

  it('a line without end costs linear time', () => {
    const session = new ImapServerSession({ clock: new ManualClock() });
    const started = performance.now();
    for (let i = 0; i < 60_000; i++) {
      session.receive(Uint8Array.of(65));
      session.next();
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
