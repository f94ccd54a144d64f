import {
  decodeBody,
  findHeaderEnd,
  type HeaderField,
  type MessageStructure,
  type Part,
  parseHeaderFields,
  parseStructure,
} from '@mox/message-format';

/** A message that is a report (RFC 6522), taken apart. */
export interface ReportMessage {
  readonly structure: MessageStructure;
  /** The part that programs read, decoded. */
  readonly body: Uint8Array;
  /** Its media subtype, e.g. `delivery-status`. */
  readonly subtype: string;
  /** Header fields of the message that the report is about, as far as they came along. */
  readonly originalHeaders: readonly HeaderField[];
  /** That message, where it came along whole. */
  readonly original?: Uint8Array;
}

/** Subtypes that hold the message reported about, whole or its header section alone (RFC 6522 §4, RFC 6533 §6). */
const wholeTypes: ReadonlySet<string> = new Set(['message/rfc822', 'message/global']);
const headerTypes: ReadonlySet<string> = new Set(['text/rfc822-headers', 'message/global-headers', 'text/rfc822']);

function* walk(part: Part): Generator<Part> {
  yield part;
  for (const inner of part.parts ?? []) yield* walk(inner);
}

/** Finds the part of a media type `message/<subtype>` in a message, and what the report is about. Undefined where there is none. */
export function readReportMessage(message: Uint8Array, subtypes: readonly string[]): ReportMessage | undefined {
  const structure = parseStructure(message);
  const parts = [...walk(structure.part)];
  const index = parts.findIndex((part) => part.type === 'message' && subtypes.includes(part.subtype));
  const report = parts[index];
  if (!report) return undefined;
  const behind = parts.slice(index + 1);
  const whole = behind.find((part) => wholeTypes.has(`${part.type}/${part.subtype}`));
  const headers = behind.find((part) => headerTypes.has(`${part.type}/${part.subtype}`));
  const original = whole && decodeBody(whole, message);
  const headerBytes = original ? original.subarray(0, findHeaderEnd(original)) : headers && decodeBody(headers, message);
  return {
    structure,
    body: decodeBody(report, message),
    subtype: report.subtype,
    originalHeaders: headerBytes ? parseHeaderFields(headerBytes) : [],
    ...(original && { original }),
  };
}
