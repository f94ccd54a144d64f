import { type HeaderField, parseHeaderFields } from '@mox/message-format';
import { formatTrace, fromUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { type CfblSignature, decideCfblReport, isSignedByReporter } from './decide-cfbl-report.ts';

const both = ['subject', 'from', 'cfbl-feedback-id', 'cfbl-address'];
const signed = (domain: string, headers: readonly string[] = both, status = 'pass'): CfblSignature => ({
  status,
  signature: { domain, headers },
});
const fields = (from: string, cfbl: string, ...more: string[]): readonly HeaderField[] =>
  parseHeaderFields(
    fromUtf8(
      [`From: ${from}`, `CFBL-Address: ${cfbl}`, 'Message-ID: <1@example.com>', 'CFBL-Feedback-ID: 111:222', ...more, '', ''].join('\r\n'),
    ),
  );

const own = 'fbl@example.com; report=arf';

describe('decideCfblReport', () => {
  it.each<[string, string, string, readonly CfblSignature[], string | undefined]>([
    // RFC 9477 §3.1.1
    ['RFC 9477 §3.1.1: the domain of the author', 'n@example.com', own, [signed('example.com')], 'strict'],
    ['RFC 9477 §3.1.1: no signature', 'n@example.com', own, [], undefined],
    ['RFC 9477 §3.1.1: one that fails', 'n@example.com', own, [signed('example.com', both, 'fail')], undefined],
    ['RFC 9477 §3.1.1: one of somebody else', 'n@example.com', own, [signed('example.net')], undefined],
    ['RFC 9477 §3.1.1: one of a domain whose name only ends alike', 'n@example.com', own, [signed('ample.com')], undefined],
    ['RFC 9477 §3.1.1: one of a domain below', 'n@example.com', own, [signed('a.example.com')], undefined],
    // RFC 9477 §3.1.2
    [
      'RFC 9477 §3.1.2: both below the signing domain',
      'n@mailer.example.com',
      'fbl@mailer.example.com',
      [signed('example.com')],
      'relaxed',
    ],
    ['RFC 9477 §3.1.2: the address below the author', 'n@example.com', 'fbl@mailer.example.com', [signed('example.com')], 'relaxed'],
    ['RFC 9477 §3.1.2: signed for the address alone', 'n@example.com', 'fbl@mailer.example.com', [signed('mailer.example.com')], undefined],
    ['RFC 9477 §3.1.2: a public suffix speaks for nobody', 'n@example.co.uk', 'fbl@example.co.uk', [signed('co.uk')], undefined],
    // RFC 9477 §3.1.3
    [
      'RFC 9477 §3.1.3: signed by both',
      'n@example.com',
      'fbl@saas.example',
      [signed('saas.example'), signed('example.com')],
      'third-party',
    ],
    [
      'RFC 9477 §3.1.3: signed before by the author',
      'n@example.com',
      'fbl@saas.example',
      [signed('example.com', ['from']), signed('saas.example')],
      'third-party',
    ],
    ['RFC 9477 §3.1.3: signed by the author alone', 'n@example.com', 'fbl@saas.example', [signed('example.com')], undefined],
    ['RFC 9477 §3.1.3: signed by the service alone', 'n@example.com', 'fbl@saas.example', [signed('saas.example')], undefined],
    ['RFC 9477 §3.1.3: the address above the author', 'n@news.example.com', 'fbl@example.com', [signed('example.com')], 'third-party'],
    // RFC 9477 §3.1.4
    ['RFC 9477 §3.1.4: the address is not covered', 'n@example.com', own, [signed('example.com', ['from', 'cfbl-feedback-id'])], undefined],
    ['RFC 9477 §3.1.4: the identifier is not covered', 'n@example.com', own, [signed('example.com', ['from', 'cfbl-address'])], undefined],
    [
      'RFC 9477 §3.1.4: names of fields in any case',
      'n@example.com',
      own,
      [signed('example.com', ['From', 'CFBL-Address', 'CFBL-Feedback-ID'])],
      'strict',
    ],
    // RFC 9477 §5.1
    ['RFC 9477 §5.1: an address that is none', 'n@example.com', 'nobody', [signed('example.com')], undefined],
    ['RFC 9477 §3.1: no author', 'undisclosed:;', own, [signed('example.com')], undefined],
    ['RFC 9477 §3.1: authors of two domains', 'a@example.com, b@example.net', own, [signed('example.com')], undefined],
    ['RFC 9477 §3.1: names in any case', 'n@EXAMPLE.com', 'fbl@Example.COM', [signed('example.com')], 'strict'],
  ])('%s', (_what, from, cfbl, dkim, alignment) => {
    const isPublicSuffix = (domain: string): boolean => ['com', 'co.uk'].includes(domain);
    const decision = decideCfblReport({ headers: fields(from, cfbl), dkim, foundBy: 'user', isPublicSuffix });
    expect(decision.status, formatTrace(decision.trace)).toBe(alignment ? 'send' : 'none');
    expect(decision.alignment).toBe(alignment);
    expect(decision.problem === undefined).toBe(alignment !== undefined);
    if (alignment) expect(decision).toMatchObject({ messageId: '1@example.com', feedbackId: '111:222' });
  });

  it('RFC 6376 §5.4.2: a field put on top of a signed message is not covered by its signature', () => {
    const headers = parseHeaderFields(
      fromUtf8('CFBL-Address: victim@example.com\r\nFrom: n@example.com\r\nCFBL-Address: fbl@example.com\r\nCFBL-Feedback-ID: 1\r\n\r\n'),
    );
    expect(decideCfblReport({ headers, dkim: [signed('example.com')], foundBy: 'user' })).toMatchObject({ status: 'none' });
    const twice = [...both, 'cfbl-address'];
    expect(decideCfblReport({ headers, dkim: [signed('example.com', twice)], foundBy: 'user' })).toMatchObject({ status: 'send' });
  });

  it('RFC 9477 §4.2, RFC 9477 §6.5: what a program finds is not told', () => {
    const situation = { headers: fields('n@example.com', own), dkim: [signed('example.com')] };
    expect(decideCfblReport({ ...situation, foundBy: 'program' })).toMatchObject({ status: 'none' });
    expect(decideCfblReport({ ...situation, foundBy: 'user' })).toMatchObject({ status: 'send' });
  });

  it('RFC 9477 §3.5: XARF where it is asked for and can be made, ARF otherwise', () => {
    const format = (cfbl: string, xarf: boolean): unknown =>
      decideCfblReport({ headers: fields('n@example.com', cfbl), dkim: [signed('example.com')], foundBy: 'user', xarf }).target?.format;
    expect(format('fbl@example.com; report=xarf', true)).toBe('xarf');
    expect(format('fbl@example.com; report=xarf', false)).toBe('arf');
    expect(format(own, true)).toBe('arf');
  });

  it('the trace tells what was looked at', () => {
    const { trace } = decideCfblReport({
      headers: fields('n@example.com', 'fbl@saas.example'),
      dkim: [signed('saas.example')],
      foundBy: 'user',
    });
    expect(formatTrace(trace)).toBe(`complaint feedback loop (to=fbl@saas.example) -> none  [RFC 9477 §3]
  domains (author=example.com address=saas.example) -> differ  [RFC 9477 §3.1]
  signature (d=saas.example) -> pass: covers the fields  [RFC 9477 §3.1.4]
  alignment -> none: no signature for example.com is right  [RFC 9477 §3.1.4]`);
  });

  it('mutants of a header section never throw, and nothing goes to a domain that did not sign', () => {
    const seed = 'From: n@example.com\r\nCFBL-Address: fbl@example.com; report=arf\r\nCFBL-Feedback-ID: 1\r\n\r\n';
    for (const mutant of mutants([seed], {
      count: 3000,
      tokens: ['\r\n', 'From: ', 'CFBL-Address: ', '@', '.', ';', '<', '>', '(', '"'],
    })) {
      const { status, target } = decideCfblReport({ headers: parseHeaderFields(mutant), dkim: [signed('example.com')], foundBy: 'user' });
      if (status === 'send') expect(target?.address.toLowerCase()).toMatch(/(?:^|[@.])example\.com$/);
    }
  });
});

describe('isSignedByReporter', () => {
  const headers = parseHeaderFields(fromUtf8('From: fbl@provider.example\r\n\r\n'));
  it.each([
    ['by its author', [signed('provider.example', ['from'])], true],
    ['by somebody else', [signed('example.net')], false],
    ['by a signature that fails', [signed('provider.example', both, 'fail')], false],
    ['by nobody', [], false],
  ] as const)('RFC 9477 §3.5: a report signed %s', (_what, dkim, expected) => {
    expect(isSignedByReporter(headers, dkim)).toBe(expected);
  });
});
