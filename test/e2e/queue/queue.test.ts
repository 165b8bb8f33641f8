import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { createPausedUploads, createStoredUpload, STORED_AT, storeUploads } from '../../fixtures/stored-uploads.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, readRows, waitForRows } from '../../page-objects/test-app.ts';
import { holdToastTimers } from '../../page-objects/toasts.ts';

describe('queue', () => {
  const fixture = withApp();

  const button = (tab: Page, name: string) => tab.getByRole('button', { name, exact: true });
  const names = async (tab: Page) => (await readRows(tab)).map(({ name }) => name);
  const waitForNames = (tab: Page, wanted: readonly string[]) =>
    until(async () => String(await names(tab)) === String(wanted), `the rows ${wanted}`);

  /** Stores three paused uploads in this order. */
  async function storeThree(user: string): Promise<Page> {
    const tab = await fixture.app.signIn(user);
    const files = ['a.zip', 'b.zip', 'c.zip'];
    await storeUploads(
      tab,
      files.map((name, i) =>
        createStoredUpload(user, name, (3 - i) * 1000, { status: 'paused' }, { queuedAt: STORED_AT + i }),
      ),
    );
    await waitForNames(tab, files);
    return tab;
  }

  it('pauses a cancelled upload immediately and resumes it on undo', async () => {
    const user = 'waverer';
    const file = await makeFile(fixture.folder.dir, 'wavering.bin', 3000);
    const tab = await fixture.app.signIn(user);
    await holdToastTimers(tab);
    fixture.server.faults.before = ({ url }) => (url.endsWith('/upload') ? { kind: 'status', status: 503 } : undefined);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, ({ staged }) => staged);
    await button(tab, 'Cancel').click();
    await waitForRows(tab, 1, ({ status }) => status === 'paused');
    fixture.server.faults.before = undefined;
    await button(tab, 'Undo').click();
    await waitForRows(tab, 1, isCompleted);
    expect(fixture.server.batches.list(user)).toHaveLength(1);
  });

  it('uploads a cancelled file that was resumed before the undo expired', async () => {
    const user = 'regretter';
    const settings = { chunkBytes: 1000, concurrency: 2 };
    const file = await makeFile(fixture.folder.dir, 'regretted.bin', 9000);
    await fixture.app.discoverServer(settings);
    const tab = await fixture.app.signIn(user, settings);
    const endTime = await holdToastTimers(tab);
    await fixture.server.holdChunks();
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, ({ staged }) => staged);
    await button(tab, 'Cancel').click();
    await waitForRows(tab, 1, ({ status }) => status === 'paused');
    await button(tab, 'Resume').click();
    await waitForRows(tab, 1, ({ status }) => status !== 'paused');
    await endTime();
    await button(tab, 'Undo').waitFor({ state: 'detached' });
    fixture.server.releaseChunks();
    await waitForRows(tab, 1, isCompleted);
  });

  it('shows and undoes a double cancel once', async () => {
    const tab = await storeThree('clicker');
    const endTime = await holdToastTimers(tab);
    await button(tab, 'Cancel').first().click({ clickCount: 2 });
    await button(tab, 'Undo').first().click();
    // All toasts end together.
    await button(tab, 'Cancel').nth(1).click();
    await button(tab, 'Undo').first().waitFor();
    await endTime();
    await waitForRows(tab, 3, ({ name, status }) => status === (name === 'b.zip' ? 'cancelled' : 'paused'));
  });

  it('restores a removed upload by Ctrl+Z and deletes it on dismiss', async () => {
    const user = 'tidier';
    const file = await makeFile(fixture.folder.dir, 'tidy.bin', 10);
    const tab = await fixture.app.signIn(user);
    await holdToastTimers(tab);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    await button(tab, 'Remove').click();
    await waitForRows(tab, 0, () => true);
    await tab.keyboard.press('Control+z');
    await waitForRows(tab, 1, isCompleted);
    await button(tab, 'Remove').click();
    await button(tab, 'Dismiss').click();
    const left = async () => (await fixture.app.uploads()).filter(({ ownerId }) => ownerId === user);
    await until(async () => (await left()).length === 0, 'the record to be gone');
    expect(await readRows(tab)).toEqual([]);
  });

  it('moves, opens and reorders rows by keyboard and keeps the order', async () => {
    const tab = await storeThree('typist');
    await holdToastTimers(tab);
    await tab.locator('[role=listitem]').first().focus();
    await tab.keyboard.press('Alt+ArrowDown');
    await waitForNames(tab, ['b.zip', 'a.zip', 'c.zip']);
    await tab.getByText('Moved to position 2 of 3').waitFor({ state: 'attached' });
    await tab.keyboard.press('Alt+End');
    await waitForNames(tab, ['b.zip', 'c.zip', 'a.zip']);
    await tab.keyboard.press('Enter');
    await tab.locator('upload-row').nth(2).getByRole('button', { name: 'Copy log' }).waitFor();
    await tab.keyboard.press('Home');
    await until(async () => (await tab.evaluate(readFocusedName)) === 'b.zip', 'the focus on the first row');
    await tab.keyboard.press('Delete');
    await button(tab, 'Dismiss').click();
    await waitForRows(tab, 3, ({ name, status }) => (name === 'b.zip') === (status === 'cancelled'));
    await tab.reload();
    await waitForNames(tab, ['b.zip', 'c.zip', 'a.zip']);
  });

  it('reorders rows by dragging', async () => {
    const tab = await storeThree('dragger');
    const last = tab.locator('upload-row').nth(2);
    await last.hover();
    await last.locator('.grip').hover();
    await tab.mouse.down();
    // A drag starts after a few pixels and enters the target row from outside.
    await last.locator('.grip').hover({ position: { x: 2, y: 2 } });
    for (const y of [20, 5])
      await tab
        .locator('upload-row')
        .first()
        .hover({ position: { x: 100, y } });
    await tab.mouse.up();
    await waitForNames(tab, ['c.zip', 'a.zip', 'b.zip']);
    await tab.reload();
    await waitForNames(tab, ['c.zip', 'a.zip', 'b.zip']);
  });

  it('filters, searches and sorts without changing the order', async () => {
    const tab = await storeThree('seeker');
    await tab.getByLabel('Sort by').selectOption('size');
    await waitForNames(tab, ['a.zip', 'b.zip', 'c.zip']);
    await tab.getByLabel('Sort by').selectOption('newest');
    await waitForNames(tab, ['c.zip', 'b.zip', 'a.zip']);
    await tab.getByLabel('Search').fill('B.z');
    await waitForNames(tab, ['b.zip']);
    await tab.getByRole('button', { name: 'Uploaded' }).click();
    await tab.getByText('No matching uploads.').waitFor();
    await button(tab, 'Show all').click();
    await waitForNames(tab, ['a.zip', 'b.zip', 'c.zip']);
    // The chosen order is also restored after a manual choice.
    await tab.getByLabel('Sort by').selectOption('order');
    await tab.getByLabel('Sort by').selectOption('size');
    await tab.getByLabel('Search').fill('nothing of this name');
    await button(tab, 'Show all').click();
    expect(await tab.getByLabel('Sort by').inputValue()).toBe('order');
  });

  it('renders only a few of two thousand rows at any scroll position', async () => {
    const user = 'archivist';
    const tab = await fixture.app.signIn(user);
    await storeUploads(tab, createPausedUploads(user, 2000));
    const first = tab.locator('[role=listitem]').first();
    // The first page of a long queue is shown before its length is known.
    await until(async () => (await first.getAttribute('aria-setsize')) === '2000', 'the whole queue');
    await first.focus();
    await tab.keyboard.press('End');
    await until(async () => (await tab.evaluate(readFocusedName)) === 'Record 2000.zip', 'the last row');
    await tab.locator('[aria-posinset="2000"]').click({ trial: true });
    expect((await readRows(tab)).length).toBeLessThan(40);
    await tab.getByLabel('Search').fill('record 77.');
    await waitForNames(tab, ['Record 77.zip']);
  });

  it('asks before it uploads a file twice', async () => {
    const user = 'doubter';
    const [file, other] = [
      await makeFile(fixture.folder.dir, 'twice.bin', 20),
      await makeFile(fixture.folder.dir, 'once.bin', 30),
    ];
    const tab = await fixture.app.signIn(user);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    await queueFiles(tab, [file.path, other.path]);
    await tab.getByText('1 file is already in your list.').waitFor();
    await button(tab, 'Skip duplicates').click();
    await waitForRows(tab, 2, isCompleted);
    await queueFiles(tab, [file.path]);
    await button(tab, 'Upload all anyway').click();
    await waitForRows(tab, 3, isCompleted);
    const arrived = fixture.server.batches.list(user).map(({ files }) => files[0]?.name);
    expect(arrived.sort()).toEqual(['once.bin', 'twice.bin', 'twice.bin']);
  });
});

/** The name in the focused row. Runs in the page. */
function readFocusedName(): string | null {
  const list = document
    .querySelector('upload-app')
    ?.shadowRoot?.querySelector('queue-view')
    ?.shadowRoot?.querySelector('upload-list');
  const row = list?.shadowRoot?.activeElement?.querySelector('upload-row');
  return row?.shadowRoot?.querySelector('h3')?.textContent ?? null;
}
