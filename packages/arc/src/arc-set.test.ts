import { readRawFields } from '@mox/dkim';
import { describe, expect, it } from 'vitest';
import { highestInstance, newestChainValidation, readArcSets } from './arc-set.ts';

const signing = 'a=rsa-sha256; d=example.net; s=arc; t=1; b=QUJD';

/** The fields of a set; a change is made in all text of it. */
function set(instance: string, cv: string, change: (text: string) => string = (text) => text): string {
  const fields = [
    `ARC-Seal: i=${instance}; cv=${cv}; ${signing}`,
    `ARC-Message-Signature: i=${instance}; ${signing}; h=from; bh=QUJD`,
    `ARC-Authentication-Results: i=${instance}; mx.example.net; arc=${cv}`,
  ];
  return change(fields.map((field) => `${field}\r\n`).join(''));
}

function read(text: string): number | string {
  const sets = readArcSets(readRawFields(text));
  return sets.ok ? (sets.value.at(-1)?.messageSignatureProblem ?? sets.value.length) : sets.error.message;
}

const chain = (count: number): string => Array.from({ length: count }, (_, i) => set(String(i + 1), i === 0 ? 'none' : 'pass')).join('');

describe('readArcSets', () => {
  it.each([
    [chain(1), 1, '§5.2'],
    [chain(50), 50, '§4.2.1'],
    [chain(51), 'ARC-Seal: tag "i" is not an instance', '§4.2.1'],
    [set('2', 'pass') + set('1', 'none'), 2, '§5.2'],
    [set('01', 'none'), 1, '§3.9'],
    [set('0', 'none'), 'ARC-Seal: tag "i" is not an instance', '§4.2.1'],
    [set('', 'none'), 'ARC-Seal: tag "i" is not an instance', '§4.2.1'],
    [set('001', 'none'), 'ARC-Seal: tag "i" is not an instance', '§3.9'],
    [set('1', 'none', (text) => text.replaceAll('i=1', 'I=1')), 'ARC-Seal: tag "i" is not an instance', '§3.9'],
    [
      set('1', 'none', (text) => text.replace('Results: i=1', 'Results: I=1')),
      'ARC-Authentication-Results does not begin with an instance',
      '§4.1',
    ],
    [set('1', 'none', (text) => text.replace('Results: i=1;', 'Results:\r\n\ti = 1 (first) ;')), 1, '§4.1.1'],
    [set('1', 'none', (text) => text.replace('Results: i=1;', 'Results: (a (b \\) c)) i (d) = (e)\r\n 1 (f)(g);')), 1, '§3.9'],
    [
      set('1', 'none', (text) => text.replace('Results: i=1;', 'Results: (a i=1;')),
      'ARC-Authentication-Results does not begin with an instance',
      '§3.9',
    ],
    [
      set('1', 'none', (text) => text.replace('Results: i=1;', 'Results: i=1 2;')),
      'ARC-Authentication-Results does not begin with an instance',
      '§3.9',
    ],
    [
      set('1', 'none', (text) => text.replace('Results: i=1;', 'Results: i=123;')),
      'ARC-Authentication-Results does not begin with an instance',
      '§3.9',
    ],
    [set('1', 'none', (text) => text.replace('Seal: i=1; cv=none', 'Seal: (a) i (b) = 1 (c); cv = (d) none (e)')), 1, '§3.9'],
    [set('1', 'none', (text) => text.replace('Seal: i=1; cv=none', 'Seal: cv=none; i=1 (c)')), 1, '§3.9'],
    [
      set('1', 'none', (text) => text.replace('Seal: i=1; cv=none', 'Seal: (a) i=1; i=1; cv=none')),
      'ARC-Seal: tag "i" a second time',
      '§4.1.3',
    ],
    [set('1', 'none', (text) => text.replace('Signature: i=1', 'Signature: (a)\r\n i=1 (b)')), 1, '§3.9'],
    [set('1', 'none', (text) => text.replace('cv=none', 'cv=NONE')), 1, '§3.9'],
    [set('1', 'none', (text) => text.replace('cv=none', 'cv=no(c)ne')), 'ARC-Seal 1: tag "cv" is neither none, pass nor fail', '§3.9'],
    [chain(2).replace('h=from', 'h=from:ARC-Seal'), 2, '§5.2'],
    [chain(2).replace(/; h=from; bh=QUJD(?=.*mx.*Seal)/s, ''), 2, '§5.2'],
    [set('1', 'none', (text) => text.replace('; mx', ' mx')), 'ARC-Authentication-Results does not begin with an instance', '§4.1.1'],
    [chain(1) + chain(1), 'ARC-Seal 1 is there twice', '§5.2'],
    [chain(1) + set('01', 'none'), 'ARC-Seal 1 is there twice', '§5.2'],
    [chain(1) + set('3', 'pass'), 'set 2 is not whole', '§5.2'],
    [set('2', 'pass'), 'set 1 is not whole', '§5.2'],
    [chain(2).replace(/ARC-Seal: i=1;.*\r\n/, ''), 'set 1 is not whole', '§5.2'],
    [chain(2).replace(/ARC-Message-Signature: i=2;.*\r\n/, ''), 'set 2 is not whole', '§5.2'],
    [set('1', 'pass'), 'ARC-Seal 1 says cv=pass, not none', '§5.2'],
    [chain(1) + set('2', 'none'), 'ARC-Seal 2 says cv=none, not pass', '§5.2'],
    [set('1', 'fail') + set('2', 'pass'), 'ARC-Seal 1 says cv=fail, not none', '§5.2'],
    [set('1', 'maybe'), 'ARC-Seal 1: tag "cv" is neither none, pass nor fail', '§4.4'],
    [set('1', 'none', (text) => text.replace('cv=none; ', '')), 'ARC-Seal 1: tag "cv" is neither none, pass nor fail', '§4.1.3'],
    [set('1', 'none', (text) => text.replace('cv=none', 'cv=none; h=from')), 'ARC-Seal 1: tag "h" is not allowed', '§4.1.3'],
    [
      set('1', 'none', (text) => text.replace('h=from', 'h=from:ARC-Seal')),
      'ARC-Message-Signature 1: ARC-Seal must not be signed',
      '§4.1.2',
    ],
    [set('1', 'none', (text) => text.replace('h=from', 'v=7; h=from')), 1, '§4.1.2'],
    [
      set('1', 'none', (text) => text.replace('ARC-Message-Signature: i=1', 'ARC-Message-Signature: i=1; i=1')),
      'ARC-Message-Signature: tag "i" a second time',
      '§4.1.2',
    ],
    [set('1', 'none', (text) => text.replace('mx.example.net;', ';;;')), 1, '§4.1.1'],
  ] as const)('%j -> %s (RFC 8617 %s)', (text, expected, _section) => {
    expect(read(text)).toBe(expected);
  });

  it('RFC 8617 §4.1.4: U-labels in d= and s=', () => {
    const utf8 = 'b\xc3\xbccher.example';
    const sets = readArcSets(readRawFields(set('1', 'none', (text) => text.replaceAll('example.net; s=', `${utf8}; s=`))));
    expect(sets.ok && sets.value[0]?.seal.domain).toBe('xn--bcher-kva.example');
  });
});

describe('what is told of a broken chain', () => {
  it('RFC 8617 §5.2: the status of the newest seal, and the highest instance of any field', () => {
    const fields = readRawFields(`${set('3', 'fail')}${set('2', 'pass')}ARC-Authentication-Results: i=7; x\r\nARC-Seal: i=99; cv=pass\r\n`);
    expect(newestChainValidation(fields)).toEqual({ instance: 3, chainValidation: 'fail' });
    expect(highestInstance(fields)).toBe(7);
  });
});
