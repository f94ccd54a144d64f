import { parseDomain } from '@mox/idna';
import { ok, parseError, type Result } from '@mox/syntax';
import { decodeBase64Tag } from './base64-tag.ts';
import type { Canonicalization } from './canonicalize-header.ts';
import { fieldValue, type RawField } from './header-fields.ts';
import { decodeDkimQuotedPrintable, isBlank, parseTagList, splitColons, type TagList } from './tag-list.ts';

/** Signature algorithms (RFC 6376 §3.3, RFC 8463 §3). `rsa-sha1` is historic: it may be verified, never signed (RFC 8301 §3.1). */
export type DkimAlgorithm = 'rsa-sha256' | 'ed25519-sha256' | 'rsa-sha1';

/** The tags that every kind of signature field has: DKIM-Signature, ARC-Message-Signature, ARC-Seal. */
export interface SigningTags {
  readonly algorithm: DkimAlgorithm;
  /** The tag `b`. */
  readonly signature: Uint8Array;
  /** The signing domain, as A-labels in lower case. */
  readonly domain: string;
  readonly selector: string;
  /** Time of signing in seconds since 1970. */
  readonly signedAtSeconds?: number;
}

/** The tags of a signature over a message (RFC 6376 §3.5): DKIM-Signature and ARC-Message-Signature. Times are in seconds since 1970. */
export interface MessageSignatureTags extends SigningTags {
  /** The tag `bh`. */
  readonly bodyHash: Uint8Array;
  readonly headerCanonicalization: Canonicalization;
  readonly bodyCanonicalization: Canonicalization;
  /** The tag `h`, as it stands. */
  readonly headers: readonly string[];
  /** The tag `l`: bytes of the canonical body that are signed. */
  readonly lengthBytes?: number;
  readonly expiresAtSeconds?: number;
}

/** A DKIM-Signature field, read (RFC 6376 §3.5). */
export interface DkimSignature extends MessageSignatureTags {
  /** The tag `v`: `1`; what drafts had, `0.n` or nothing, makes a signature `policy` at best. */
  readonly version: string;
  /** The tag `i`; `@domain` where it is absent. */
  readonly identity: string;
  /** Every tag, those that are not known included. */
  readonly tags: TagList;
}

/** Why a signature field cannot be used, in the words of RFC 6376 §6.1.1 where it has some. */
export type SignatureFault =
  | 'syntax'
  | 'incompatible version'
  | 'missing tag'
  | 'unknown algorithm'
  | 'unknown query method'
  | 'domain mismatch'
  | 'from not signed';

/** As `ParseError`, with the kind of fault. */
export interface SignatureError {
  readonly offset: number;
  readonly message: string;
  readonly fault: SignatureFault;
}

class Fault extends Error {
  readonly fault: SignatureFault;
  constructor(fault: SignatureFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

// deviates RFC 6376 §3.2: words that the ABNF names are taken in either case, here and in key records, as RFC 5234 §2.3 reads them.
function isAlgorithm(text: string): text is DkimAlgorithm {
  return text === 'rsa-sha256' || text === 'ed25519-sha256' || text === 'rsa-sha1';
}

function required(tags: TagList, name: string): string {
  const value = tags.get(name);
  if (value === undefined) throw new Fault('missing tag', `required tag "${name}" is missing`);
  return value;
}

function base64Tag(tags: TagList, name: string): Uint8Array {
  const bytes = decodeBase64Tag(required(tags, name));
  if (!bytes || bytes.length === 0) throw new Fault('syntax', `tag "${name}" is not base64`);
  return bytes;
}

/** A domain name as A-labels; U-labels are let in by RFC 8616 §5. */
function domainTag(tags: TagList, name: string, fewestLabels: 1 | 2): string {
  const domain = parseDomain(required(tags, name), { underscore: true });
  if (!domain.ok) throw new Fault('syntax', `tag "${name}" is not a domain name: ${domain.error.message}`);
  if (fewestLabels > 1 && !domain.value.ascii.includes('.')) throw new Fault('syntax', `tag "${name}" has one label`);
  return domain.value.ascii;
}

function numberTag(tags: TagList, name: string, mostDigits: number): number | undefined {
  const value = tags.get(name);
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value) || value.length > mostDigits)
    throw new Fault('syntax', `tag "${name}" is not a number of at most ${mostDigits} digits`);
  return Number(value);
}

const canonicalizations: ReadonlyMap<string, readonly [Canonicalization, Canonicalization]> = new Map([
  ['simple', ['simple', 'simple']],
  ['relaxed', ['relaxed', 'simple']],
  ['simple/simple', ['simple', 'simple']],
  ['simple/relaxed', ['simple', 'relaxed']],
  ['relaxed/simple', ['relaxed', 'simple']],
  ['relaxed/relaxed', ['relaxed', 'relaxed']],
]);

function canonicalizationTag(tags: TagList): readonly [Canonicalization, Canonicalization] {
  const value = tags.get('c') ?? 'simple/simple';
  const known = canonicalizations.get(value.toLowerCase());
  if (!known) throw new Fault('syntax', `unknown canonicalization "${value}"`);
  return known;
}

const colonCode = 58;

/** Field names (RFC 5322 §3.6.8) between colons; undefined where there is anything else. An empty name is an empty text. */
function splitFieldNames(value: string): string[] | undefined {
  const names: string[] = [];
  let start = 0;
  let end = 0;
  for (let at = 0; at <= value.length; at++) {
    const code = at < value.length ? value.charCodeAt(at) : colonCode;
    if (code === colonCode) {
      names.push(value.slice(start, end));
      start = end = at + 1;
    } else if (code > 32 && code < 127) {
      if (start === end) start = at;
      else if (end < at) return undefined;
      end = at + 1;
    } else if (!isBlank(code)) return undefined;
  }
  return names;
}

/** The tag `h`, in which names may be missing and From too. */
function anyHeadersTag(tags: TagList): readonly string[] {
  const headers = splitFieldNames(required(tags, 'h'));
  if (!headers) throw new Fault('syntax', 'tag "h" has what is no field name');
  return headers.includes('') ? headers.filter((name) => name !== '') : headers;
}

function headersTag(tags: TagList): readonly string[] {
  const headers = splitFieldNames(required(tags, 'h'));
  if (!headers || headers.includes('')) throw new Fault('syntax', 'tag "h" has what is no field name');
  if (!headers.some((name) => name.length === 4 && name.toLowerCase() === 'from'))
    throw new Fault('from not signed', 'the From field is not signed');
  return headers;
}

function identityTag(tags: TagList, domain: string): string {
  const value = tags.get('i');
  if (value === undefined) return `@${domain}`;
  const identity = decodeDkimQuotedPrintable(value);
  const at = identity?.lastIndexOf('@') ?? -1;
  if (identity === undefined || at < 0) throw new Fault('syntax', 'tag "i" is not an identity');
  const identityDomain = parseDomain(identity.slice(at + 1), { underscore: true });
  if (!identityDomain.ok) throw new Fault('syntax', 'tag "i" has no domain name');
  const { ascii } = identityDomain.value;
  if (ascii !== domain && !ascii.endsWith(`.${domain}`)) throw new Fault('domain mismatch', `identity ${identity} is not within ${domain}`);
  return `${identity.slice(0, at)}@${ascii}`;
}

/**
 * Drafts before RFC 4871 had no version, or one below 1. RFC 6376 §6.1.1 lets a verifier look at what older versions
 * signed; such a signature never passes.
 */
function versionTag(tags: TagList): string {
  const version = tags.get('v') ?? '';
  if (version !== '1' && !/^(?:0\.\d+)?$/.test(version)) throw new Fault('incompatible version', `version "${version}" is not known`);
  return version;
}

function algorithmTag(tags: TagList): DkimAlgorithm {
  const algorithm = required(tags, 'a').toLowerCase();
  if (!isAlgorithm(algorithm)) throw new Fault('unknown algorithm', `algorithm "${algorithm}" is not known`);
  return algorithm;
}

/** `dns` alone is what drafts before RFC 4871 called `dns/txt`. */
function checkQueryMethods(tags: TagList): void {
  const methods = tags.get('q');
  if (methods !== undefined && !splitColons(methods).some((method) => /^dns(?:\/txt)?$/i.test(method))) {
    throw new Fault('unknown query method', `no query method that is known in "${methods}"`);
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function readSigning(tags: TagList): Writable<SigningTags> {
  const signing: Writable<SigningTags> = {
    algorithm: algorithmTag(tags),
    signature: base64Tag(tags, 'b'),
    domain: domainTag(tags, 'd', 2),
    selector: domainTag(tags, 's', 1),
  };
  const signedAtSeconds = numberTag(tags, 't', 12);
  if (signedAtSeconds !== undefined) signing.signedAtSeconds = signedAtSeconds;
  return signing;
}

function readMessageSignature(tags: TagList, headers: readonly string[]): Writable<MessageSignatureTags> {
  checkQueryMethods(tags);
  const [headerCanonicalization, bodyCanonicalization] = canonicalizationTag(tags);
  // Assigned one by one, which is several times cheaper than all at once.
  const signature = readSigning(tags) as Writable<MessageSignatureTags>;
  signature.bodyHash = base64Tag(tags, 'bh');
  signature.headerCanonicalization = headerCanonicalization;
  signature.bodyCanonicalization = bodyCanonicalization;
  signature.headers = headers;
  const lengthBytes = numberTag(tags, 'l', 76);
  const expiresAtSeconds = numberTag(tags, 'x', 12);
  if (lengthBytes !== undefined) signature.lengthBytes = lengthBytes;
  if (expiresAtSeconds === undefined) return signature;
  if (signature.signedAtSeconds !== undefined && expiresAtSeconds <= signature.signedAtSeconds) {
    throw new Fault('syntax', 'the signature expires before it was made');
  }
  signature.expiresAtSeconds = expiresAtSeconds;
  return signature;
}

function attempt<T>(read: () => T): Result<T, SignatureError> {
  try {
    return ok(read());
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ok: false, error: { ...parseError(0, error.message).error, fault: error.fault } };
  }
}

/** Reads the tags that every kind of signature field has (RFC 6376 §3.5). */
export function parseSigningTags(tags: TagList): Result<SigningTags, SignatureError> {
  return attempt(() => readSigning(tags));
}

/**
 * Reads the tags of a signature over a message, version and identity apart (RFC 6376 §3.5). It is less strict than
 * `parseDkimSignature` about `h`: names may be missing in the list, From too. Whoever relies on the signature asks for that.
 */
export function parseMessageSignatureTags(tags: TagList): Result<MessageSignatureTags, SignatureError> {
  return attempt(() => readMessageSignature(tags, anyHeadersTag(tags)));
}

function readDkimSignature(parsed: Result<TagList>): Result<DkimSignature, SignatureError> {
  if (!parsed.ok) return { ok: false, error: { ...parsed.error, fault: 'syntax' } };
  const tags = parsed.value;
  return attempt(() => {
    const version = versionTag(tags);
    const signature = readMessageSignature(tags, headersTag(tags)) as Writable<DkimSignature>;
    signature.version = version;
    signature.identity = identityTag(tags, signature.domain);
    signature.tags = tags;
    return signature;
  });
}

/** Reads the value of a DKIM-Signature field, without its name (RFC 6376 §3.5, §6.1.1). */
export function parseDkimSignature(value: string): Result<DkimSignature, SignatureError> {
  return readDkimSignature(parseTagList(value));
}

/** Reads the tag-list of a field (RFC 6376 §3.2); of a UTF-8 header section too (RFC 8616 §5). */
export function parseFieldTags(field: RawField): Result<TagList> {
  return field.ascii ? parseTagList(field.text, field.colon + 1, field.end) : parseTagList(fieldValue(field));
}

/** Reads a DKIM-Signature field of a message. */
export function parseDkimSignatureField(field: RawField): Result<DkimSignature, SignatureError> {
  return readDkimSignature(parseFieldTags(field));
}
