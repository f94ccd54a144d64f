import { expect, it } from 'vitest';
import { ConcurrencyLimit } from './concurrency-limit.ts';

it('runs no more at once than allowed, all in the end, whatever fails', async () => {
  const limit = new ConcurrencyLimit(3);
  let now = 0;
  let most = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) =>
      limit.run(async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 1));
        now--;
        if (i % 4 === 0) throw new Error('failed');
        return i;
      }),
    ),
  );
  expect(most).toBe(3);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(15);
});

it('who gave up while waiting does not run', async () => {
  const limit = new ConcurrencyLimit(1);
  let ran = false;
  const first = limit.run(() => new Promise((resolve) => setTimeout(resolve, 5)));
  const controller = new AbortController();
  const second = limit.run(async () => {
    ran = true;
  }, controller.signal);
  controller.abort(new Error('enough'));
  await expect(second).rejects.toThrow('enough');
  expect(ran).toBe(false);
  await first;
  expect(ran).toBe(false);
  expect(await limit.run(async () => 1)).toBe(1);
});
