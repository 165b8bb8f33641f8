import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

// Chromium rounds the free space and lets no test set it, so the tests replace the estimate in the
// page.
describe('storage limits', () => {
  const fixture = withApp({ browser: 'own' });
  const SIZE = 12_000_000;

  it('refuses files that exceed the free space before it stages a byte', async () => {
    const user = 'packer';
    const [file, other] = [
      await makeFile(fixture.folder.dir, 'big.bin', SIZE),
      await makeFile(fixture.folder.dir, 'small.bin', 10),
    ];
    const tab = await fixture.app.signIn(user);
    await tab.evaluate(() => {
      navigator.storage.estimate = async () => ({ quota: 9e6, usage: 1e6 });
    });
    await queueFiles(tab, [file.path]);
    await tab.getByRole('alert').getByText('Not enough space: 12.0 MB needed, 8.0 MB free.').waitFor();
    expect((await fixture.app.uploads()).filter(({ ownerId }) => ownerId === user)).toEqual([]);
    await tab.evaluate(() => Reflect.deleteProperty(navigator.storage, 'estimate'));
    await queueFiles(tab, [other.path]);
    await waitForRows(tab, 2, isCompleted);
  });

  it('links a failed copy to storage settings and resumes with its file', async () => {
    const user = 'trusting';
    const file = await makeFile(fixture.folder.dir, 'promised.bin', SIZE);
    const tab = await fixture.app.signIn(user);
    await tab.evaluate(fillDisk);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, ({ status }) => status === 'failed');
    const row = tab.locator('upload-row');
    await row.getByText('Not enough space on this device for “\u2068promised.bin\u2069”').waitFor();
    await row.getByRole('button', { name: 'Free up space' }).click();
    const dialog = tab.getByRole('dialog');
    await dialog.getByRole('heading', { name: 'Storage' }).waitFor();
    await dialog.getByRole('progressbar').waitFor();
    await tab.reload();
    await row.getByRole('button', { name: 'Try again' }).click();
    await row.getByText('Interrupted. Choose the file again').waitFor();
    await row.locator('input[type=file]').setInputFiles(file.path);
    await waitForRows(tab, 1, isCompleted);
    expect(fixture.server.batches.list(user)).toHaveLength(1);
  });
});

/** Makes the database of the page refuse pieces, as on a full disk, until the page reloads. */
function fillDisk(): void {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
    if (this.name === 'pieces') throw new DOMException('Full', 'QuotaExceededError');
    return put.apply(this, args);
  };
}
