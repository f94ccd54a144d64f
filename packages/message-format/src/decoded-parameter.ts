import { decodeParameters } from '@mox/encoding';
import type { Parameter } from './part.ts';

const ascii = /^[\x20-\x7e]*$/;

/** The decoded value of a parameter, RFC 2231 §3 and RFC 2231 §4 undone; the common plain case without more ado. */
export function findDecodedParameter(parameters: readonly Parameter[], name: string): string | undefined {
  let plain: string | undefined;
  for (const [have, value] of parameters) {
    if (have === name) plain ??= value;
    else if (have.startsWith(name) && have[name.length] === '*') return decodeParameters(parameters).get(name);
  }
  return plain === undefined || (ascii.test(plain) && !plain.includes('=?')) ? plain : decodeParameters(parameters).get(name);
}
