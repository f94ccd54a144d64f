import { decompress } from '@mox/encoding';
import { parseError, type Result } from '@mox/syntax';
import type { ParsedAggregateReport } from './aggregate-report.ts';
import { type AggregateLimits, defaultAggregateLimits, parseAggregateReport } from './parse-aggregate-report.ts';
import { isZip, unzipReport } from './zip-archive.ts';

/** Small files of many like records are packed well by honest reporters too: the ratio only counts beyond this. */
const ratioFloorBytes = 4 << 20;
/** gzip in ZIP and gzip in gzip have been seen. */
const mostLayers = 2;

/** gzip with line ends behind it, as some mailers leave them there, is no gzip to the platform. */
async function gunzip(content: Uint8Array, mostBytes: number): Promise<Result<Uint8Array>> {
  const unpacked = await decompress('gzip', content, { mostBytes });
  let end = content.length;
  while (end > 18 && (content[end - 1] === 0x0a || content[end - 1] === 0x0d)) end--;
  return unpacked.ok || end === content.length ? unpacked : decompress('gzip', content.subarray(0, end), { mostBytes });
}

/**
 * Reads an aggregate report as it was sent: XML, plain or in gzip (RFC 9990 §3.5.2), or in ZIP as some still send. What it unpacks to
 * is bounded, in bytes and in its ratio to what was sent (RFC 9990 §8.1).
 */
export async function readAggregateReport(
  bytes: Uint8Array,
  limits: Partial<AggregateLimits> = {},
): Promise<Result<ParsedAggregateReport>> {
  const bounds = { ...defaultAggregateLimits, ...limits };
  const mostBytes = (packedBytes: number): number => Math.min(bounds.mostBytes, Math.max(ratioFloorBytes, packedBytes * bounds.mostRatio));
  let content = bytes;
  for (let layer = 0; layer <= mostLayers; layer++) {
    const gzip = content[0] === 0x1f && content[1] === 0x8b;
    if (!gzip && !isZip(content)) return parseAggregateReport(content, bounds);
    if (layer === mostLayers) break;
    const unpacked = gzip ? await gunzip(content, mostBytes(content.length)) : await unzipReport(content, mostBytes);
    if (!unpacked.ok) return unpacked;
    content = unpacked.value;
  }
  return parseError(0, 'packed too many times');
}
