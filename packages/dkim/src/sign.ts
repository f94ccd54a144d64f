import { encodeBase64 } from '@mox/encoding';
import { parseDomain } from '@mox/idna';
import { fromUtf8, hash, type PrivateKey, toLatin1 } from '@mox/runtime';
import { BodyHashes, type BodyHashRequest } from './body-hash.ts';
import { type Canonicalization, SignedHeader } from './canonicalize-header.ts';
import { type HeaderFields, readRawField } from './header-fields.ts';
import { MessageSplitter } from './message-splitter.ts';
import { encodeDkimQuotedPrintable } from './tag-list.ts';

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
  /** The tag `i`: a local part or nothing, `@`, and the signing domain or one below it. */
  readonly identity?: string;
  /** Time of signing in milliseconds; no tag `t` without it. */
  readonly now?: number;
  /** How long the signature holds, from `now`, which it needs: a whole number of at least 1; for ever without it. */
  readonly expirySeconds?: number;
  /** Sign only so many bytes of the canonical body (`l`), all where it is shorter. What is added behind them goes unnoticed: leave it be. */
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
  readonly code:
    | 'no-from'
    | 'weak-key'
    | 'invalid-domain'
    | 'invalid-identity'
    | 'invalid-header-name'
    | 'invalid-time'
    | 'invalid-length'
    | 'header-too-long';

  constructor(code: DkimSignError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const mostHeaderBytes = 1 << 20;
const lineLength = 72;

function bodyHashRequest(signing: DkimSigning): BodyHashRequest {
  const { lengthBytes } = signing;
  if (lengthBytes !== undefined && !(Number.isSafeInteger(lengthBytes) && lengthBytes >= 0))
    throw new DkimSignError('invalid-length', `lengthBytes is ${lengthBytes}, not a whole number of at least 0`);
  return {
    canonicalization: signing.canonicalization?.body ?? 'relaxed',
    algorithm: 'sha256',
    ...(signing.lengthBytes !== undefined && { lengthBytes: signing.lengthBytes }),
  };
}

/** A name of a field as it is to be written, and in lower case. */
interface FieldName {
  readonly name: string;
  readonly lower: string;
}

function toFieldName(name: string): FieldName {
  // RFC 6376 §3.5: a colon or a semicolon in a name would end it, or the list.
  if (!/^[!-9<-~]+$/.test(name)) throw new DkimSignError('invalid-header-name', `"${name}" is no name of a field`);
  return { name, lower: name.toLowerCase() };
}

const recommendedNames: readonly FieldName[] = /* @__PURE__ */ recommendedHeaders.map(toFieldName);
const oversignedNames: ReadonlySet<string> = /* @__PURE__ */ new Set(/* @__PURE__ */ oversignedHeaders.map((name) => name.toLowerCase()));

/** Each name as often as it occurs, and once more where none may be added. */
function signedNames(fields: HeaderFields, signing: DkimSigning): string[] {
  const oversign = signing.oversign ? new Set(signing.oversign.map((name) => name.toLowerCase())) : oversignedNames;
  const wanted = signing.headers?.map(toFieldName) ?? recommendedNames;
  const from = wanted.some(({ lower }) => lower === 'from') ? [] : [{ name: 'From', lower: 'from' }];
  const names: string[] = [];
  for (const { name, lower } of [...from, ...wanted]) {
    for (let left = fields.named(lower).length + (oversign.has(lower) ? 1 : 0); left > 0; left--) names.push(name);
  }
  return names;
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

/** A signature in lines that are folded: white space within `b` is not signed. */
function foldSignature(signature: string): string {
  let text = signature.slice(0, lineLength - 2);
  for (let at = lineLength - 2; at < signature.length; at += lineLength - 2) text += `\r\n\t ${signature.slice(at, at + lineLength - 2)}`;
  return text;
}

/** The tags `t` and `x` (RFC 6376 §3.5): whole seconds in at most 12 digits, `x` above `t`. */
function timeTags({ now, expirySeconds }: DkimSigning): string[] {
  const isTime = (seconds: number): boolean => Number.isInteger(seconds) && seconds >= 0 && seconds < 1e12;
  if (now === undefined) {
    if (expirySeconds === undefined) return [];
    throw new DkimSignError('invalid-time', 'expirySeconds counts from now, which is not given');
  }
  const seconds = Math.floor(now / 1000);
  if (!isTime(seconds)) throw new DkimSignError('invalid-time', `now is ${now}, no time in milliseconds`);
  if (expirySeconds === undefined) return [`t=${seconds}; `];
  if (!(expirySeconds >= 1 && isTime(seconds + expirySeconds)))
    throw new DkimSignError('invalid-time', `expirySeconds is ${expirySeconds}, not a whole number of at least 1`);
  return [`t=${seconds}; `, `x=${seconds + expirySeconds}; `];
}

/** What a field says of its signature besides its hashes. */
interface TagSources {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: string;
  /** Length of the canonical body. */
  readonly canonicalBytes: number;
}

function tags(signing: DkimSigning, { domain, selector, algorithm, canonicalBytes }: TagSources): string[] {
  const canonicalization = signing.canonicalization ?? { header: 'relaxed', body: 'relaxed' };
  return [
    'v=1; ',
    `a=${algorithm}; `,
    `c=${canonicalization.header}/${canonicalization.body}; `,
    `d=${domain}; `,
    `s=${selector}; `,
    ...(signing.identity === undefined ? [] : [`i=${formatIdentity(signing.identity, domain)}; `]),
    ...timeTags(signing),
    // RFC 6376 §3.5: no more than there is.
    ...(signing.lengthBytes === undefined ? [] : [`l=${Math.min(signing.lengthBytes, canonicalBytes)}; `]),
  ];
}

function asciiDomain(text: string, what: 'domain' | 'selector'): string {
  const domain = parseDomain(text, { underscore: true });
  if (!domain.ok) throw new DkimSignError('invalid-domain', `${what} "${text}": ${domain.error.message}`);
  const { ascii } = domain.value;
  if (what === 'domain' && !ascii.includes('.'))
    throw new DkimSignError('invalid-domain', `domain "${text}" has one label: RFC 6376 §3.5 wants two`);
  return ascii;
}

/** The tag `i` in ASCII (RFC 6376 §3.5): a verifier ignores a signature whose identity is not within its domain. */
function formatIdentity(identity: string, domain: string): string {
  const at = identity.lastIndexOf('@');
  const name = parseDomain(identity.slice(at + 1), { underscore: true });
  const ascii = name.ok ? name.value.ascii : '';
  if (at < 0 || (ascii !== domain && !ascii.endsWith(`.${domain}`)))
    throw new DkimSignError('invalid-identity', `identity "${identity}" is not within ${domain}`);
  return `${encodeDkimQuotedPrintable(identity.slice(0, at))}@${ascii}`;
}

/** The message to be signed, read. */
interface ReadMessage {
  readonly fields: HeaderFields;
  readonly header: SignedHeader;
  readonly bodyHashes: BodyHashes;
}

async function makeSignature(message: ReadMessage, signing: DkimSigning): Promise<string> {
  const { fields, header, bodyHashes } = message;
  const { privateKey } = signing;
  if (privateKey.type === 'rsa' && privateKey.bits < 1024)
    throw new DkimSignError('weak-key', `a key of ${privateKey.bits} bits: RFC 8301 §3.2 wants 1024, better 2048`);
  const algorithm = privateKey.type === 'rsa' ? 'rsa-sha256' : 'ed25519-sha256';
  const names = signedNames(fields, signing);
  const canonicalization = signing.canonicalization?.header ?? 'relaxed';
  const { digest, canonicalBytes } = bodyHashes.get(bodyHashRequest(signing));
  const domain = asciiDomain(signing.domain, 'domain');
  const selector = asciiDomain(signing.selector, 'selector');
  const start = foldPieces('DKIM-Signature: ', tags(signing, { domain, selector, algorithm, canonicalBytes }));
  const headers = foldPieces(
    'h=',
    names.map((name, i) => `${name}${i === names.length - 1 ? '; ' : ':'}`),
  );
  const raw = [start.trimEnd(), headers.trimEnd(), `bh=${encodeBase64(digest)};`, 'b='].join('\r\n\t');
  const field = readRawField({ text: toLatin1(fromUtf8(raw)) });
  const data = field ? header.write(fields.select(names), field, canonicalization) : fromUtf8(raw);
  const signature =
    algorithm === 'rsa-sha256' ? await privateKey.sign('rsa-sha256', data) : await privateKey.sign('ed25519', hash('sha256', data));
  return `${raw}${foldSignature(encodeBase64(signature))}\r\n`;
}

/** Signs a message that comes in pieces: any number of signatures in one pass, with memory for the header section alone. */
export class DkimSigner {
  readonly #signings: readonly DkimSigning[];
  readonly #bodyHashes: BodyHashes;
  readonly #splitter: MessageSplitter;
  #fields: HeaderFields | undefined;

  /** Throws a `DkimSignError` where a signing's `lengthBytes` is none. */
  constructor(signings: readonly DkimSigning[]) {
    this.#signings = signings;
    this.#bodyHashes = new BodyHashes(signings.map(bodyHashRequest));
    const target = {
      header: (fields: HeaderFields): void => {
        this.#fields = fields;
      },
      body: (bytes: Uint8Array): void => this.#bodyHashes.write(bytes),
      end: (last?: Uint8Array): void => this.#bodyHashes.end(last),
    };
    this.#splitter = new MessageSplitter(target, mostHeaderBytes);
  }

  /** Takes the next bytes of the message, with CRLF line ends: as it will be sent. */
  write(bytes: Uint8Array): void {
    this.#splitter.write(bytes);
  }

  /**
   * The message is over, with these bytes: the DKIM-Signature fields, one for each signing, folded, with their CRLF: to be put on
   * top of it. A message that is there as a whole is best given here. Rejects with a `DkimSignError`.
   */
  async end(last?: Uint8Array): Promise<string> {
    this.#splitter.end(last);
    const fields = this.#fields;
    if (!fields) throw new DkimSignError('header-too-long', `a header section of more than ${mostHeaderBytes} bytes`);
    if (fields.named('from').length === 0)
      throw new DkimSignError('no-from', 'the message has no From field, which must be signed (RFC 6376 §5.4)');
    const message = { fields, header: new SignedHeader(this.#signings.length), bodyHashes: this.#bodyHashes };
    const made = await Promise.all(this.#signings.map((signing) => makeSignature(message, signing)));
    return made.join('');
  }
}

/** Signs a message (RFC 6376 §5): the DKIM-Signature fields to put on top of it. Rejects with a `DkimSignError` where that cannot be. */
export async function signDkim(message: Uint8Array | AsyncIterable<Uint8Array>, signings: readonly DkimSigning[]): Promise<string> {
  const signer = new DkimSigner(signings);
  if (message instanceof Uint8Array) return signer.end(message);
  for await (const bytes of message) signer.write(bytes);
  return signer.end();
}
