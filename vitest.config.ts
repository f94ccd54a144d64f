import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Threads and processes that tests start load sources as Node does: what it made of them is kept between runs.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/compile');

export default defineConfig({
  resolve: { conditions: ['@mox/source', 'node', 'module', 'default'] },
  // For packages outside the workspace, which Node loads itself: with `import` here a `require` in them would get an ES module.
  ssr: { resolve: { conditions: ['@mox/source', 'node', 'module', 'default'], externalConditions: ['@mox/source'] } },
  test: {
    include: ['{packages,apps}/*/{src,test}/**/*.test.ts', 'tools/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    execArgv: ['--conditions=@mox/source', '--disable-warning=ExperimentalWarning'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
