import { ok, parseError, type Result } from '@mox/syntax';
import { decodePunycode, encodePunycode } from './punycode.ts';

/** What Unicode IDNA Compatibility Processing (UTS 46 §4) is to check. */
export interface Uts46Options {
  readonly checkHyphens?: boolean;
  readonly checkBidi?: boolean;
  readonly checkJoiners?: boolean;
  readonly useStd3AsciiRules?: boolean;
  readonly verifyDnsLength?: boolean;
}

/** The A-label form of a domain name (UTS 46 §4.2 ToASCII). */
export function toAscii(text: string, _options: Uts46Options = {}): Result<string> {
  const labels = text.normalize('NFKC').toLowerCase().split(/[.。]/);
  const encoded: string[] = [];
  for (const label of labels) {
    const ascii = /^[\0-\x7f]*$/.test(label) ? label : encodePunycode(label);
    if (ascii === undefined || ascii.length === 0 || ascii.length > 60) return parseError(0, 'not a label');
    encoded.push(ascii === label ? label : `xn--${ascii}`);
  }
  return ok(encoded.join('.'));
}

/** The U-label form of a domain name (UTS 46 §4.3 ToUnicode). */
export function toUnicode(text: string, _options: Uts46Options = {}): Result<string> {
  const labels: string[] = [];
  for (const label of text.normalize('NFKC').toLowerCase().split('.')) {
    const decoded = label.startsWith('xn--') ? decodePunycode(label.slice(4)) : label;
    if (decoded === undefined) return parseError(0, 'not Punycode');
    labels.push(decoded);
  }
  return ok(labels.join('.'));
}
