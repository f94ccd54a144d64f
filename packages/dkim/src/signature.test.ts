import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { parseKeyRecord } from './key-record.ts';
import { parseDkimSignature } from './signature.ts';
import { decodeDkimQuotedPrintable, parseTagList } from './tag-list.ts';

const good =
  'v=1; a=rsa-sha256; d=example.net; s=brisbane; c=simple; q=dns/txt; i=@eng.example.net; t=1117574938; x=1118006938; h=from:to:subject:date; bh=MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=; b=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSb';

function change(tag: string, value: string | undefined): string {
  const pattern = new RegExp(`(^|; )${tag}=[^;]*`);
  return value === undefined ? good.replace(pattern, '').replace(/^; /, '') : good.replace(pattern, `$1${tag}=${value}`);
}

describe('parseDkimSignature', () => {
  it('RFC 6376 §3.5: the example', () => {
    expect(parseDkimSignature(good)).toMatchObject({
      ok: true,
      value: {
        algorithm: 'rsa-sha256',
        domain: 'example.net',
        selector: 'brisbane',
        headerCanonicalization: 'simple',
        bodyCanonicalization: 'simple',
        headers: ['from', 'to', 'subject', 'date'],
        identity: '@eng.example.net',
        signedAtSeconds: 1117574938,
        expiresAtSeconds: 1118006938,
      },
    });
  });

  it.each([
    ['v', '2', 'incompatible version'],
    ['a', undefined, 'missing tag'],
    ['a', 'rsa-md5', 'unknown algorithm'],
    ['b', undefined, 'missing tag'],
    ['b', '', 'syntax'],
    ['b', 'a*b=', 'syntax'],
    ['bh', undefined, 'missing tag'],
    ['c', 'relaxed/simple/x', 'syntax'],
    ['c', 'nowsp', 'syntax'],
    ['d', undefined, 'missing tag'],
    ['d', 'net', 'syntax'],
    ['d', 'example..net', 'syntax'],
    ['d', 'example.org', 'domain mismatch'],
    ['h', undefined, 'missing tag'],
    ['h', 'to:subject', 'from not signed'],
    ['h', 'from::to', 'syntax'],
    ['i', '@example.com', 'domain mismatch'],
    ['i', 'badexample.net', 'syntax'],
    ['i', 'x=4@example.net', 'syntax'],
    ['q', 'dns/srv', 'unknown query method'],
    ['s', undefined, 'missing tag'],
    ['t', '-1', 'syntax'],
    ['t', '1234567890123', 'syntax'],
    ['x', '1117574938', 'syntax'],
    ['d', 'example.net; d=example.net', 'syntax'],
  ])('RFC 6376 §6.1.1: %s=%s is refused: %s', (tag, value, fault) => {
    expect(parseDkimSignature(change(tag, value))).toMatchObject({ ok: false, error: { fault } });
  });

  it.each([
    ['h', 'From : To\r\n\t: Subject'],
    ['q', 'x/y:dns/txt'],
    ['c', 'relaxed/relaxed'],
    ['i', 'J=6Fe@Example.NET'],
    ['l', '0'],
    ['bh', 'MTIzNDU2 Nzg5MDEy\r\n MzQ1Njc4OTAxMjM0NTY3ODkwMTI='],
  ])('RFC 6376 §3.5: %s=%j is let through', (tag, value) => {
    expect(parseDkimSignature(tag === 'l' ? `${good}; l=${value}` : change(tag, value)).ok).toBe(true);
  });

  it('RFC 8616 §5: U-labels in d=, i= and s=', () => {
    const text = change('d', 'b\u00fccher.example').replace('@eng.example.net', 'j\u00f6rg@b\u00fccher.example');
    expect(parseDkimSignature(text)).toMatchObject({
      ok: true,
      value: { domain: 'xn--bcher-kva.example', identity: 'j\u00f6rg@xn--bcher-kva.example' },
    });
  });

  it('mutants never throw', () => {
    for (const mutant of mutants([good], { count: 20_000, tokens: [';', '=', ':', '\r\n ', 'b=', 'h=', '@', '=3D', '\u00fc'] })) {
      const text = new TextDecoder().decode(mutant);
      parseDkimSignature(text);
      parseKeyRecord(text);
    }
  });
});

describe('hostile tags', () => {
  it('RFC 6376 §2.11: a long identity with a quoted byte is read', () => {
    const identity = `${'x'.repeat(500_000)}=41@example.net`;
    const parsed = parseDkimSignature(change('i', identity));
    expect(parsed.ok && parsed.value.identity.length).toBe(500_000 + '=41@example.net'.length - 2);
  });

  it.each([
    ['l', '9'.repeat(76), true],
    ['l', '9'.repeat(77), false],
    ['l', '-1', false],
    ['l', '', false],
    ['l', '1 2', false],
    ['q', '', false],
    ['q', 'dns/txt:', true],
    ['c', '', false],
    ['c', 'relaxed/', false],
    ['c', 'Relaxed/SIMPLE', true],
    ['c', 'relaxed/relaxed/relaxed', false],
    ['h', 'from:fr om', false],
    ['h', 'from:', false],
    ['h', ':from', false],
    ['h', 'from:\u00fc', false],
    ['h', '\tFROM\r\n :\r\n to ', true],
    ['i', '', false],
    ['i', '@', false],
    ['i', '@.example.net', false],
    ['i', 'a=40b@example.net', true],
    ['i', 'a=@example.net', false],
    ['s', '', false],
    ['s', 'a..b', false],
    ['s', 'a.b', true],
    ['s', '_x', true],
    ['d', 'example.net.', false],
    ['d', 'exa mple.net', false],
    ['s', 'bris bane', false],
    ['bh', 'AAAA=', false],
    ['bh', 'A AA=', true],
    ['t', '999999999999', true],
    ['v', '01', false],
    ['v', '1 ', true],
    ['a', 'rsa - sha256', false],
  ])('RFC 6376 §6.1.1: %s=%j -> %s', (tag, value, expected) => {
    const text =
      tag === 'l' ? `${good}; l=${value}` : tag === 't' ? change('x', undefined).replace('t=1117574938', `t=${value}`) : change(tag, value);
    expect(parseDkimSignature(text).ok).toBe(expected);
  });
});

describe('parseTagList', () => {
  it.each([
    ['a=1', ['a']],
    ['a=1;', ['a']],
    [' a = 1 ;\r\n\tb=; ', ['a', 'b']],
    ['', undefined],
    [';', undefined],
    ['a=1;;b=2', undefined],
    ['a=1; A=2', ['a', 'A']],
    ['a=1; a=1', undefined],
    ['1a=1', undefined],
    ['a b=1', undefined],
    ['a=\u0001', undefined],
  ])('RFC 6376 §3.2: %j', (text, names) => {
    const parsed = parseTagList(text);
    expect(parsed.ok ? [...parsed.value.keys()] : undefined).toEqual(names);
  });
});

describe('decodeDkimQuotedPrintable', () => {
  it.each([
    ['a=20b', 'a b'],
    ['a \r\n b', 'ab'],
    ['=C3=BC', '\u00fc'],
    ['=zz', undefined],
    ['a=', undefined],
  ])('RFC 6376 §2.11: %j -> %j', (text, expected) => {
    expect(decodeDkimQuotedPrintable(text)).toBe(expected);
  });
});

describe('parseKeyRecord', () => {
  it.each([
    ['v=DKIM1; p=', true],
    ['p=MTIz', true],
    ['k=rsa; v=DKIM1; p=MTIz', false],
    ['v=DKIM2; p=MTIz', false],
    ['v=DKIM1', false],
    ['v=DKIM1; p=***', false],
    ['v=DKIM1; h=sha256 : sha1; s=email:*; t=y : s; n=note; p=MTIz', true],
    ['v=spf1 -all', false],
  ])('RFC 6376 §3.6.1: %j -> %s', (text, expected) => {
    expect(parseKeyRecord(text).ok).toBe(expected);
  });
});
