import { findField, findFields, type HeaderField } from './header-field.ts';
import { parseParameterized } from './parameters.ts';
import type { Parameter } from './part.ts';

/** What an Auto-Submitted field says (RFC 3834 §5). */
export interface AutoSubmitted {
  /** `no`, `auto-generated`, `auto-replied` or an extension, e.g. `auto-notified` (RFC 5436 §2.7.1), in lower case. */
  readonly keyword: string;
  readonly parameters: readonly Parameter[];
}

/** Reads the value of an Auto-Submitted field (RFC 3834 §5.2); undefined where it has no keyword. */
export function parseAutoSubmitted(text: string): AutoSubmitted | undefined {
  const { value, parameters } = parseParameterized(text);
  return value === '' ? undefined : { keyword: value, parameters };
}

/** Why a message must not be answered by a machine. */
export type AutoReplyObstacle =
  /** Auto-Submitted with another keyword than `no` (RFC 3834 §2). */
  | 'auto-submitted'
  /** A List- field: it came by a list (RFC 3834 §2, RFC 5230 §4.6). */
  | 'list'
  /** Precedence bulk, junk or list, which RFC 3834 §3.1.8 calls common practice. */
  | 'precedence'
  /** A report of delivery or disposition. */
  | 'report'
  /** Fields by which programs ask for no answer: X-Auto-Response-Suppress and the like. */
  | 'suppressed'
  /** No return path, or one of a machine's: `<>`, `owner-`, `-request`, MAILER-DAEMON (RFC 3834 §2, RFC 5230 §4.6). */
  | 'return-path';

const machines =
  /^(?:mailer-daemon|listserv|majordomo|postmaster|no-?reply|do-?not-?reply|owner-.*|.*-(?:request|owner|bounces?(?:\+.*)?))$/i;
const listField = /^list-/;

function isReport(fields: readonly HeaderField[]): boolean {
  return /^\s*multipart\/report\b/i.test(findField(fields, 'content-type')?.value ?? '');
}

/**
 * Says what stands against answering a message automatically (RFC 3834 §2); undefined where nothing does.
 *
 * @param returnPath the envelope's sender, `localpart@domain` or empty
 */
export function findAutoReplyObstacle(fields: readonly HeaderField[], returnPath: string): AutoReplyObstacle | undefined {
  const submitted = findFields(fields, 'auto-submitted').map((field) => parseAutoSubmitted(field.value)?.keyword);
  if (submitted.some((keyword) => keyword !== undefined && keyword !== 'no')) return 'auto-submitted';
  if (fields.some((field) => listField.test(field.nameLower))) return 'list';
  if (findFields(fields, 'precedence').some((field) => /^(?:bulk|junk|list)$/i.test(field.value))) return 'precedence';
  if (isReport(fields)) return 'report';
  const suppress = findField(fields, 'x-auto-response-suppress')?.value ?? '';
  if (/\b(?:all|oof|autoreply)\b/i.test(suppress)) return 'suppressed';
  const localpart = returnPath.slice(0, Math.max(0, returnPath.lastIndexOf('@')));
  return returnPath === '' || machines.test(localpart.slice(0, 256)) ? 'return-path' : undefined;
}
