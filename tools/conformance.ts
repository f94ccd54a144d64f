// Where the third-party vectors are: a folder beside the checkout, or the one that MOX_CONFORMANCE names.
// They are not part of the repository. Without them their tests are skipped, and say so; in CI that is a failure.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

const beside = join(dirname(fileURLToPath(import.meta.url)), '../../shared/conformance');

/** Absolute path of a suite's folder, e.g. `spf`. */
export function conformancePath(suite: string): string {
  return join(process.env['MOX_CONFORMANCE'] ?? beside, suite);
}

/** A file of a suite, as bytes. */
export function readConformance(suite: string, file: string): Uint8Array {
  return new Uint8Array(readFileSync(join(conformancePath(suite), file)));
}

/** As vitest's `describe`, for tests that read a suite of vectors. */
export function describeConformance(suite: string, title: string, tests: () => void): void {
  if (existsSync(conformancePath(suite))) describe(title, tests);
  else if (process.env['CI'])
    describe(title, () =>
      it('has its vectors', () => Promise.reject(new Error(`no vectors at ${conformancePath(suite)}: set MOX_CONFORMANCE`))),
    );
  else
    describe.skip(`${title} (skipped: no vectors at ${conformancePath(suite)}; set MOX_CONFORMANCE)`, () =>
      it('needs its vectors', () => {}));
}
