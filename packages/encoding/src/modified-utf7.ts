import { toBase64 } from '@mox/runtime';
import { ok, parseError, type Result } from '@mox/syntax';
import { decodeBase64 } from './base64.ts';

const shift = 38; // &

function isPrintable(code: number): boolean {
  return code >= 0x20 && code <= 0x7e;
}

/** The code units of a text as bytes, the high one first. */
function utf16Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes[2 * i] = code >>> 8;
    bytes[2 * i + 1] = code;
  }
  return bytes;
}

function encodeRun(text: string): string {
  return `&${toBase64(utf16Bytes(text)).replace(/=+$/, '').replaceAll('/', ',')}-`;
}

/** Writes a mailbox name in modified UTF-7 (RFC 3501 §5.1.3). */
export function encodeModifiedUtf7(text: string): string {
  let encoded = '';
  let from = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (isPrintable(code) && code !== shift) {
      at++;
      continue;
    }
    encoded += text.slice(from, at);
    let end = at + 1;
    if (code === shift) encoded += '&-';
    else {
      while (end < text.length && !isPrintable(text.charCodeAt(end))) end++;
      encoded += encodeRun(text.slice(at, end));
    }
    at = end;
    from = end;
  }
  return from === 0 ? text : encoded + text.slice(from);
}

/** Text of the bytes as UTF-16, high byte first; undefined where it is ill-formed or could have been written plainly. */
function decodeRun(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0 || bytes.length % 2 !== 0) return undefined;
  let text = '';
  for (let i = 0; i < bytes.length; i += 2) {
    const code = ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
    if (isPrintable(code)) return undefined;
    text += String.fromCharCode(code);
  }
  return text.isWellFormed() ? text : undefined;
}

function decodeShifted(digits: string): string | undefined {
  if (digits.includes('/') || digits.includes('=')) return undefined;
  const padded = digits.replaceAll(',', '/') + '='.repeat((4 - (digits.length % 4)) % 4);
  const bytes = decodeBase64(padded);
  return bytes.ok ? decodeRun(bytes.value) : undefined;
}

/**
 * Reads a mailbox name in modified UTF-7 (RFC 3501 §5.1.3), strictly: for each name there is one way to write it, so that
 * two names that look alike to a client are one. The offset of an error is that of the `&` or of the character.
 */
export function decodeModifiedUtf7(text: string): Result<string> {
  let decoded = '';
  let shiftedEnd = -1;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (!isPrintable(code)) return parseError(at, 'a character that must be encoded');
    if (code !== shift) {
      const next = text.indexOf('&', at);
      const end = next < 0 ? text.length : next;
      const plain = text.slice(at, end);
      const bad = plain.search(/[^ -~]/);
      if (bad >= 0) return parseError(at + bad, 'a character that must be encoded');
      decoded += plain;
      at = end;
      continue;
    }
    const end = text.indexOf('-', at);
    if (end < 0) return parseError(at, 'a shift without its end');
    if (end === at + 1) decoded += '&';
    else {
      if (shiftedEnd === at) return parseError(at, 'two shifted parts where one would do');
      const run = decodeShifted(text.slice(at + 1, end));
      if (run === undefined) return parseError(at, 'not modified base64 of UTF-16');
      decoded += run;
      shiftedEnd = end + 1;
    }
    at = end + 1;
  }
  return ok(decoded);
}
