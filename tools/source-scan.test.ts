import { describe, expect, it } from 'vitest';
import { importsOf, scan } from './source-scan.ts';

const kinds = (text: string): string[] => scan(text).map((token) => `${token.kind} ${token.text}`);

describe('scan', () => {
  it('takes what looks like an import inside strings, templates and comments for what it is', () => {
    const text = [
      `const a = "import x from 'no'";`,
      '// import x from "no"',
      '/* import x from "no" */',
      "const b = `import x from 'no' ${ `inner ${ { a: '}' } } import('no')` } import x from 'no'`;",
      'const c = /import x from "no"[/"]/;',
      `import { y } from 'yes';`,
    ].join('\n');
    expect(importsOf(text)).toEqual([{ specifier: 'yes', typeOnly: false, line: 6 }]);
  });

  it('tells a regular expression from a division', () => {
    expect(kinds('a / b / c')).toEqual(['name a', 'punctuation /', 'name b', 'punctuation /', 'name c']);
    expect(kinds('f(/a[/]b/g)')).toEqual(['name f', 'punctuation (', 'regex /a[/]b/g', 'punctuation )']);
    expect(kinds('return /x/')).toEqual(['name return', 'regex /x/']);
    expect(kinds('(a) / 2')).toContain('punctuation /');
  });

  it('goes on after a string that never ends', () => {
    expect(kinds(`'abc\nd`)).toEqual(["string 'abc\n", 'name d']);
    expect(scan('`abc ${ d').at(-1)?.text).toBe('d');
  });
});

describe('importsOf', () => {
  it.each([
    [`import a from 'x';`, false],
    [`import a, { type B } from 'x';`, false],
    [`import * as a from 'x';`, false],
    [`import 'x';`, false],
    [`export * from 'x';`, false],
    [`export * as y from 'x';`, false],
    [`export { a, type B } from 'x';`, false],
    [`const a = await import('x');`, false],
    [`const a = require('x');`, false],
    [`import type from 'x';`, false],
    [`import type A from 'x';`, true],
    [`import type { A } from 'x';`, true],
    [`import { type A, type B as C } from 'x';`, true],
    [`export type { A } from 'x';`, true],
    [`export { type A } from 'x';`, true],
    [`let a: import('x').A;`, true],
    [`import {\n  a, // from 'z'\n  b,\n} from 'x';`, false],
  ])('%s', (text, typeOnly) => {
    expect(importsOf(text)).toMatchObject([{ specifier: 'x', typeOnly }]);
  });

  it.each([
    "export const from = 'x';",
    "export function f() { return 'x'; }",
    "import.meta.resolve('x');",
    "a.import('x');",
    "Array.from('x')",
  ])('nothing: %s', (text) => {
    expect(importsOf(text)).toEqual([]);
  });
});
