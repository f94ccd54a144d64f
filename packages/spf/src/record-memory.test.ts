import { fromLatin1 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { parseSpfRecord } from './record.ts';
import { readTxtAt } from './record-memory.ts';

describe('readTxtAt', () => {
  it.each([
    ['v=spf1 ip4:192.0.2.1 -all'],
    ['v=spf1 ip4:192.0.2.2 -all'],
    ['v=spf1 nonsense'],
    ['something "else"'],
    [`v=spf1 ${'a '.repeat(300)}-all`],
    [`v=spf1 x=${'y'.repeat(3000)}`],
  ])('gives the same for %j as reading it, the first time and after', (text) => {
    for (let round = 0; round < 3; round++) {
      const { spf, ...rest } = readTxtAt('a.example', [fromLatin1(text)]);
      expect(rest).toEqual({ text, formatted: JSON.stringify(text) });
      const parsed = parseSpfRecord(text);
      if (!text.startsWith('v=spf1')) expect(spf).toBeUndefined();
      else if (!parsed.ok) expect(spf).toEqual(parsed);
      else expect(spf?.ok && spf.value.mechanisms.map((term) => term.mechanism)).toEqual(parsed.value.mechanisms);
    }
  });

  it('RFC 7208 §3.3: the strings of a record are one, however they are cut', () => {
    const whole = readTxtAt('b.example', [fromLatin1('v=spf1 a -all')]);
    expect(readTxtAt('b.example', ['v=s', 'pf1 a', '', ' -all'].map(fromLatin1))).toBe(whole);
    expect(readTxtAt('b.example', ['v=spf1 a', '-all'].map(fromLatin1)).spf?.ok).toBe(false);
  });

  it('what is used is remembered, what is not used for long is forgotten', () => {
    const [used, unused] = ['v=spf1 a:used.example', 'v=spf1 a:unused.example'].map((text) => [fromLatin1(text)]) as [
      Uint8Array[],
      Uint8Array[],
    ];
    const first = { used: readTxtAt('used.example', used), unused: readTxtAt('unused.example', unused) };
    for (let i = 0; i < 1000; i++) {
      readTxtAt(`n${i}.example`, [fromLatin1(`v=spf1 a:n${i}.example`)]);
      expect(readTxtAt('used.example', used)).toBe(first.used);
    }
    expect(readTxtAt('unused.example', unused)).not.toBe(first.unused);
    expect(readTxtAt('unused.example', unused)).toEqual(first.unused);
  });
});
