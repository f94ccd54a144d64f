import { BodyHashes, type HeaderFields, MessageSplitter, type RawField, recommendedHeaders, SignedHeader } from '@mox/dkim';
import { encodeBase64 } from '@mox/encoding';
import { parseDomain } from '@mox/idna';
import { type AuthenticationResults, formatAuthenticationResults } from '@mox/message-format';
import { fromLatin1, fromUtf8, hash, type PrivateKey, toLatin1, toUtf8 } from '@mox/runtime';
import { type ArcResult, sealedFields } from './verification.ts';

/** How a message is sealed. */
export interface ArcSealing {
  /** The sealing domain and its selector, for both signatures. */
  readonly domain: string;
  readonly selector: string;
  /** RSA or Ed25519: it decides the algorithm. RFC 8617 verifiers in the wild know RSA. */
  readonly privateKey: PrivateKey;
  /** What this server found when the message came in: SPF, DKIM, DMARC and the chain itself. */
  readonly results: AuthenticationResults;
  /** What `verifyArc` said of the message as it came in. */
  readonly chain: ArcResult;
  /**
   * Names of fields to sign where they are there; `recommendedHeaders` of DKIM and DKIM-Signature unless told. From is always signed,
   * what tells of results and of the chain never.
   */
  readonly headers?: readonly string[];
  /** Time of sealing in milliseconds. */
  readonly now: number;
}

/** What a sealer was given that no set can be made with. */
export class ArcSealError extends Error {
  override readonly name: string = 'ArcSealError';
  readonly code: 'no-from' | 'weak-key' | 'invalid-domain' | 'invalid-header-name' | 'invalid-time' | 'header-too-long';

  constructor(code: ArcSealError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const mostHeaderBytes = 1 << 20;
const bodyHash = { canonicalization: 'relaxed', algorithm: 'sha256' } as const;

/** A field of its own; one character a byte, as those of a message are. */
function makeField(name: string, value: string): RawField {
  const text = toLatin1(fromUtf8(`${name}: ${value}\r\n`));
  return { nameLower: name.toLowerCase(), text, start: 0, colon: name.length, end: text.length };
}

async function sign(key: PrivateKey, data: Uint8Array): Promise<string> {
  const signature = key.type === 'rsa' ? await key.sign('rsa-sha256', data) : await key.sign('ed25519', hash('sha256', data));
  return (encodeBase64(signature).match(/.{1,70}/g) ?? []).join('\r\n\t ');
}

/** Puts the signature into a field whose tag `b` is its last, and empty. */
function withSignature(field: RawField, signature: string): RawField {
  const text = `${field.text.slice(0, -2)}${signature}\r\n`;
  return { ...field, text, end: text.length };
}

/** Folds a list of names joined by colons. */
function foldNames(names: readonly string[]): string {
  let text = '';
  let column = 0;
  for (const [i, name] of names.entries()) {
    const piece = i < names.length - 1 ? `${name}:` : name;
    if (column + piece.length > 66) {
      text += '\r\n\t ';
      column = 0;
    }
    text += piece;
    column += piece.length;
  }
  return text;
}

function asciiName(text: string, what: 'domain' | 'selector'): string {
  const name = parseDomain(text, { underscore: true });
  if (!name.ok) throw new ArcSealError('invalid-domain', `${what} "${text}": ${name.error.message}`);
  const { ascii } = name.value;
  if (what === 'domain' && !ascii.includes('.'))
    throw new ArcSealError('invalid-domain', `domain "${text}" has one label: RFC 6376 §3.5 wants two`);
  return ascii;
}

function timeSeconds(now: number): number {
  const seconds = Math.floor(now / 1000);
  if (!(seconds >= 0 && seconds < 1e12)) throw new ArcSealError('invalid-time', `now is ${now}, no time in milliseconds`);
  return seconds;
}

/** The names that the message signature signs, each as often as it occurs (RFC 6376 §5.4). */
function signedNames(fields: HeaderFields, headers: readonly string[]): string[] {
  const wrong = headers.find((name) => !/^[!-9<-~]+$/.test(name));
  if (wrong !== undefined) throw new ArcSealError('invalid-header-name', `"${wrong}" is no name of a field`);
  const from = headers.some((name) => name.toLowerCase() === 'from') ? [] : ['From'];
  // What is told of results, and the chain itself, is not signed here (RFC 8617 §4.1.2).
  const allowed = [...from, ...headers].filter(
    (name) => !/^(?:authentication-results|arc-(?:seal|message-signature|authentication-results))$/i.test(name),
  );
  return allowed.flatMap((name) => fields.named(name.toLowerCase()).map(() => name));
}

/** The message to be sealed, read. */
interface ReadMessage {
  readonly fields: HeaderFields;
  readonly header: SignedHeader;
  readonly digest: Uint8Array;
}

async function makeMessageSignature({ fields, header, digest }: ReadMessage, sealing: ArcSealing, tags: string): Promise<RawField> {
  const names = signedNames(fields, sealing.headers ?? [...recommendedHeaders, 'DKIM-Signature']);
  const value = `${tags} c=relaxed/relaxed;\r\n\th=${foldNames(names)};\r\n\tbh=${encodeBase64(digest)};\r\n\tb=`;
  const field = makeField('ARC-Message-Signature', value);
  return withSignature(field, await sign(sealing.privateKey, header.write(fields.select(names), field, 'relaxed')));
}

async function makeSet(message: ReadMessage, sealing: ArcSealing): Promise<string | undefined> {
  const { chain, privateKey } = sealing;
  const instance = chain.nextInstance;
  if (instance === undefined) return undefined;
  if (privateKey.type === 'rsa' && privateKey.bits < 1024)
    throw new ArcSealError('weak-key', `a key of ${privateKey.bits} bits: RFC 8301 §3.2 wants 1024, better 2048`);
  const algorithm = privateKey.type === 'rsa' ? 'rsa-sha256' : 'ed25519-sha256';
  const domain = asciiName(sealing.domain, 'domain');
  const selector = asciiName(sealing.selector, 'selector');
  const signing = `i=${instance}; a=${algorithm}; d=${domain}; s=${selector}; t=${timeSeconds(sealing.now)};`;
  const results = formatAuthenticationResults(sealing.results).join('\r\n\t');
  const authenticationResults = makeField('ARC-Authentication-Results', `i=${instance}; ${results}`);
  const messageSignature = await makeMessageSignature(message, sealing, signing);
  const seal = makeField('ARC-Seal', `${signing} cv=${chain.status};\r\n\tb=`);
  const own = { seal, messageSignature, authenticationResults };
  // The seal of a broken chain covers its own set alone (RFC 8617 §5.1.2).
  const before = chain.status === 'fail' ? [] : chain.sets.map((set) => set.fields);
  const sealed = withSignature(seal, await sign(privateKey, message.header.write(sealedFields([...before, own]), seal, 'relaxed')));
  return toUtf8(fromLatin1(`${sealed.text}${messageSignature.text}${authenticationResults.text}`));
}

/**
 * Seals a message (RFC 8617 §5.1): the three fields of the next set, to be put on top of it. The message is the one that
 * goes out, with all changes made and DKIM signatures added. Undefined where no set may be added: the newest seal says
 * `cv=fail`, or there are 50. Rejects with an `ArcSealError`.
 */
export async function sealArc(message: Uint8Array | AsyncIterable<Uint8Array>, sealing: ArcSealing): Promise<string | undefined> {
  const bodyHashes = new BodyHashes([bodyHash]);
  let header: HeaderFields | undefined;
  const target = {
    header: (fields: HeaderFields): void => {
      header = fields;
    },
    body: (bytes: Uint8Array): void => bodyHashes.write(bytes),
    end: (last?: Uint8Array): void => bodyHashes.end(last),
  };
  const splitter = new MessageSplitter(target, mostHeaderBytes);
  if (message instanceof Uint8Array) splitter.end(message);
  else {
    for await (const bytes of message) splitter.write(bytes);
    splitter.end();
  }
  const fields: HeaderFields | undefined = header;
  if (!fields) throw new ArcSealError('header-too-long', `a header section of more than ${mostHeaderBytes} bytes`);
  if (fields.named('from').length === 0) throw new ArcSealError('no-from', 'the message has no From field, which must be signed');
  return makeSet({ fields, header: new SignedHeader(2), digest: bodyHashes.get(bodyHash).digest }, sealing);
}
