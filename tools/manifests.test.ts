import { describe, expect, it } from 'vitest';
import { settledManifest, sourceCondition, stripSource } from './manifests.ts';

const begun = {
  name: '@mox/x',
  version: '1.2.3',
  description: 'X.',
  mox: { layer: 2, rfcs: ['1'] },
  dependencies: { a: '^1' },
  exports: {
    '.': { [sourceCondition]: './src/index.ts' },
    './testing': { [sourceCondition]: './src/testing.ts' },
    './package.json': './package.json',
  },
  imports: { '#p': { node: { [sourceCondition]: './src/p.ts', import: './dist/p.js' }, default: './dist/q.js' } },
};

describe('settledManifest', () => {
  const settled = settledManifest(begun);

  it('gives every entry ES modules, CommonJS and types', () => {
    expect(settled.exports?.['./testing']).toEqual({
      [sourceCondition]: './src/testing.ts',
      import: { types: './dist/testing.d.ts', default: './dist/testing.js' },
      require: { types: './dist/testing.d.cts', default: './dist/testing.cjs' },
    });
    expect(settled.exports?.['./package.json']).toBe('./package.json');
  });

  it('publishes no source condition, wherever it stands', () => {
    expect(JSON.stringify(settled.publishConfig)).not.toContain(sourceCondition);
    expect(settled.publishConfig?.['imports']).toEqual({ '#p': { node: { import: './dist/p.js' }, default: './dist/q.js' } });
    expect(settled.publishConfig?.['exports']).toEqual(stripSource(settled.exports ?? {}));
  });

  it('leaves alone what is the package’s own', () => {
    expect(settled).toMatchObject({ name: '@mox/x', version: '1.2.3', description: 'X.', mox: begun.mox, dependencies: { a: '^1' } });
    expect(settledManifest({ ...begun, sideEffects: ['./x.js'] })['sideEffects']).toEqual(['./x.js']);
  });

  it('is settled once and for all', () => {
    expect(settledManifest(settled)).toEqual(settled);
    expect(JSON.stringify(settledManifest(settled))).toBe(JSON.stringify(settled));
  });
});
