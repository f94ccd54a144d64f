// What we sign is verified by opendkim, python3-dkim, Mail::DKIM and mailauth, and what they sign by us: every canonicalization, odd bodies.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ZoneResolver } from '@mox/dns/testing';
import { fromUtf8 } from '@mox/runtime';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Peer, runPeer } from '../../../tools/peer.ts';
import { signDkim, verifyDkim } from '../src/index.ts';
import { bodies, makeKey, messageWith, milterMessageWith, withSignature } from './messages.ts';
import { available, mailDkim, pythonDkim } from './peers.ts';

/** What `opendkim -t` reads from a file: it does not see a last line without its end. */
const milterBodies = Object.entries(bodies).filter(([, body]) => body === '' || body.endsWith('\r\n'));

type Key = Awaited<ReturnType<typeof makeKey>>;
/** python3-dkim leaves the white space at the end of a last line without CRLF; RFC 6376 §3.4.4 ignores it at the end of lines. */
const pythonDiffers = 'no last line end, white space';
/** Mail::DKIM adds no CRLF to a last line without one, as RFC 6376 §3.4.3 wants it. */
const perlDiffers = (title: string): boolean => /^no last line end.*\/simple$/.test(title);
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

/** Whether each signature of each message is right in a peer's eyes. */
function verifyBy(peer: Peer, made: readonly { readonly message: Uint8Array }[]): boolean[][] {
  const dns = { 'sel._domainkey.example.org': [rsa.record], 'ed._domainkey.example.org': [ed25519.record] };
  const results = runPeer(
    peer,
    made.map(({ message }) => ({ verify: Buffer.from(message).toString('base64'), dns })),
  );
  return (results as [boolean, string][][]).map((signatures) => signatures.map(([passed]) => passed));
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

  it.skipIf(!available(pythonDkim.command, pythonDkim.probe))(
    "verifies in Debian's python3-dkim (skipped where it is not installed)",
    async () => {
      const made = await ours();
      for (const [i, passed] of verifyBy(pythonDkim, made).entries()) {
        const title = made[i]?.title ?? '';
        if (!(title.startsWith(pythonDiffers) && title.endsWith('/relaxed'))) expect(passed, title).toEqual([true, true]);
      }
    },
  );

  it.skipIf(!available(mailDkim.command, mailDkim.probe))(
    "verifies in Debian's Mail::DKIM (skipped where it is not installed)",
    async () => {
      const made = await ours();
      // The one of Debian 12 knows RSA alone.
      for (const [i, [passed]] of verifyBy(mailDkim, made).entries())
        if (!perlDiffers(made[i]?.title ?? '')) expect(passed, made[i]?.title).toBe(true);
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

  const jobs = Object.entries(bodies).flatMap(([title, body]) =>
    pairs.map((pair) => ({ title: `${title}, ${pair.header}/${pair.body}`, message: messageWith(body), ...pair })),
  );

  async function verifySigned(peer: Peer, settings: (length: boolean) => object, differs: (title: string) => boolean): Promise<void> {
    for (const length of [false, true]) {
      const asked = jobs.map(({ message, header, body }) => ({
        sign: Buffer.from(message).toString('base64'),
        header,
        body,
        ...settings(length),
      }));
      for (const [i, field] of runPeer(peer, asked).entries()) {
        const { title, message } = jobs[i] ?? { title: '', message: new Uint8Array(0) };
        if (differs(title)) continue;
        const [result] = await verifyDkim(withSignature(String(field), message), { resolver, now });
        expect(result?.status, `${title}, l=${length}: ${result?.problem}\n${String(field)}`).toBe('pass');
      }
    }
  }

  it.skipIf(!available(pythonDkim.command, pythonDkim.probe))(
    "is what Debian's python3-dkim signs (skipped where it is not installed)",
    () =>
      verifySigned(
        pythonDkim,
        (length) => ({ key: rsa.pem, domain: 'example.org', selector: 'sel', length }),
        (title) => title.startsWith(pythonDiffers) && title.endsWith('/relaxed'),
      ),
  );

  it.skipIf(!available(mailDkim.command, mailDkim.probe))("is what Debian's Mail::DKIM signs (skipped where it is not installed)", () => {
    const keyFile = join(folder, 'mail-dkim.pem');
    writeFileSync(keyFile, rsa.pem, { mode: 0o600 });
    return verifySigned(mailDkim, () => ({ keyFile, domain: 'example.org', selector: 'sel' }), perlDiffers);
  });

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
