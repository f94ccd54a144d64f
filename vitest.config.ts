import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { readWorkspace } from './tools/workspace.ts';

// Threads and processes that tests start load sources as Node does: what it made of them is kept between runs.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/compile');

/** With MOX_PLATFORM=web the packages below layer 4 are tested on the half of the platform door that browsers get. */
const onWeb = process.env['MOX_PLATFORM'] === 'web';

const webPlatform = {
  name: 'web-platform',
  enforce: 'pre' as const,
  resolveId: (id: string) => (id === '#platform' ? join(import.meta.dirname, 'packages/runtime/src/platform-web.ts') : undefined),
};

function testFiles(): string[] {
  if (!onWeb) return ['{packages,apps}/*/{src,test}/**/*.test.ts', 'tools/**/*.test.ts'];
  const portable = readWorkspace().filter((pkg) => (pkg.manifest.mox?.layer ?? 4) < 4);
  return portable.map(({ folder }) => `${folder}/{src,test}/**/*.test.ts`);
}

export default defineConfig({
  plugins: onWeb ? [webPlatform] : [],
  resolve: { conditions: ['@mox/source', 'node', 'module', 'default'] },
  // For packages outside the workspace, which Node loads itself: with `import` here a `require` in them would get an ES module.
  ssr: { resolve: { conditions: ['@mox/source', 'node', 'module', 'default'], externalConditions: ['@mox/source'] } },
  test: {
    include: testFiles(),
    exclude: ['**/node_modules/**', '**/dist/**'],
    execArgv: ['--conditions=@mox/source', '--disable-warning=ExperimentalWarning'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
