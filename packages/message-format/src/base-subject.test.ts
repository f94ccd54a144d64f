import { expect, it } from 'vitest';
import { parseBaseSubject } from './base-subject.ts';

it.each([
  ['hello', 'hello', false],
  ['Re: hello', 'hello', true],
  ['RE : hello', 'hello', true],
  ['Re[2]: hello', 'hello', true],
  ['re [x]: Fwd: FW: hello  (fwd) (FWD) ', 'hello', true],
  ['[list] Re: [list] hello', 'hello', true],
  ['[list] hello', 'hello', false],
  ['[list]', '[list]', false],
  ['[a] [b]', '[b]', false],
  ['[fwd: hello]', 'hello', true],
  ['[fwd: [fwd: Re: hello] ]', 'hello', true],
  ['Re: [fwd: hello (fwd)]', 'hello', true],
  ['  many\t   blanks\r\n here ', 'many blanks here', false],
  ['=?utf-8?q?Re=3A_gr=C3=BC=C3=9Fe?=', 'grüße', true],
  ['Re:', '', true],
  ['reality', 'reality', false],
  ['Re hello', 'Re hello', false],
  ['', '', false],
])('RFC 5256 §2.1: the base of %j is %j', (subject, base, isReplyOrForward) => {
  expect(parseBaseSubject(subject)).toEqual({ base, isReplyOrForward });
});

it('takes long subjects in linear time', () => {
  for (const piece of ['[', '[a', 'Re: ', '[a] ', '[fwd:', '(fwd)', ' ', 're[', '=?utf-8?q?']) {
    const started = performance.now();
    parseBaseSubject(piece.repeat(30_000));
    expect(performance.now() - started, piece).toBeLessThan(1000);
  }
});
