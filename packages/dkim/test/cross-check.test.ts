// What we sign is verified by opendkim, python3-dkim and mailauth, and what they sign by us: every canonicalization, odd bodies.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ZoneResolver } from '@mox/dns/testing';
import { fromUtf8 } from '@mox/runtime';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signDkim, verifyDkim } from '../src/index.ts';
import { bodies, makeKey, messageWith, milterMessageWith, withSignature } from './messages.ts';

/** What `opendkim -t` reads from a file: it does not see a last line without its end. */
const milterBodies = Object.entries(bodies).filter(([, body]) => body === '' || body.endsWith('\r\n'));

type Key = Awaited<ReturnType<typeof makeKey>>;
/** python3-dkim leaves the white space at the end of a last line without CRLF; RFC 6376 §3.4.4 ignores it at the end of lines. */
const pythonDiffers = 'no last line end, white space';
const canonicalizations = ['simple', 'relaxed'] as const;
const pairs = canonicalizations.flatMap((header) => canonicalizations.map((body) => ({ header, body })));
const now = Date.now();
let folder = '';
let rsa: Key;
let ed25519: Key;
let resolver: ZoneResolver;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mox-dkim-'));
  [rsa, ed25519] = await Promise.all([makeKey('rsa'), makeKey('ed25519')]);
  const record = (name: string, text: string): { name: string; type: 'TXT'; ttlSeconds: number; data: Uint8Array[] } => ({
    name,
    type: 'TXT',
    ttlSeconds: 60,
    data: [fromUtf8(text)],
  });
  resolver = new ZoneResolver([record('sel._domainkey.example.org', rsa.record), record('ed._domainkey.example.org', ed25519.record)]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every body, signed by us in every canonicalization, by both algorithms at once. */
async function ours(): Promise<{ title: string; message: Uint8Array }[]> {
  const made: { title: string; message: Uint8Array }[] = [];
  for (const [title, body] of Object.entries(bodies)) {
    for (const canonicalization of pairs) {
      const message = messageWith(body);
      const common = { domain: 'example.org', canonicalization, now };
      const fields = await signDkim(message, [
        { ...common, selector: 'sel', privateKey: rsa.privateKey },
        { ...common, selector: 'ed', privateKey: ed25519.privateKey },
      ]);
      made.push({ title: `${title}, ${canonicalization.header}/${canonicalization.body}`, message: withSignature(fields, message) });
    }
  }
  return made;
}

function available(command: string, args: readonly string[]): boolean {
  const found = spawnSync(command, args).error === undefined && spawnSync(command, args).status === 0;
  if (!found && process.env['CI']) throw new Error(`${command} is not installed: CI must not skip this test`);
  return found;
}

describe('what we sign', () => {
  it('verifies in our own verifier', async () => {
    for (const { title, message } of await ours()) {
      const results = await verifyDkim(message, { resolver, now });
      expect(
        results.map((result) => result.status),
        title,
      ).toEqual(['pass', 'pass']);
    }
  });

  it('verifies in mailauth', async () => {
    const resolve = async (name: string): Promise<string[][]> => [[name.startsWith('sel') ? rsa.record : ed25519.record]];
    for (const { title, message } of await ours()) {
      const { results } = await dkimVerify(Buffer.from(message), { resolver: resolve });
      expect(
        results.map((result: { status: { result: string } }) => result.status.result),
        title,
      ).toEqual(['pass', 'pass']);
    }
  });

  it.skipIf(!available('/usr/bin/python3', ['-c', 'import dkim, nacl']))(
    "verifies in Debian's python3-dkim (skipped where it is not installed)",
    async () => {
      const made = await ours();
      const dns = { 'sel._domainkey.example.org': rsa.record, 'ed._domainkey.example.org': ed25519.record };
      const input = made.map(({ message }) => JSON.stringify({ verify: Buffer.from(message).toString('base64'), dns })).join('\n');
      const lines = execFileSync('/usr/bin/python3', [join(import.meta.dirname, 'python-dkim.py')], { input })
        .toString()
        .trim()
        .split('\n');
      for (const [i, { title }] of made.entries())
        if (!(title.startsWith(pythonDiffers) && title.endsWith('/relaxed')))
          expect(JSON.parse(lines[i] ?? ''), title).toEqual([true, true]);
    },
  );

  it.skipIf(!available('opendkim', ['-V']))('verifies in opendkim (skipped where it is not installed)', async () => {
    writeFileSync(join(folder, 'keys'), `sel._domainkey.example.org ${rsa.record}\n`);
    writeFileSync(join(folder, 'verify.conf'), `TestPublicKeys ${join(folder, 'keys')}\nMode v\n`);
    for (const [title, body] of milterBodies) {
      for (const canonicalization of pairs) {
        const message = milterMessageWith(body);
        const fields = await signDkim(message, [
          { domain: 'example.org', selector: 'sel', privateKey: rsa.privateKey, canonicalization, now },
        ]);
        writeFileSync(join(folder, 'signed.eml'), withSignature(fields, message));
        const { stdout, stderr } = spawnSync('opendkim', ['-x', join(folder, 'verify.conf'), '-v', '-t', join(folder, 'signed.eml')]);
        expect(stdout.toString() + stderr.toString(), `${title}, ${canonicalization.header}/${canonicalization.body}`).toContain(
          'succeeded',
        );
      }
    }
  });
});

describe('what we verify', () => {
  it('is what mailauth signs', async () => {
    for (const [title, body] of Object.entries(bodies)) {
      for (const { header, body: bodyCanonicalization } of pairs) {
        const message = messageWith(body);
        const { signatures, errors } = await dkimSign(Buffer.from(message), {
          canonicalization: `${header}/${bodyCanonicalization}`,
          signingDomain: 'example.org',
          selector: 'sel',
          privateKey: rsa.pem,
          signatureData: [
            { signingDomain: 'example.org', selector: 'sel', privateKey: rsa.pem, algorithm: 'rsa-sha256' },
            { signingDomain: 'example.org', selector: 'ed', privateKey: ed25519.pem, algorithm: 'ed25519-sha256' },
          ],
        });
        expect(errors).toEqual([]);
        const results = await verifyDkim(withSignature(signatures, message), { resolver, now });
        expect(
          results.map((result) => result.status),
          `${title}, ${header}/${bodyCanonicalization}`,
        ).toEqual(['pass', 'pass']);
      }
    }
  });

  it.skipIf(!available('/usr/bin/python3', ['-c', 'import dkim, nacl']))(
    "is what Debian's python3-dkim signs (skipped where it is not installed)",
    async () => {
      const jobs = Object.entries(bodies).flatMap(([title, body]) =>
        pairs.flatMap((pair) =>
          [false, true].map((length) => ({
            title: `${title}, ${pair.header}/${pair.body}, l=${length}`,
            message: messageWith(body),
            ...pair,
            length,
          })),
        ),
      );
      const rsaPem = Buffer.from(rsa.pem).toString();
      const input = jobs
        .map(({ message, header, body, length }) =>
          JSON.stringify({ sign: Buffer.from(message).toString('base64'), key: rsaPem, header, body, algorithm: 'rsa-sha256', length }),
        )
        .join('\n');
      const lines = execFileSync('/usr/bin/python3', [join(import.meta.dirname, 'python-dkim.py')], { input })
        .toString()
        .trim()
        .split('\n');
      for (const [i, job] of jobs.entries()) {
        const field = Buffer.from(JSON.parse(lines[i] ?? '""'), 'base64').toString();
        if (job.title.startsWith(pythonDiffers) && job.body === 'relaxed') continue;
        const [result] = await verifyDkim(withSignature(field, job.message), { resolver, now });
        expect(result?.status, `${job.title}: ${result?.problem}\n${field}`).toBe('pass');
      }
    },
  );

  it.skipIf(!available('opendkim', ['-V']))('is what opendkim signs (skipped where it is not installed)', async () => {
    writeFileSync(join(folder, 'key.pem'), rsa.pem, { mode: 0o600 });
    for (const [title, body] of milterBodies) {
      for (const { header, body: bodyCanonicalization } of pairs) {
        const settings = [
          'Mode s',
          `KeyFile ${join(folder, 'key.pem')}`,
          'Domain *',
          'Selector sel',
          `Canonicalization ${header}/${bodyCanonicalization}`,
          'SignatureAlgorithm rsa-sha256',
          'InternalHosts 0.0.0.0/0',
          'RequireSafeKeys no',
        ];
        writeFileSync(join(folder, 'sign.conf'), `${settings.join('\n')}\n`);
        const message = milterMessageWith(body);
        writeFileSync(join(folder, 'plain.eml'), message);
        const output = spawnSync('opendkim', ['-x', join(folder, 'sign.conf'), '-vv', '-t', join(folder, 'plain.eml')]).stdout.toString();
        const value = /hvalue='([^']*)'/.exec(output)?.[1]?.replace(/\r?\n/g, '\r\n') ?? '';
        const [result] = await verifyDkim(withSignature(`DKIM-Signature: ${value}\r\n`, message), { resolver, now });
        expect(result?.status, `${title}, ${header}/${bodyCanonicalization}: ${result?.problem}\n${value}`).toBe('pass');
      }
    }
  });
});
