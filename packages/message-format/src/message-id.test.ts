import { ManualClock } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { formatMessageIds, makeMessageId, parseMessageId, parseMessageIds, replyIdentifiers } from './message-id.ts';

describe('parseMessageIds', () => {
  it.each([
    ['<a@b>', ['a@b']],
    ['<a@b><c@d>\r\n <e@[1.2.3.4]>', ['a@b', 'c@d', 'e@[1.2.3.4]']],
    ['<a@b> (not <this@one>) <c@d>', ['a@b', 'c@d']],
    ['Your message of "Fri <x@y>" <c@d>', ['c@d']],
    ['<long\r\n @host>', ['long@host']],
    ['<"a b"@c>', ['ab@c']],
    ['a@b, c@d', ['a@b', 'c@d']],
    ['<a@b', ['a@b']],
    ['<a@b ', ['a@b']],
    ['<a@b> <c@d', ['a@b']],
    ['<a b@c', []],
    ['<<a@b>>', ['a@b']],
    ['<a <b@c>', ['b@c']],
    ['(open <a@b>', ['a@b']],
    ['"open <a@b>', ['a@b']],
    ['nothing', []],
    ['<>', []],
  ])('RFC 5322 §3.6.4: %j holds %j', (text, ids) => expect(parseMessageIds(text)).toEqual(ids));

  it('takes hostile input in linear time', () => {
    for (const piece of ['<', '(', '"', '<a@b>', '(<', '"\\"', '<"', '()<', 'a@b ', '(<>', '"\\"<>']) {
      const started = performance.now();
      parseMessageIds(piece.repeat(30_000));
      expect(performance.now() - started, piece).toBeLessThan(1000);
    }
  });
});

it('RFC 5322 §3.6.4: makes identifiers that it reads back', () => {
  const id = makeMessageId({
    domain: 'example.org',
    random: { bytes: (count) => new Uint8Array(count).fill(7) },
    clock: new ManualClock(1e12),
  });
  expect(id).toBe('cre66i9s.070707070707070707070707@example.org');
  expect(parseMessageId(formatMessageIds([id]))).toBe(id);
});

it.each([
  [{ messageId: 'c', references: ['a', 'b'] }, ['c'], ['a', 'b', 'c']],
  [{ messageId: 'c', inReplyTo: ['b'] }, ['c'], ['b', 'c']],
  [{ messageId: 'c', inReplyTo: ['a', 'b'] }, ['c'], ['c']],
  [{ references: ['a'] }, [], ['a']],
  [{}, [], []],
])('RFC 5322 §3.6.4: a reply to %j', (parent, inReplyTo, references) => {
  expect(replyIdentifiers(parent)).toEqual({ inReplyTo, references });
});
