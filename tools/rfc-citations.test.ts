import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { citationsIn, collectCitations } from './rfc-citations.ts';

it.each([
  ['RFC 7208 §4.6.4', [[7208, '4.6.4', 'implements', '']]],
  ['RFC 7208', [[7208, undefined, 'implements', '']]],
  ['(RFC 5234 appendix B.1)', [[5234, 'B.1', 'implements', '']]],
  ['RFC 6376 Appendix A', [[6376, 'A', 'implements', '']]],
  [
    'RFC 9266 §2, RFC 5929 §3 and §4.',
    [
      [9266, '2', 'implements', ''],
      [5929, '3', 'implements', ''],
      [5929, '4', 'implements', ''],
    ],
  ],
  [
    'RFC 5321 §4.1.2, §4.1.3 and 4.5',
    [
      [5321, '4.1.2', 'implements', ''],
      [5321, '4.1.3', 'implements', ''],
      [5321, '4.5', 'implements', ''],
    ],
  ],
  ['RFC 5322 §3.3: a date', [[5322, '3.3', 'implements', '']]],
  ['RFC 8018 §5.2), as SCRAM', [[8018, '5.2', 'implements', '']]],
  ['todo RFC 5321 §3.3: no pipelining yet. More.', [[5321, '3.3', 'todo', 'no pipelining yet']]],
  [
    'deviates RFC 5321 §3.3: a space after the colon\n// is let through',
    [[5321, '3.3', 'deviates', 'a space after the colon is let through']],
  ],
  ['todo RFC 1035 §5 reason without a colon', [[1035, '5', 'todo', '']]],
  ['RFC\n * 6376 §3.5', [[6376, '3.5', 'implements', '']]],
  ['RFCs are many, an RFC is one, draft-rfc1035bis', []],
  ['RFC 2822 as DATE', [[2822, undefined, 'implements', '']]],
])('%j', (text, expected) => {
  expect(citationsIn(text).map(({ number, section, kind, reason }) => [number, section, kind, reason])).toEqual(expected);
});

it('takes comments and strings of sources and strings of tests for evidence, and comments over several lines as one', () => {
  const root = mkdtempSync(join(tmpdir(), 'citations-'));
  mkdirSync(join(root, 'packages/a/src'), { recursive: true });
  const write = (file: string, text: string): void => writeFileSync(join(root, 'packages/a', file), text);
  write('package.json', '{"name":"@mox/a"}');
  write('src/a.ts', `// The rule is in RFC\n// 5321 §2.1, and\n\n// RFC 1035\nconst rule = 'RFC 7208 §5.2'; RFC 9999`);
  write('src/a.test.ts', `// RFC 1\nit('RFC 5321 §2.2: works', () => {}); // RFC 6376`);
  const found = collectCitations(root).map(({ file, number, section, line, evidence }) => [
    file.slice(15),
    number,
    section,
    line,
    evidence,
  ]);
  rmSync(root, { recursive: true });
  expect(found).toEqual([
    ['a.test.ts', 5321, '2.2', 2, 'test'],
    ['a.test.ts', 6376, undefined, 2, 'none'],
    ['a.ts', 5321, '2.1', 1, 'code'],
    ['a.ts', 1035, undefined, 4, 'code'],
    ['a.ts', 7208, '5.2', 5, 'code'],
  ]);
});
