import { describe, expect, it } from 'vitest';
import { exportsOf, formatSurface } from './api-surface.ts';

const files: Readonly<Record<string, string>> = {
  '/d/index.d.ts': `export { a, type B as C } from './one.js';\nexport * from './two.ts';\nexport type { D } from 'other';\nexport { local };\ndeclare const local: 1;\n//# sourceMappingURL=x`,
  '/d/one.d.ts': `import type { X } from './x.ts';
/** Says a. */
export declare function a(x: string): void;
export declare function a(x: number, y?: { readonly z: import('./x.js').X; }): void;
/** A { brace } and a ; in a comment. */
export interface B {
    /** inner */
    readonly b: string;

    deep: {
        c: number;
    };
}
export declare class Unseen { }
export {};`,
  '/d/two.d.ts': `export type T = {
    readonly ok: true;
} | ';' | "}";
export declare class K<V = string> {
    #private;
    constructor(v: V); // behind
}
export declare const one: unique symbol, E: number;`,
};

const read = (file: string): string | undefined => files[file];

describe('exportsOf', () => {
  const found = exportsOf('/d/index.d.ts', read);

  it('follows re-exports by name, all and renamed', () => {
    expect([...found.keys()]).toEqual(['a', 'C', 'T', 'K', 'one', 'D', 'local']);
  });

  it('keeps overloads together and takes comments out', () => {
    expect(found.get('a')).toEqual([
      'function a(x: string): void;',
      `function a(x: number, y?: { readonly z: import('./x.ts').X; }): void;`,
    ]);
    expect(found.get('C')?.join('\n')).toBe('// exported as C\ninterface B {\n  readonly b: string;\n  deep: {\n    c: number;\n  };\n}');
  });

  it('is not confused by strings, nor by private fields', () => {
    expect(found.get('T')).toEqual([`type T = {\n  readonly ok: true;\n} | ';' | "}";`]);
    expect(found.get('K')).toEqual(['class K<V = string> {\n  constructor(v: V);\n}']);
  });

  it('reads type parameters that have braces, and what comes behind them', () => {
    const text = `export interface Box<T extends {
    readonly type: string;
}> {
    on(f: (t: T) => void): Map<string, T>;
}
export declare function box<T extends { a: 1; }>(x: T): Box<never>;`;
    const generic = exportsOf('/g.d.ts', () => text);
    expect(generic.get('Box')?.[0]).toContain('}> {\n  on(f: (t: T) => void): Map<string, T>;\n}');
    expect(generic.get('box')).toEqual(['function box<T extends { a: 1; }>(x: T): Box<never>;']);
  });

  it('names what comes from elsewhere', () => {
    expect(found.get('D')).toEqual(['D // from other']);
    expect(found.get('local')).toEqual(['declare const local: 1;']);
  });

  it('ends where files export each other in a circle', () => {
    const circle = (file: string): string =>
      file === '/a.d.ts' ? `export * from './b.ts';` : `export * from './a.ts';\nexport type X = 1;`;
    expect([...exportsOf('/a.d.ts', circle).keys()]).toEqual(['X']);
  });
});

it('prints entries one after the other, names in order', () => {
  const text = formatSurface(
    '@mox/x',
    new Map([
      ['.', '/d/two.d.ts'],
      ['./none', '/d/none.d.ts'],
    ]),
    read,
  );
  expect(text.split('\n').filter((line) => /^[#a-z(]/.test(line))).toEqual([
    '# @mox/x',
    'class K<V = string> {',
    'const one: unique symbol, E: number;',
    'type T = {',
    '# @mox/x/none',
    '(nothing)',
  ]);
});
