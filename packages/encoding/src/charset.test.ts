import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { CharsetDecoder, canDecode, decodeCharset } from './charset.ts';
import { encodeCharset } from './charset-encoder.ts';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

function decodeInPieces(bytes: Uint8Array, label: string, size: number): string {
  const decoder = new CharsetDecoder(label);
  let text = '';
  for (let at = 0; at < bytes.length; at += size) text += decoder.push(bytes.subarray(at, at + size));
  return text + decoder.end();
}

const samples: readonly (readonly [label: string, bytes: string, text: string, charset: string])[] = [
  ['utf-8', 'K\u00c3\u00b6ln', 'Köln', 'utf-8'],
  ['UTF8', '\u00ef\u00bb\u00bfx', 'x', 'utf-8'],
  ['us-ascii', 'plain', 'plain', 'us-ascii'],
  ['iso-8859-1', 'K\u00f6ln \u0093x\u0094', 'Köln “x”', 'windows-1252'],
  ['latin1', '\u00e9', 'é', 'windows-1252'],
  ['ISO8859_15', '\u00a4', '€', 'iso-8859-15'],
  ['iso-8859-2', '\u00b3', 'ł', 'iso-8859-2'],
  ['cp1252', '\u0080', '€', 'windows-1252'],
  ['win-1251', '\u00cf\u00f0\u00e8', 'При', 'windows-1251'],
  ['koi8-r', '\u00f0\u00d2\u00c9', 'При', 'koi8-r'],
  ['ibm437', '\u0082', 'é', 'ibm437'],
  ['cp850', '\u00d5', 'ı', 'cp850'],
  ['VISCII', 'Vi\u00aet', 'Việt', 'viscii'],
  ['macintosh', '\u008e', 'é', 'macintosh'],
  ['shift_jis', '\u0093\u00fa\u0096{', '日本', 'shift_jis'],
  ['cp932', '\u0093\u00fa\u0096{', '日本', 'shift_jis'],
  ['euc-jp', '\u00c6\u00fc\u00cb\u00dc', '日本', 'euc-jp'],
  ['iso-2022-jp', '\x1b$BF|K\\\x1b(B', '日本', 'iso-2022-jp'],
  ['gb2312', '\u00d6\u00d0\u00ce\u00c4', '中文', 'gbk'],
  ['gb18030', '\u00d6\u00d0', '中', 'gb18030'],
  ['big5', '\u00a4\u00a4\u00a4\u00e5', '中文', 'big5'],
  ['euc-kr', '\u00c7\u00d1\u00b1\u00db', '한글', 'euc-kr'],
  ['ks_c_5601-1987', '\u00c7\u00d1\u00b1\u00db', '한글', 'euc-kr'],
  ['cp949', '\u00c7\u00d1\u00b1\u00db', '한글', 'euc-kr'],
  ['iso-2022-kr', '\x1b$)C\x0eGQ1[\x0f ok\n', '한글 ok\n', 'iso-2022-kr'],
  ['hz-gb-2312', '~{VPND~} ~~ ok~\n.', '中文 ~ ok.', 'hz-gb-2312'],
  ['utf-7', 'Hi Mom -+Jjo--!+- +2D3eBA-', 'Hi Mom -☺-!+ 😄', 'utf-7'],
  ['utf-16', '\u00fe\u00ff\0a', 'a', 'utf-16'],
  ['utf-16', '\u00ff\u00fea\0', 'a', 'utf-16'],
  ['utf-16', 'a\0b\0', 'ab', 'utf-16'],
  ['utf-16', '\0a\0b', 'ab', 'utf-16'],
  ['utf-16le', 'a\0', 'a', 'utf-16le'],
  ['utf-32', '\0\0\0a\0\u0001\u00f6\u0000', 'a\u{1f600}', 'utf-32'],
  ['utf-32le', 'a\0\0\0', 'a', 'utf-32le'],
];

/** RFCs that say how a charset is written. */
const rfcs: Readonly<Record<string, string>> = {
  'iso-2022-kr': 'RFC 1557',
  'iso-2022-jp': 'RFC 1468',
  'hz-gb-2312': 'RFC 1843 §2',
  'utf-7': 'RFC 2152',
  'utf-16': 'RFC 2781 §4.3',
};

describe('decodeCharset', () => {
  for (const [label, bytes, text, charset] of samples) {
    it(`${rfcs[label] ?? 'reads'} ${label}: ${JSON.stringify(text)}, whole and in pieces`, () => {
      expect(decodeCharset(bytesOf(bytes), label)).toEqual({ text, charset });
      expect(canDecode(label)).toBe(true);
      for (const size of [1, 2, 3]) expect(decodeInPieces(bytesOf(bytes), label, size)).toBe(text);
    });
  }

  it('takes UTF-8, else windows-1252, for an unknown label', () => {
    expect(decodeCharset(bytesOf('\u00c3\u00a9'), 'x-nonsense')).toEqual({ text: 'é', charset: 'utf-8', problem: 'unknown-charset' });
    expect(decodeCharset(bytesOf('\u00e9'), '')).toEqual({ text: 'é', charset: 'windows-1252', problem: 'unknown-charset' });
    expect(canDecode('x-nonsense')).toBe(false);
    expect(canDecode('x-user-defined')).toBe(false);
    expect(decodeInPieces(bytesOf('a\u00c3\u00a9 \u00e9b'), 'x-nonsense', 1)).toBe('aé éb');
    expect(decodeInPieces(bytesOf('a\u00e2\u0082'), 'x-nonsense', 1)).toBe('aâ‚');
  });

  it('notes what the label does not allow', () => {
    expect(decodeCharset(bytesOf('\u00c3\u00a9'), 'us-ascii')).toEqual({ text: 'é', charset: 'utf-8', problem: 'not-ascii' });
    expect(decodeCharset(bytesOf('\u00e9'), 'utf-8')).toEqual({ text: '\ufffd', charset: 'utf-8', problem: 'malformed' });
  });

  it('knows every single-byte charset as iconv-lite does', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    for (const label of [
      'cp437',
      'cp737',
      'cp775',
      'cp850',
      'cp852',
      'cp855',
      'cp857',
      'cp858',
      'cp860',
      'cp861',
      'cp862',
      'cp863',
      'cp864',
      'cp865',
      'cp866',
      'cp869',
      'cp720',
      'viscii',
      'tcvn',
      'maccroatian',
      'macgreek',
      'macturkish',
      'armscii8',
      'georgianps',
      'pt154',
      'hproman8',
    ]) {
      expect(decodeCharset(all, label).text, label).toBe(iconv.decode(Buffer.from(all), label));
    }
  });

  it('takes mutants in every charset, whole and in pieces alike', () => {
    for (const [label, bytes] of samples) {
      for (const mutant of mutants([bytesOf(bytes)], { count: 60, tokens: ['\x1b$B', '\x0e', '~{', '+', '-', '\xff'] })) {
        const whole = decodeCharset(mutant, label);
        if (whole.charset !== 'windows-1252' && label !== 'us-ascii') expect(decodeInPieces(mutant, label, 1000), label).toBe(whole.text);
        if (label !== 'us-ascii' && label !== 'utf-16')
          expect(decodeInPieces(mutant, label, 1), label).toBe(decodeInPieces(mutant, label, 3));
      }
    }
  });
});

describe('canDecode', () => {
  it.each([
    ['UTF-8', 'utf-8'],
    ['csUTF8', 'utf-8'],
    ['ISO_8859-1:1987', 'iso-8859-1'],
    ['iso-ir-100', 'l1'],
    ['ANSI_X3.4-1968', 'us-ascii'],
    ['Extended_UNIX_Code_Packed_Format_for_Japanese', 'EUC-JP'],
    ['KS_C_5601-1987', 'csKSC56011987'],
    ['PC-Multilingual-850+euro', 'CCSID00858'],
    ['csGB18030', 'gb18030'],
    ['csBig5HKSCS', 'big5-hkscs'],
    ['csWindows31J', 'Windows-31J'],
    ['PTCP154', 'Cyrillic-Asian'],
    ['ISO_8859-6-E', 'csISO88596E'],
    ['csUTF7', 'UTF-7'],
  ])('RFC 2978 §2.3: a charset has several names, and case means nothing in them: %s, %s', (name, alias) => {
    expect([canDecode(name), canDecode(alias)]).toEqual([true, true]);
    const bytes = Uint8Array.of(0x41, 0xc3, 0xa9);
    expect(decodeCharset(bytes, name.toLowerCase())).toEqual(decodeCharset(bytes, name.toUpperCase()));
    expect(decodeCharset(bytes, name).text).toBe(decodeCharset(bytes, alias).text);
  });

  it('RFC 2978 §2.3: what is no name of a charset is none', () => {
    for (const label of ['', ' ', 'x-nonsense', 'utf 9', '\0', 'a'.repeat(1000)]) expect(canDecode(label)).toBe(false);
  });
});

describe('encodeCharset', () => {
  for (const [label, text] of [
    ['utf-8', 'Köln 日本'],
    ['iso-8859-1', 'Köln “x”'],
    ['iso-8859-15', '5 €'],
    ['koi8-r', 'Привет'],
    ['cp437', 'é½'],
    ['shift_jis', '日本語テスト abc'],
    ['euc-jp', '日本語'],
    ['gbk', '中文'],
    ['big5', '中文'],
    ['euc-kr', '한글'],
    ['utf-16le', 'a日'],
    ['utf-16be', 'a日'],
  ] as const) {
    it(`writes ${label} so that it reads the same`, () => {
      const encoded = encodeCharset(text, label);
      expect(encoded?.missing).toBe(0);
      expect(encoded && decodeCharset(encoded.bytes, label).text).toBe(text);
    });
  }
  it('agrees with iconv-lite', () => {
    for (const [label, text] of [
      ['shift_jis', '日本語テスト'],
      ['big5', '中文測試'],
      ['gbk', '中文测试'],
      ['euc-kr', '한글시험'],
      ['windows-1252', 'Grüße €'],
    ] as const) {
      expect(Buffer.from(encodeCharset(text, label)?.bytes ?? []).toString('hex')).toBe(iconv.encode(text, label).toString('hex'));
    }
  });
  it('counts what a charset does not have', () => {
    const encoded = encodeCharset('a日b', 'iso-8859-1');
    expect(encoded && [decodeCharset(encoded.bytes, 'iso-8859-1').text, encoded.missing]).toEqual(['a?b', 1]);
    expect(encodeCharset('a', 'x-nonsense')).toBeUndefined();
    expect(encodeCharset('a', 'utf-7')).toBeUndefined();
  });
});
