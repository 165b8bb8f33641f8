import { afterEach, expect, it } from 'vitest';
import { QueueView } from '../../../../src/app/queue/queue-view.ts';
import type { AppContext } from '../../../../src/app/state/app-context.ts';

const view = new QueueView();

afterEach(() => view.remove());

it('a queue is called empty when it was read and is, not while another user’s is being read', async () => {
  document.body.append(view);
  expect([await isCalledEmpty(false), await isCalledEmpty(true)]).toEqual([false, true]);
});

async function isCalledEmpty(isWhole: boolean): Promise<boolean> {
  view.desk = { client: { queue: { isWhole } } } as unknown as AppContext;
  await view.updateComplete;
  return view.shadowRoot?.querySelector('empty-queue') !== null;
}
