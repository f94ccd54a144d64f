import { decodeModifiedUtf7, encodeModifiedUtf7 } from '@mox/encoding';
import { fromLatin1, fromUtf8, toLatin1, toUtf8Strict } from '@mox/runtime';

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const ascii = /^[\x00-\x7f]*$/;

/**
 * The name of a mailbox out of the bytes of an astring, one a character: as Unicode text in NFC, with `INBOX` in upper case
 * (RFC 9051 §5.1). A client of IMAP4rev1 writes modified UTF-7 (RFC 3501 §5.1.3), one of rev2 or with UTF8=ACCEPT writes UTF-8.
 *
 * deviates RFC 3501 §5.1.3: what is not modified UTF-7 is taken as it stands, since clients send names such as `R&D` raw.
 */
export function decodeMailboxName(bytes: string, options: { readonly utf8: boolean }): string {
  if (bytes.length === 5 && bytes.toUpperCase() === 'INBOX') return 'INBOX';
  const name = decodeName(bytes, options.utf8);
  return /^inbox\//i.test(name) ? `INBOX${name.slice(5)}` : name;
}

function decodeName(bytes: string, utf8: boolean): string {
  if (!ascii.test(bytes)) return (toUtf8Strict(fromLatin1(bytes)) ?? bytes).normalize('NFC');
  if (utf8 || !bytes.includes('&')) return bytes;
  const decoded = decodeModifiedUtf7(bytes);
  return decoded.ok ? decoded.value.normalize('NFC') : bytes;
}

/** The name of a mailbox as the bytes of a string, one a character: UTF-8, or modified UTF-7 for IMAP4rev1 (RFC 3501 §5.1.3). */
export function encodeMailboxName(name: string, options: { readonly utf8: boolean }): string {
  if (!options.utf8) return encodeModifiedUtf7(name);
  return ascii.test(name) ? name : toLatin1(fromUtf8(name));
}
