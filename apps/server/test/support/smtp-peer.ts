// A client of SMTP that says exactly what a test wants said.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection that lines are said on. */
export class SmtpPeer {
  readonly socket: Socket;
  #heard = '';
  #closed = false;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#heard += text;
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Connects, and waits for the greeting. */
  static async open(port: number, host: string = '127.0.0.1'): Promise<SmtpPeer> {
    const socket = connect({ port, host });
    const peer = new SmtpPeer(socket);
    await once(socket, 'connect');
    await peer.reply();
    return peer;
  }

  /** The next reply, all its lines; the empty text when the connection is over. */
  async reply(): Promise<string> {
    for (;;) {
      const end = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\n/.exec(this.#heard);
      if (end) {
        this.#heard = this.#heard.slice(end[0].length);
        return end[0].trimEnd();
      }
      if (this.#closed) return '';
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async say(line: string): Promise<string> {
    this.socket.write(`${line}\r\n`, 'latin1');
    return this.reply();
  }

  /** Writes raw bytes, and waits until the system took them, or the connection is over. */
  async write(bytes: Buffer | string): Promise<void> {
    if (this.#closed) return;
    await new Promise<void>((resolve) => {
      this.socket.write(bytes, () => resolve());
      this.socket.once('close', () => resolve());
    });
  }

  /** Sends one message; gives the last reply. */
  async send(message: Buffer, options: { readonly from?: string; readonly to?: string } = {}): Promise<string> {
    const { from = 'sender@example.org', to = 'mox@localhost' } = options;
    this.socket.write(`MAIL FROM:<${from}>\r\nRCPT TO:<${to}>\r\nDATA\r\n`);
    for (const wanted of ['250', '250', '354']) {
      const reply = await this.reply();
      if (!reply.startsWith(wanted)) return reply;
    }
    this.socket.write(stuffDots(message));
    return this.reply();
  }

  close(): void {
    this.socket.destroy();
  }
}

/** A message as DATA wants it: dots doubled (RFC 5321 §4.5.2), and the end. */
export function stuffDots(message: Buffer): Buffer {
  const text = message.toString('latin1').replace(/^\./gm, '..');
  return Buffer.from(`${text}.\r\n`, 'latin1');
}
