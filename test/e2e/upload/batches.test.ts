import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { makeFile, sha256 } from '../../fixtures/files.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

describe('uploaded batches', () => {
  const fixture = withApp();

  it('sends the same batch fields with each file, also after a reload', async () => {
    const user = 'clerk';
    const names = ['left.bin', 'right.bin'];
    const files = await Promise.all(names.map((name) => makeFile(fixture.folder.dir, name, 1000)));
    const tab = await fixture.app.signIn(user);
    await fillIn(tab, { type: 'zip', task: 't-7', profile: '12345', notes: 'north wing' });
    await tab.reload();
    await queueFiles(
      tab,
      files.map(({ path }) => path),
    );
    await waitForRows(tab, names.length, isCompleted);
    const details = { uploadType: 'zip', taskId: 't-7', profileId: 12345, notes: 'north wing' };
    expect(fixture.server.batches.list(user)).toEqual(names.map(() => expect.objectContaining(details)));
    // A profile ID is shown without digit separators.
    await tab.getByRole('button', { name: 'Details' }).first().click();
    await tab.locator('upload-details').getByText('12345', { exact: true }).waitFor();
    await fillIn(tab, { type: 'file', task: '', profile: '', notes: '' });
  });

  it('shows batch ID and digest and downloads the same bytes', async () => {
    const user = 'checker';
    const file = await makeFile(fixture.folder.dir, 'evidence.bin', 3_000_000);
    const tab = await fixture.app.signIn(user);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    const { overrides } = fixture.server;
    const { findBatch } = fixture.server.uploads;
    let reads = 0;
    // At first the server has not computed the digest.
    overrides.findBatch = async (...args) => {
      const found = await findBatch(...args);
      if (!found || reads++ > 0) return found;
      return { ...found, files: found.files.map((one) => ({ ...one, sha256: null })) };
    };
    await tab.getByRole('button', { name: 'Details' }).click();
    const [batch] = fixture.server.batches.list(user);
    await tab
      .locator('upload-details')
      .getByText(batch?.batchId ?? 'none', { exact: true })
      .waitFor();
    await tab.getByText(file.sha256).waitFor();
    const [saved] = await Promise.all([
      tab.waitForEvent('download'),
      tab.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(saved.suggestedFilename()).toBe(file.name);
    expect(await sha256(await saved.createReadStream())).toBe(file.sha256);
  });
});

describe('uploaded batch at the basic level', () => {
  const fixture = withApp({ server: () => ({ level: 'basic' }) });

  it('reports that the server lists no batches, without an error', async () => {
    const file = await makeFile(fixture.folder.dir, 'trusted.bin', 1000);
    const tab = await fixture.app.signIn('truster');
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    await tab.getByRole('button', { name: 'Details' }).click();
    await tab.getByText('This server doesn’t list uploaded files.').waitFor();
    expect(await tab.getByRole('alert').count()).toBe(0);
  });
});

interface Details {
  readonly type: string;
  readonly task: string;
  readonly profile: string;
  readonly notes: string;
}

async function fillIn(tab: Page, { type, task, profile, notes }: Details): Promise<void> {
  const form = tab.locator('batch-form');
  // The form is visible beside the queue in a wide window, and always above an empty queue.
  await form.locator('select').selectOption(type);
  await form.getByLabel('Task ID').fill(task);
  await form.getByLabel('Profile ID').fill(profile);
  await form.getByLabel('Notes').fill(notes);
}
