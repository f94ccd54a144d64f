import { commands } from './commands/table.ts';
import { fetchItems } from './fetch-items/table.ts';
import { searchKeys } from './search-keys/table.ts';

/** Where a capability is announced: always, before login only, or after login. */
type When = 'always' | 'before' | 'after';

/** Capabilities that no row of another table stands for. */
const others: readonly (readonly [name: string, when: When])[] = [
  ['IMAP4rev1', 'always'],
  ['IMAP4rev2', 'always'],
  ['LITERAL+', 'always'],
  ['UTF8=ACCEPT', 'after'],
];

/** Capabilities of table rows that a client may use before login. */
const useful = new Set(['SASL-IR', 'ID', 'ENABLE']);

/* @__NO_SIDE_EFFECTS__ */
function capabilitiesOfTables(): readonly string[] {
  const rows: readonly { readonly capabilities?: readonly string[] }[] = [...commands, ...fetchItems, ...searchKeys];
  return [...new Set(rows.flatMap((row) => row.capabilities ?? []))].toSorted();
}

const ofTables = capabilitiesOfTables();

/** What a session is like, as far as its capabilities depend on it. */
export interface CapabilityContext {
  readonly loggedIn: boolean;
  readonly starttls: boolean;
  /** SASL mechanisms on offer (RFC 9051 §6.2.2). */
  readonly mechanisms: readonly string[];
  readonly loginDisabled: boolean;
  /** APPENDLIMIT (RFC 7889). */
  readonly appendBytes: number;
}

/** The capabilities of a session, without the word CAPABILITY (RFC 9051 §7.2.2). */
export function formatCapabilities(context: CapabilityContext): string {
  const { loggedIn } = context;
  const names = others.filter(([, when]) => when === 'always' || (when === 'after') === loggedIn).map(([name]) => name);
  names.push(...ofTables.filter((name) => loggedIn || useful.has(name)));
  if (loggedIn) return [...names, `APPENDLIMIT=${context.appendBytes}`].join(' ');
  if (context.starttls) names.push('STARTTLS');
  if (context.loginDisabled) names.push('LOGINDISABLED');
  return [...names, ...context.mechanisms.map((mechanism) => `AUTH=${mechanism}`)].join(' ');
}
