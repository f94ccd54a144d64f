import { encodeBase64 } from '@mox/encoding';
import { parseDomain } from '@mox/idna';
import { fromLatin1, hash, type PrivateKey } from '@mox/runtime';
import { BodyHashes, type BodyHashRequest } from './body-hash.ts';
import { type Canonicalization, canonicalizeField, type HeaderFields } from './canonicalize-header.ts';
import { MessageSplitter } from './message-splitter.ts';

/** How one signature is made. */
export interface DkimSigning {
  /** The signing domain: A-labels or U-labels. */
  readonly domain: string;
  readonly selector: string;
  /** RSA of 1024 bits or more, or Ed25519: it decides the algorithm. */
  readonly privateKey: PrivateKey;
  /** Header and body; `relaxed/relaxed` unless told, which survives what relays do. */
  readonly canonicalization?: { readonly header: Canonicalization; readonly body: Canonicalization };
  /** Names of fields to sign where they are there; `recommendedHeaders` unless told. From is always signed. */
  readonly headers?: readonly string[];
  /** Names that are signed once more than they occur, so that none can be added; `oversignedHeaders` unless told. */
  readonly oversign?: readonly string[];
  /** The tag `i`. */
  readonly identity?: string;
  /** Time of signing in milliseconds; no tag `t` without it. */
  readonly now?: number;
  /** How long the signature holds, from `now`; for ever without it. */
  readonly expirySeconds?: number;
  /** Sign only so many bytes of the canonical body (`l`). What is added behind them goes unnoticed: leave it be. */
  readonly lengthBytes?: number;
}

/** Fields that are signed unless told otherwise: RFC 6376 §5.4.1, and what tells how a body is to be read. */
export const recommendedHeaders: readonly string[] = [
  'From',
  'Sender',
  'Reply-To',
  'Subject',
  'Date',
  'Message-ID',
  'To',
  'Cc',
  'In-Reply-To',
  'References',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
  'Content-ID',
  'Content-Description',
  'Content-Disposition',
  'Content-Language',
  'Resent-Date',
  'Resent-From',
  'Resent-Sender',
  'Resent-To',
  'Resent-Cc',
  'Resent-Message-ID',
  'List-Id',
  'List-Help',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
  'List-Subscribe',
  'List-Post',
  'List-Owner',
  'List-Archive',
  'Auto-Submitted',
  'Feedback-ID',
];

/** Fields of which no more may be added once the message is signed (RFC 6376 §8.15). */
export const oversignedHeaders: readonly string[] = [
  'From',
  'Sender',
  'Reply-To',
  'Subject',
  'Date',
  'Message-ID',
  'To',
  'Cc',
  'In-Reply-To',
  'References',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
];

/** What a signer was given that no signature can be made with. */
export class DkimSignError extends Error {
  override readonly name: string = 'DkimSignError';
  readonly code: 'no-from' | 'weak-key' | 'invalid-domain' | 'header-too-long';

  constructor(code: DkimSignError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const mostHeaderBytes = 1 << 20;
const lineLength = 72;

function bodyHashRequest(signing: DkimSigning): BodyHashRequest {
  return {
    canonicalization: signing.canonicalization?.body ?? 'relaxed',
    algorithm: 'sha256',
    ...(signing.lengthBytes !== undefined && { lengthBytes: signing.lengthBytes }),
  };
}

function signedNames(fields: HeaderFields, signing: DkimSigning): string[] {
  const oversign = new Set((signing.oversign ?? oversignedHeaders).map((name) => name.toLowerCase()));
  const names = signing.headers ?? recommendedHeaders;
  const all = names.some((name) => name.toLowerCase() === 'from') ? names : ['From', ...names];
  return all.flatMap((name) => {
    const lower = name.toLowerCase();
    const count = fields.named(lower).length + (oversign.has(lower) ? 1 : 0);
    return Array.from({ length: count }, () => name);
  });
}

/** Joins pieces with folding where a line would grow too long; each piece brings its separator at its end. */
function foldPieces(start: string, pieces: readonly string[]): string {
  let text = start;
  let column = start.length;
  for (const piece of pieces) {
    if (column + piece.length > lineLength) {
      text += '\r\n\t';
      column = 8;
    }
    text += piece;
    column += piece.length;
  }
  return text;
}

function cut(text: string, length: number): string[] {
  return text.match(new RegExp(`.{1,${length}}`, 'g')) ?? [];
}

function tags(signing: DkimSigning, domain: string, selector: string, algorithm: string): string[] {
  const canonicalization = signing.canonicalization ?? { header: 'relaxed', body: 'relaxed' };
  const seconds = signing.now === undefined ? undefined : Math.floor(signing.now / 1000);
  return [
    'v=1; ',
    `a=${algorithm}; `,
    `c=${canonicalization.header}/${canonicalization.body}; `,
    `d=${domain}; `,
    `s=${selector}; `,
    ...(signing.identity === undefined ? [] : [`i=${signing.identity}; `]),
    ...(seconds === undefined ? [] : [`t=${seconds}; `]),
    ...(seconds === undefined || signing.expirySeconds === undefined ? [] : [`x=${seconds + signing.expirySeconds}; `]),
    ...(signing.lengthBytes === undefined ? [] : [`l=${signing.lengthBytes}; `]),
  ];
}

function asciiDomain(text: string, what: string): string {
  const domain = parseDomain(text, { underscore: true });
  if (!domain.ok) throw new DkimSignError('invalid-domain', `${what} "${text}": ${domain.error.message}`);
  return domain.value.ascii;
}

async function makeSignature(fields: HeaderFields, signing: DkimSigning, bodyHashes: BodyHashes): Promise<string> {
  const { privateKey } = signing;
  if (privateKey.type === 'rsa' && privateKey.bits < 1024)
    throw new DkimSignError('weak-key', `a key of ${privateKey.bits} bits: RFC 8301 §3.2 wants 1024, better 2048`);
  const algorithm = privateKey.type === 'rsa' ? 'rsa-sha256' : 'ed25519-sha256';
  const names = signedNames(fields, signing);
  const canonicalization = signing.canonicalization?.header ?? 'relaxed';
  const start = foldPieces(
    'DKIM-Signature: ',
    tags(signing, asciiDomain(signing.domain, 'domain'), asciiDomain(signing.selector, 'selector'), algorithm),
  );
  const headers = foldPieces(
    'h=',
    names.map((name, i) => `${name}${i === names.length - 1 ? '; ' : ':'}`),
  );
  const bodyHash = `bh=${encodeBase64(bodyHashes.get(bodyHashRequest(signing)).digest)};`;
  const raw = [start.trimEnd(), headers.trimEnd(), bodyHash, 'b='].join('\r\n\t');
  const field = { nameLower: 'dkim-signature', raw, colon: 'DKIM-Signature'.length };
  const data = fromLatin1(fields.signedText(names, canonicalization) + canonicalizeField(field, canonicalization));
  const signature =
    algorithm === 'rsa-sha256' ? await privateKey.sign('rsa-sha256', data) : await privateKey.sign('ed25519', hash('sha256', data));
  // White space within `b` is not signed: it is folded after the fact.
  return `${raw}${cut(encodeBase64(signature), lineLength - 2).join('\r\n\t ')}\r\n`;
}

/** Signs a message that comes in pieces: any number of signatures in one pass, with memory for the header section alone. */
export class DkimSigner {
  readonly #signings: readonly DkimSigning[];
  readonly #bodyHashes: BodyHashes;
  readonly #splitter: MessageSplitter;
  #fields: HeaderFields | undefined;

  constructor(signings: readonly DkimSigning[]) {
    this.#signings = signings;
    this.#bodyHashes = new BodyHashes(signings.map(bodyHashRequest));
    const target = {
      header: (fields: HeaderFields): void => {
        this.#fields = fields;
      },
      body: (bytes: Uint8Array): void => this.#bodyHashes.write(bytes),
    };
    this.#splitter = new MessageSplitter(target, mostHeaderBytes);
  }

  /** Takes the next bytes of the message, with CRLF line ends: as it will be sent. */
  write(bytes: Uint8Array): void {
    this.#splitter.write(bytes);
  }

  /** The DKIM-Signature fields, one for each signing, folded, with their CRLF: to be put on top of the message. Rejects with a `DkimSignError`. */
  async end(): Promise<string> {
    this.#splitter.end();
    this.#bodyHashes.end();
    const fields = this.#fields;
    if (!fields) throw new DkimSignError('header-too-long', `a header section of more than ${mostHeaderBytes} bytes`);
    if (fields.named('from').length === 0)
      throw new DkimSignError('no-from', 'the message has no From field, which must be signed (RFC 6376 §5.4)');
    const made = await Promise.all(this.#signings.map((signing) => makeSignature(fields, signing, this.#bodyHashes)));
    return made.join('');
  }
}

/** Signs a message (RFC 6376 §5): the DKIM-Signature fields to put on top of it. Rejects with a `DkimSignError` where that cannot be. */
export async function signDkim(message: Uint8Array | AsyncIterable<Uint8Array>, signings: readonly DkimSigning[]): Promise<string> {
  const signer = new DkimSigner(signings);
  if (message instanceof Uint8Array) signer.write(message);
  else for await (const bytes of message) signer.write(bytes);
  return signer.end();
}
