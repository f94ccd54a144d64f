import { decodeBody, findFields, findHeaderEnd, type Part, parseHeaderFields, parseStructure } from '@mox/message-format';
import { formatIp, parseIp, present } from '@mox/syntax';
import type { ReceivedFeedback } from './arf.ts';

function* walkParts(part: Part): Generator<Part> {
  yield part;
  for (const inner of part.parts ?? []) yield* walkParts(inner);
}

/** Who complains, as Microsoft writes it into the message that is given back. */
const recipientField = 'x-hmxmroriginalrecipient';

/**
 * Reads a complaint of Microsoft's Junk Mail Reporting Program: the message that it is about, in a mail whose subject has the address that
 * it came from, without a part for programs. Undefined where the message is none.
 */
export function parseComplaint(message: Uint8Array): ReceivedFeedback | undefined {
  const { part, envelope } = parseStructure(message);
  const subject = /^complaint about message from ([0-9a-f.:]{3,45})$/i.exec(envelope.subject?.trim() ?? '');
  const ip = subject?.[1] === undefined ? undefined : parseIp(subject[1]);
  const inner = [...walkParts(part)].find(({ type, subtype }) => type === 'message' && subtype === 'rfc822');
  if (!ip || !inner) return undefined;
  const original = decodeBody(inner, message);
  const originalHeaders = parseHeaderFields(original.subarray(0, findHeaderEnd(original)));
  return {
    report: {
      feedbackType: 'abuse',
      userAgent: '',
      version: 1,
      sourceIp: formatIp(ip),
      originalRcptTo: findFields(originalHeaders, recipientField).map(({ value }) => value.trim().replace(/^<(.*)>$/, '$1')),
      authenticationResults: [],
      reportedDomains: [],
      reportedUris: [],
      extensions: [],
    },
    originalHeaders,
    ...present({ original: original.length > 0 ? original : undefined }),
    defects: [{ field: 'feedback-type', problem: 'is missing: a complaint without a part for programs' }],
  };
}
