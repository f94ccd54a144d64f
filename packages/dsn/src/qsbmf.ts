import { decodeBody, findHeaderEnd, parseHeaderFields, parseStructure } from '@mox/message-format';
import { fromLatin1, toLatin1 } from '@mox/runtime';
import { present } from '@mox/syntax';
import type { RecipientStatus } from './delivery-status.ts';
import type { Dsn } from './dsn.ts';
import { parseStatusCode } from './status-code.ts';

const mostRecipients = 1000;

/** What a paragraph about a recipient says: the code in it, as "(#5.1.1)" or in what the other side said; 5.0.0 where there is none. */
function readParagraph(paragraph: string): RecipientStatus | undefined {
  const [first = '', ...lines] = paragraph.split('\n');
  const address = /^<([^>]{0,1000})>:?\s*$/.exec(first)?.[1];
  if (address === undefined) return undefined;
  const text = lines.join(' ').replace(/\s+/g, ' ').trim();
  const said = /Remote host said: (\d{3}[ -].*?)(?: Giving up on .*)?$/.exec(text)?.[1];
  const code = /\(#([245]\.\d{1,3}\.\d{1,3})\)/.exec(text)?.[1] ?? /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(said ?? '')?.[1];
  const remote = /\bGiving up on ([^\s.]+(?:\.[^\s.]+)*)\.?$/.exec(text)?.[1];
  const diagnosticCode = said === undefined ? { type: 'x-qmail', text } : { type: 'smtp', text: said };
  return {
    finalRecipient: { type: 'rfc822', address },
    action: 'failed',
    status: parseStatusCode(code ?? '') ?? { class: 5, subject: 0, detail: 0 },
    ...present({
      remoteMta: remote === undefined ? undefined : { type: 'dns', name: remote },
      diagnosticCode: text === '' ? undefined : diagnosticCode,
    }),
  };
}

/**
 * Reads a bounce of qmail and its kin, which are text with a form (the "qmail-send bounce message format"): a paragraph that says hello, one
 * for each recipient, a line of dashes, and the message. Undefined where the message is none.
 */
export function parseQsbmf(message: Uint8Array): Dsn | undefined {
  const { part } = parseStructure(message);
  if (part.type !== 'text' || part.parts) return undefined;
  const body = decodeBody(part, message);
  if (!/^\s*Hi\. This is the /.test(toLatin1(body, 0, 200))) return undefined;
  const text = toLatin1(body).replace(/\r\n/g, '\n').replace(/^\s+/, '');
  const end = text.search(/\n\n-/);
  if (end < 0) return undefined;
  const paragraphs = text.slice(0, end).split('\n\n', mostRecipients + 1);
  const recipients = paragraphs.slice(1).flatMap((paragraph) => readParagraph(paragraph.trim()) ?? []);
  // Anybody may begin a letter like this.
  if (recipients.length === 0) return undefined;
  // The message follows the paragraph that begins with dashes.
  const after = text.indexOf('\n\n', end + 2);
  const original = after < 0 ? new Uint8Array(0) : fromLatin1(text.slice(after + 2).replaceAll('\n', '\r\n'));
  const name = /\bat ([A-Za-z0-9._-]{1,253})/.exec(paragraphs[0] ?? '')?.[1]?.replace(/\.$/, '') ?? '';
  return {
    status: { reportingMta: { type: 'dns', name }, recipients, extensions: [] },
    originalHeaders: parseHeaderFields(original.subarray(0, findHeaderEnd(original))),
    ...(original.length > 0 && { original }),
    defects: [{ field: 'message', problem: 'is no report of RFC 3464 but one of qmail, of text alone' }],
  };
}
