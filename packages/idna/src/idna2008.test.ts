import { describe, expect, it } from 'vitest';
import { describeConformance, readConformance } from '../../../tools/conformance.ts';
import { findIdna2008Fault, isIdna2008Valid } from './idna2008.ts';
import { idna2008Category, idna2008CategoryOf } from './properties.ts';
import { decodePunycode, encodePunycode } from './punycode.ts';

describe('findIdna2008Fault', () => {
  const valid: readonly (readonly [title: string, label: string])[] = [
    ['RFC 5890 §2.3.1: an LDH label', 'example-1'],
    ['RFC 5890 §2.3.2.1: a U-label', 'bücher'],
    ['RFC 5890 §2.3.2.1: an A-label', 'xn--bcher-kva'],
    ['RFC 5892 §2.6: exceptions', 'faßς'],
    ['RFC 5892 appendix A.1: a non-joiner behind a virama', 'क्\u200cष'],
    ['RFC 5892 appendix A.1: a non-joiner between joining letters', 'نامه\u200cای'],
    ['RFC 5892 appendix A.2: a joiner behind a virama', 'क्\u200dष'],
    ['RFC 5892 appendix A.3: a middle dot between two l', 'col·lecció'],
    ['RFC 5892 appendix A.4: a keraia before Greek', '͵α'],
    ['RFC 5892 appendix A.5: a geresh behind Hebrew', 'צ׳רלי'],
    ['RFC 5892 appendix A.6: gershayim behind Hebrew', 'ארה״ב'],
    ['RFC 5892 appendix A.7: a middle dot in Katakana', 'ア・イ'],
    ['RFC 5892 appendix A.8: Arabic-Indic digits', 'ا٠١'],
    ['RFC 5892 appendix A.9: extended Arabic-Indic digits', 'ا۰۱'],
    ['RFC 5893 §2: right to left', 'א1'],
  ];
  for (const [title, label] of valid) it(title, () => expect(findIdna2008Fault(label)).toBeUndefined());

  const faulty: readonly (readonly [title: string, label: string, section: string])[] = [
    ['nothing', '', 'RFC 5891 §4.4'],
    ['a label that is too long', 'a'.repeat(64), 'RFC 5891 §4.4'],
    ['a U-label whose A-label is too long', 'ü'.repeat(60), 'RFC 5891 §4.4'],
    ['upper case', 'Example', 'RFC 5890 §2.3.1'],
    ['an underscore', 'a_b', 'RFC 5890 §2.3.1'],
    ['a hyphen at the end', 'a-', 'RFC 5890 §2.3.1'],
    ['hyphens at the third and fourth place', 'ab--c', 'RFC 5890 §2.3.1'],
    ['hyphens at the third and fourth place of a U-label', 'ab--ü', 'RFC 5891 §4.2.3.1'],
    ['a hyphen at the edge of a U-label', '-ü', 'RFC 5891 §4.2.3.1'],
    ['no normal form C', 'bu\u0308cher', 'RFC 5891 §4.1'],
    ['a combining mark first', '\u0301ü', 'RFC 5891 §4.2.3.2'],
    ['upper case in a U-label', 'Bücher', 'RFC 5892 §3'],
    ['a symbol', 'i♥u', 'RFC 5892 §3'],
    ['an unassigned character', 'a\u0378', 'RFC 5892 §3'],
    ['no Punycode', 'xn--\u00fc', 'RFC 5891 §4.2.1'],
    ['Punycode of ASCII', 'xn--abc-', 'RFC 5890 §2.3.2.1'],
    ['Punycode in another spelling', 'xn--bcher-KVA', 'RFC 5891 §4.2.1'],
    ['RFC 5892 appendix A.1: a non-joiner', 'aü\u200cb', 'RFC 5891 §4.2.3.3'],
    ['RFC 5892 appendix A.2: a joiner', 'aü\u200db', 'RFC 5891 §4.2.3.3'],
    ['RFC 5892 appendix A.3: a middle dot', 'a·b', 'RFC 5891 §4.2.3.3'],
    ['RFC 5892 appendix A.4: a keraia', 'α͵a', 'RFC 5891 §4.2.3.3'],
    ['RFC 5892 appendix A.5: a geresh', 'a׳', 'RFC 5891 §4.2.3.3'],
    ['RFC 5892 appendix A.7: a Katakana middle dot', 'a・b', 'RFC 5891 §4.2.3.3'],
    ['RFC 5892 appendix A.8: digits of two sets', 'ا٠۱', 'RFC 5891 §4.2.3.3'],
    ['RFC 5893 §2: both directions', 'אa', 'RFC 5891 §4.2.3.4'],
    ['RFC 5893 §2: a digit first', '1א', 'RFC 5891 §4.2.3.4'],
  ];
  for (const [title, label, section] of faulty) {
    it(`refuses ${title}`, () => {
      expect(findIdna2008Fault(label)).toContain(`(${section})`);
      expect(isIdna2008Valid(label)).toBe(false);
    });
  }
});

describeConformance('idna', 'IDNA2008', () => {
  it('RFC 5892 §3: has the category of every code point', () => {
    const names: Readonly<Record<string, number>> = { ...idna2008Category, CONTEXT0: idna2008Category.CONTEXTO };
    const failures: string[] = [];
    for (const line of new TextDecoder().decode(readConformance('idna', 'Idna2008.txt')).split('\n')) {
      const match = /^([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*;\s*(\w+)/.exec(line);
      if (!match) continue;
      const [, first = '', last = first, category = ''] = match;
      for (let code = Number.parseInt(first, 16); code <= Number.parseInt(last, 16); code++)
        if (idna2008CategoryOf(code) !== names[category]) failures.push(`${code.toString(16)} ${category}`);
    }
    expect(failures).toEqual([]);
  });

  it('RFC 3492 §6.4: refuses to encode what overflows', () => {
    const vectors: readonly { readonly decoded: string }[] = JSON.parse(
      new TextDecoder().decode(readConformance('idna', 'bad_punycode_tests.json')),
    );
    for (const { decoded } of vectors) expect(encodePunycode(decoded)).toBeUndefined();
  });
});

it('RFC 3492 §6.2: refuses what is not Punycode', () => {
  for (const text of ['a-\u00fc', '99999999', 'a!', '\u00fc-a']) expect(decodePunycode(text)).toBeUndefined();
});
