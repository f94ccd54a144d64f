/** What the name of a report's file says (RFC 9990 §3.5.2). */
export interface AggregateFilename {
  /** Who made the report. */
  readonly receiver: string;
  readonly policyDomain: string;
  /** Start and end of the time reported about, in milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly uniqueId?: string;
  /** `xml` or `xml.gz`; some still send `zip`. */
  readonly extension: string;
}

/** What the subject of a report's mail says (RFC 9990 §3.5.2). */
export interface AggregateSubject {
  readonly policyDomain: string;
  readonly submitter: string;
  /** Without angle brackets. */
  readonly reportId?: string;
}

/** Identifiers of the wild are of more than letters and digits. */
const filenameForm = /^([^!]+)!([^!]+)!(\d{1,12})!(\d{1,12})(?:!([^!/\\]+?))?\.(xml(?:\.gz|\.zip)?|zip|gz)$/i;
const domainName = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?$/;
const reportIdForm = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*(?:@[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+)?$/;

function requireDomain(domain: string): string {
  if (!domainName.test(domain)) throw new TypeError(`not a domain name: ${JSON.stringify(domain)}`);
  return domain;
}

/** Whether a report identifier is one that may be used (RFC 9990 §3.5.1). */
export function isReportId(text: string): boolean {
  return text.length <= 255 && reportIdForm.test(text);
}

/** Writes the name of a report's file. Throws a TypeError for what is no domain name. */
export function formatAggregateFilename(name: AggregateFilename): string {
  const id = name.uniqueId === undefined ? '' : `!${name.uniqueId}`;
  if (!/^(?:![A-Za-z0-9]+)?$/.test(id)) throw new TypeError(`not letters and digits: ${JSON.stringify(name.uniqueId)}`);
  const times = `${Math.floor(name.start / 1000)}!${Math.floor(name.end / 1000)}`;
  return `${requireDomain(name.receiver)}!${requireDomain(name.policyDomain)}!${times}${id}.${name.extension}`;
}

/** Reads the name of a report's file; undefined where it is none. */
export function parseAggregateFilename(filename: string): AggregateFilename | undefined {
  if (filename.length > 1000) return undefined;
  const match = filenameForm.exec(filename.trim());
  const [, receiver = '', policyDomain = '', start, end, uniqueId, extension = ''] = match ?? [];
  if (!match || !domainName.test(receiver) || !domainName.test(policyDomain)) return undefined;
  const name = { receiver, policyDomain, start: Number(start) * 1000, end: Number(end) * 1000, extension: extension.toLowerCase() };
  return uniqueId === undefined ? name : { ...name, uniqueId };
}

/** Writes the subject of a report's mail. Throws a TypeError for what is no domain name or no report identifier. */
export function formatAggregateSubject(subject: AggregateSubject): string {
  const { reportId } = subject;
  if (reportId !== undefined && !isReportId(reportId)) throw new TypeError(`not a report identifier: ${JSON.stringify(reportId)}`);
  const id = reportId === undefined ? '' : ` Report-ID: <${reportId}>`;
  return `Report Domain: ${requireDomain(subject.policyDomain)} Submitter: ${requireDomain(subject.submitter)}${id}`;
}

/** Reads the unfolded subject of a report's mail, as written by those who mind neither case nor brackets; undefined where it is none. */
export function parseAggregateSubject(subject: string): AggregateSubject | undefined {
  const words = subject.slice(0, 2000).trim().split(/\s+/);
  const after = (label: string): string | undefined => {
    const at = words.findIndex((word) => word.toLowerCase() === label);
    return at < 0 ? undefined : words[at + 1];
  };
  const [policyDomain, submitter] = [after('domain:'), after('submitter:')];
  if (words[0]?.toLowerCase() !== 'report' || !policyDomain || !submitter) return undefined;
  const reportId = after('report-id:')?.replace(/^</, '').replace(/>$/, '');
  return { policyDomain, submitter, ...(reportId && { reportId }) };
}
