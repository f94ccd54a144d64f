import { unwrap } from '@mox/syntax';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  comparePrecis,
  enforcePrecis,
  nickname,
  opaqueString,
  type PrecisProfile,
  usernameCaseMapped,
  usernameCasePreserved,
} from './precis.ts';
import { saslprep } from './saslprep.ts';

const enforce = (profile: PrecisProfile, text: string): string | undefined => {
  const result = enforcePrecis(profile, text);
  return result.ok ? result.value : undefined;
};

describe('enforcePrecis', () => {
  const cases: readonly (readonly [title: string, profile: PrecisProfile, input: string, output: string | undefined])[] = [
    ['RFC 8265 §3.3.1: case and width', usernameCaseMapped, 'ＪＵＬＩＥＴ', 'juliet'],
    ['RFC 8265 §3.4.1: case is kept', usernameCasePreserved, 'JÜliet', 'JÜliet'],
    ['RFC 8265 §3.3.1: normal form C', usernameCaseMapped, 'JU\u0308', 'jü'],
    ['RFC 8265 §3.3.1: the Bidi Rule', usernameCaseMapped, 'אa', undefined],
    ['RFC 8265 §3.3.1: right to left', usernameCaseMapped, 'אב1', 'אב1'],
    ['RFC 8264 §9.12: a control', usernameCaseMapped, 'a\u0000', undefined],
    ['RFC 8264 §9.13: an ignorable', usernameCaseMapped, 'a\u00ad', undefined],
    ['RFC 8264 §9.9: old Hangul', opaqueString, '\u1100\u1161', undefined],
    ['RFC 8264 §9.10: unassigned', opaqueString, '\u0378', undefined],
    ['RFC 8264 §9.14: a space in an identifier', usernameCaseMapped, 'a b', undefined],
    ['RFC 8264 §9.8: a joiner out of context', opaqueString, 'a\u200d', undefined],
    ['RFC 5892 appendix A.3: a middle dot', usernameCaseMapped, 'l·l', 'l·l'],
    ['RFC 5892 appendix A.3: a middle dot out of context', usernameCaseMapped, 'a·b', undefined],
    ['RFC 8265 §4.2.2: a full-width letter in a password', opaqueString, 'Ａ', 'Ａ'],
    ['a lone surrogate', opaqueString, '\ud800', undefined],
    ['RFC 8266 §2.1: spaces', nickname, '  Foo \u00a0 Bar  ', 'Foo Bar'],
    ['RFC 8266 §2.1: normal form KC', nickname, 'Richard \u2163', 'Richard IV'],
    ['RFC 8266 §2.1: nothing but spaces', nickname, '   ', undefined],
  ];
  for (const [title, profile, input, output] of cases) it(title, () => expect(enforce(profile, input)).toBe(output));

  it('RFC 8264 §7: enforced strings stay as they are', () => {
    for (const profile of [usernameCaseMapped, usernameCasePreserved, opaqueString, nickname]) {
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme', maxLength: 8 }), (text) => {
          const once = enforcePrecis(profile, text);
          if (once.ok) expect(enforcePrecis(profile, once.value)).toEqual(once);
        }),
      );
    }
  });

  it('RFC 8264 §7: enforced strings stay as they are, with each character that has case, marks, width or another form', () => {
    const restless: string[] = [];
    for (const profile of [usernameCaseMapped, usernameCasePreserved, opaqueString, nickname]) {
      const ranges: readonly (readonly [number, number])[] = [
        [0x21, 0x3400],
        [0xa640, 0xabff],
        [0xf900, 0x10000],
        [0x1d400, 0x1d800],
      ];
      const codes = ranges.flatMap(([first, end]) => Array.from({ length: end - first }, (_, i) => first + i));
      for (const code of codes) {
        const text = `a${String.fromCodePoint(code)}`;
        const once = enforcePrecis(profile, text);
        if (once.ok && enforce(profile, once.value) !== once.value) restless.push(`${profile.name} ${code.toString(16)}`);
      }
    }
    expect(restless).toEqual([]);
  });

  it('RFC 8265 §3.3.4, RFC 8266 §2.4: compares', () => {
    expect(comparePrecis(usernameCaseMapped, 'Juliet', 'jULIET')).toBe(true);
    expect(comparePrecis(usernameCasePreserved, 'Juliet', 'jULIET')).toBe(false);
    expect(comparePrecis(nickname, 'Foo  Bar', 'foo bar')).toBe(true);
    expect(comparePrecis(usernameCaseMapped, 'a b', 'a b')).toBe(false);
  });
});

describe('saslprep', () => {
  const cases: readonly (readonly [title: string, input: string, output: string | undefined])[] = [
    ['RFC 4013 §2.1: spaces', 'a\u00a0b\u3000c', 'a b c'],
    ['RFC 4013 §2.1: mapped to nothing', 'a\u00ad\u200c\ufeffb', 'ab'],
    ['RFC 4013 §2.1: a space without width is a space first', 'a\u200bb', 'a b'],
    ['RFC 4013 §2.3: a control', 'a\u0085', undefined],
    ['RFC 4013 §2.3: private use', '\ue000', undefined],
    ['RFC 4013 §2.3: a tag', '\u{e0041}', undefined],
    ['RFC 4013 §2.3: a replacement character', 'a\ufffd', undefined],
    ['RFC 4013 §2.4: right to left', '\u0627\u0628', '\u0627\u0628'],
    ['RFC 4013 §2.4: both directions', '\u0627a\u0628', undefined],
    ['RFC 4013 §2.4: digits inside', '\u06271\u0628', '\u06271\u0628'],
    ['RFC 4013 §2.5: unassigned', '\u0221', undefined],
    ['RFC 4013 §2.5: unassigned, with a form that later versions know', '\u{1f103}', undefined],
    ['a lone surrogate', 'a\udc00', undefined],
    ['nothing', '', ''],
  ];
  for (const [title, input, output] of cases) {
    it(title, () => {
      const result = saslprep(input);
      expect(result.ok ? result.value : undefined).toBe(output);
    });
  }
  it('RFC 4013 §2.5: unassigned characters are let through in a query', () => {
    expect(unwrap(saslprep('\u0221', { allowUnassigned: true }))).toBe('\u0221');
    // RFC 3454 §4: normalization is that of Unicode 3.2, which knows no other form of these.
    expect(unwrap(saslprep('\u212b\u{1f103}e\u0301\u1dc4', { allowUnassigned: true }))).toBe('\u00c5\u{1f103}\u00e9\u1dc4');
  });
  it('prepared strings stay as they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 10 }), (text) => {
        const once = saslprep(text);
        if (once.ok) expect(saslprep(once.value)).toEqual(once);
      }),
    );
  });
});
