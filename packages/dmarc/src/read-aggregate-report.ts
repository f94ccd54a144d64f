import { decompress } from '@mox/encoding';
import { ok, type ParseError, parseError, type Result } from '@mox/syntax';
import type { ParsedAggregateReport } from './aggregate-report.ts';
import { type AggregateLimits, defaultAggregateLimits, parseAggregateReport } from './parse-aggregate-report.ts';
import { isZip, listReportFiles, unzip } from './zip-archive.ts';

/** Small files of many like records are packed well by honest reporters too: the ratio only counts beyond this. */
const ratioFloorBytes = 4 << 20;
/** gzip in ZIP and gzip in gzip have been seen. */
const mostLayers = 2;

/** Reads what was sent, whatever it is packed in, within bounds that hold for all that is in it. */
class PackedReader {
  readonly #limits: AggregateLimits;
  #bytesLeft: number;
  #recordsLeft: number;
  readonly #reports: ParsedAggregateReport[] = [];
  readonly #failures: ParseError[] = [];
  /** What could not be unpacked may have cost all that may be spent. */
  #ended = false;

  constructor(sentBytes: number, limits: AggregateLimits) {
    this.#limits = limits;
    this.#bytesLeft = Math.min(limits.mostBytes, Math.max(ratioFloorBytes, sentBytes * limits.mostRatio));
    this.#recordsLeft = limits.mostRecords;
  }

  async read(content: Uint8Array, layer: number = 0): Promise<void> {
    const gzip = content[0] === 0x1f && content[1] === 0x8b;
    if (!gzip && !isZip(content)) this.#parse(content);
    else if (layer === mostLayers) this.#failures.push({ offset: 0, message: 'packed too many times' });
    else if (gzip) await this.#readUnpacked(await decompress('gzip', content, { mostBytes: this.#bytesLeft }), layer);
    else await this.#readArchive(content, layer);
  }

  async #readArchive(content: Uint8Array, layer: number): Promise<void> {
    const files = listReportFiles(content);
    if (files.length === 0) this.#failures.push({ offset: 0, message: 'a ZIP archive without files, or damaged' });
    for (const file of files) {
      if (this.#ended) return;
      await this.#readUnpacked(await unzip(content, file, this.#bytesLeft), layer);
    }
  }

  async #readUnpacked(unpacked: Result<Uint8Array>, layer: number): Promise<void> {
    if (!unpacked.ok) {
      this.#failures.push(unpacked.error);
      this.#ended = true;
      return;
    }
    this.#bytesLeft -= unpacked.value.length;
    await this.read(unpacked.value, layer + 1);
  }

  #parse(content: Uint8Array): void {
    const parsed = parseAggregateReport(content, { ...this.#limits, mostRecords: this.#recordsLeft });
    if (!parsed.ok) {
      this.#failures.push(parsed.error);
      return;
    }
    this.#recordsLeft -= parsed.value.report.records.length;
    this.#reports.push(parsed.value);
  }

  finish(): Result<readonly ParsedAggregateReport[]> {
    const [first, ...others] = this.#reports;
    if (!first) return { ok: false, error: this.#failures[0] ?? { offset: 0, message: 'not an aggregate report' } };
    const defects = this.#failures.map(({ message }) => ({ path: 'archive', problem: `has a file that is no report: ${message}` }));
    return ok([defects.length > 0 ? { ...first, defects: [...first.defects, ...defects] } : first, ...others]);
  }
}

/**
 * Reads aggregate reports as they were sent: XML, plain or in gzip (RFC 9990 §3.5.2), or in ZIP as some still send, and put several
 * in one archive. What they unpack to is bounded, in bytes and in its ratio to what was sent, and so are their records, of all together
 * (RFC 9990 §8.1). An error where there is no report; files beside one that are none are defects of the first.
 */
export async function readAggregateReports(
  bytes: Uint8Array,
  limits: Partial<AggregateLimits> = {},
): Promise<Result<readonly ParsedAggregateReport[]>> {
  const reader = new PackedReader(bytes.length, { ...defaultAggregateLimits, ...limits });
  await reader.read(bytes);
  return reader.finish();
}

/** The same for the one report that there is: of several the first, to which the others are a defect. */
export async function readAggregateReport(
  bytes: Uint8Array,
  limits: Partial<AggregateLimits> = {},
): Promise<Result<ParsedAggregateReport>> {
  const read = await readAggregateReports(bytes, limits);
  if (!read.ok) return read;
  const [first, ...others] = read.value;
  if (!first) return parseError(0, 'not an aggregate report');
  const defect = { path: 'archive', problem: `has ${others.length} more ${others.length === 1 ? 'report' : 'reports'}` };
  return ok(others.length > 0 ? { ...first, defects: [...first.defects, defect] } : first);
}
