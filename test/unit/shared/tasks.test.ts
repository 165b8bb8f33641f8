import { expect, it } from 'vitest';
import { mapInTasks } from '../../../src/shared/tasks.ts';

it('maps a long list in its order, and lets other tasks run meanwhile', async () => {
  let hasRunOther = false;
  setImmediate(() => {
    hasRunOther = true;
  });
  const results = await mapInTasks([1, 2, 3], (item) => {
    for (const end = performance.now() + 25; performance.now() < end; );
    return 10 * item;
  });
  expect([results, hasRunOther]).toEqual([[10, 20, 30], true]);
});
