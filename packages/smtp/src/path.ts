import { type Address, type AddressLiteral, readPath, readReversePath } from '@mox/address';
import type { Domain } from '@mox/idna';
import { ok, type Result, TextCursor } from '@mox/syntax';
import type { SmtpOddity } from './transaction.ts';

/** The argument of MAIL or RCPT, taken apart. */
export interface SmtpPathArgument {
  /** Null for the null reverse-path. */
  readonly path: Address | null;
  /** The path has characters beyond ASCII: it needs SMTPUTF8 (RFC 6531 §3.4). */
  readonly internationalized: boolean;
  /** The parameters, not looked at yet. */
  readonly rest: string;
  readonly oddities: ReadonlySet<SmtpOddity>;
}

/** What is wrong with an argument. */
export interface PathProblem {
  readonly message: string;
  /** Enhanced status code (RFC 3463 §3.2, §3.6). */
  readonly enhanced: string;
}

/** Which path is read, and how. */
export interface PathArgumentOptions {
  readonly keyword: 'FROM' | 'TO';
  /** What stands for the domain of `<Postmaster>` (RFC 5321 §4.1.1.3). */
  readonly postmaster: Domain | AddressLiteral;
}

/** Localparts of bounce addresses are longer than 64 octets (RFC 5321 §4.5.3.1: larger objects may be taken). */
const localpartOctets = 192;

function problem(enhanced: string, message: string): { readonly ok: false; readonly error: PathProblem } {
  return { ok: false, error: { enhanced, message } };
}

/** A path without angle brackets gets them, up to the next space. */
function withBrackets(text: string): string {
  const space = text.indexOf(' ');
  const end = space < 0 ? text.length : space;
  return `<${text.slice(0, end)}>${text.slice(end)}`;
}

/** Reads `FROM:<path> parameters` or `TO:<path> parameters` (RFC 5321 §4.1.1.2, §4.1.1.3). */
export function parsePathArgument(argument: string, options: PathArgumentOptions): Result<SmtpPathArgument, PathProblem> {
  const { keyword, postmaster } = options;
  const start = new TextCursor(argument);
  const oddities = new Set<SmtpOddity>();
  if (!start.takeIgnoringCase(`${keyword}:`)) return problem('5.5.4', `${keyword}: was expected`);
  // deviates RFC 5321 §3.3: a space behind the colon is let through; clients send it, and it can mean nothing else.
  while (start.take(' ')) oddities.add('space-before-path');
  let text = start.takeRest();
  if (text === '') return problem('5.5.4', 'a path was expected');
  // deviates RFC 5321 §4.1.2: a path without angle brackets is let through, for the same reason.
  if (!text.startsWith('<')) {
    oddities.add('no-angle-brackets');
    text = withBrackets(text);
  }
  if (text.startsWith('<@')) oddities.add('source-route');
  const cursor = new TextCursor(text);
  const pathOptions = { smtputf8: true, lenient: true, localpartLimit: localpartOctets };
  const path = keyword === 'FROM' ? readReversePath(cursor, pathOptions) : readPath(cursor, { ...pathOptions, postmaster });
  // RFC 3463 §3.2: bad syntax of the sender's, of the destination's address.
  if (!path.ok) return problem(keyword === 'FROM' ? '5.1.7' : '5.1.3', path.error.message);
  const internationalized = /[^\0-\x7f]/.test(text.slice(0, cursor.at));
  const rest = cursor.takeRest();
  if (rest !== '' && !rest.startsWith(' ')) return problem('5.5.4', 'a space was expected behind the path');
  return ok({ path: path.value, internationalized, rest: rest.trimStart(), oddities });
}
