// What single imports cost in a browser's bundle: who takes one function does not pay for the tables and libraries of others. So calls at
// the top of a module are marked `@__PURE__`, or their function `@__NO_SIDE_EFFECTS__` (which counts within a package alone), and what needs
// a CommonJS library is imported by a name of its own such as `#single-byte`, which makes it a file of its own.
import { type BuildResult, build } from 'esbuild';
import type { Consumer } from './pack-lint.ts';
import type { Package } from './workspace.ts';

/** A row: package, names that are imported of it, and the most kilobytes that their minified bundle may have. */
type SizeLimit = readonly [name: string, imported: string, mostKilobytes: number];

/**
 * Room for a third more than each row needed when it was written: what breaks a limit is a library or a table that came along, seldom
 * code. Where that is meant, raise the limit.
 */
const limits: readonly SizeLimit[] = [
  ['@mox/address', 'formatAddress', 1.5],
  ['@mox/address', 'parseAddress', 45],
  ['@mox/dane', 'parseTlsaRecord', 3],
  ['@mox/dane', 'verifyDane', 97],
  ['@mox/dkim', 'parseKeyRecord', 4.5],
  ['@mox/dkim', 'parseDkimSignature', 46],
  ['@mox/dkim', 'signDkim', 73],
  ['@mox/dkim', 'verifyDkim', 92],
  ['@mox/dmarc', 'parseDmarcRecord', 4.5],
  ['@mox/dmarc', 'formatAggregateReport', 4.5],
  ['@mox/dmarc', 'checkDmarc', 60],
  ['@mox/dns', 'parseMessage', 11],
  ['@mox/dnsbl', 'checkDnsList', 49],
  ['@mox/encoding', 'encodeBase64', 1.5],
  ['@mox/encoding', 'decodeBase64', 3],
  ['@mox/encoding', 'decodeQuotedPrintable', 2.5],
  ['@mox/encoding', 'decodeCharset', 91],
  ['@mox/idna', 'parseDomain', 38],
  ['@mox/imap', 'parseResponse', 32],
  ['@mox/imap', 'ImapClientSession', 35],
  ['@mox/message-authentication', 'authenticateMessage', 175],
  ['@mox/address', 'parseRawAddressList', 12],
  ['@mox/message-format', 'parseContentType', 5],
  ['@mox/message-format', 'parseDate', 7.5],
  ['@mox/message-format', 'parseHeaderFields', 4],
  ['@mox/message-format', 'parseMessage', 230],
  ['@mox/mtasts', 'parseMtaStsRecord', 2],
  ['@mox/sasl', 'createSaslClient', 42],
  ['@mox/smtp', 'formatReply', 1.5],
  ['@mox/smtp', 'SmtpClientSession', 62],
  ['@mox/spf', 'parseSpfRecord', 11],
  ['@mox/spf', 'checkSpf', 69],
  ['@mox/tlsrpt', 'parseTlsRptRecord', 4],
  ['@mox/x509', 'parseCertificate', 22],
];

/** Kilobytes of the largest contributors to a bundle, to tell at once what came along. */
function describeInputs(inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>): string {
  const byPackage = new Map<string, number>();
  for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? file;
    byPackage.set(name, (byPackage.get(name) ?? 0) + bytesInOutput);
  }
  const largest = [...byPackage].toSorted((a, b) => b[1] - a[1]).slice(0, 5);
  return largest.map(([name, bytes]) => `${name} ${(bytes / 1024).toFixed(1)}`).join(', ');
}

/** Bundles one import as a browser's bundler does; esbuild's error where it cannot. */
function bundle(consumer: Consumer, name: string, imported: string): Promise<BuildResult<{ metafile: true; write: false }> | Error> {
  return build({
    stdin: { contents: `export { ${imported} } from '${name}';`, resolveDir: consumer.folder },
    absWorkingDir: consumer.folder,
    bundle: true,
    minify: true,
    metafile: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2024',
    logLevel: 'silent',
  }).catch((error: Error) => error);
}

async function sizeFault(consumer: Consumer, [name, imported, mostKilobytes]: SizeLimit): Promise<string[]> {
  const result = await bundle(consumer, name, imported);
  if (result instanceof Error) return [`${imported} of ${name}: ${result.message}`];
  const kilobytes = (result.outputFiles[0]?.contents.length ?? 0) / 1024;
  if (kilobytes <= mostKilobytes) return [];
  const inputs = describeInputs(Object.values(result.metafile.outputs)[0]?.inputs ?? {});
  return [`${imported} of ${name} costs ${kilobytes.toFixed(1)} KB, more than ${mostKilobytes}: ${inputs}`];
}

/** Imports that cost more than they may. */
export async function sizeFaults(consumer: Consumer, packages: readonly Package[]): Promise<string[]> {
  const names = new Set(packages.map(({ manifest }) => manifest.name));
  const faults = await Promise.all(limits.filter(([name]) => names.has(name)).map((limit) => sizeFault(consumer, limit)));
  return faults.flat();
}
