import type { GivenMessage } from '@mox/dsn';
import { decodeBase64Lenient, encodeBase64 } from '@mox/encoding';
import { decodeBody, findHeaderEnd, type MessageStructure, type Part, parseDate, parseHeaderFields } from '@mox/message-format';
import { fromLatin1, fromUtf8, toUtf8Strict } from '@mox/runtime';
import { formatIp, parseIp, present } from '@mox/syntax';
import type { ReceivedFeedback } from './arf.ts';
import type { FeedbackReport } from './feedback-report.ts';

// XARF, the format that a sender may ask for (RFC 9477 §3.5.1): JSON, version 3, in place of the message in a feedback report whose type is "xarf".

/** Who reports, as XARF wants it told. */
export interface XarfReporter {
  readonly organization: string;
  readonly domain: string;
  readonly email: string;
}

/** What a report in XARF must know of a message. */
export type XarfReport = FeedbackReport & { readonly sourceIp: string; readonly arrivalAt: number };

/** The value of the JSON text. */
export function formatXarf(report: XarfReport, reporter: XarfReporter, { message, give }: GivenMessage): object {
  const payload = give === 'full' ? message : message.subarray(0, findHeaderEnd(message));
  return {
    Version: '3',
    ReporterInfo: { ReporterOrg: reporter.organization, ReporterOrgDomain: reporter.domain, ReporterOrgEmail: reporter.email },
    Disclosure: true,
    Report: present({
      ReportClass: 'Activity',
      ReportType: 'Spam',
      Date: new Date(report.arrivalAt).toISOString(),
      SourceIp: report.sourceIp,
      SourcePort: report.sourcePort,
      SmtpMailFromAddress: report.originalMailFrom || undefined,
      SmtpRcptToAddress: report.originalRcptTo[0],
      Samples: [
        { ContentType: give === 'full' ? 'message/rfc822' : 'text/rfc822-headers', Base64Encoded: true, Payload: encodeBase64(payload) },
      ],
    }),
  };
}

const mostBytes = 50_000_000;
const types: Readonly<Record<string, string>> = { spam: 'abuse', phishing: 'fraud', malware: 'virus' };

type Json = Readonly<Record<string, unknown>>;

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 1000 && !/[\u0000-\u001f\u007f]/.test(value) ? value : undefined;
}

function parseJson(bytes: Uint8Array): Json | undefined {
  const text = bytes.length <= mostBytes ? toUtf8Strict(bytes) : undefined;
  try {
    const value: unknown = text === undefined ? undefined : JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

/** A sample that is a message, or its header section. */
function readSample(report: Json): { readonly bytes: Uint8Array; readonly whole: boolean } | undefined {
  const samples: readonly unknown[] = Array.isArray(report['Samples']) ? report['Samples'].slice(0, 100) : [];
  const sample = samples
    .map(record)
    .find(({ ContentType: type }) => /^(?:message|application)\/rfc822$|^text\/rfc822-headers$/i.test(string(type) ?? ''));
  const payload = sample?.['Payload'];
  if (typeof payload !== 'string') return undefined;
  const bytes = sample?.['Base64Encoded'] === true ? decodeBase64Lenient(fromLatin1(payload)) : fromUtf8(payload);
  return { bytes, whole: !/headers$/i.test(string(sample?.['ContentType']) ?? '') };
}

function* walk(part: Part): Generator<Part> {
  yield part;
  for (const inner of part.parts ?? []) yield* walk(inner);
}

/** Reads the JSON part of a report of type `xarf`, in any version of the format, into what ARF has. Undefined where there is none. */
export function parseXarf(structure: MessageStructure, message: Uint8Array, report: FeedbackReport): ReceivedFeedback | undefined {
  const part = [...walk(structure.part)].find(({ type, subtype }) => type === 'application' && subtype === 'json');
  const json = part && parseJson(decodeBody(part, message));
  if (!json) return undefined;
  const body = record(json['Report']);
  const ip = parseIp(string(body['SourceIp']) ?? '');
  const port = body['SourcePort'];
  const when = Date.parse(string(body['Date']) ?? '');
  const sample = readSample(body);
  const from = string(body['SmtpMailFromAddress']);
  const to = string(body['SmtpRcptToAddress']);
  return {
    report: {
      ...report,
      feedbackType: types[(string(body['ReportType']) ?? '').toLowerCase()] ?? 'other',
      originalRcptTo: to === undefined ? report.originalRcptTo : [to],
      ...present({
        sourceIp: ip && formatIp(ip),
        sourcePort: typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : undefined,
        arrivalAt: Number.isNaN(when) ? parseDate(string(body['Date']) ?? '')?.instant : when,
        originalMailFrom: from,
      }),
    },
    originalHeaders: sample ? parseHeaderFields(sample.bytes.subarray(0, findHeaderEnd(sample.bytes))) : [],
    ...present({ original: sample?.whole ? sample.bytes : undefined }),
    defects: [],
  };
}
