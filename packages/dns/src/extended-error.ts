import { toUtf8 } from '@mox/runtime';
import type { DnsMessage } from './message.ts';

/** Why an answer is as it is, in the words of a server (RFC 8914 §2). */
export interface ExtendedError {
  readonly code: number;
  /** Words of the server's own, cut at 255 characters; often none. */
  readonly text: string;
}

const optionCode = 15;
const longestText = 255;

/** Purposes of the codes (RFC 8914 §4); those from 25 on are of the registry that it founded, 27 of RFC 9276 §6. */
const purposes: readonly string[] = [
  'other error',
  'unsupported DNSKEY algorithm',
  'unsupported DS digest type',
  'stale answer',
  'forged answer',
  'DNSSEC indeterminate',
  'DNSSEC bogus',
  'signature expired',
  'signature not yet valid',
  'DNSKEY missing',
  'RRSIGs missing',
  'no zone key bit set',
  'NSEC missing',
  'cached error',
  'not ready',
  'blocked',
  'censored',
  'filtered',
  'prohibited',
  'stale NXDOMAIN answer',
  'not authoritative',
  'not supported',
  'no reachable authority',
  'network error',
  'invalid data',
  'signature expired before valid',
  'too early',
  'unsupported NSEC3 iterations value',
  'unable to conform to policy',
  'synthesized',
  'invalid query type',
];

/** Codes that say that validation failed: RFC 8914 §4.7 to §4.13, and that a signature ends before it begins. */
const bogusCodes: ReadonlySet<number> = new Set([6, 7, 8, 9, 10, 11, 12, 25]);

/** The extended errors of a message, in order (RFC 8914 §2). */
export function readExtendedErrors(message: DnsMessage): readonly ExtendedError[] {
  return (message.edns?.options ?? []).flatMap(({ code, data }) => {
    if (code !== optionCode || data.length < 2) return [];
    // Some servers end the text with a NUL; the RFC lets receivers cope with it.
    const text = toUtf8(data.subarray(2)).replace(/\0+$/, '').slice(0, longestText);
    return [{ code: ((data[0] ?? 0) << 8) | (data[1] ?? 0), text }];
  });
}

/** An extended error as words for people, e.g. `DNSSEC bogus (6): signature crypto failed`. */
export function formatExtendedError(error: ExtendedError): string {
  const purpose = purposes[error.code] ?? 'unknown error';
  return `${purpose} (${error.code})${error.text === '' ? '' : `: ${error.text}`}`;
}

/** Whether an extended error says that DNSSEC validation failed (RFC 8914 §4.7 to §4.13). */
export function saysBogus(error: ExtendedError): boolean {
  return bogusCodes.has(error.code);
}
