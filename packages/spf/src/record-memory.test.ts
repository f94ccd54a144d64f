import { formatTxt } from '@mox/dns';
import { fromLatin1 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { toMechanism } from './mechanism.ts';
import { parseSpfRecord, readSpfRecord } from './record.ts';
import { type ReadTxt, readTxtAt } from './record-memory.ts';

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
      expect(rest).toEqual({ text, formatted: formatTxt(text) });
      const parsed = parseSpfRecord(text);
      if (!text.startsWith('v=spf1')) expect(spf).toBeUndefined();
      else if (!parsed.ok) expect(spf).toEqual(parsed);
      else expect(spf?.ok && spf.value.mechanisms.map(toMechanism)).toEqual(parsed.value.mechanisms);
    }
  });

  it('RFC 7208 §3.3: the strings of a record are one, however they are cut', () => {
    readTxtAt('b.example', [fromLatin1('v=spf1 a -all')]);
    const whole = readTxtAt('b.example', [fromLatin1('v=spf1 a -all')]);
    expect(readTxtAt('b.example', ['v=s', 'pf1 a', '', ' -all'].map(fromLatin1))).toBe(whole);
    expect(readTxtAt('b.example', ['v=spf1 a', '-all'].map(fromLatin1)).spf?.ok).toBe(false);
  });

  it('what is met a second time is remembered, what is not used for long is forgotten', () => {
    const [used, unused] = ['v=spf1 a:used.example', 'v=spf1 a:unused.example'].map((text) => [fromLatin1(text)]) as [
      Uint8Array[],
      Uint8Array[],
    ];
    const read = (): ReadTxt[] => [readTxtAt('used.example', used), readTxtAt('unused.example', unused)];
    read();
    const [first, other] = read();
    for (let i = 0; i < 5000; i++) {
      for (let met = 0; met < 2; met++) readTxtAt(`n${i}.example`, [fromLatin1(`v=spf1 a:n${i}.example`)]);
      expect(readTxtAt('used.example', used)).toBe(first);
    }
    expect(readTxtAt('unused.example', unused)).not.toBe(other);
    expect(readTxtAt('unused.example', unused)).toEqual(other);
  });

  it('what is met once drives nothing out', () => {
    const text = [fromLatin1('v=spf1 a:kept.example')];
    readTxtAt('kept.example', text);
    const kept = readTxtAt('kept.example', text);
    for (let i = 0; i < 5000; i++) readTxtAt(`once${i}.example`, [fromLatin1(`v=spf1 a:once${i}.example`)]);
    expect(readTxtAt('kept.example', [fromLatin1('v=spf1 a:kept.example')])).toBe(kept);
  });

  it('two names that share a place, and one name with two records in turn, are kept apart', () => {
    // "Aa" and "BB" have one hash.
    for (let round = 0; round < 4; round++) {
      for (const [name, text] of [
        ['xAa.example', 'v=spf1 a:one.example'],
        ['xBB.example', 'v=spf1 a:two.example'],
        ['xAa.example', 'v=spf1 a:three.example'],
      ] as const) {
        expect(readTxtAt(name, [fromLatin1(text)])).toEqual({ text, formatted: `"${text}"`, spf: readSpfRecord(text) });
      }
    }
  });
});
