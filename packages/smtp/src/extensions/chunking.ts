// CHUNKING (RFC 3030 §2): content in counted chunks, by BDAT.
import type { ContentFacts } from '../data-decoder.ts';
import type { ClientExtension, ServerExtension } from '../extension.ts';
import type { InputBuffer } from '../input-buffer.ts';
import { MessageIntake } from '../message-intake.ts';
import { replies } from '../replies.ts';
import { isPositive, type SmtpReply, smtpReply } from '../reply.ts';
import type { InputReader, OpenTransaction, ServerContext, Verb } from '../server-context.ts';
import { bodyParameter } from './eightbitmime.ts';

const badChunk = smtpReply(501, '5.5.4', 'Syntax: BDAT size [LAST]; closing, since what follows cannot be told from commands');
const notAgain = smtpReply(503, '5.5.1', 'BDAT and DATA do not go together');

interface Chunk {
  readonly size: number;
  readonly last: boolean;
}

function parseChunk(argument: string): Chunk | undefined {
  const match = /^ *([0-9]{1,15})(?: +(LAST))? *$/i.exec(argument);
  return match ? { size: Number(match[1]), last: match[2] !== undefined } : undefined;
}

/** Looks at content for CR and LF that are no line ends. */
class LineEnds implements ContentFacts {
  sizeBytes = 0;
  bareCr = false;
  bareLf = false;
  eightBit = false;
  #afterCr = false;

  scan(piece: Uint8Array): void {
    let seen = 0;
    let afterCr = this.#afterCr;
    for (let i = 0; i < piece.length; i++) {
      const byte = piece[i] as number;
      seen |= byte;
      if (byte > 0x0d && !afterCr) continue;
      if (afterCr !== (byte === 0x0a)) {
        if (afterCr) this.bareCr = true;
        else this.bareLf = true;
      }
      afterCr = byte === 0x0d;
    }
    this.#afterCr = afterCr;
    this.sizeBytes += piece.length;
    if (seen > 127) this.eightBit = true;
  }

  end(): void {
    if (this.#afterCr) this.bareCr = true;
  }
}

/** The content of one message that comes by BDAT. */
class ChunkedIntake extends MessageIntake {
  readonly #facts = new LineEnds();
  readonly #binary: boolean;

  constructor(session: ServerContext, transaction: OpenTransaction) {
    super(session, transaction, 'BDAT');
    this.#binary = transaction.parameters.get(bodyParameter) === 'BINARYMIME';
  }

  override pass(chunk: Uint8Array): void {
    this.#facts.scan(chunk);
    super.pass(chunk);
    if (!this.#binary) this.checkLineEnds(this.#facts);
  }

  endChunks(): void {
    this.#facts.end();
    if (!this.#binary) this.checkLineEnds(this.#facts);
    this.end(this.#facts);
  }
}

/** Reads the octets of one chunk and then goes on. */
class ChunkReader implements InputReader {
  readonly timeout = 'data-block';
  #left: number;
  readonly #pass: (piece: Uint8Array) => void;
  readonly #done: () => void;

  constructor(size: number, pass: (piece: Uint8Array) => void, done: () => void) {
    this.#left = size;
    this.#pass = pass;
    this.#done = done;
  }

  read(input: InputBuffer): boolean {
    if (this.#left === 0) {
      this.#done();
      return true;
    }
    const piece = input.peekPiece();
    if (!piece) return false;
    const part = piece.length > this.#left ? piece.subarray(0, this.#left) : piece;
    input.skip(part.length);
    this.#left -= part.length;
    this.#pass(part);
    return true;
  }
}

function readChunk(session: ServerContext, size: number, pass: (piece: Uint8Array) => void, done: () => void): void {
  session.readWith(
    new ChunkReader(size, pass, () => {
      session.readWith(undefined);
      done();
    }),
  );
}

/** RFC 3030 §2: a refused chunk is received, thrown away, and then answered. */
function refuseChunk(session: ServerContext, { size }: Chunk, reply: SmtpReply): void {
  // deviates RFC 3030 §2: a chunk that is far too large is not waited for; the connection is closed.
  if (size > 2 * session.limits.messageBytes) {
    session.refuse(reply);
    return session.close();
  }
  readChunk(
    session,
    size,
    () => {},
    () => session.refuse(reply),
  );
}

/** RFC 2033 §4.3: no recipients, no replies. */
function skipChunk(session: ServerContext, { size }: Chunk): void {
  readChunk(
    session,
    size,
    () => {},
    () => session.dropTransaction('protocol'),
  );
}

function takeChunk(session: ServerContext, intake: ChunkedIntake, { size, last }: Chunk): void {
  readChunk(
    session,
    size,
    (piece) => intake.pass(piece),
    () => {
      if (last) intake.endChunks();
      else if (intake.problem) session.refuse(intake.problem);
      else session.reply(smtpReply(250, '2.0.0', `${size} octets received`));
    },
  );
}

function startChunks(session: ServerContext, transaction: OpenTransaction, chunk: Chunk): void {
  session.ask({ type: 'message-start', transaction }, (reply) => {
    if (reply && !isPositive(reply) && reply.code !== 354) {
      session.dropTransaction('refused');
      return refuseChunk(session, chunk, reply);
    }
    const intake = new ChunkedIntake(session, transaction);
    transaction.intake = intake;
    takeChunk(session, intake, chunk);
  });
}

function chunkProblem(session: ServerContext, { size }: Chunk): SmtpReply | undefined {
  if (session.options.tlsRequired && !session.tls) return replies.tlsRequired;
  if (!session.hello) return replies.helloFirst;
  if (!session.transaction) return replies.mailFirst;
  if (session.transaction.recipients.length === 0) {
    return session.transaction.refused > 0 && session.options.mode !== 'lmtp' ? replies.noValidRecipients : replies.recipientFirst;
  }
  return size > session.limits.messageBytes ? replies.messageTooBig : undefined;
}

const bdat: Verb = {
  // These are checked here: the octets of the chunk have to be read in any case.
  beforeHello: true,
  beforeTls: true,
  transactional: true,
  usage: 'BDAT size [LAST]',
  step(session, { argument }) {
    const chunk = parseChunk(argument);
    if (!chunk) {
      // deviates RFC 5321 §4.1.1.10: closed before QUIT; content read as commands would be worse.
      session.refuse(badChunk);
      return session.close();
    }
    const { transaction } = session;
    const problem = chunkProblem(session, chunk);
    if (problem === replies.recipientFirst && session.options.mode === 'lmtp' && chunk.last) return skipChunk(session, chunk);
    if (problem) {
      if (transaction && problem === replies.messageTooBig) session.dropTransaction('protocol', problem);
      return refuseChunk(session, chunk, problem);
    }
    if (!transaction) return;
    if (transaction.intake instanceof ChunkedIntake) takeChunk(session, transaction.intake, chunk);
    else startChunks(session, transaction, chunk);
  },
};

export const chunkingServer: ServerExtension = {
  keyword: 'CHUNKING',
  announce: () => 'CHUNKING',
  verbs: { BDAT: bdat },
  checkData: (transaction) => (transaction.intake ? notAgain : undefined),
  checkRecipient: (_, transaction) => (transaction.intake ? replies.badSequence : undefined),
};

export const chunkingClient: ClientExtension = { keyword: 'CHUNKING' };
