import { afterEach, expect, it } from 'vitest';
import { QueueView } from '../../../../src/app/queue/queue-view.ts';
import type { AppContext } from '../../../../src/app/state/app-context.ts';

const view = new QueueView();

afterEach(() => view.remove());

it('shows the empty queue only after the queue was loaded', async () => {
  document.body.append(view);
  expect([await showsEmptyQueue(false), await showsEmptyQueue(true)]).toEqual([false, true]);
});

async function showsEmptyQueue(isLoaded: boolean): Promise<boolean> {
  view.context = { client: { queue: { isLoaded } } } as unknown as AppContext;
  await view.updateComplete;
  return view.shadowRoot?.querySelector('empty-queue') !== null;
}
