import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { StoreError } from '../store.ts';
import { openDatabase } from './open-database.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mox-database-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const first = 'CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1);';
const second = 'ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = x + 1;';

function open(migrations: readonly string[], readOnly = false): ReturnType<typeof openDatabase> {
  return openDatabase(join(folder, 'deep/down/x.db'), { schema: { applicationId: 7, migrations }, readOnly });
}

function codeOf(run: () => unknown): string {
  try {
    run();
    return 'no error';
  } catch (error) {
    return error instanceof StoreError ? error.code : String(error);
  }
}

it('brings an older database up to date and keeps it as it was beside it', () => {
  open([first]).close();
  const database = open([first, second]);
  expect(database.sql('SELECT x, y FROM a').all()).toEqual([[1, 2]]);
  database.close();
  const snapshot = openDatabase(join(folder, 'deep/down/x.db.version-1'), {
    schema: { applicationId: 7, migrations: [first] },
    readOnly: false,
  });
  expect(snapshot.sql('SELECT * FROM a').all()).toEqual([[1]]);
  snapshot.close();
});

it('leaves a database as it was where a migration fails', () => {
  open([first]).close();
  expect(codeOf(() => open([first, 'UPDATE a SET x = 5; nonsense']))).toBe('io');
  const database = open([first]);
  expect(database.sql('SELECT x FROM a').all()).toEqual([[1]]);
  database.close();
});

it('takes no database of a newer program, of something else, or that is none', () => {
  open([first, second]).close();
  expect(codeOf(() => open([first]))).toBe('unsupported-version');
  expect(codeOf(() => open([first], true))).toBe('unsupported-version');
  expect(
    codeOf(() =>
      openDatabase(join(folder, 'deep/down/x.db'), { schema: { applicationId: 8, migrations: [first, second] }, readOnly: false }),
    ),
  ).toBe('damaged');
  expect(codeOf(() => openDatabase(import.meta.filename, { schema: { applicationId: 8, migrations: [first] }, readOnly: true }))).toBe(
    'damaged',
  );
});

it('makes nothing where it only reads', () => {
  expect(codeOf(() => open([first], true))).toBe('io');
  expect(existsSync(join(folder, 'deep'))).toBe(false);
});
