import { hash, toHex } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { type Chains, makeChains } from '../test/chains.ts';
import {
  describeTlsaRecord,
  formatTlsaRecord,
  makeTlsaRecord,
  matchTlsaRecord,
  parseTlsaRecord,
  type TlsaRecord,
  tlsaName,
} from './tlsa-record.ts';

describe('presentation form', () => {
  it('RFC 6698 §2.3: an example over several lines', () => {
    const text = '1 1 2 92003ba34942dc74152e2f2c408d29ec\n            a5a520e7f2e06bb944f4dca346baf63c';
    expect(unwrap(parseTlsaRecord(text))).toMatchObject({ usage: 1, selector: 1, matchingType: 2 });
    expect(formatTlsaRecord(unwrap(parseTlsaRecord(text)))).toBe('1 1 2 92003ba34942dc74152e2f2c408d29eca5a520e7f2e06bb944f4dca346baf63c');
  });

  it('RFC 6698 §2.2: reads what it writes', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const record = fc.record({
      usage: octet,
      selector: octet,
      matchingType: octet,
      association: fc.uint8Array({ minLength: 1, maxLength: 80 }),
    });
    fc.assert(
      fc.property(record, (one) => {
        const { association, ...rest } = unwrap(parseTlsaRecord(formatTlsaRecord(one)));
        expect({ ...rest, association: toHex(association) }).toEqual({ ...one, association: toHex(one.association) });
      }),
    );
  });

  it.each([
    ['', 0],
    ['3', 1],
    ['3 1', 3],
    ['3 1 1', 5],
    ['3 1 1 ', 6],
    ['256 1 1 00', 0],
    ['3 1000 1 00', 2],
    ['x 1 1 00', 0],
    ['3 1 -1 00', 4],
    ['3 1 1 0', 7],
    ['3 1 1 0g', 7],
    ['3 1 1x00', 5],
  ])('RFC 6698 §2.2: %j is refused at offset %i', (text, offset) => {
    expect(parseTlsaRecord(text)).toMatchObject({ ok: false, error: { offset } });
  });

  it('mutants never throw, and offsets lie within', () => {
    for (const mutant of mutants(['3 1 1 0123456789abcdef', '2 0 0 30 82'], { count: 3000, tokens: [' ', '(', '\n', '256', 'ff'] })) {
      const text = new TextDecoder().decode(mutant);
      const parsed = parseTlsaRecord(text);
      if (!parsed.ok) expect(parsed.error.offset).toBeLessThanOrEqual(text.length);
    }
  });

  it('RFC 7218 §2: parameters by name', () => {
    const association = new Uint8Array(1);
    expect(describeTlsaRecord({ usage: 3, selector: 1, matchingType: 1, association })).toBe('DANE-EE(3) SPKI(1) SHA2-256(1)');
    expect(describeTlsaRecord({ usage: 9, selector: 0, matchingType: 0, association })).toBe('unknown(9) Cert(0) Full(0)');
  });
});

describe('tlsaName', () => {
  it('RFC 6698 §3: port and protocol before the host', () => {
    expect(tlsaName('mx.example.org')).toBe('_25._tcp.mx.example.org');
    expect(tlsaName('mx.example.org.', 465)).toBe('_465._tcp.mx.example.org');
    expect(() => tlsaName('mx.example.org', 65536)).toThrow(expect.objectContaining({ code: 'bad-parameter' }));
  });
});

describe('makeTlsaRecord', () => {
  let chains: Chains;
  beforeAll(async () => {
    chains = await makeChains();
  });

  it('RFC 7671 §5.1: makes 3 1 1 unless told otherwise, from a certificate or a key', () => {
    const { der, publicKey } = chains.server;
    const record: TlsaRecord = { usage: 3, selector: 1, matchingType: 1, association: hash('sha256', publicKey.spki) };
    expect(makeTlsaRecord({ certificate: der })).toEqual({ ok: true, value: record });
    expect(makeTlsaRecord({ spki: publicKey.spki })).toEqual({ ok: true, value: record });
  });

  it('RFC 6698 §2.1: each selector and matching type matches its certificate, and no other', () => {
    for (const selector of [0, 1]) {
      for (const matchingType of [0, 1, 2]) {
        const record = unwrap(makeTlsaRecord({ certificate: chains.server.der }, { usage: 3, selector, matchingType }));
        expect(matchTlsaRecord(record, chains.server)).toBe(true);
        expect(matchTlsaRecord(record, chains.stranger)).toBe(false);
        expect(matchTlsaRecord({ ...record, selector: 2 }, chains.server)).toBe(false);
        expect(matchTlsaRecord({ ...record, matchingType: 3 }, chains.server)).toBe(false);
      }
    }
  });

  it('refuses what it cannot make', () => {
    expect(makeTlsaRecord({ certificate: new Uint8Array(3) })).toMatchObject({ ok: false });
    expect(makeTlsaRecord({ spki: new Uint8Array(3) })).toMatchObject({ ok: false });
    expect(() => makeTlsaRecord({ spki: chains.server.publicKey.spki }, { selector: 0 })).toThrow('SPKI(1)');
    expect(() => makeTlsaRecord({ certificate: chains.server.der }, { usage: 4 })).toThrow('not known');
  });
});
