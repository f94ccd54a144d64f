import { decodeBase64 } from '@mox/encoding';
import { withoutBlanks } from './tag-list.ts';

/** The bytes of a base64string (RFC 6376 §2.10): white space may be anywhere within, padding must be as it must. Undefined where it is none. */
export function decodeBase64Tag(value: string): Uint8Array | undefined {
  const decoded = decodeBase64(withoutBlanks(value));
  return decoded.ok ? decoded.value : undefined;
}
