import { fromUtf8, toUtf8 } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { type AuthenticationResults, formatAuthenticationResults, parseAuthenticationResults } from './authentication-results.ts';

const nothing = { properties: [] };

describe('parseAuthenticationResults', () => {
  it.each<[string, AuthenticationResults]>([
    ['example.org 1; none', { authservId: 'example.org', version: 1, results: [] }],
    [
      'example.com; spf=pass smtp.mailfrom=example.net',
      {
        authservId: 'example.com',
        results: [{ method: 'spf', result: 'pass', properties: [{ type: 'smtp', property: 'mailfrom', value: 'example.net' }] }],
      },
    ],
    [
      'example.com;\r\n auth=pass (cram-md5) smtp.auth=sender@example.com;\r\n spf=fail smtp.mailfrom=example.com',
      {
        authservId: 'example.com',
        results: [
          {
            method: 'auth',
            result: 'pass',
            comment: 'cram-md5',
            properties: [{ type: 'smtp', property: 'auth', value: 'sender@example.com' }],
          },
          { method: 'spf', result: 'fail', properties: [{ type: 'smtp', property: 'mailfrom', value: 'example.com' }] },
        ],
      },
    ],
    [
      "foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n policy (A dot can go here) . (like that) expired\r\n (this surprised me) = (as I wasn't expecting it) 1362471462",
      {
        authservId: 'foo.example.net',
        version: 1,
        results: [
          { method: 'dkim', version: 1, result: 'fail', properties: [{ type: 'policy', property: 'expired', value: '1362471462' }] },
        ],
      },
    ],
    [
      'example.com; dkim=fail reason="bad; signature" header.d=example.com',
      {
        authservId: 'example.com',
        results: [
          {
            method: 'dkim',
            result: 'fail',
            reason: 'bad; signature',
            properties: [{ type: 'header', property: 'd', value: 'example.com' }],
          },
        ],
      },
    ],
    [
      'a; arc=none ; ; dmarc=pass',
      {
        authservId: 'a',
        results: [
          { method: 'arc', result: 'none', ...nothing },
          { method: 'dmarc', result: 'pass', ...nothing },
        ],
      },
    ],
    [
      'a; x y=z; dmarc=pass (p=none) header.from=b.example junk',
      {
        authservId: 'a',
        results: [
          { method: 'dmarc', result: 'pass', comment: 'p=none', properties: [{ type: 'header', property: 'from', value: 'b.example' }] },
        ],
      },
    ],
    [
      // Microsoft names nobody, and has words of its own.
      'spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=b.example; dmarc=pass action=none header.from=b.example;compauth=pass reason=100',
      {
        authservId: '',
        results: [
          {
            method: 'spf',
            result: 'pass',
            comment: 'sender IP is 192.0.2.1',
            properties: [{ type: 'smtp', property: 'mailfrom', value: 'b.example' }],
          },
          { method: 'dmarc', result: 'pass', properties: [{ type: 'header', property: 'from', value: 'b.example' }] },
          { method: 'compauth', result: 'pass', reason: '100', properties: [] },
        ],
      },
    ],
    [
      'a; dkim=fail reason=bad signature header.d=b.example',
      {
        authservId: 'a',
        results: [{ method: 'dkim', result: 'fail', reason: 'bad', properties: [{ type: 'header', property: 'd', value: 'b.example' }] }],
      },
    ],
    ['i=1; a.example; spf=none', { authservId: 'a.example', results: [{ method: 'spf', result: 'none', ...nothing }] }],
  ])('RFC 8601 appendix B: reads %j', (text, wanted) => expect(unwrap(parseAuthenticationResults(text))).toEqual(wanted));

  it('RFC 8601 §2.6: reads no further than a version that it does not know', () => {
    expect(parseAuthenticationResults('example.com 2; spf=pass')).toMatchObject({ ok: false, error: { offset: 12 } });
    expect(parseAuthenticationResults('; spf=pass').ok).toBe(false);
    for (const name of ['Authentication-Results', ' ARC-Authentication-Results '])
      expect(parseAuthenticationResults(`${name}: example.com; spf=pass`)).toMatchObject({ ok: false, error: { offset: 0 } });
  });

  it('takes mutants and long input', () => {
    for (const mutant of mutants([fromUtf8('a.example 1; spf=pass (c) reason="x" smtp.mailfrom="a b"@c.example; dkim/1=fail header.d=x')], {
      count: 3000,
    })) {
      parseAuthenticationResults(toUtf8(mutant));
    }
    for (const piece of [';', '(', '"', 'a=b;', 'a=b c.d=e ', '\\', 'a.', 'a ', 'a (', 'a (b) ']) {
      const started = performance.now();
      parseAuthenticationResults(`x;${piece.repeat(100_000)}`);
      expect(performance.now() - started, piece).toBeLessThan(1000);
    }
  });
});

const keyword = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const value = fc.string({
  unit: fc.constantFrom('a', 'Z', '.', '@', ' ', '"', '\\', ';', '(', ')', '=', 'ü', '/'),
  minLength: 1,
  maxLength: 20,
});

it('RFC 8601 §2.2: reads what formatAuthenticationResults writes', () => {
  const results = fc.record(
    {
      method: keyword,
      version: fc.nat(9),
      result: keyword,
      reason: value,
      properties: fc.array(fc.record({ type: keyword.filter((type) => type !== 'reason'), property: keyword, value }), { maxLength: 3 }),
    },
    { requiredKeys: ['method', 'result', 'properties'] },
  );
  fc.assert(
    fc.property(value, fc.array(results, { maxLength: 4 }), (authservId, list) => {
      const written = formatAuthenticationResults({ authservId, version: 1, results: list }).join(' ');
      expect(unwrap(parseAuthenticationResults(written))).toEqual({ authservId, version: 1, results: list });
    }),
  );
});
