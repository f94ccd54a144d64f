import { expect, it } from 'vitest';
import { StoreError } from '../store.ts';
import { Scheduler } from './scheduler.ts';
import type { Unit } from './unit.ts';

/** A unit that writes down what is done to it. */
function makeUnit(name: string, log: string[], options: { readonly rollback?: () => void } = {}): Unit {
  return {
    ...{ name, holds: 0, untidy: false, tidy() {}, refresh() {}, close() {} },
    begin: () => void log.push(`begin ${name}`),
    commit: () => void log.push(`commit ${name}`),
    rollback() {
      log.push(`rollback ${name}`);
      options.rollback?.();
    },
  };
}

function makeScheduler(log: string[]): Scheduler {
  return new Scheduler({
    committed: (unit) => void log.push(`committed ${unit.name}`),
    broken: (unit) => void log.push(`broken ${unit.name}`),
    turn() {},
  });
}

it('commits all writes that wait for a database as one', async () => {
  const log: string[] = [];
  const scheduler = makeScheduler(log);
  const unit = makeUnit('a', log);
  const values = await Promise.all([1, 2, 3].map((value) => scheduler.write(unit, () => log.push(`write ${value}`))));
  expect(values).toEqual([2, 3, 4]);
  expect(log).toEqual(['begin a', 'write 1', 'write 2', 'write 3', 'commit a', 'committed a']);
});

it('does not let a write that fails take the others with it', async () => {
  const log: string[] = [];
  const scheduler = makeScheduler(log);
  const unit = makeUnit('a', log);
  const fails = (): never => {
    throw new StoreError('disk-full', 'no room');
  };
  const results = await Promise.allSettled([
    scheduler.write(unit, () => 'one'),
    scheduler.write(unit, fails),
    scheduler.write(unit, () => 'three'),
  ]);
  expect(results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.code))).toEqual([
    'one',
    'disk-full',
    'three',
  ]);
  expect(log.filter((line) => line.startsWith('committed'))).toHaveLength(2);
});

it('lets databases take turns', async () => {
  const log: string[] = [];
  const scheduler = makeScheduler(log);
  await Promise.all(['a', 'b'].map((name) => scheduler.write(makeUnit(name, log), () => {})));
  expect(log).toEqual(['begin a', 'commit a', 'committed a', 'begin b', 'commit b', 'committed b']);
});

it('gives a database up that cannot even undo', async () => {
  const log: string[] = [];
  const scheduler = makeScheduler(log);
  const rollback = (): never => {
    throw new Error('damaged');
  };
  const write = scheduler.write(makeUnit('a', log, { rollback }), () => {
    throw new StoreError('damaged', 'bad page');
  });
  await expect(write).rejects.toMatchObject({ code: 'damaged' });
  expect(log.at(-1)).toBe('broken a');
});

it('lets a lazy write wait, and come along with one that does not', async () => {
  const log: string[] = [];
  const scheduler = makeScheduler(log);
  const unit = makeUnit('a', log);
  const lazy = scheduler.write(unit, () => log.push('lazy'), 20);
  const lazy2 = scheduler.write(unit, () => log.push('lazy 2'), 20);
  await Promise.all([lazy, lazy2]);
  expect(log).toEqual(['begin a', 'lazy', 'lazy 2', 'commit a', 'committed a']);
  log.length = 0;
  await Promise.all([scheduler.write(unit, () => log.push('lazy'), 10_000), scheduler.write(unit, () => log.push('now'))]);
  expect(log).toEqual(['begin a', 'now', 'lazy', 'commit a', 'committed a']);
});
