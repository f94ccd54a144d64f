import { readFile } from 'node:fs/promises';
import { type DaneLookup, type DaneResult, formatTlsaRecord, lookupDane, makeTlsaRecord, tlsaName, verifyDane } from '@mox/dane';
import { parseCertificates } from '@mox/x509';
import { type Command, type OptionValues, textOption } from '../../cli/command.ts';
import { CommandError } from '../../cli/command-error.ts';
import { domainArgument } from './domain-argument.ts';
import { unreadable } from './input.ts';
import { toJson } from './json.ts';
import { withResolver } from './resolver-options.ts';
import { checkOptions, exitCodes, exitStatus, explanationLines, factLines, printResult } from './result.ts';
import { fetchChain } from './tls-chain.ts';

const connectionOptions = {
  port: { type: 'string', value: 'PORT', help: 'port of the server (default: 25)' },
  tls: { type: 'boolean', help: 'TLS at once, without STARTTLS (default for ports 465 and 993)' },
  chain: { type: 'string', value: 'FILE', help: 'take the certificates from a PEM file, the own one first, not from the server' },
} as const;

function portOption(options: OptionValues): number {
  const port = Number(textOption(options, 'port') ?? 25);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new CommandError('--port wants a number from 1 to 65535', 'e.g. --port 25', { exitCode: 2 });
}

async function readChain(file: string): Promise<readonly Uint8Array[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw unreadable(file, cause, 'name a file of certificates in PEM');
  });
  const parsed = parseCertificates(text);
  if (parsed.ok && parsed.value.length > 0) return parsed.value.map(({ der }) => der);
  throw new CommandError(
    `${file} has no certificates that can be read${parsed.ok ? '' : `: ${parsed.error.message}`}`,
    'name a file of certificates in PEM, the own one first',
    { exitCode: 2 },
  );
}

/** The certificates of a server, from a file or from itself. */
async function chainOf(options: OptionValues, host: string, serverName: string): Promise<readonly Uint8Array[]> {
  const file = textOption(options, 'chain');
  if (file !== undefined) return readChain(file);
  const port = portOption(options);
  return fetchChain({ host, port, starttls: options['tls'] !== true && port !== 465 && port !== 993, serverName });
}

function explainLookup(lookup: DaneLookup, host: string, port: number): string {
  const name = tlsaName(host, port);
  const meanings: Readonly<Record<Exclude<DaneLookup['status'], 'usable'>, string>> = {
    none: `DANE does not apply to ${host}: there are no TLSA records at ${name} that DNSSEC vouches for, so that senders do without. To have it, the zone must be signed; mox dane record ${host} tells what to publish. A domain that only receives mail through other hosts has them there: mox dns lookup MX ${host}`,
    unusable: `The TLSA records at ${name} are validated, but none can be used for mail: senders encrypt, and cannot tell who answers. Publish one of usage 3 (or 2), e.g. by mox dane record ${host}`,
    unreachable: `${host} has no address: nothing can be delivered to it.`,
    error: `The DNS failed or its DNSSEC signatures are bogus: senders that use DANE do not deliver to ${host} until that is mended. The trace below tells which question failed.`,
  };
  return lookup.status === 'usable' ? '' : meanings[lookup.status];
}

function explainResult(result: DaneResult, host: string): string {
  if (result.status === 'authenticated')
    return `The server's certificates are those that the DNS names: senders that use DANE deliver to ${host}, and to nobody else in its name.`;
  return `The server's certificates are not those that the DNS names: senders that use DANE do not deliver to ${host}. After a change of certificate or key the records must be changed first: mox dane record ${host} tells what fits the present one.`;
}

/** `mox dane verify`: whether the certificates of a server are those of its TLSA records. */
export const daneVerifyCommand: Command = {
  name: 'dane verify',
  summary: 'verify the certificates of a mail server by its TLSA records (RFC 7672)',
  arguments: '<host>',
  argumentCount: { least: 1, most: 1 },
  options: {
    ...checkOptions,
    ...connectionOptions,
    dnssec: { type: 'boolean', help: 'validate DNSSEC here, from the keys of the root on, where the resolver does not or is not trusted' },
  },
  details: `TLSA records count only where a resolver that is trusted validated them by DNSSEC.\n${exitCodes('a server that is authenticated')}`,
  examples: ['mox dane verify mx.example.org', 'mox dane verify --replay dns.json --chain chain.pem mx.example.org'],
  async run(invocation) {
    const { options } = invocation;
    const host = domainArgument(invocation.arguments[0] ?? '', 'mox dane verify mx.example.org');
    const port = portOption(options);
    const lookup = await withResolver(options, (resolver, signal) => lookupDane({ host, port }, { resolver, signal }));
    const records = lookup.records.map((record) => `tlsa  ${formatTlsaRecord(record)}`);
    if (lookup.status !== 'usable') {
      const facts = factLines({ result: lookup.status, problem: lookup.problem });
      const { trace, status, ...rest } = lookup;
      printResult(
        invocation,
        { status, lookup: { status, ...rest }, trace },
        [...facts, ...records, ...explanationLines([explainLookup(lookup, host, port)])],
        trace,
      );
      return exitStatus(false, lookup.status);
    }
    const chain = await chainOf(options, host, lookup.baseDomain ?? host);
    const judged = await verifyDane({ chain, records: lookup.records, names: lookup.names, now: Date.now() });
    const matched = judged.record && formatTlsaRecord(judged.record);
    const trace = [...lookup.trace, ...judged.trace];
    const facts = factLines({ result: judged.status, problem: judged.problem, matched, name: judged.name });
    const [{ trace: _lookup, ...found }, { trace: _result, ...result }] = [lookup, judged];
    printResult(
      invocation,
      { ...result, lookup: found, trace },
      [...facts, ...records, ...explanationLines([explainResult(judged, host)])],
      trace,
    );
    return exitStatus(judged.status === 'authenticated', judged.status);
  },
};

/** `mox dane record`: what to publish for the certificate of a server. */
export const daneRecordCommand: Command = {
  name: 'dane record',
  summary: 'make the TLSA record for the certificate of a mail server',
  arguments: '<host>',
  argumentCount: { least: 1, most: 1 },
  options: { json: checkOptions['json'] ?? { type: 'boolean', help: 'print JSON' }, ...connectionOptions },
  details:
    'The record is of the kind 3 1 1: it names the key, and stays right as long as certificates are renewed with the same key. Before a change of the key publish the record of the new one beside it, and wait for twice the time to live.\nExit status: 0 for a record; 1 where the server gives no certificate; 2 where the command was called wrongly.',
  examples: ['mox dane record mx.example.org', 'mox dane record --chain /etc/ssl/mx.pem mx.example.org'],
  async run({ options, arguments: [name = ''], print }) {
    const host = domainArgument(name, 'mox dane record mx.example.org');
    const [certificate] = await chainOf(options, host, host);
    const made = certificate && makeTlsaRecord({ certificate });
    if (!made?.ok) throw new CommandError(`${host} gives no certificate that can be read`, 'name it by --chain FILE');
    const [owner, data] = [tlsaName(host, portOption(options)), formatTlsaRecord(made.value)];
    print(options['json'] ? toJson({ name: owner, record: data, zone: `${owner}. IN TLSA ${data}` }) : `${owner}. IN TLSA ${data}`);
    return 0;
  },
};
