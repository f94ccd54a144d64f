import { decodeEncodedWords } from '@mox/encoding';
import type { HeaderMailbox } from './address-list.ts';
import type { BareAddress } from './address-words.ts';

const apostrophe = 0x27;

/** A display name to show: encoded words decoded, blanks at its edges taken off. */
export function decodeName(rawName: string | null): string {
  return rawName === null ? '' : (rawName.includes('=?') ? decodeEncodedWords(rawName) : rawName).trim();
}

type AddressParts = Pick<BareAddress, 'localpart' | 'domain'>;

/** What some senders wrap an address in: the scheme of a link, `'a@b.example'`, quotes around all of it. */
function unwrapAddress({ localpart, domain }: AddressParts): AddressParts {
  if (domain === null) {
    const whole = localpart.includes('@') ? /^([^\s@]+)@([^\s@]+)$/.exec(localpart) : null;
    return { localpart: whole?.[1] ?? localpart, domain: whole?.[2] ?? null };
  }
  if (localpart.length > 7 && /^mailto:/i.test(localpart)) return { localpart: localpart.slice(7), domain };
  if (localpart.length > 1 && localpart.charCodeAt(0) === apostrophe && domain.length > 1 && domain.endsWith("'"))
    return { localpart: localpart.slice(1), domain: domain.slice(0, -1) };
  return { localpart, domain };
}

/** Makes the mailbox of a header field out of what was read of it. */
export function makeMailbox(rawName: string | null, route: string | null, address: AddressParts): HeaderMailbox {
  const name = rawName === '' ? null : rawName;
  return { type: 'mailbox', name: decodeName(name), rawName: name, route, ...unwrapAddress(address) };
}
