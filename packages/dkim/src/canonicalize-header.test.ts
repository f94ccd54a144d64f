import { describe, expect, it } from 'vitest';
import { canonicalizeField, removeSignatureValue } from './canonicalize-header.ts';
import { readRawFields } from './message-splitter.ts';

const fields = readRawFields('A: X\r\nB : Y\t\r\n\tZ  \r\nFrom: 1\r\nfrom: 2\r\nFROM: 3\r\nno field\r\n\r\n');

describe('canonicalizeField', () => {
  it('RFC 6376 §3.4.5: the examples', () => {
    expect(fields.fields.slice(0, 2).map((field) => canonicalizeField(field, 'relaxed'))).toEqual(['a:X', 'b:Y Z']);
    expect(fields.fields.slice(0, 2).map((field) => canonicalizeField(field, 'simple'))).toEqual(['A: X', 'B : Y\t\r\n\tZ  ']);
  });
});

describe('signedText', () => {
  it('RFC 6376 §5.4.2: fields of one name are taken from the bottom up, names without a field are nothing', () => {
    expect(fields.signedText(['from', 'From', 'Subject', 'A', 'FROM', 'from'], 'relaxed')).toBe('from:3\r\nfrom:2\r\na:X\r\nfrom:1\r\n');
  });
});

describe('removeSignatureValue', () => {
  it.each([
    ['DKIM-Signature: v=1; b=abc; bh=def\r\n', 'DKIM-Signature: v=1; b=; bh=def\r\n'],
    ['DKIM-Signature: bh=def; b = a\r\n b c \r\n', 'DKIM-Signature: bh=def; b =\r\n'],
    ['DKIM-Signature: b=x\r\n', 'DKIM-Signature: b=\r\n'],
    ['DKIM-Signature: xb=1; b=2; z=b=3\r\n', 'DKIM-Signature: xb=1; b=; z=b=3\r\n'],
  ])('RFC 6376 §3.7: %j -> %j', (raw, expected) => {
    expect(removeSignatureValue({ nameLower: 'dkim-signature', raw, colon: 14 }).raw).toBe(expected);
  });
});
