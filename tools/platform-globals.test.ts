import { describe, expect, it } from 'vitest';
import { isNodeModule, platformGlobals } from './platform-globals.ts';

describe('platformGlobals', () => {
  it.each([
    ['Buffer.from(x)', 'Buffer'],
    ['const a = process.env', 'process'],
    ['globalThis.process.exit()', 'process'],
    ['setTimeout(f, 1)', 'setTimeout'],
    ['console.log(1)', 'console'],
    ['const now = Date.now()', 'Date.now'],
    ['new Date()', 'new Date()'],
    ['new Date', 'new Date()'],
    ['Math.random()', 'Math.random'],
    ['performance.now()', 'performance'],
    ['await fetch(url)', 'fetch'],
    ['const a = { b: fetch }', 'fetch'],
    ['const a = f({ fetch })', 'fetch'],
    ['`${Date.now()}`', 'Date.now'],
    ['AbortSignal.timeout(5)', 'AbortSignal.timeout'],
    ['if (fetch(a)) { }', 'fetch'],
    ['let a: Buffer', 'Buffer'],
  ])('%s', (text, what) => {
    expect(platformGlobals(text).map((offence) => offence.what)).toContain(what);
  });

  it.each([
    'const a = { process: 1 }',
    'a.process()',
    'deps.fetch(url)',
    'deps?.fetch(url)',
    'interface A { fetch(url: string): Promise<void>; }',
    'interface A { readonly fetch: Fetch }',
    'interface A { fetch?: Fetch }',
    'class A { async fetch(url: string) { } }',
    'function f(fetch: Fetch) { return fetch(1) }',
    'const { fetch } = deps; fetch(1)',
    'function f({ fetch }: Deps) { return fetch(1) }',
    'const process = 1; process + 1',
    'new Date(0)',
    'Date.UTC(2000, 1)',
    'clock.Date.now()',
    '// process.exit()',
    `const a = 'process.exit()'`,
    '`Buffer ${ a } process`',
    'Math.floor(1)',
    'signal.timeout(5)',
    'a.constructor.name; constructor(); toString.call(a)',
  ])('nothing: %s', (text) => {
    expect(platformGlobals(text)).toEqual([]);
  });
});

it('knows the modules of Node with and without their prefix', () => {
  expect(['node:fs', 'fs', 'fs/promises', 'node:sqlite'].map(isNodeModule)).toEqual([true, true, true, true]);
  expect(['punycode/', '@mox/fs', './fs'].map(isNodeModule)).toEqual([false, false, false]);
});
