import { formatString, type ListCommand } from '@mox/imap';
import type { Mailbox } from '@mox/store';
import type { CommandHandler } from '../handler.ts';
import { completed, type ImapConnection, refused } from '../imap-connection.ts';
import { matchesPattern, maximumPatternLength } from '../list-pattern.ts';
import { specialUseAttribute } from '../special-use.ts';
import { areStatusItems, formatMailbox, writeStatus } from '../status-items.ts';

/** A name that LIST may show: a mailbox, or only a subscription. */
interface Entry {
  readonly path: string;
  readonly mailbox?: Mailbox;
  readonly subscribed: boolean;
  readonly hasChildren: boolean;
}

async function readEntries({ account }: ImapConnection): Promise<readonly Entry[]> {
  const [mailboxes, subscriptions] = await Promise.all([account.mailboxes(), account.subscriptions()]);
  const subscribed = new Set(subscriptions);
  const parents = new Set(mailboxes.map(({ path }) => parentOf(path)));
  const entries: Entry[] = mailboxes.map((mailbox) => ({
    path: mailbox.path,
    mailbox,
    subscribed: subscribed.has(mailbox.path),
    hasChildren: parents.has(mailbox.path),
  }));
  const known = new Set(mailboxes.map(({ path }) => path));
  for (const path of subscriptions) if (!known.has(path)) entries.push({ path, subscribed: true, hasChildren: parents.has(path) });
  return entries.toSorted((a, b) => inboxFirst(a.path, b.path));
}

function inboxFirst(a: string, b: string): number {
  if (a === 'INBOX' || b === 'INBOX') return a === b ? 0 : a === 'INBOX' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function attributesOf(entry: Entry, command: ListCommand): readonly string[] {
  const attributes = entry.mailbox ? [] : ['\\NonExistent'];
  // RFC 5258 §3.1: what was matched by is told
  if (entry.subscribed && (command.select.includes('SUBSCRIBED') || command.returns.includes('SUBSCRIBED')))
    attributes.push('\\Subscribed');
  attributes.push(entry.hasChildren ? '\\HasChildren' : '\\HasNoChildren');
  const use = specialUseAttribute(entry.mailbox?.role);
  return use === undefined ? attributes : [...attributes, use];
}

/** Whether an entry is chosen by the selection options (RFC 5258 §3.1, RFC 6154 §2). */
function isSelected(entry: Entry, command: ListCommand): boolean {
  const { select } = command;
  if (select.includes('SUBSCRIBED') && !entry.subscribed) return false;
  if (select.includes('SPECIAL-USE') && specialUseAttribute(entry.mailbox?.role) === undefined) return false;
  return entry.mailbox !== undefined || select.includes('SUBSCRIBED');
}

/** Paths with something subscribed below them (RFC 5258 §3.5). */
function parentsOfSelected(entries: readonly Entry[], command: ListCommand): ReadonlySet<string> {
  const parents = new Set<string>();
  if (!command.select.includes('RECURSIVEMATCH')) return parents;
  for (const entry of entries) {
    if (!isSelected(entry, command)) continue;
    for (let path = parentOf(entry.path); path !== ''; path = parentOf(path)) parents.add(path);
  }
  return parents;
}

function writeEntry({ session }: ImapConnection, verb: string, attributes: readonly string[], path: string, childInfo: boolean): void {
  const extended = childInfo ? ' ("CHILDINFO" ("SUBSCRIBED"))' : '';
  session.untagged(`${verb} (${attributes.join(' ')}) "/" ${formatMailbox(path, session)}${extended}`);
}

function isTooLong(command: ListCommand): boolean {
  return command.patterns.reduce((sum, pattern) => sum + command.reference.length + pattern.length, 0) > maximumPatternLength;
}

function matcher({ reference, patterns }: ListCommand): (path: string) => boolean {
  const canonical = patterns.map((pattern) => {
    const whole = reference + pattern;
    // RFC 9051 §5.1: INBOX in any case of its letters
    return /^inbox(?=\/|$)/i.test(whole) ? `INBOX${whole.slice(5)}` : whole;
  });
  return (path) => canonical.some((pattern) => matchesPattern(pattern, path));
}

async function runList(connection: ImapConnection, command: ListCommand): ReturnType<CommandHandler['run']> {
  const { session } = connection;
  if (command.status && !areStatusItems(command.status)) return { status: 'BAD', text: 'There is no such status item' };
  // RFC 9051 §6.3.9: an empty pattern asks for the delimiter
  if (!command.extended && command.patterns[0] === '') {
    session.untagged(`LIST (\\Noselect) "/" ${formatString(command.reference.startsWith('/') ? '/' : '', false)}`);
    return completed('LIST');
  }
  if (isTooLong(command)) return refused('LIMIT', 'The pattern is too long');
  const matches = matcher(command);
  const entries = await readEntries(connection);
  const parents = parentsOfSelected(entries, command);
  for (const entry of entries) {
    const selected = isSelected(entry, command);
    const childInfo = parents.has(entry.path);
    if (!(selected || childInfo) || !matches(entry.path)) continue;
    writeEntry(connection, 'LIST', attributesOf(entry, command), entry.path, childInfo);
    // RFC 5819 §2: STATUS follows its LIST
    if (command.status && entry.mailbox) await writeStatus(connection, entry.mailbox, command.status);
  }
  return completed('LIST');
}

/** LIST (RFC 9051 §6.3.9). */
export const list: CommandHandler<ListCommand> = { name: 'LIST', run: runList };

/** LSUB (RFC 3501 §6.3.9): subscriptions; a name above one that `%` cuts off is shown as not selectable. */
export const lsub: CommandHandler<ListCommand> = {
  name: 'LSUB',
  async run(connection, command) {
    if (isTooLong(command)) return refused('LIMIT', 'The pattern is too long');
    const matches = matcher(command);
    const paths = (await connection.account.subscriptions()).toSorted(inboxFirst);
    const subscribed = new Set(paths);
    const shown = new Set<string>();
    for (const path of paths) {
      for (let above = path; above !== ''; above = parentOf(above)) {
        if (shown.has(above) || !matches(above)) continue;
        shown.add(above);
        writeEntry(connection, 'LSUB', subscribed.has(above) ? [] : ['\\Noselect'], above, false);
        break;
      }
    }
    return completed('LSUB');
  },
};
