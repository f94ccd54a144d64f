import { decodeBase64 } from '@mox/encoding';
import { fromUtf8, hmac, toUtf8Strict } from '@mox/runtime';
import { type Gs2Header, parseGs2Header, parseSaslName } from './gs2.ts';
import type { ScramHash } from './scram-credentials.ts';

// The four messages of SCRAM (RFC 5802 §7). Readers give undefined for what is not in the syntax.

/** RFC 5802 §7: `printable`, of which nonces are made. */
const nonceSyntax = /^[\x21-\x2b\x2d-\x7e]+$/;

/**
 * Attributes of a message: pairs of one letter and a value, separated by commas (RFC 5802 §5.1). Wherever `m=` stands, it is an extension
 * that must be understood, and is not: the message is none.
 */
function attributes(text: string): (readonly [letter: string, value: string])[] | undefined {
  if (text.includes('\0')) return undefined;
  const pairs = text.split(',').map((pair) => [pair.slice(0, 1), pair.slice(2), pair] as const);
  if (pairs.some(([letter, value, pair]) => !/^[A-Za-ln-z]$/.test(letter) || pair[1] !== '=' || value === '')) return undefined;
  return pairs.map(([letter, value]) => [letter, value]);
}

function binary(text: string): Uint8Array | undefined {
  const decoded = decodeBase64(text);
  return decoded.ok ? decoded.value : undefined;
}

/** The client's first message. */
export interface ClientFirst {
  readonly gs2: Gs2Header;
  /** The GS2 header as it was sent. */
  readonly gs2Text: string;
  /** All that follows the GS2 header: signed by both ends. */
  readonly bare: string;
  readonly username: string;
  readonly nonce: string;
}

/** Reads a client-first-message. */
export function parseClientFirst(message: Uint8Array): ClientFirst | undefined {
  const text = toUtf8Strict(message);
  const gs2 = text === undefined ? undefined : parseGs2Header(text);
  if (text === undefined || !gs2) return undefined;
  const bare = text.slice(gs2.length);
  const [name, nonce] = attributes(bare) ?? [];
  const username = name?.[0] === 'n' ? parseSaslName(name[1]) : undefined;
  if (username === undefined || nonce?.[0] !== 'r' || !nonceSyntax.test(nonce[1])) return undefined;
  return { gs2, gs2Text: text.slice(0, gs2.length), bare, username, nonce: nonce[1] };
}

/** The server's first message. */
export interface ServerFirst {
  readonly text: string;
  readonly nonce: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

/** Reads a server-first-message. */
export function parseServerFirst(message: Uint8Array): ServerFirst | undefined {
  const text = toUtf8Strict(message);
  const [nonce, salt, count] = (text === undefined ? undefined : attributes(text)) ?? [];
  if (text === undefined || nonce?.[0] !== 'r' || salt?.[0] !== 's' || count?.[0] !== 'i') return undefined;
  const saltBytes = binary(salt[1]);
  if (!nonceSyntax.test(nonce[1]) || !saltBytes || !/^[1-9][0-9]{0,14}$/.test(count[1])) return undefined;
  return { text, nonce: nonce[1], salt: saltBytes, iterations: Number(count[1]) };
}

/** The client's last message. */
export interface ClientFinal {
  /** What is signed of it. */
  readonly withoutProof: string;
  readonly channelBinding: Uint8Array;
  readonly nonce: string;
  readonly proof: Uint8Array;
}

/** Reads a client-final-message. */
export function parseClientFinal(message: Uint8Array): ClientFinal | undefined {
  const text = toUtf8Strict(message);
  const pairs = text === undefined ? undefined : attributes(text);
  const [binding, nonce] = pairs ?? [];
  const last = pairs?.at(-1);
  if (text === undefined || binding?.[0] !== 'c' || nonce?.[0] !== 'r' || last?.[0] !== 'p') return undefined;
  const channelBinding = binary(binding[1]);
  const proof = binary(last[1]);
  if (!channelBinding || !proof) return undefined;
  return { withoutProof: text.slice(0, text.lastIndexOf(',')), channelBinding, nonce: nonce[1], proof };
}

/** Reads a server-final-message: the server's signature, or its error. */
export function parseServerFinal(message: Uint8Array): { readonly signature: Uint8Array } | { readonly error: string } | undefined {
  const text = toUtf8Strict(message);
  const [first] = (text === undefined ? undefined : attributes(text)) ?? [];
  if (first?.[0] === 'e') return { error: first[1] };
  const signature = first?.[0] === 'v' ? binary(first[1]) : undefined;
  return signature ? { signature } : undefined;
}

/** AuthMessage (RFC 5802 §3): what both ends sign. */
export function authMessage(clientFirstBare: string, serverFirst: string, clientFinalWithoutProof: string): Uint8Array {
  return fromUtf8(`${clientFirstBare},${serverFirst},${clientFinalWithoutProof}`);
}

/** ClientKey XOR ClientSignature: makes a proof out of a key, and a key out of a proof (RFC 5802 §3). */
export function applySignature(parameters: {
  readonly hash: ScramHash;
  readonly storedKey: Uint8Array;
  readonly message: Uint8Array;
  readonly value: Uint8Array;
}): Uint8Array {
  const { value } = parameters;
  const signature = hmac(parameters.hash, parameters.storedKey, parameters.message);
  return signature.map((byte, i) => byte ^ (value[i] ?? 0));
}
