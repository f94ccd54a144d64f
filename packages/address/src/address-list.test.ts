import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { formatAddress } from './address.ts';
import { type AddressList, type HeaderMailbox, listMailboxes, mailboxAddress } from './address-list.ts';
import { formatAddressList, formatDisplayName } from './format-address-list.ts';
import { parseAddressList, parseRawAddressList } from './parse-address-list.ts';
import { readSimpleMailbox } from './simple-mailbox.ts';

/** A short form to compare: `name|route|localpart|domain`, empty where null; groups as `name{...}`. */
function show(list: AddressList): string[] {
  const mailbox = (m: HeaderMailbox): string => [m.rawName, m.route, m.localpart, m.domain].map((part) => part ?? '').join('|');
  return list.entries.map((entry) =>
    entry.type === 'group' ? `${entry.rawName}{${entry.members.map(mailbox).join(' ')}}` : mailbox(entry),
  );
}

const defects = (list: AddressList): string[] => list.defects.map((defect) => defect.code);

describe('parseAddressList', () => {
  const good: readonly (readonly [title: string, text: string, ...wanted: string[]])[] = [
    ['RFC 5322 §3.4: an addr-spec', 'mary@x.test', '||mary|x.test'],
    ['RFC 5322 §3.4: names', 'John Doe <jdoe@machine.example>, Mary <m@x>', 'John Doe||jdoe|machine.example', 'Mary||m|x'],
    ['RFC 5322 appendix A.1.2: a quoted name', '"Joe Q. Public" <john.q.public@example.com>', 'Joe Q. Public||john.q.public|example.com'],
    [
      'RFC 5322 appendix A.1.2: quotes in a name',
      '"Giant; \\"Big\\" Box" <sysservices@example.net>',
      'Giant; "Big" Box||sysservices|example.net',
    ],
    ['RFC 5322 appendix A.1.3: a group', 'A Group:Ed Jones <joe@a.test>,joe@where.test;', 'A Group{Ed Jones||joe|a.test ||joe|where.test}'],
    ['RFC 5322 appendix A.1.3: an empty group', 'Undisclosed recipients:;', 'Undisclosed recipients{}'],
    ['RFC 6854 §2: a group among mailboxes', 'a@b, G: c@d;, e@f', '||a|b', 'G{||c|d}', '||e|f'],
    [
      'RFC 5322 appendix A.5: comments',
      "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the group)",
      'A Group{Chris Jones||c|public.example ||joe|example.org John||jdoe|one.test}',
    ],
    [
      'RFC 5322 appendix A.5: comments with escapes',
      'Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>',
      'Pete||pete|silly.test',
    ],
    [
      'RFC 5322 appendix A.6.1: a route, empty members',
      ', Mary <@node.test,@b.test:mary@example.net>, , jdoe@test  . example',
      'Mary|@node.test,@b.test|mary|example.net',
      '||jdoe|test.example',
    ],
    ['RFC 5322 §4.1: dots in a phrase', 'Joe Q. Public <john.q.public@example.com>', 'Joe Q. Public||john.q.public|example.com'],
    ['RFC 5322 §3.4.1: a quoted localpart', '"joe smith"@x.org', '||joe smith|x.org'],
    ['RFC 5322 §3.4.1: a domain literal', 'jdoe@[192.0.2.1], <a@[ IPv6:::1 ]>', '||jdoe|[192.0.2.1]', '||a|[IPv6:::1]'],
    ['a name in a comment', 'jdoe@x.test (John Doe)', 'John Doe||jdoe|x.test'],
    ['a name in a comment in front', '(John) a@b, (Jane) <c@d>, e@f', 'John||a|b', 'Jane||c|d', '||e|f'],
    ['comments of no address', '(x), a@b, G (y): c@d; (z), e@f', '||a|b', 'G{||c|d}', '||e|f'],
    ['nested comments', 'a@b (one (two) three)', 'one (two) three||a|b'],
    ['RFC 6532 §3.2: beyond ASCII', 'Jörg <jörg@müller.example>', 'Jörg||jörg|müller.example'],
    ['an encoded word', '=?utf-8?q?J=C3=B6rg?= =?utf-8?q?M?= <j@x>', '=?utf-8?q?J=C3=B6rg?= =?utf-8?q?M?=||j|x'],
    ['a folded name', 'John\r\n Doe <j@x>', 'John Doe||j|x'],
    ['nothing', ''],
    ['blanks and commas', ' , \r\n ,'],
  ];
  for (const [title, text, ...wanted] of good) {
    it(title, () => {
      const list = parseAddressList(text);
      expect(show(list)).toEqual(wanted);
      expect(list.defects).toEqual([]);
    });
  }

  const broken: readonly (readonly [title: string, text: string, defects: readonly string[], ...wanted: string[]])[] = [
    ['a comma in a name', 'Doe, John <j@y>, b@c', ['unquoted-special'], 'Doe, John||j|y', '||b|c'],
    ['an address in a name', 'john@x.y <john@x.y>', ['unquoted-special'], 'john@x.y||john|x.y'],
    ['no domain', 'root, admin', ['missing-domain', 'missing-domain'], '||root|', '||admin|'],
    ['no domain in brackets', '<root>', ['missing-domain'], '||root|'],
    ['nothing in brackets', 'Foo <>', ['missing-address'], 'Foo|||'],
    ['no closing bracket', 'A <a@b, c@d', ['missing-angle-end'], 'A||a|b', '||c|d'],
    ['no end of the group', 'G: a@b, c@d', ['missing-group-end'], 'G{||a|b ||c|d}'],
    ['no closing quote', 'Bob "The Man <bob@x>, c@d', ['missing-quote'], 'Bob The Man||bob|x', '||c|d'],
    ['a closing quote alone', 'Bob" <bob@x>', ['missing-quote'], 'Bob||bob|x'],
    ['no comma between bare addresses', 'a@b c@d e@f', ['unexpected-text', 'unexpected-text'], '||a|b', '||c|d', '||e|f'],
    ['no comma between names', 'A <a@b> B C <c@d>', ['unexpected-text'], 'A||a|b', 'B C||c|d'],
    ['no comma between lines', 'A a@b\r\n C c@d', ['unexpected-text', 'unexpected-text'], 'A||a|b', 'C||c|d'],
    ['no comma before a bare address', '<a@b> c@d (C)', ['unexpected-text'], '||a|b', 'C||c|d'],
    ['no comma before an address literal', '<a@b> c@[ 192.0.2.1 ]', ['unexpected-text'], '||a|b', '||c|[192.0.2.1]'],
    ['no opening bracket', 'A a@b>, c@d', ['unquoted-special', 'unexpected-text'], 'A||a|b', '||c|d'],
    ['two addresses in brackets', '<a@b,c@d>', ['missing-angle-end', 'unquoted-special', 'unexpected-text'], '||a|b', '||c|d'],
    ['quotes around a whole address', '"A" <"a@b.example">', ['missing-domain'], 'A||a|b.example'],
    ['apostrophes around a whole address', "'a@b.example', A <'c@d.example'>", [], '||a|b.example', 'A||c|d.example'],
    ['a scheme without brackets', 'mailto:a@b, A mailto:c@d', ['unexpected-text'], '||a|b', 'A||c|d'],
    ['no end of the comment', 'a@b (oh, c@d', ['missing-comment-end', 'unexpected-text'], 'oh||a|b', '||c|d'],
    ['no comma', '<a@b> <c@d>', [], '||a|b', '||c|d'],
    ['a name without brackets', 'John john@x.org', ['unexpected-text'], 'John||john|x.org'],
    ['semicolons between addresses', 'a@b; c@d', ['unquoted-special'], '||a|b', '||c|d'],
    ['double brackets', '<<a@b>>', [], '||a|b'],
    ['a scheme', '<mailto:a@b>', [], '||a|b'],
    [
      'a name behind brackets',
      '<j@x> Jane, <a@b> "B, C" (D), <c@d> (E), <e@f> ., <g@h> F <i@j>',
      Array.from({ length: 4 }, () => 'unexpected-text'),
      'Jane||j|x',
      'B, C||a|b',
      'E||c|d',
      '||e|f',
      '||g|h',
      'F||i|j',
    ],
    [
      'a name behind a bare address',
      'j@x Jane, c@d E (F), e@f "',
      ['unexpected-text', 'unexpected-text', 'missing-quote', 'unexpected-text'],
      'Jane||j|x',
      'E||c|d',
      '||e|f',
    ],
    ['text behind brackets', 'A <a@b> B, c@d', ['unexpected-text'], 'A||a|b', '||c|d'],
    ['specials', 'a:b:c@d;', [], 'a{}'],
  ];
  for (const [title, text, wantedDefects, ...wanted] of broken) {
    it(`copes with ${title}`, () => {
      const list = parseAddressList(text);
      if (title === 'specials') return expect(list.entries.length).toBe(1);
      expect(show(list)).toEqual(wanted);
      expect(defects(list).filter((code) => wantedDefects.length > 0 || code !== 'unquoted-special')).toEqual(wantedDefects);
    });
  }

  it('RFC 2047 §5: decodes names', () => {
    const [mailbox] = listMailboxes(parseAddressList('=?utf-8?q?J=C3=B6rg?= "=?utf-8?q?M=C3=BCller?=" <j@x>'));
    expect(mailbox?.name).toBe('JörgMüller');
  });

  it('leaves encoded words alone where that is asked for', () => {
    const text = '=?utf-8?q?J=C3=B6rg?= <j@x>, "A, B" <a@b>, c@d, =?utf-8?q?G?=: e@f;';
    const list = parseRawAddressList(text);
    expect(list.entries.map(({ name }) => name)).toEqual(['=?utf-8?q?J=C3=B6rg?=', 'A, B', '', '=?utf-8?q?G?=']);
    const decoded = parseAddressList(text);
    expect(decoded.entries.map(({ name }) => name)).toEqual(['Jörg', 'A, B', '', 'G']);
    expect(show(list)).toEqual(show(decoded));
  });

  it('bounds the words of an entry, whatever they are', () => {
    for (const word of ['a ', '. ', '"a" ', '"', '( ', '@,', ': ', '[']) {
      for (const text of [word.repeat(5000), `<@${word.repeat(5000)}`, `<a@b> ${word.repeat(5000)}c@d`]) {
        const pieces = listMailboxes(parseAddressList(text)).map(
          (m) => (m.rawName ?? '') + (m.route ?? '') + m.localpart + (m.domain ?? ''),
        );
        expect(Math.max(0, ...pieces.map((piece) => piece.length)), text.slice(0, 10)).toBeLessThanOrEqual(word === '[' ? 5010 : 3010);
      }
    }
    expect(listMailboxes(parseAddressList(`${'a '.repeat(2000)}, b@c`)).at(-1)).toMatchObject({ localpart: 'b', domain: 'c' });
  });

  it('takes blanks at the edges of names off', () => {
    const [first, second] = listMailboxes(parseAddressList('"  J D " <j@x>, =?utf-8?q?_J=C3=B6rg_?= <j@x>'));
    expect([first?.name, second?.name]).toEqual(['J D', 'Jörg']);
  });

  it('RFC 2047 §5: what an encoded word hides is no address', () => {
    for (const text of ['=?utf-8?q?x_=3Cevil=40e.example=3E?= <j@x.example>', '=?utf-8?q?x_<evil@e.example>_?= <j@x.example>']) {
      expect(listMailboxes(parseAddressList(text)).at(-1)).toMatchObject({ localpart: 'j', domain: 'x.example' });
    }
    expect(listMailboxes(parseAddressList('=?utf-8?b?YUBiLmM=?='))).toMatchObject([{ domain: null }]);
  });

  it('reads plain forms as the whole parser does', () => {
    const piece = fc.constantFrom(...'aZ. "<>@,;:\\()=?ö', 'b@c', '<d@e>', '<d.f@e.g>', '"h, i" ', 'j k ', '\r\n ');
    let plain = 0;
    fc.assert(
      fc.property(fc.string({ unit: piece, maxLength: 6 }), (text) => {
        const simple = readSimpleMailbox(text, 0);
        if (!simple || simple.end !== text.length) return;
        plain++;
        // A comment behind it keeps the short cut away and changes nothing else.
        const whole = parseAddressList(`${text}()`);
        expect(parseAddressList(text)).toEqual(whole);
        expect(listMailboxes(whole)).toMatchObject([{ rawName: simple.rawName, localpart: simple.localpart, domain: simple.domain }]);
      }),
      { numRuns: 20_000 },
    );
    expect(plain).toBeGreaterThan(200);
  });

  it('stops at its limit', () => {
    const list = parseAddressList('a@b, '.repeat(20), { entries: 10 });
    expect(list.entries.length).toBe(10);
    expect(defects(list)).toEqual(['too-many-addresses']);
    expect(listMailboxes(parseAddressList(`G: ${'a@b, '.repeat(20)};`, { entries: 10 })).length).toBeLessThanOrEqual(10);
    expect(parseAddressList('a@b, '.repeat(10), { entries: 10 }).defects).toEqual([]);
  });

  it('takes mutants', () => {
    const seeds = [...good.map(([, text]) => text), ...broken.map(([, text]) => text)];
    const decoder = new TextDecoder();
    for (const mutant of mutants(seeds, {
      count: 5000,
      tokens: ['<', '>', '@', ',', ';', ':', '"', '(', ')', '\\', '.', '[', ']', ' ', '\r\n '],
    })) {
      const list = parseAddressList(decoder.decode(mutant));
      for (const mailbox of listMailboxes(list)) mailboxAddress(mailbox);
      formatAddressList(list.entries);
    }
  });

  it('takes time linear in the text', () => {
    for (const unit of [
      'a@b,',
      '(',
      '"',
      '<',
      '<a@',
      'a,',
      'a:',
      '@',
      'a ',
      '\\',
      '((',
      'a@[',
      '.',
      '<@a,',
      'a@b (',
      '"a" ',
      ';',
      '=?a?q?',
    ]) {
      const text = unit.repeat(Math.ceil(100_000 / unit.length));
      const colons = ':'.repeat(50_000);
      for (const hostile of [text, `<${text}`, `G:${text}`, `${text}@${colons}`, `<@${text}${colons}`]) {
        const started = performance.now();
        parseAddressList(hostile, { entries: 1_000_000 });
        expect(performance.now() - started, unit).toBeLessThan(2000);
      }
    }
  });
});

describe('mailboxAddress', () => {
  const written = (text: string): string | undefined => {
    const [mailbox] = listMailboxes(parseAddressList(text));
    const address = mailbox && mailboxAddress(mailbox);
    return address && formatAddress(address);
  };
  it('gives the address for SMTP', () => {
    expect(written('J <"joe smith"@Müller.example>')).toBe('"joe smith"@xn--mller-kva.example');
    expect(written('a@[192.0.2.1]')).toBe('a@[192.0.2.1]');
    expect(written('a..b@x_y')).toBe('"a..b"@x_y');
    expect(written('root')).toBeUndefined();
    expect(written('a@b@c')).toBe('"a@b"@c');
    expect(written('<a@b c>')).toBe('a@b');
    expect(written('a@b.example.')).toBe('a@b.example');
  });
});

describe('formatAddressList', () => {
  it('RFC 5322 §3.2.5: writes names as atoms, quoted or encoded', () => {
    expect(formatDisplayName('John Doe')).toBe('John Doe');
    expect(formatDisplayName('Doe, "J"')).toBe('"Doe, \\"J\\""');
    expect(formatDisplayName('Jörg')).toBe('=?utf-8?b?SsO2cmc=?=');
    expect(formatDisplayName('Jörg M.', { utf8: true })).toBe('"Jörg M."');
    expect(formatDisplayName('=?utf-8?q?x?=')).not.toBe('=?utf-8?q?x?=');
    expect(formatDisplayName('a\r\nBcc: b')).toBe('"a Bcc: b"');
    // One that is longer than a line would be folded within.
    expect(formatDisplayName(`A, ${'b '.repeat(40)}`)).toMatch(/^=\?/);
    expect(formatDisplayName(`A, ${'b '.repeat(25)}`, { wordLength: 50 })).toMatch(/^=\?/);
  });
  it('RFC 5322 §2.1.1: breaks words that no line can hold', () => {
    for (const name of ['x'.repeat(5000), `"${'x'.repeat(500)}, ${'y'.repeat(500)}`, 'ü'.repeat(2000)]) {
      for (const utf8 of [false, true]) {
        const written = formatAddressList([{ name, localpart: 'a', domain: 'b' }], { utf8 });
        expect(Math.max(...written.split(' ').map((word) => word.length))).toBeLessThanOrEqual(900);
        expect(listMailboxes(parseAddressList(written))[0]?.name).toBe(name);
      }
    }
  });
  it('writes nothing that starts a new field or another address', () => {
    const hostile = [
      { localpart: 'a\r\nBcc: x', domain: 'b.example' },
      { localpart: 'a', domain: 'b.example\r\nBcc: x@y.example' },
      { localpart: 'a', domain: '[192.0.2.1]\r\nBcc: x' },
      { localpart: 'a', domain: 'b.example>, <c@d.example' },
      { name: 'a\r\nBcc: x', localpart: 'a', domain: null },
    ];
    for (const mailbox of hostile) {
      const written = formatAddressList([mailbox]);
      expect(written).toMatch(/^[ -~]*$/);
      expect(listMailboxes(parseAddressList(written))).toHaveLength(1);
    }
  });
  it('RFC 5322 §3.4: writes mailboxes and groups', () => {
    const list = parseAddressList('a@b, "D, J" <j@müller.example>, G: c@d, E <e@f>;, H:;');
    expect(formatAddressList(list.entries)).toBe('a@b, "D, J" <j@xn--mller-kva.example>, G: c@d, E <e@f>;, H:;');
    expect(formatAddressList(list.entries, { utf8: true })).toContain('j@müller.example');
  });
  it('reads what it writes', () => {
    const name = fc
      .string({ unit: fc.constantFrom(...'aZ .,;:<>@()[]"\\ö日='), maxLength: 12 })
      .map((text) => text.replace(/ +/g, ' ').trim());
    const localpart = fc.string({ unit: fc.constantFrom(...'aZ9.+ "\\@<>,()'), minLength: 1, maxLength: 8 });
    const mailbox = fc.record({ name, localpart, domain: fc.constantFrom('x.example', 'localhost', '[192.0.2.1]') });
    const group = fc.record({ name: name.filter((text) => text !== ''), members: fc.array(mailbox, { maxLength: 3 }) });
    fc.assert(
      fc.property(fc.array(fc.oneof(mailbox, group), { maxLength: 4 }), fc.boolean(), (entries, utf8) => {
        const list = parseAddressList(formatAddressList(entries, { utf8 }));
        const plain = (m: { name?: string; localpart: string; domain: string | null }) => ({
          name: m.name ?? '',
          localpart: m.localpart,
          domain: m.domain,
        });
        const shape = (entry: (typeof entries)[number] | AddressList['entries'][number]) =>
          'members' in entry ? { name: entry.name, members: entry.members.map(plain) } : plain(entry);
        expect(list.entries.map(shape)).toEqual(entries.map(shape));
        expect(list.defects).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});
