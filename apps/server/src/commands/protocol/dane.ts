import { formatTlsaRecord, lookupDane, verifyDane } from '@mox/dane';
import { type Command, textOption } from '../../cli/command.ts';
import { CommandError } from '../../cli/command-error.ts';
import { withResolver } from './resolver-options.ts';
import { checkOptions, factLines, printResult } from './result.ts';
import { fetchChain } from './tls-chain.ts';

/** `mox dane verify`: whether the certificates of a server are those of its TLSA records. */
export const daneVerifyCommand: Command = {
  name: 'dane verify',
  summary: 'verify the certificates of a mail server by its TLSA records (RFC 7672)',
  arguments: '<host>',
  argumentCount: { least: 1, most: 1 },
  options: {
    ...checkOptions,
    port: { type: 'string', value: 'PORT', help: 'port of the server (default: 25)' },
    tls: { type: 'boolean', help: 'TLS at once, without STARTTLS (default for ports 465 and 993)' },
  },
  details:
    'Exits with 0 where the server is authenticated. TLSA records count only where a resolver that is trusted validated them by DNSSEC.',
  async run(invocation) {
    const {
      options,
      arguments: [host = ''],
    } = invocation;
    const port = Number(textOption(options, 'port') ?? 25);
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new CommandError('--port wants a number from 1 to 65535', 'e.g. --port 25', { exitCode: 2 });
    const lookup = await withResolver(options, (resolver) => lookupDane({ host, port }, { resolver, signal: AbortSignal.timeout(30_000) }));
    const records = lookup.records.map((record) => `tlsa  ${formatTlsaRecord(record)}`);
    if (lookup.status !== 'usable') {
      printResult(invocation, { lookup }, [...factLines({ result: lookup.status, problem: lookup.problem }), ...records], lookup.trace);
      return 1;
    }
    const starttls = options['tls'] !== true && port !== 465 && port !== 993;
    const chain = await fetchChain({ host, port, starttls, serverName: lookup.baseDomain ?? host });
    const result = await verifyDane({ chain, records: lookup.records, names: lookup.names, now: Date.now() });
    const matched = result.record && formatTlsaRecord(result.record);
    printResult(
      invocation,
      { lookup, result },
      [...factLines({ result: result.status, problem: result.problem, matched, name: result.name }), ...records],
      [...lookup.trace, ...result.trace],
    );
    return result.status === 'authenticated' ? 0 : 1;
  },
};
