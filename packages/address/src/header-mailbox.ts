import { decodeEncodedWords } from '@mox/encoding';
import type { BareAddress } from './address-words.ts';

/** A display name to show: encoded words decoded, blanks at its edges taken off. */
export function decodeName(rawName: string | null): string {
  return rawName === null ? '' : (rawName.includes('=?') ? decodeEncodedWords(rawName) : rawName).trim();
}

/** A display name as it stood. */
export function keepName(rawName: string | null): string {
  return rawName ?? '';
}

const apostrophe = 0x27;

type AddressParts = Pick<BareAddress, 'localpart' | 'domain'>;

/** What some senders wrap an address in: the scheme of a link, `'a@b.example'`, quotes around all of it. */
export function unwrapAddress(address: AddressParts): AddressParts {
  const { localpart, domain } = address;
  if (domain === null) {
    const whole = localpart.includes('@') ? /^([^\s@]+)@([^\s@]+)$/.exec(localpart) : null;
    return whole ? { localpart: whole[1] ?? '', domain: whole[2] ?? '' } : address;
  }
  if (localpart.length > 7 && /^mailto:/i.test(localpart)) return { localpart: localpart.slice(7), domain };
  if (localpart.length > 1 && localpart.charCodeAt(0) === apostrophe && domain.length > 1 && domain.endsWith("'"))
    return { localpart: localpart.slice(1), domain: domain.slice(0, -1) };
  return address;
}
