import { fromBase64, toBase64 } from '@mox/runtime';
import { withoutBlanks } from './tag-list.ts';

/**
 * The bytes of a base64string (RFC 6376 §2.10): white space may be anywhere within, padding must be as it must. Undefined where it
 * is none. What the platform's decoder passes over or adds is found by writing the bytes again: faster than any look at the characters.
 */
export function decodeBase64Tag(value: string): Uint8Array | undefined {
  const text = withoutBlanks(value);
  const bytes = fromBase64(text);
  return bytes && toBase64(bytes) === text ? bytes : undefined;
}
