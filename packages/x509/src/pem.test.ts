import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCertificate } from './certificate.ts';
import { generateCertificateKey } from './generate-certificate-key.ts';
import { formatPem, parsePem } from './pem.ts';
import { parsePublicKey } from './public-key.ts';

describe('PEM', () => {
  it('RFC 7468 §3: reads what it writes, among other text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = `before\n${formatPem({ label: 'CERTIFICATE', bytes })}between\n${formatPem({ label: 'X', bytes })}after`;
        expect(parsePem(text)).toEqual({
          ok: true,
          value: [
            { label: 'CERTIFICATE', bytes: new Uint8Array(bytes) },
            { label: 'X', bytes: new Uint8Array(bytes) },
          ],
        });
      }),
    );
  });

  it('RFC 7468 §3: lines of 64 characters; any line ends and spaces are read', () => {
    const text = formatPem({ label: 'X', bytes: new Uint8Array(100) });
    expect(text.split('\n').map((line) => line.length)).toEqual([17, 64, 64, 8, 15, 0]);
    expect(parsePem(text.replaceAll('\n', ' \r\n\t'))).toEqual(parsePem(text));
  });

  it('PEM in bytes is no DER, and the error says what to do', () => {
    const pem = formatPem({ label: 'CERTIFICATE', bytes: new Uint8Array(3) });
    expect(parseCertificate(new TextEncoder().encode(pem))).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('as text') },
    });
  });

  it('RFC 7468 §13: a public key is read from PEM as from DER', async () => {
    const { publicKey } = await generateCertificateKey();
    const fromDer = parsePublicKey(publicKey);
    expect(fromDer).toMatchObject({ type: 'ec' });
    expect(parsePublicKey(formatPem({ label: 'PUBLIC KEY', bytes: publicKey }))).toEqual(fromDer);
    for (const none of ['', formatPem({ label: 'CERTIFICATE', bytes: publicKey })]) expect(parsePublicKey(none)).toBeUndefined();
  });

  it('no block at all is an empty list', () => {
    expect(parsePem('nothing')).toEqual({ ok: true, value: [] });
  });

  it.each([
    ['-----BEGIN X', 0],
    ['-----BEGIN X\n-----\nQQ==\n-----END X-----', 0],
    ['-----BEGIN X-----\nQQ==\n-----END Y-----', 0],
    ['a\n-----BEGIN X-----\nQQ==', 2],
    ['-----BEGIN X-----\nQ!==\n-----END X-----', 12],
    ['-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nQQ==\n-----END X-----', 12],
  ])('%j is refused', (text, offset) => {
    expect(parsePem(text)).toMatchObject({ ok: false, error: { offset } });
  });

  it('a megabyte of first lines takes linear time', () => {
    const started = performance.now();
    parsePem('-----BEGIN X-----\n'.repeat(60_000));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
