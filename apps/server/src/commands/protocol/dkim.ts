import { readFile, writeFile } from 'node:fs/promises';
import {
  createKeyCache,
  type DkimResult,
  DkimSignError,
  type DkimSigning,
  formatKeyRecord,
  type KeyLookup,
  lookupKey,
  makeKeyRecord,
  signDkim,
  verifyDkim,
} from '@mox/dkim';
import { generateKeyPair, importPrivateKey } from '@mox/runtime';
import { type Command, jsonOption, type OptionValues, textOption } from '../../cli/command.ts';
import { CommandError } from '../../cli/command-error.ts';
import { domainArgument } from './domain-argument.ts';
import { explainDkim, unsigned } from './explain.ts';
import { inputChunks, readMessage, unreadable } from './input.ts';
import { toJson } from './json.ts';
import { withResolver } from './resolver-options.ts';
import { checkOptions, exitCodes, exitStatus, explanationLines, factLines, printResult } from './result.ts';

/** What all signatures come to: the best that one of them has. */
function bestStatus(results: readonly DkimResult[]): DkimResult['status'] | 'none' {
  const order = ['pass', 'temperror', 'fail', 'policy', 'permerror', 'neutral'] as const;
  return order.find((status) => results.some((result) => result.status === status)) ?? 'none';
}

/** `mox dkim verify`: the signatures of a message. */
export const dkimVerifyCommand: Command = {
  name: 'dkim verify',
  summary: 'verify the DKIM signatures of a message (RFC 6376)',
  arguments: '[file]',
  argumentCount: { least: 0, most: 1 },
  options: checkOptions,
  details: `Reads standard input without a file. The file is the message as it was received, with all its header fields.\n${exitCodes('a signature that passes')}`,
  examples: ['mox dkim verify mail.eml', 'mox dkim verify --json < mail.eml'],
  async run(invocation) {
    const message = inputChunks(invocation.arguments[0]);
    const signatures = await withResolver(invocation.options, (resolver, signal) =>
      verifyDkim(message, { resolver, signal, now: Date.now(), keyCache: createKeyCache() }),
    );
    const status = bestStatus(signatures);
    const lines = signatures.map(
      (result) =>
        `${result.status}  ${result.signature?.domain ?? '(unreadable signature)'}${result.problem === undefined ? '' : `: ${result.problem}`}`,
    );
    const trace = signatures.flatMap((result) => result.trace);
    const meaning = signatures.length > 0 ? signatures.map(explainDkim) : [unsigned];
    printResult(
      invocation,
      { status, signatures, trace },
      [...(lines.length > 0 ? lines : ['none: the message has no DKIM-Signature']), ...explanationLines(meaning)],
      trace,
    );
    return exitStatus(status === 'pass', status);
  },
};

type SigningKey = NonNullable<Awaited<ReturnType<typeof importPrivateKey>>>;

async function readKey(file: string): Promise<SigningKey> {
  const pem = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw unreadable(file, cause, 'name the file of a private key: mox dkim gen makes one');
  });
  const key = await importPrivateKey(pem);
  if (!key) throw new CommandError(`${file} is no private key in PEM, RSA or Ed25519`, 'mox dkim gen makes one', { exitCode: 2 });
  return key;
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new CommandError(`--${name} is missing`, 'mox help dkim sign', { exitCode: 2 });
  return value;
}

/** A selector that the user gave (RFC 6376 §3.1). */
function selectorArgument(text: string, example: string): string {
  if (/^(?=.{1,63}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/.test(text)) return text;
  throw new CommandError(`not a selector: ${text || '(nothing)'}`, `letters, digits, "-" and ".", e.g. ${example}`, { exitCode: 2 });
}

const signExample = 'mox dkim sign --domain example.org --selector 2026a --key 2026a.pem mail.eml';

async function readSigning(options: OptionValues): Promise<DkimSigning> {
  const privateKey = await readKey(required(textOption(options, 'key'), 'key'));
  const domain = domainArgument(required(textOption(options, 'domain'), 'domain'), signExample);
  const selector = selectorArgument(required(textOption(options, 'selector'), 'selector'), signExample);
  return { domain, selector, privateKey, now: Date.now() };
}

async function sign(message: Uint8Array, signing: DkimSigning): Promise<string> {
  try {
    return await signDkim(message, [signing]);
  } catch (cause) {
    if (!(cause instanceof DkimSignError)) throw cause;
    throw new CommandError(
      `the message cannot be signed: ${cause.message}`,
      signRemedies[cause.code] ?? 'check the message and the options',
      { cause, exitCode: 2 },
    );
  }
}

const signRemedies: Readonly<Partial<Record<DkimSignError['code'], string>>> = {
  'no-from': 'give it a From field: check that the input is a message',
  'weak-key': 'make a longer one: mox dkim gen',
  'invalid-domain': 'check --domain and --selector',
  'header-too-long': 'check that the input is a message',
};

/** `mox dkim sign`: puts a signature on top of a message. */
export const dkimSignCommand: Command = {
  name: 'dkim sign',
  summary: 'sign a message, and print it with the signature on top (RFC 6376)',
  arguments: '[file]',
  argumentCount: { least: 0, most: 1 },
  options: {
    domain: { type: 'string', value: 'DOMAIN', help: 'signing domain: that of the From field, for DMARC' },
    selector: { type: 'string', value: 'NAME', help: 'selector of the key' },
    key: { type: 'string', value: 'FILE', help: 'private key in PEM, as mox dkim gen makes it' },
    'field-only': { type: 'boolean', help: 'print the DKIM-Signature field alone' },
    json: { type: 'boolean', help: 'print the field in JSON' },
  },
  details: `Reads standard input without a file. Line ends become CRLF, as the message is sent.\nExit status: 0 for a signed message; 2 where it cannot be signed.`,
  examples: [signExample, `${signExample.replace(' mail.eml', '')} < mail.eml > signed.eml`],
  async run({ options, arguments: [file], print }) {
    const signing = await readSigning(options);
    const message = await readMessage(file);
    const field = await sign(message, signing);
    if (options['json']) print(toJson({ field }));
    else if (options['field-only']) print(field.trimEnd());
    else process.stdout.write(Buffer.concat([Buffer.from(field), message]));
    return 0;
  },
};

/** Whether the private key in a file belongs to one of the keys found: what one signs the other verifies. */
async function belongs(file: string, lookup: KeyLookup): Promise<boolean> {
  const privateKey = await readKey(file);
  const algorithm = privateKey.type === 'rsa' ? 'rsa-sha256' : 'ed25519';
  const sample = Buffer.from('mox dkim lookup --key');
  const signature = await privateKey.sign(algorithm, sample);
  const candidates = lookup.keys.filter(({ key }) => key.type === privateKey.type);
  const verified = await Promise.all(candidates.map(({ key }) => key.verify(algorithm, sample, signature)));
  return verified.includes(true);
}

function explainKey(lookup: KeyLookup, fits: boolean | undefined): string {
  if (lookup.status === 'temperror') return 'The DNS gave no answer that could be used: try again later, or another --resolver.';
  if (lookup.status === 'permerror')
    return `Signatures with this selector cannot be verified. Publish the key at ${lookup.name}, as mox dkim gen printed it; where it is there, its text was damaged on the way into the zone.`;
  if (fits === false) return 'The published key is not that of the private key: mail signed with the private key fails at every receiver.';
  const weak = lookup.keys.some(({ key }) => key.type === 'rsa' && key.bits < 2048);
  return weak
    ? 'The key can be used, but keys of fewer than 2048 bits are no longer recommended (RFC 8301): make a new one with another selector.'
    : `The key can be used${fits ? ', and is that of the private key' : ''}.`;
}

/** `mox dkim lookup`: the key of a selector. */
export const dkimLookupCommand: Command = {
  name: 'dkim lookup',
  summary: 'look up the key of a selector of a domain, and whether it is that of a private key',
  arguments: '<selector> <domain>',
  argumentCount: { least: 2, most: 2 },
  options: { ...checkOptions, key: { type: 'string', value: 'FILE', help: 'private key in PEM that the published key must belong to' } },
  details: exitCodes('a key that can be used'),
  examples: ['mox dkim lookup 2026a example.org', 'mox dkim lookup --key 2026a.pem 2026a example.org'],
  async run(invocation) {
    const example = 'mox dkim lookup 2026a example.org';
    const selector = selectorArgument(invocation.arguments[0] ?? '', example);
    const domain = domainArgument(invocation.arguments[1] ?? '', example);
    const file = textOption(invocation.options, 'key');
    const lookup = await withResolver(invocation.options, (resolver, signal) => lookupKey(domain, selector, { resolver, signal }));
    const fits = file === undefined ? undefined : await belongs(file, lookup);
    const [found] = lookup.keys;
    const facts = factLines({
      result: lookup.status,
      problem: lookup.problem,
      key: found && `${found.key.type}, ${found.key.bits} bits`,
      'private key': fits === undefined ? undefined : fits ? 'belongs to it' : 'is another',
      flags: found?.record.flags.join(' '),
      notes: found?.record.notes,
      dnssec: lookup.authentic ? 'validated' : 'not validated',
    });
    const trace = [{ step: 'key', rfc: 'RFC 6376 §3.6.2', outcome: lookup.status, dns: lookup.dns }];
    const { dns: _dns, ...rest } = lookup;
    const result = { ...rest, ...(fits === undefined ? {} : { belongsToPrivateKey: fits }), trace };
    printResult(invocation, result, [...facts, ...explanationLines([explainKey(lookup, fits)])], trace);
    return exitStatus(lookup.status === 'ok' && fits !== false, lookup.status);
  },
};

function toPem(pkcs8: Uint8Array): string {
  const lines =
    Buffer.from(pkcs8)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----'].join('\n');
}

/** A TXT record in the form of a zone file: strings of at most 255 bytes, a line each (RFC 1035 §5.1). */
function zoneLines(name: string, text: string): string {
  const strings = (text.match(/.{1,255}/g) ?? []).map((piece) => `"${piece}"`);
  if (strings.length === 1) return `${name}. IN TXT ${strings.join('')}`;
  return `${name}. IN TXT (\n${strings.map((string) => `    ${string}`).join('\n')}\n)`;
}

async function keepKey(file: string, pem: string): Promise<void> {
  await writeFile(file, `${pem}\n`, { mode: 0o600, flag: 'wx' }).catch((cause: unknown) => {
    const there = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    const problem = there ? 'it is there already, and a key may be in use' : cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(`the key cannot be written to ${file}: ${problem}`, 'name a new file', { cause, exitCode: 2 });
  });
}

function keyKind(options: OptionValues): { readonly type: 'ed25519' } | { readonly type: 'rsa'; readonly bits: number } {
  const type = textOption(options, 'type') ?? 'rsa';
  const bits = Number(textOption(options, 'bits') ?? 2048);
  if (type !== 'rsa' && type !== 'ed25519')
    throw new CommandError(`unknown type of key: ${type}`, '--type rsa or --type ed25519', { exitCode: 2 });
  if (!Number.isInteger(bits) || bits < 1024 || bits > 8192)
    throw new CommandError('--bits wants a number from 1024 to 8192', '2048 is right for nearly everybody', { exitCode: 2 });
  return type === 'rsa' ? { type, bits } : { type };
}

/** `mox dkim gen`: makes a key pair. */
export const dkimGenCommand: Command = {
  name: 'dkim gen',
  summary: 'make a DKIM key, and the DNS record for it',
  arguments: '<selector> <domain>',
  argumentCount: { least: 2, most: 2 },
  options: {
    type: { type: 'string', value: 'TYPE', help: 'rsa or ed25519 (default: rsa, as not all receivers know the other)' },
    bits: { type: 'string', value: 'COUNT', help: 'size of an RSA key (default: 2048)' },
    out: { type: 'string', value: 'FILE', help: 'write the private key to a new file that only its owner can read' },
    json: jsonOption,
  },
  details:
    'Prints the private key in PEM, unless --out keeps it, then the lines for the zone file. Forms of DNS providers want the text between the quotes, joined.\nExit status: 0 for a key; 2 where the command was called wrongly.',
  examples: ['mox dkim gen --out 2026a.pem 2026a example.org', 'mox dkim lookup --key 2026a.pem 2026a example.org'],
  async run({ options, arguments: [name = '', host = ''], print }) {
    const example = 'mox dkim gen 2026a example.org';
    const selector = selectorArgument(name, example);
    const domain = domainArgument(host, example);
    const kind = keyKind(options);
    const pair = await generateKeyPair(kind);
    const record = formatKeyRecord(makeKeyRecord(kind.type, pair.publicKey));
    const owner = `${selector}._domainkey.${domain}`;
    const privateKey = toPem(pair.privateKey);
    const out = textOption(options, 'out');
    if (out !== undefined) await keepKey(out, privateKey);
    const zone = zoneLines(owner, record);
    if (options['json']) print(toJson({ name: owner, record, zone, ...(out === undefined ? { privateKey } : { privateKeyFile: out }) }));
    else print(out === undefined ? `${privateKey}\n\n${zone}` : zone);
    return 0;
  },
};
