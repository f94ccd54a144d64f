import { readFile } from 'node:fs/promises';
import { createKeyCache, formatKeyRecord, lookupKey, makeKeyRecord, signDkim, verifyDkim } from '@mox/dkim';
import { generateKeyPair, importPrivateKey } from '@mox/runtime';
import { type Command, jsonOption, textOption } from '../../cli/command.ts';
import { CommandError } from '../../cli/command-error.ts';
import { readInput } from './input.ts';
import { toJson } from './json.ts';
import { withResolver } from './resolver-options.ts';
import { checkOptions, factLines, printResult } from './result.ts';

/** `mox dkim verify`: the signatures of a message. */
export const dkimVerifyCommand: Command = {
  name: 'dkim verify',
  summary: 'verify the DKIM signatures of a message (RFC 6376)',
  arguments: '[file]',
  argumentCount: { least: 0, most: 1 },
  options: checkOptions,
  details: 'Reads standard input without a file. Exits with 0 where a signature passes.',
  async run(invocation) {
    const message = await readInput(invocation.arguments[0]);
    const results = await withResolver(invocation.options, (resolver) =>
      verifyDkim(message, { resolver, now: Date.now(), keyCache: createKeyCache() }),
    );
    const lines = results.map(
      (result) =>
        `${result.status}  ${result.signature?.domain ?? '(unreadable signature)'}${result.problem === undefined ? '' : `: ${result.problem}`}`,
    );
    printResult(
      invocation,
      results,
      lines.length > 0 ? lines : ['none: the message has no DKIM-Signature'],
      results.flatMap((result) => result.trace),
    );
    return results.some((result) => result.status === 'pass') ? 0 : 1;
  },
};

async function readKey(file: string): Promise<NonNullable<Awaited<ReturnType<typeof importPrivateKey>>>> {
  const pem = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CommandError(`${file} cannot be read`, 'name the file of a private key: mox dkim gen makes one', { cause });
  });
  const key = await importPrivateKey(pem);
  if (!key) throw new CommandError(`${file} is no private key in PEM, RSA or Ed25519`, 'mox dkim gen makes one', {});
  return key;
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new CommandError(`--${name} is missing`, 'mox help dkim sign', { exitCode: 2 });
  return value;
}

/** `mox dkim sign`: puts a signature on top of a message. */
export const dkimSignCommand: Command = {
  name: 'dkim sign',
  summary: 'sign a message, and print it with the signature on top',
  arguments: '[file]',
  argumentCount: { least: 0, most: 1 },
  options: {
    domain: { type: 'string', value: 'DOMAIN', help: 'signing domain' },
    selector: { type: 'string', value: 'NAME', help: 'selector of the key' },
    key: { type: 'string', value: 'FILE', help: 'private key in PEM' },
    'field-only': { type: 'boolean', help: 'print the DKIM-Signature field alone' },
  },
  details: 'Line ends become CRLF, as the message is sent.',
  async run({ options, arguments: [file], print }) {
    const privateKey = await readKey(required(textOption(options, 'key'), 'key'));
    const domain = required(textOption(options, 'domain'), 'domain');
    const selector = required(textOption(options, 'selector'), 'selector');
    const text = Buffer.from(await readInput(file))
      .toString('latin1')
      .replace(/\r?\n/g, '\r\n');
    const fields = await signDkim(Buffer.from(text, 'latin1'), [{ domain, selector, privateKey, now: Date.now() }]);
    if (options['field-only']) print(fields.trimEnd());
    else process.stdout.write(Buffer.concat([Buffer.from(fields), Buffer.from(text, 'latin1')]));
    return 0;
  },
};

/** `mox dkim lookup`: the key of a selector. */
export const dkimLookupCommand: Command = {
  name: 'dkim lookup',
  summary: 'look up the key of a selector of a domain',
  arguments: '<selector> <domain>',
  argumentCount: { least: 2, most: 2 },
  options: checkOptions,
  async run(invocation) {
    const [selector = '', domain = ''] = invocation.arguments;
    const lookup = await withResolver(invocation.options, (resolver) => lookupKey(domain, selector, { resolver }));
    const [found] = lookup.keys;
    const facts = factLines({
      result: lookup.status,
      problem: lookup.problem,
      key: found && `${found.key.type}, ${found.key.bits} bits`,
      flags: found?.record.flags.join(' '),
      notes: found?.record.notes,
      dnssec: lookup.authentic ? 'validated' : 'not validated',
    });
    printResult(invocation, lookup, facts, [{ step: 'key', rfc: 'RFC 6376 §3.6.2', outcome: lookup.status, dns: lookup.dns }]);
    return lookup.status === 'ok' ? 0 : 1;
  },
};

function toPem(pkcs8: Uint8Array): string {
  const lines =
    Buffer.from(pkcs8)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----'].join('\n');
}

/** A TXT record in the form of a zone file: strings of at most 255 characters. */
function zoneLine(name: string, text: string): string {
  return `${name}. TXT ${(text.match(/.{1,255}/g) ?? []).map((piece) => `"${piece}"`).join(' ')}`;
}

/** `mox dkim gen`: makes a key pair. */
export const dkimGenCommand: Command = {
  name: 'dkim gen',
  summary: 'make a DKIM key, and the DNS record for it',
  arguments: '<selector> <domain>',
  argumentCount: { least: 2, most: 2 },
  options: {
    type: { type: 'string', value: 'TYPE', help: 'rsa or ed25519 (default: rsa)' },
    bits: { type: 'string', value: 'COUNT', help: 'size of an RSA key (default: 2048)' },
    json: jsonOption,
  },
  details: 'The private key is printed first, in PEM; the line for the zone after it. Keep the key where only the mail server can read it.',
  async run({ options, arguments: [selector = '', domain = ''], print }) {
    const type = textOption(options, 'type') ?? 'rsa';
    const bits = Number(textOption(options, 'bits') ?? 2048);
    if (type !== 'rsa' && type !== 'ed25519')
      throw new CommandError(`unknown type of key: ${type}`, '--type rsa or --type ed25519', { exitCode: 2 });
    if (!Number.isInteger(bits) || bits < 1024 || bits > 8192)
      throw new CommandError('--bits wants a number from 1024 to 8192', '2048 is right for nearly everybody', { exitCode: 2 });
    const pair = await generateKeyPair(type === 'rsa' ? { type, bits } : { type });
    const record = formatKeyRecord(makeKeyRecord(type, pair.publicKey));
    const name = `${selector}._domainkey.${domain}`;
    const privateKey = toPem(pair.privateKey);
    if (options['json']) print(toJson({ name, record, privateKey }));
    else print(`${privateKey}\n\n${zoneLine(name, record)}`);
    return 0;
  },
};
