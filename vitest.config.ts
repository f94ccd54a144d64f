import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['@mox/source', 'node', 'import', 'module', 'default'] },
  ssr: { resolve: { conditions: ['@mox/source', 'node', 'import', 'module', 'default'] } },
  test: {
    include: ['{packages,apps}/*/{src,test}/**/*.test.ts', 'tools/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    execArgv: ['--conditions=@mox/source', '--disable-warning=ExperimentalWarning'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
