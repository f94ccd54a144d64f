import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { openStore } from './open-store.ts';
import { describeStore } from './testing.ts';

describeStore(
  'the embedded store',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mox-store-'));
    return {
      open: () => openStore({ directory, clock: { now: () => Date.now() }, workers: 1 }),
      dispose: async () => rmSync(directory, { recursive: true, force: true }),
    };
  },
  { describe, it },
);
