import { fromBase64 } from '@mox/runtime';
import { withoutBlanks } from './tag-list.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function countPadding(text: string): 0 | 1 | 2 {
  if (!text.endsWith('=')) return 0;
  return text.endsWith('==') ? 2 : 1;
}

/** Whether the bits of the last digit that belong to no byte are zero (RFC 4648 §3.5). */
function hasZeroBits(text: string, padding: 0 | 1 | 2): boolean {
  return padding === 0 || (alphabet.indexOf(text.charAt(text.length - padding - 1)) & (padding === 1 ? 3 : 15)) === 0;
}

/**
 * The bytes of a base64string (RFC 6376 §2.10): white space may be anywhere within, padding must be as it must. Undefined where it
 * is none. The platform's decoder is several times faster than any look at the characters. What it passes over it gives no bytes for;
 * what it takes though it should not, the alphabet for URLs and characters of which it sees the lower half alone, is looked for.
 */
export function decodeBase64Tag(value: string): Uint8Array | undefined {
  const text = withoutBlanks(value);
  if (text.length % 4 !== 0 || text.includes('-') || text.includes('_') || /[\u0100-\uffff]/.test(text)) return undefined;
  const padding = countPadding(text);
  const bytes = fromBase64(text);
  return bytes?.length === (text.length / 4) * 3 - padding && hasZeroBits(text, padding) ? bytes : undefined;
}
