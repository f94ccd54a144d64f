import { parseStructure } from '@mox/message-format';
import { fromLatin1, toLatin1 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { findSection } from './part-path.ts';

const nested = [
  'Subject: outer',
  'Content-Type: multipart/mixed; boundary=a',
  '',
  'preamble',
  '--a',
  'Content-Type: text/plain',
  'X-Part: 1',
  '',
  'first',
  '--a',
  'Content-Type: message/rfc822',
  'X-Part: 2',
  '',
  'Subject: inner',
  'Content-Type: multipart/alternative; boundary=b',
  '',
  '--b',
  '',
  'plain',
  '--b',
  'Content-Type: text/html',
  '',
  '<p>html',
  '--b--',
  '--a',
  'Content-Type: message/rfc822',
  '',
  'Subject: simple',
  '',
  'body',
  '--a--',
  '',
].join('\r\n');

const plain = 'Subject: plain\r\n\r\nhello\r\n';

const memberless = 'Content-Type: multipart/mixed; boundary=zz\r\n\r\n--zz--\r\n';

function section(message: string, path: readonly number[], text?: 'HEADER' | 'TEXT' | 'MIME'): string | undefined {
  const bytes = fromLatin1(message);
  const range = findSection(parseStructure(bytes).part, bytes.length, { path, ...(text ? { text } : {}) });
  return range && toLatin1(bytes, range.start, range.end);
}

describe('sections', () => {
  it.each([
    [plain, [], undefined, plain],
    [plain, [], 'HEADER', 'Subject: plain\r\n\r\n'],
    [plain, [], 'TEXT', 'hello\r\n'],
    [plain, [1], undefined, 'hello\r\n'],
    [plain, [1], 'MIME', 'Subject: plain\r\n\r\n'],
    [plain, [2], undefined, undefined],
    [plain, [1, 1], undefined, undefined],
    [nested, [1], undefined, 'first'],
    [nested, [1], 'MIME', 'Content-Type: text/plain\r\nX-Part: 1\r\n\r\n'],
    [nested, [1], 'HEADER', undefined],
    [nested, [2], 'MIME', 'Content-Type: message/rfc822\r\nX-Part: 2\r\n\r\n'],
    [nested, [2], 'HEADER', 'Subject: inner\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n'],
    [nested, [2, 1], undefined, 'plain'],
    [nested, [2, 2], undefined, '<p>html'],
    [nested, [2, 2], 'MIME', 'Content-Type: text/html\r\n\r\n'],
    [nested, [2, 3], undefined, undefined],
    [nested, [3], 'TEXT', 'body'],
    [nested, [3, 1], undefined, 'body'],
    [nested, [3, 1, 1], undefined, undefined],
    [nested, [4], undefined, undefined],
    [nested, [1, 1], undefined, undefined],
    [memberless, [1], undefined, ''],
    [memberless, [1], 'MIME', ''],
    [memberless, [1, 1], undefined, undefined],
    [memberless, [2], undefined, undefined],
    [memberless, [], 'TEXT', '--zz--\r\n'],
  ] as const)('RFC 9051 §6.4.5.1: %# %s %j %s', (message, path, text, expected) => {
    expect(section(message, path, text)).toBe(expected);
  });
});
