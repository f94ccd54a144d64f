import type { Connection, ServedSession } from '@mox/net-node';
import { concatBytes, fromUtf8, type Session, type TlsInfo, type TransportEvent, toUtf8 } from '@mox/runtime';

/** A line for the service to answer. */
export interface LineEvent {
  readonly type: 'line';
  readonly line: string;
}

/** A toy protocol: a greeting, then every line is an event that parks until it is answered. `STARTTLS` and `QUIT` are its own. */
export class ToySession implements Session<LineEvent> {
  parked = false;
  deadline: number | undefined;
  tls: TlsInfo | undefined;
  ended = false;
  /** Most bytes that ever waited. */
  mostBuffered = 0;
  #input = new Uint8Array(0);
  #output: Uint8Array[] = [];
  #events: TransportEvent[] = [];

  constructor(greeting: string = 'hello\n') {
    this.say(greeting);
  }

  get bufferedBytes(): number {
    return this.#input.length;
  }

  say(text: string | Uint8Array): void {
    this.#output.push(typeof text === 'string' ? fromUtf8(text) : text);
  }

  answer(text: string): void {
    this.say(`${text}\n`);
    this.parked = false;
  }

  bye(text: string): void {
    this.say(`${text}\n`);
    this.parked = false;
    this.#events.push({ type: 'close' });
  }

  receive(bytes: Uint8Array): void {
    this.#input = new Uint8Array(concatBytes([this.#input, bytes]));
    this.mostBuffered = Math.max(this.mostBuffered, this.#input.length);
  }

  receiveEnd(): void {
    this.ended = true;
  }

  next(): LineEvent | TransportEvent | undefined {
    const event = this.#events.shift();
    if (event || this.parked) return event;
    const end = this.#input.indexOf(10);
    if (end < 0) return undefined;
    const line = toUtf8(this.#input.subarray(0, end));
    this.#input = this.#input.slice(end + 1);
    if (line === 'QUIT') {
      this.bye('bye');
      return this.#events.shift();
    }
    if (line === 'STARTTLS') {
      this.say('go ahead\n');
      return { type: 'start-tls' };
    }
    this.parked = true;
    return { type: 'line', line };
  }

  takeOutput(): Uint8Array | undefined {
    return this.#output.shift();
  }

  expire(): void {
    this.deadline = undefined;
    this.bye('too slow');
  }

  upgraded(tls: TlsInfo): void {
    this.tls = tls;
    this.#input = new Uint8Array(0);
  }
}

/** Answers every line with itself. */
export function echo(connection: Connection, session: ToySession = new ToySession()): ServedSession<LineEvent> & { session: ToySession } {
  void connection;
  return {
    session,
    handle: (event) => session.answer(`echo ${event.line}`),
    shutdown: () => session.bye('server stops'),
  };
}
