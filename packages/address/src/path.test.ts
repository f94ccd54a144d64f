import { parseDomain } from '@mox/idna';
import { TextCursor, unwrap } from '@mox/syntax';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { addressLiteralIp, canonicalAddress, equalAddresses, formatAddress, isAddressLiteral, needsSmtputf8 } from './address.ts';
import { type ParseAddressOptions, parseAddress, parsePath, parseReversePath, readPath } from './path.ts';

const address = (text: string, options?: ParseAddressOptions) => unwrap(parseAddress(text, { smtputf8: true, ...options }));

describe('parseAddress', () => {
  const good: readonly (readonly [title: string, text: string, localpart: string, domain: string])[] = [
    ['RFC 5321 §4.1.2: a dot-string', 'john.q.public@Example.ORG', 'john.q.public', 'example.org'],
    ['RFC 5321 §4.1.2: all of atext', "!#$%&'*+-/=?^_`{|}~@x.example", "!#$%&'*+-/=?^_`{|}~", 'x.example'],
    ['RFC 5321 §4.1.2: a quoted string', '"Joe Q. \\"Public\\""@x.example', 'Joe Q. "Public"', 'x.example'],
    ['RFC 5321 §4.1.2: quoted without need', '"joe"@x.example', 'joe', 'x.example'],
    ['RFC 5321 §4.1.2: quoted specials', '"@<>, ()"@x.example', '@<>, ()', 'x.example'],
    ['RFC 5321 §4.1.2: an empty quoted string', '""@x.example', '', 'x.example'],
    ['RFC 5321 §4.1.2: one label', 'root@localhost', 'root', 'localhost'],
    ['RFC 5321 §4.1.3: an IPv4 literal', 'a@[192.0.2.1]', 'a', '[192.0.2.1]'],
    ['RFC 5321 §4.1.3: an IPv4 literal with zeros in front', 'a@[010.000.002.001]', 'a', '[10.0.2.1]'],
    ['RFC 5321 §4.1.3: an IPv6 literal', 'a@[ipv6:2001:DB8:0:0:0:0:0:1]', 'a', '[IPv6:2001:db8::1]'],
    ['RFC 5321 §4.5.3.1.1: 64 octets', `${'a'.repeat(64)}@x.example`, 'a'.repeat(64), 'x.example'],
    ['RFC 6531 §3.3: beyond ASCII', 'jörg@müller.example', 'jörg', 'xn--mller-kva.example'],
    ['RFC 6531 §3.3: quoted beyond ASCII', '"jörg m"@x.example', 'jörg m', 'x.example'],
  ];
  for (const [title, text, localpart, domain] of good) {
    it(title, () => {
      const parsed = address(text);
      expect(parsed.localpart).toBe(localpart);
      expect(isAddressLiteral(parsed.domain) ? `[${parsed.domain.literal}]` : parsed.domain.ascii).toBe(domain);
      expect(address(formatAddress(parsed))).toEqual(parsed);
      expect(address(formatAddress(parsed, { smtputf8: true }))).toEqual(parsed);
    });
  }

  const bad: readonly (readonly [title: string, text: string, offset: number])[] = [
    ['nothing', '', 0],
    ['no localpart', '@x.example', 0],
    ['no @', 'a', 1],
    ['no domain', 'a@', 2],
    ['a dot at the start', '.a@x.example', 0],
    ['a dot at the end', 'a.@x.example', 1],
    ['two dots', 'a..b@x.example', 2],
    ['a blank', 'a b@x.example', 1],
    ['something behind', 'a@x.example b', 11],
    ['brackets', '<a@x.example>', 0],
    ['two @', 'a@b@x.example', 2],
    ['RFC 5321 §4.5.3.1.1: 65 octets', `${'a'.repeat(65)}@x.example`, 0],
    ['RFC 5321 §4.5.3.1.1: 65 octets of UTF-8', `${'ö'.repeat(33)}@x.example`, 0],
    ['RFC 5321 §4.5.3.1.3: a path of 257 octets', `${'a'.repeat(60)}@${'a.'.repeat(96)}abc`, 0],
    ['a quoted string without its end', '"a@x.example', 0],
    ['a control in a quoted string', '"a\tb"@x.example', 2],
    ['a line end in a quoted string', '"a\r\nb"@x.example', 2],
    ['an escaped control', '"a\\\n"@x.example', 3],
    ['half a quoted string', 'a"b"@x.example', 1],
    ['an underscore in a domain', 'a@x_y.example', 2],
    ['a hyphen at the end of a label', 'a@x-.example', 2],
    ['RFC 5321 §4.1.3: no IP address', 'a@[1.2.3]', 3],
    ['RFC 5321 §4.1.3: IPv6 without its tag', 'a@[2001:db8::1]', 3],
    ['RFC 5321 §4.1.3: IPv4 with a tag', 'a@[IPv6:1.2.3.4]', 3],
    ['RFC 5321 §4.1.3: no registered tag', 'a@[tag:x]', 3],
    ['an address literal without its end', 'a@[1.2.3.4', 2],
    ['half a surrogate pair', '\ud800@x.example', 0],
    ['a control of Latin-1', 'a\u0085@x.example', 1],
  ];
  for (const [title, text, offset] of bad) {
    it(`refuses ${title}`, () => expect(parseAddress(text, { smtputf8: true })).toMatchObject({ ok: false, error: { offset } }));
  }

  it.each(['jürgen@example.org', 'ü@example.org', 'jane@bücher.example'])('RFC 6531 §3.3: says which option %s needs', (text) => {
    expect(parseAddress(text)).toMatchObject({ ok: false, error: { message: expect.stringContaining('smtputf8') } });
  });

  it('RFC 6531 §3.3: takes nothing beyond ASCII without SMTPUTF8', () => {
    expect(parseAddress('jörg@x.example')).toMatchObject({ ok: false, error: { offset: 1 } });
    expect(parseAddress('"ö"@x.example')).toMatchObject({ ok: false, error: { offset: 1 } });
    expect(parseAddress('a@müller.example')).toMatchObject({ ok: false, error: { offset: 2 } });
    expect(parseAddress('a@xn--mller-kva.example').ok).toBe(true);
  });

  it('takes odd dots and underscores where it is lenient, and writes them so that they can be read', () => {
    for (const text of ['a.@x.example', '.a@x.example', 'a..b@x_y.example']) {
      const parsed = address(text, { lenient: true });
      expect(address(formatAddress(parsed), { lenient: true })).toEqual(parsed);
    }
  });

  it('reads what it writes', () => {
    const localpart = fc.string({ unit: fc.constantFrom(...'aZ9.+ "\\@<>,()ö日'), maxLength: 12 });
    fc.assert(
      fc.property(localpart, fc.constantFrom('x.example', 'müller.example', 'localhost'), (local, name) => {
        const written = { localpart: local, domain: unwrap(parseDomain(name)) };
        for (const smtputf8 of [false, true]) expect(address(formatAddress(written, { smtputf8 }))).toEqual(written);
      }),
    );
  });

  it('takes mutants', () => {
    const decoder = new TextDecoder();
    const seeds = [...good, ...bad].map(([, text]) => `<${text}>`);
    for (const mutant of mutants(seeds, {
      count: 5000,
      tokens: ['@', '.', '"', '\\', '[', ']', '<', '>', ':', ',', 'IPv6:', 'ö', 'xn--'],
    })) {
      const text = decoder.decode(mutant);
      const parsed = parseReversePath(text, { smtputf8: true });
      if (parsed.ok && parsed.value)
        expect(unwrap(parsePath(`<${formatAddress(parsed.value)}>`, { smtputf8: true }))).toEqual(parsed.value);
    }
  });
});

describe('paths', () => {
  const written = (text: string): string | null | undefined => {
    const path = parseReversePath(text);
    return path.ok ? path.value && formatAddress(path.value) : undefined;
  };
  it('RFC 5321 §4.1.2: reads a path', () => expect(written('<a@x.example>')).toBe('a@x.example'));
  it('RFC 5321 §4.5.5: reads the null reverse-path', () => expect(written('<>')).toBe(null));
  it('RFC 5321 appendix C: drops a source route', () => {
    expect(written('<@a.example,@b.example:c@x.example>')).toBe('c@x.example');
    for (const text of ['<@a.example>', '<@a.example,:c@x.example>', '<@:c@x.example>', `<${'@a.example,'.repeat(1000)}@b:c@x.example>`])
      expect(written(text)).toBeUndefined();
  });
  for (const text of [
    '',
    '<',
    'a@x.example',
    '<a@x.example',
    '<a@x.example>>',
    '<<a@x.example>>',
    '<a>',
    '< a@x.example>',
    '<a@x.example >',
    '<"a>"@x.example',
  ])
    it(`refuses ${text}`, () => expect(written(text)).toBeUndefined());
  it('RFC 5321 §4.1.1.3: <Postmaster> without a domain', () => {
    const postmaster = unwrap(parseDomain('mx.example'));
    expect(unwrap(parsePath('<PostMaster>', { postmaster }))).toEqual({ localpart: 'PostMaster', domain: postmaster });
    expect(unwrap(parsePath('<postmaster@x.example>', { postmaster })).localpart).toBe('postmaster');
    expect(parsePath('<postmaster>').ok).toBe(false);
    expect(parsePath('<>', { postmaster }).ok).toBe(false);
  });
  it('RFC 5321 §4.1.1.2: leaves what follows to the reader of parameters', () => {
    const cursor = new TextCursor('<a@x.example> SIZE=1');
    expect(readPath(cursor).ok).toBe(true);
    expect(cursor.takeRest()).toBe(' SIZE=1');
  });
});

describe('comparing', () => {
  it('RFC 5321 §2.4: localparts are the same only letter by letter', () => {
    expect(equalAddresses(address('Joe@X.example'), address('Joe@x.EXAMPLE'))).toBe(true);
    expect(equalAddresses(address('Joe@x.example'), address('joe@x.example'))).toBe(false);
    expect(equalAddresses(address('"joe"@x.example'), address('joe@x.example'))).toBe(true);
    expect(equalAddresses(address('a@müller.example'), address('a@xn--mller-kva.example'))).toBe(true);
    expect(equalAddresses(address('a@[IPv6:2001:db8:0::1]'), address('a@[IPv6:2001:db8::1]'))).toBe(true);
    expect(equalAddresses(address('a@[192.0.2.1]'), address('a@x.example'))).toBe(false);
  });
  it('RFC 5233 §4: subaddresses, dots and case by rule', () => {
    const rules = { caseInsensitive: true, separators: '+-', ignoreDots: true };
    expect(equalAddresses(address('J.Doe+List@x.example'), address('jdoe@x.example'), rules)).toBe(true);
    expect(equalAddresses(address('jdoe-a@x.example'), address('jdoe+b@x.example'), rules)).toBe(true);
    expect(equalAddresses(address('+jdoe@x.example'), address('jdoe@x.example'), rules)).toBe(false);
  });
  it('makes one key of all ways to write an address', () => {
    for (const text of ['Jörg@MÜLLER.example', 'JO\u0308RG@xn--mller-kva.example', '"jörg"@müller.example'])
      expect(canonicalAddress(address(text))).toBe('jörg@xn--mller-kva.example');
    expect(canonicalAddress(address('A B@x'.replace('A B', '"A B"')))).toBe('a b@x');
    expect(canonicalAddress(address('a@[192.0.2.1]'))).toBe('a@[192.0.2.1]');
  });
  it('RFC 6531 §3.2: knows which address needs SMTPUTF8', () => {
    expect([needsSmtputf8(address('jörg@x.example')), needsSmtputf8(address('a@müller.example'))]).toEqual([true, false]);
  });
  it('RFC 5321 §4.1.3: gives the IP address of a literal', () => {
    const { domain } = address('a@[IPv6:2001:db8::1]');
    expect(isAddressLiteral(domain) && addressLiteralIp(domain)?.version).toBe(6);
  });
});
