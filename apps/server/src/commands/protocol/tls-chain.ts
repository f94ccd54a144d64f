import { connect as connectSocket, type Socket } from 'node:net';
import { connect as connectTls, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { CommandError } from '../../cli/command-error.ts';

/** Where to connect to, and how TLS starts there. */
export interface ChainSource {
  readonly host: string;
  readonly port: number;
  /** SMTP with STARTTLS first, or TLS at once. */
  readonly starttls: boolean;
  readonly serverName: string;
}

const timeoutMilliseconds = 20_000;

/** Reads SMTP replies, whole ones, as long as they are asked for (RFC 5321 §4.2.1). */
class Replies {
  readonly #socket: Socket;
  #text = '';

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  async next(): Promise<string> {
    for (;;) {
      const whole = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\n/.exec(this.#text);
      if (whole) {
        this.#text = this.#text.slice(whole[0].length);
        return whole[0];
      }
      if (this.#text.length > 65_536) throw new Error('a reply without end');
      this.#text += String(await nextChunk(this.#socket));
    }
  }
}

function nextChunk(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const finish = (act: () => void): void => {
      socket.off('data', onData).off('error', onError).off('close', onClose);
      socket.pause();
      act();
    };
    const onData = (bytes: Buffer): void => finish(() => resolve(bytes));
    const onError = (error: Error): void => finish(() => reject(error));
    const onClose = (): void => finish(() => reject(new Error('the server closed the connection')));
    socket.once('data', onData).once('error', onError).once('close', onClose);
    socket.resume();
  });
}

async function startTls(socket: Socket): Promise<void> {
  const replies = new Replies(socket);
  const expect = async (code: string, command?: string): Promise<void> => {
    if (command !== undefined) socket.write(`${command}\r\n`);
    const reply = await replies.next();
    if (!reply.startsWith(code)) throw new Error(`the server answered ${command ?? 'the connection'} with ${reply.trim()}`);
  };
  await expect('220');
  await expect('250', 'EHLO localhost');
  await expect('220', 'STARTTLS');
}

/** The certificates that the server sent, DER, its own first. */
function sentChain(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw && chain.length < 20) {
    chain.push(new Uint8Array(certificate.raw));
    // A root is its own issuer.
    const { issuerCertificate }: DetailedPeerCertificate = certificate;
    certificate = issuerCertificate === certificate ? undefined : issuerCertificate;
  }
  return chain;
}

/** Connects to a server and takes its certificates, whatever they are. */
export async function fetchChain(source: ChainSource): Promise<readonly Uint8Array[]> {
  const { host, port, serverName } = source;
  const socket = connectSocket({ host, port });
  socket.setTimeout(timeoutMilliseconds, () => socket.destroy(new Error(`no answer within ${timeoutMilliseconds / 1000} s`)));
  try {
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    if (source.starttls) await startTls(socket);
    // DANE judges the certificates, not the roots of this machine (RFC 7672 §3.1).
    const secure = connectTls({ socket, servername: serverName, rejectUnauthorized: false });
    await new Promise<void>((resolve, reject) => secure.once('secureConnect', resolve).once('error', reject));
    return sentChain(secure);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(`${host} port ${port}: ${problem}`, 'check host and port; --tls connects with TLS at once, without STARTTLS', {
      cause,
    });
  } finally {
    socket.destroy();
  }
}
