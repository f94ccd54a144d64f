import { decodeCharset } from '@mox/encoding';
import { toLatin1 } from '@mox/runtime';
import { ok, parseError, type Result } from '@mox/syntax';
import { readElements, type XmlElement, type XmlLimits } from '#element-stream';
import { type AggregateMetadata, readMetadata, readPolicy, readRecord } from './aggregate-elements.ts';
import {
  type AggregateForm,
  type AggregateRecord,
  aggregateNamespace,
  type ParsedAggregateReport,
  type ReportedPolicy,
} from './aggregate-report.ts';
import { ElementReader } from './element-reader.ts';

/** Bounds on a report. */
export interface AggregateLimits {
  /** Bytes once unpacked: 64 MiB. */
  readonly mostBytes: number;
  /** How many times larger than what was packed, beyond the first 4 MiB: 250. */
  readonly mostRatio: number;
  /** Records that are kept: 200,000. */
  readonly mostRecords: number;
  /** Defects that are listed: 100. */
  readonly mostDefects: number;
}

/** The bounds unless others are given. */
export const defaultAggregateLimits: AggregateLimits = { mostBytes: 64 << 20, mostRatio: 250, mostRecords: 200_000, mostDefects: 100 };

const xmlLimits: XmlLimits = { depth: 32, textLength: 4096, elements: 2000, faults: 50 };

/** Gathers a report while its elements come in. */
class ReportGatherer {
  readonly reader: ElementReader;
  readonly #mostRecords: number;
  #form: AggregateForm = 'rfc7489';
  #metadata: AggregateMetadata | undefined;
  #policy: ReportedPolicy | undefined;
  readonly #records: AggregateRecord[] = [];
  #count = 0;

  constructor(limits: AggregateLimits) {
    this.reader = new ElementReader(limits.mostDefects);
    this.#mostRecords = limits.mostRecords;
  }

  root(namespaces: ReadonlyMap<string, string>): void {
    if ([...namespaces.values()].includes(aggregateNamespace)) this.#form = 'rfc9990';
  }

  fault(problem: string): void {
    this.reader.defect('xml', problem);
  }

  element(element: XmlElement): void {
    const { name } = element;
    if (name === 'record') this.#addRecord(element);
    else if (name === 'report_metadata' && !this.#metadata) this.#metadata = readMetadata(this.reader, element);
    else if (name === 'policy_published' && !this.#policy) this.#policy = readPolicy(this.reader, element);
    else if (name === 'report_metadata' || name === 'policy_published') this.reader.defect(name, 'is there more than once');
    else if (name === 'version') this.#checkVersion(element.text.trim());
    else if (name !== 'extension') this.reader.defect(name, 'is not known');
  }

  /** RFC 9990 §3.1.1.2: the version must be 1.0. */
  #checkVersion(version: string): void {
    if (!/^1(?:\.0+)?$/.test(version)) this.reader.defect('version', `is ${JSON.stringify(version.slice(0, 40))}`);
  }

  #addRecord(element: XmlElement): void {
    const index = this.#count++;
    if (index < this.#mostRecords) this.#records.push(readRecord(this.reader, element, index, this.#form));
    else if (index === this.#mostRecords) this.reader.defect(`record[${index}]`, `and further ones are too many: ${index} are kept`);
  }

  finish(): Result<ParsedAggregateReport> {
    if (!this.#metadata && !this.#policy && this.#records.length === 0)
      return parseError(0, 'not an aggregate report: its parts are missing');
    if (!this.#metadata) this.reader.defect('report_metadata', 'is missing');
    if (!this.#policy) this.reader.defect('policy_published', 'is missing');
    if (this.#records.length === 0) this.reader.defect('record', 'is missing');
    const metadata = this.#metadata ?? { organizationName: '', email: '', reportId: '', start: 0, end: 0, errors: [] };
    const policy = this.#policy ?? { domain: '', p: 'none' as const };
    return ok({ form: this.#form, report: { ...metadata, policy, records: this.#records }, defects: this.reader.defects });
  }
}

/**
 * Reads an aggregate report in XML (RFC 9990 §3.1.1; RFC 7489 appendix C). What reporters in the wild write otherwise is read all
 * the same, and listed; there is an error where it is no such report at all.
 */
export function parseAggregateReport(xml: string | Uint8Array, limits: Partial<AggregateLimits> = {}): Result<ParsedAggregateReport> {
  const bounds = { ...defaultAggregateLimits, ...limits };
  if (xml.length > bounds.mostBytes) return parseError(0, `a report of more than ${bounds.mostBytes} bytes`);
  const gatherer = new ReportGatherer(bounds);
  const text = typeof xml === 'string' ? xml : decodeXml(xml, gatherer);
  const found = readElements(text, 'feedback', gatherer, xmlLimits);
  return found ? gatherer.finish() : parseError(0, 'not an aggregate report: no element "feedback"');
}

/** Charsets in which no XML declaration could have been read as ASCII: who declares one of them wrote UTF-8. */
const wideCharsets = /^(?:utf-?16|utf-?32|ucs-?[24]|iso-10646-ucs-[24]|unicode)/i;

function isUtf16(bytes: Uint8Array): 'utf-16' | 'utf-16le' | 'utf-16be' | undefined {
  const [first = -1, second = -1] = bytes;
  if ((first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe)) return 'utf-16';
  // Without a byte order mark, "<" tells.
  return first === 0x3c && second === 0 ? 'utf-16le' : first === 0 && second === 0x3c ? 'utf-16be' : undefined;
}

/** The text of a document by its byte order mark or XML declaration; UTF-8 without. */
function decodeXml(bytes: Uint8Array, gatherer: ReportGatherer): string {
  const wide = isUtf16(bytes);
  const declared = /^\s*<\?xml[^>]{0,100}?encoding\s{0,9}=\s{0,9}["']([A-Za-z0-9._-]{1,40})["']/.exec(toLatin1(bytes, 0, 300))?.[1];
  const untrue = !wide && declared !== undefined && wideCharsets.test(declared);
  if (untrue) gatherer.fault(`charset: ${declared} is declared, but it is not`);
  const decoded = decodeCharset(bytes, wide ?? (untrue ? 'utf-8' : (declared ?? 'utf-8')));
  if (decoded.problem !== undefined) gatherer.fault(`charset: ${decoded.problem}`);
  return decoded.text;
}
