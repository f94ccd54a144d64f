import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatGs2Header, formatSaslName, parseGs2Header, parseSaslName } from './gs2.ts';

describe('parseGs2Header', () => {
  it.each([
    ['n,,rest', { flag: 'n', length: 3 }],
    ['y,a=me,rest', { flag: 'y', authzid: 'me', length: 7 }],
    ['p=tls-unique,a=a=2Cb=3Dc,', { flag: 'p', bindingType: 'tls-unique', authzid: 'a,b=c', length: 25 }],
  ])('RFC 5802 §7: %j', (text, header) => {
    expect(parseGs2Header(text)).toEqual(header);
  });

  it.each(['', 'n', 'n,', 'x,,', 'N,,', 'p,,', 'p=,,', 'p=tls unique,,', 'n,me,', 'n,a=,', 'n,a==2c,', 'n,a=a=b,', 'n,a=\0,', 'F,n,,'])(
    'RFC 5802 §7: %j is none',
    (text) => {
      expect(parseGs2Header(text)).toBeUndefined();
    },
  );

  it('reads what was written', () => {
    const name = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(name, (authzid) => {
        expect(parseSaslName(formatSaslName(authzid))).toBe(authzid);
        const text = formatGs2Header({ flag: 'n', authzid });
        expect(parseGs2Header(text)).toEqual({ flag: 'n', authzid, length: text.length });
      }),
    );
  });
});
