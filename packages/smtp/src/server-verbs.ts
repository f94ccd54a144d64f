import type { Verb } from './server-context.ts';
import { serverExtensions } from './server-extensions.ts';
import { data } from './verbs/data.ts';
import { ehlo, helo, lhlo } from './verbs/hello.ts';
import { mail } from './verbs/mail.ts';
import { expn, help, noop, obsolete, quit, rset, vrfy } from './verbs/other.ts';
import { recipient } from './verbs/recipient.ts';

const own: readonly (readonly [string, Verb])[] = [
  ['EHLO', ehlo],
  ['HELO', helo],
  ['LHLO', lhlo],
  ['MAIL', mail],
  ['RCPT', recipient],
  ['DATA', data],
  ['RSET', rset],
  ['NOOP', noop],
  ['QUIT', quit],
  ['VRFY', vrfy],
  ['EXPN', expn],
  ['SEND', obsolete],
  ['SOML', obsolete],
  ['SAML', obsolete],
  ['TURN', obsolete],
  ['HELP', help(listUsages)],
];

/* @__NO_SIDE_EFFECTS__ */
function tableOfVerbs(): ReadonlyMap<string, Verb> {
  return new Map([...own, ...serverExtensions.flatMap((extension) => Object.entries(extension.verbs ?? {}))]);
}

/** All commands, those of extensions included, by verb. */
export const serverVerbs: ReadonlyMap<string, Verb> = tableOfVerbs();

function listUsages(): string[] {
  return [...serverVerbs.values()].map(({ usage }) => usage).filter((usage) => usage !== '');
}
