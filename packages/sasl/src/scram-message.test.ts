import { fromUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { parseClientFinal, parseClientFirst, parseServerFinal, parseServerFirst } from './scram-message.ts';

const parsers = { parseClientFirst, parseServerFirst, parseClientFinal, parseServerFinal };

const refused: readonly (readonly [keyof typeof parsers, string])[] = [
  ['parseClientFirst', ''],
  ['parseClientFirst', 'n,,'],
  ['parseClientFirst', 'n,,n=user'],
  ['parseClientFirst', 'n,,n=,r=abc'],
  ['parseClientFirst', 'n,,n=user,r='],
  ['parseClientFirst', 'n,,r=abc,n=user'],
  ['parseClientFirst', 'n,,n=us=er,r=abc'],
  ['parseClientFirst', 'n,,n=user,r=a\x01bc'],
  ['parseClientFirst', 'n,,n=user,r=äbc'],
  ['parseClientFirst', 'n,,m=new,n=user,r=abc'],
  ['parseClientFirst', 'n,,n=user,r=abc,m=new'],
  ['parseClientFirst', 'n,,n=user,r=abc,x=y,m=new'],
  ['parseClientFirst', 'n,,n=user,r=abc,'],
  ['parseClientFirst', 'n,,n=user,r=abc,1=x'],
  ['parseClientFirst', 'n=user,r=abc'],
  ['parseServerFirst', ''],
  ['parseServerFirst', 'r=abc,s=QSXCR,i=4096'],
  ['parseServerFirst', 'r=abc,s=,i=4096'],
  ['parseServerFirst', 'r=abc,s=QQ==,i=0'],
  ['parseServerFirst', 'r=abc,s=QQ==,i=-1'],
  ['parseServerFirst', 'r=abc,s=QQ==,i=04096'],
  ['parseServerFirst', 'r=abc,s=QQ==,i=99999999999999999999'],
  ['parseServerFirst', 's=QQ==,r=abc,i=4096'],
  ['parseServerFirst', 'm=new,r=abc,s=QQ==,i=4096'],
  ['parseServerFirst', 'r=abc,s=QQ==,i=4096,m=new'],
  ['parseClientFinal', ''],
  ['parseClientFinal', 'c=biws,r=abc'],
  ['parseClientFinal', 'c=biws,p=QQ==,r=abc'],
  ['parseClientFinal', 'c=biws,r=abc,m=new,p=QQ=='],
  ['parseClientFinal', 'c=biw,r=abc,p=QQ=='],
  ['parseClientFinal', 'c=biws,r=abc,p=QQ='],
  ['parseServerFinal', ''],
  ['parseServerFinal', 'v='],
  ['parseServerFinal', 'v=Q'],
  ['parseServerFinal', 'x=QQ=='],
  ['parseServerFinal', 'v=QQ==,m=new'],
];

describe('messages of SCRAM', () => {
  it.each(refused)('RFC 5802 §7: %s refuses %j', (parser, text) => {
    expect(parsers[parser](fromUtf8(text))).toBeUndefined();
  });

  it('RFC 5802 §5.1: unknown optional extensions are passed over', () => {
    expect(parseClientFirst(fromUtf8('n,,n=user,r=abc,x=y,z=a=b'))).toMatchObject({ username: 'user', bare: 'n=user,r=abc,x=y,z=a=b' });
    expect(parseServerFirst(fromUtf8('r=abc,s=QQ==,i=4096,x=y'))).toMatchObject({ iterations: 4096 });
    expect(parseClientFinal(fromUtf8('c=biws,r=abc,x=y,p=QQ=='))).toMatchObject({ withoutProof: 'c=biws,r=abc,x=y' });
    expect(parseServerFinal(fromUtf8('e=invalid-proof,x=y'))).toEqual({ error: 'invalid-proof' });
  });

  it('what is no UTF-8 is refused', () => {
    for (const parse of Object.values(parsers)) expect(parse(Uint8Array.of(0x6e, 0x2c, 0x2c, 0xff))).toBeUndefined();
  });

  it('mutants never throw', () => {
    const seeds = ['p=tls-unique,a=x,n=user,r=abc', 'r=abcdef,s=QSXCR+Q6sek8bf92,i=4096', 'c=biws,r=abc,p=QQ==', 'v=QQ==', 'e=other-error'];
    for (const mutant of mutants(seeds, { count: 5000, tokens: [',', '=', 'n=', 'r=', 'p=', 'c=', '=2C', '=3D', 'm=', '\0'] })) {
      for (const parse of Object.values(parsers)) parse(mutant);
    }
  });

  it('a message of a million attributes is read', () => {
    expect(parseClientFirst(fromUtf8(`n,,n=user,r=abc${',x=y'.repeat(1_000_000)}`))?.username).toBe('user');
  });
});
