import { fromUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { findAutoReplyObstacle, parseAutoSubmitted } from './auto-submitted.ts';
import { composeMessage } from './compose.ts';
import { parseDeliveredTo, wasDeliveredTo } from './delivered-to.ts';
import { parseHeaderFields } from './header-field.ts';
import { formatListUris, type ListHeaders, parseListHeaders, parseListId, parseListUris } from './list-headers.ts';
import { parseMessage } from './message.ts';
import { findReaction, formatReaction, parseReaction } from './reaction.ts';
import { parseStructure } from './structure.ts';

const fields = (text: string) => parseHeaderFields(fromUtf8(text.replaceAll('\n', '\r\n')));

describe('lists', () => {
  it.each([
    ['<mailto:list@host.com?subject=help> (List Instructions)', ['mailto:list@host.com?subject=help']],
    [
      '<ftp://ftp.host.com/list.txt>, <mailto:list@host.com?subject=help>',
      ['ftp://ftp.host.com/list.txt', 'mailto:list@host.com?subject=help'],
    ],
    ['<http://www.host.com/\r\n list>', ['http://www.host.com/list']],
    ['NO (posting not allowed on this list)', []],
    ['http://bare.example', []],
    ['<a:b> junk, <c:d>', ['a:b']],
    ['(words (c) <x:y>', []],
    ['(words) <a:b> (more), (again) <c:d>', ['a:b', 'c:d']],
    ['=?us-ascii?Q?=3Chttps=3A=2F=2Fa.example=2F1=3E=2C_=3Cmailto=3Ac=40d=3E?=', ['https://a.example/1', 'mailto:c@d']],
  ])('RFC 2369 §2: %j names %j', (text, uris) => expect(parseListUris(text)).toEqual(uris));

  it.each([
    ['List Header Mailing List <list-header.nisto.com>', { identifier: 'list-header.nisto.com', description: 'List Header Mailing List' }],
    ['<commonspace-users.list-id.within.com>', { identifier: 'commonspace-users.list-id.within.com', description: '' }],
    [
      '"Lena\'s Personal <Joke> List " <lenas-jokes.da39efc25c530ad145d41b86f7420c3b.021999.localhost>',
      { identifier: 'lenas-jokes.da39efc25c530ad145d41b86f7420c3b.021999.localhost', description: "Lena's Personal <Joke> List " },
    ],
    ['=?utf-8?q?Gr=C3=BC=C3=9Fe?= <a.b>', { identifier: 'a.b', description: 'Grüße' }],
    ['"a \\"b\\" c" <a.b>', { identifier: 'a.b', description: 'a "b" c' }],
    ['bare.example', { identifier: 'bare.example', description: '' }],
    ['words bare.example', { identifier: 'bare.example', description: 'words' }],
    ['', undefined],
  ])('RFC 2919 §3: reads the identifier in %j', (text, wanted) => expect(parseListId(text)).toEqual(wanted));

  it('RFC 8058 §3.1: one click needs both fields and an HTTPS address', () => {
    const both = 'List-Unsubscribe: <mailto:u@x.example>, <https://x.example/u/1>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n';
    expect(parseListHeaders(fields(`${both}List-Post: NO\nList-Id: <a.b>\n`))).toMatchObject({
      oneClick: 'https://x.example/u/1',
      closed: true,
      id: { identifier: 'a.b' },
    });
    expect(parseListHeaders(fields(both.replace('https', 'http'))).oneClick).toBeUndefined();
    expect(parseListHeaders(fields(both.split('\n')[0] ?? '')).oneClick).toBeUndefined();
  });

  it('RFC 2369 §2: reads what formatListUris writes', () => {
    expect(parseListUris(formatListUris(['mailto:a@b', 'https://c.example/?d=<e>']))).toEqual(['mailto:a@b', 'https://c.example/?d=e']);
  });
});

describe('writeListHeaders', () => {
  const written = (list: Partial<ListHeaders>): ListHeaders => {
    const options = { clock: { now: () => 0 }, random: { bytes: (count: number) => new Uint8Array(count) } };
    return parseListHeaders(parseMessage(composeMessage({ from: 'news@example.org', list }, options).bytes()).headers);
  };
  it('RFC 2369 §3, RFC 8058 §3.1: is read again, one click included', () => {
    const list: ListHeaders = {
      id: { identifier: 'news.example.org', description: 'Neues, täglich' },
      help: ['mailto:help@example.org'],
      unsubscribe: ['https://example.org/u?a=1&b=2', 'mailto:u@example.org?subject=leave'],
      subscribe: ['mailto:s@example.org'],
      post: [],
      owner: ['mailto:owner@example.org'],
      archive: ['https://example.org/a'],
      archivedAt: 'https://example.org/a/1',
      closed: true,
      oneClick: 'https://example.org/u?a=1&b=2',
    };
    expect(written(list)).toEqual(list);
    expect(written({ id: { identifier: 'a.b', description: '' } }).id).toEqual({ identifier: 'a.b', description: '' });
  });
  it('RFC 2369 §2: keeps addresses within a line and within ASCII', () => {
    const long = `https://example.org/${'x'.repeat(3000)}`;
    expect(written({ unsubscribe: ['mailto:ü@example.org\r\nBcc: x'], oneClick: long })).toMatchObject({
      unsubscribe: [long, 'mailto:%C3%BC@example.orgBcc:x'],
      oneClick: long,
    });
  });
});

describe('automatic messages', () => {
  it('RFC 3834 §5: reads the field', () => {
    expect(parseAutoSubmitted('Auto-Replied; owner-email="a@b" (comment)')).toEqual({
      keyword: 'auto-replied',
      parameters: [['owner-email', 'a@b']],
    });
    expect(parseAutoSubmitted('')).toBeUndefined();
  });

  it.each([
    ['Subject: x\n', 'bob@example.org', undefined],
    ['Auto-Submitted: no\n', 'bob@example.org', undefined],
    ['Auto-Submitted: auto-generated\n', 'bob@example.org', 'auto-submitted'],
    ['List-Id: <a.b>\n', 'bob@example.org', 'list'],
    ['Precedence: BULK\n', 'bob@example.org', 'precedence'],
    ['Content-Type: multipart/report; boundary=x\n', 'bob@example.org', 'report'],
    ['X-Auto-Response-Suppress: OOF, AutoReply\n', 'bob@example.org', 'suppressed'],
    ['Subject: x\n', '', 'return-path'],
    ['Subject: x\n', 'list-request@example.org', 'return-path'],
    ['Subject: x\n', 'MAILER-DAEMON@example.org', 'return-path'],
  ])('RFC 3834 §2: %j from <%s>: %s', (text, returnPath, obstacle) =>
    expect(findAutoReplyObstacle(fields(text), returnPath)).toBe(obstacle),
  );
});

it('RFC 9228 §4: tells a loop by Delivered-To', () => {
  const delivered = fields('Delivered-To: Bob@Example.org\nDelivered-To: <list@example.com>\n');
  expect(parseDeliveredTo(delivered)).toEqual(['Bob@Example.org', 'list@example.com']);
  expect(wasDeliveredTo(delivered, 'bob@example.ORG')).toBe(true);
  expect(wasDeliveredTo(delivered, 'carol@example.org')).toBe(false);
});

describe('reactions', () => {
  it('RFC 9078 §3: reads emoji and nothing else', () => {
    expect(parseReaction('👍 nice 👩‍👩‍👧 ☹ 1 🇦🇹 a👍\r\nmore 👎')).toEqual(['👍', '👩‍👩‍👧', '☹', '🇦🇹']);
    expect(parseReaction(formatReaction(['😀', '😢']))).toEqual(['😀', '😢']);
  });

  it('RFC 9078 §3: is composed', () => {
    const options = { clock: { now: () => 0 }, random: { bytes: (count: number) => new Uint8Array(count) } };
    const attachments = [{ content: formatReaction(['👍']), disposition: 'reaction' as const }];
    const bytes = composeMessage({ from: 'a@b.example', inReplyTo: ['c@d.example'], attachments }, options).bytes();
    expect(findReaction(parseStructure(bytes).part, bytes)?.emojis).toEqual(['👍']);
  });

  it('RFC 9078 §4: finds the part', () => {
    const part = 'Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: reaction\r\n\r\n👍\r\n';
    const whole = fromUtf8(`In-Reply-To: <a@b>\r\n${part}`);
    expect(findReaction(parseStructure(whole).part, whole)?.emojis).toEqual(['👍']);
    const mixed = fromUtf8(`Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${part}\r\n--b\r\n\r\nx\r\n--b--\r\n`);
    expect(findReaction(parseStructure(mixed).part, mixed)?.emojis).toEqual(['👍']);
    const html = fromUtf8(part.replace('plain', 'html'));
    expect(findReaction(parseStructure(html).part, html)).toBeUndefined();
  });
});
