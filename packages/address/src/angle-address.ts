import type { AddressScanner } from './address-scanner.ts';
import { type BareAddress, findBareAddress, isSpecial, pressWords, type Word } from './address-words.ts';
import { pushSpecial, takeWord } from './take-words.ts';

/** What stands between angle brackets. */
export interface AngleAddress extends Pick<BareAddress, 'localpart' | 'domain'> {
  readonly route: string | null;
}

const comma = 0x2c;
const colon = 0x3a;
const semicolon = 0x3b;
const angle = 0x3c;
const angleEnd = 0x3e;

/** Words up to `>`, or up to what ends the entry where that is missing. */
function takeAngleWords(scanner: AddressScanner): { readonly words: readonly Word[]; readonly closed: boolean } {
  const words: Word[] = [];
  let routed = false;
  for (;;) {
    const before = scanner.at;
    scanner.skipBlanks();
    const code = scanner.peek();
    if (code === angleEnd) {
      // `<<a@b>>`
      while (scanner.peek() === angleEnd) scanner.at++;
      return { words, closed: true };
    }
    const inRoute = code === comma && isSpecial(words[0], '@') && !routed;
    if (code < 0 || code === semicolon || (code === comma && !inRoute)) return { words, closed: false };
    if (code === angle) scanner.at++;
    else if (code === comma || code === colon) {
      pushSpecial(words, code, false);
      routed ||= code === colon;
      scanner.at++;
    } else takeWord(scanner, words, scanner.at > before);
  }
}

/** Reads an angle-addr at its `<` (RFC 5322 §3.4, with a route §4.4 obs-angle-addr) and moves behind its `>`. */
export function takeAngleAddress(scanner: AddressScanner): AngleAddress {
  const start = scanner.at++;
  const { words, closed } = takeAngleWords(scanner);
  if (!closed) scanner.defect('missing-angle-end', start);
  const routeEnd = isSpecial(words[0], '@') ? words.findIndex((word) => isSpecial(word, ':')) : -1;
  const route = routeEnd > 0 ? pressWords(words, 0, routeEnd) : null;
  const spec = routeEnd > 0 ? words.slice(routeEnd + 1) : words;
  const { localpart, domain, before, end } = findBareAddress(spec);
  if (before > 0 || end < spec.length) scanner.defect('unexpected-text', start);
  if (domain === null) scanner.defect(localpart === '' ? 'missing-address' : 'missing-domain', start);
  return { route, localpart, domain };
}
