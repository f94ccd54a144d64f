import {
  type ComposedMessage,
  type ComposeMailbox,
  type ComposeOptions,
  composeMessage,
  decodeBody,
  findFields,
  type Part,
  parseStructure,
  partFilename,
  readHeaderSection,
} from '@mox/message-format';
import { ok, parseError, present, type Result } from '@mox/syntax';
import type { TlsReportDefect } from './json-reader.ts';
import { type PackedTlsReport, type ParsedTlsReport, readTlsReport, type TlsReport, type TlsReportLimits } from './report.ts';

/**
 * Makes the mail that brings a packed report (RFC 8460 §5.3). Sign it by DKIM, its two fields too, without `l=` and with a key that has
 * `s=tlsrpt`; deliver it even where TLS fails, and leave that session out of the next report (RFC 8460 §3).
 */
export function composeTlsReportMessage(
  packed: PackedTlsReport,
  envelope: { readonly from: ComposeMailbox; readonly to: readonly ComposeMailbox[]; readonly text?: string },
  options: ComposeOptions,
): ComposedMessage {
  const { bytes, mediaType, filename, subject, fields } = packed;
  return composeMessage(
    {
      from: envelope.from,
      to: envelope.to,
      subject,
      text: envelope.text ?? `This is an aggregate TLS report.\r\n${subject}\r\n`,
      // Nobody wants a vacation notice back (RFC 3834 §5).
      headers: [...fields, ['Auto-Submitted', 'auto-generated']],
      report: { type: 'tlsrpt', parts: [{ content: bytes, contentType: mediaType, filename, disposition: 'attachment' }] },
    },
    options,
  );
}

/** A report out of a mail, with what the mail says of it. Where they differ the report is right (RFC 8460 §5.6). */
export interface ReceivedTlsReport extends ParsedTlsReport {
  /** TLS-Report-Domain. */
  readonly policyDomain?: string;
  /** TLS-Report-Submitter. */
  readonly submitter?: string;
  readonly filename?: string;
}

/** Media types that reports come as; the first two are those of RFC 8460 §5.3. */
const reportTypes: ReadonlySet<string> = new Set([
  ...['application/tlsrpt+gzip', 'application/tlsrpt+json', 'application/json', 'application/gzip', 'application/x-gzip'],
  'application/octet-stream',
]);
const reportName = /\.json(?:\.gz)?$/i;
/** Parts that are tried, of a mail that has many. */
const mostCandidates = 5;

function* walkLeaves(part: Part): Generator<Part> {
  const inside = part.parts ?? (part.message ? [part.message.part] : undefined);
  if (inside) for (const inner of inside) yield* walkLeaves(inner);
  else yield part;
}

/** A field that names a domain, in the form of `policy.domain`. */
function readDomainField(message: Uint8Array, name: string): string | undefined {
  return findFields(readHeaderSection(message).fields, name)[0]?.value.trim().toLowerCase().replace(/\.$/, '');
}

/** What the fields of a mail say of its report, and where that is not what RFC 8460 §5.3 has. */
function readNames(message: Uint8Array, report: TlsReport): Pick<ReceivedTlsReport, 'policyDomain' | 'submitter' | 'defects'> {
  const [policyDomain, submitter] = [readDomainField(message, 'tls-report-domain'), readDomainField(message, 'tls-report-submitter')];
  const contact = report.contactInfo.slice(report.contactInfo.lastIndexOf('@') + 1).toLowerCase();
  const defects: TlsReportDefect[] = [];
  if (policyDomain === undefined) defects.push({ path: 'TLS-Report-Domain', problem: 'is missing' });
  if (submitter === undefined) defects.push({ path: 'TLS-Report-Submitter', problem: 'is missing' });
  else if (submitter !== contact) defects.push({ path: 'TLS-Report-Submitter', problem: 'is not the domain of contact-info' });
  return { ...present({ policyDomain, submitter }), defects };
}

/**
 * Finds and reads the report in a mail, forwarded ones among them: the first part that is one, by media type or name (RFC 8460 §5.3).
 * A mail without a good DKIM signature of the submitter must be ignored (RFC 8460 §3), which is the caller's to see to.
 */
export async function readTlsReportMessage(message: Uint8Array, limits: TlsReportLimits = {}): Promise<Result<ReceivedTlsReport>> {
  const candidates = [...walkLeaves(parseStructure(message).part)].filter(
    (leaf) => reportTypes.has(`${leaf.type}/${leaf.subtype}`) || reportName.test(partFilename(leaf) ?? ''),
  );
  let failure: Result<never> = parseError(0, 'no part of the message is of a kind that TLS reports come as');
  for (const leaf of candidates.slice(0, mostCandidates)) {
    const read = await readTlsReport(decodeBody(leaf, message), limits);
    if (!read.ok) {
      failure = read;
      continue;
    }
    const { report, defects } = read.value;
    const names = readNames(message, report);
    return ok({ report, ...names, defects: [...names.defects, ...defects], ...present({ filename: partFilename(leaf) }) });
  }
  return failure;
}
