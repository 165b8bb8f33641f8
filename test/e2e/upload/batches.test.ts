import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { makeFile, sha256 } from '../../fixtures/files.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

describe('what is sent', () => {
  const made = withApp();

  it('carries the details that were given once, also after a reload, all files the same', async () => {
    const user = 'clerk';
    const names = ['left.bin', 'right.bin'];
    const files = await Promise.all(names.map((name) => makeFile(made.folder.dir, name, 1000)));
    const tab = await made.app.signIn(user);
    await fillIn(tab, { type: 'zip', task: 't-7', profile: '12345', notes: 'north wing' });
    await tab.reload();
    await queueFiles(
      tab,
      files.map(({ path }) => path),
    );
    await waitForRows(tab, names.length, isCompleted);
    const details = { uploadType: 'zip', taskId: 't-7', profileId: 12345, notes: 'north wing' };
    expect(made.server.batches.list(user)).toEqual(names.map(() => expect.objectContaining(details)));
    // It is a name, not a number to be read: no separators.
    await tab.getByRole('button', { name: 'Details' }).first().click();
    await tab.locator('upload-details').getByText('12345', { exact: true }).waitFor();
    await fillIn(tab, { type: 'file', task: '', profile: '', notes: '' });
  });

  it('tells when it arrived its batch and its digest, and is given back byte for byte', async () => {
    const user = 'checker';
    const file = await makeFile(made.folder.dir, 'evidence.bin', 3_000_000);
    const tab = await made.app.signIn(user);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    const { batches } = made.server;
    const get = batches.get.bind(batches);
    let looks = 0;
    // When it is asked first the server has not read it through yet.
    batches.get = (...of) => {
      const found = get(...of);
      if (!found || looks++ > 0) return found;
      return { ...found, files: found.files.map((one) => ({ ...one, sha256: null })) };
    };
    await tab.getByRole('button', { name: 'Details' }).click();
    const [batch] = made.server.batches.list(user);
    await tab
      .locator('upload-details')
      .getByText(batch?.batchId ?? 'none', { exact: true })
      .waitFor();
    await tab.getByText(file.sha256).waitFor();
    const [saved] = await Promise.all([
      tab.waitForEvent('download'),
      tab.getByRole('button', { name: 'Save' }).click(),
    ]);
    expect(saved.suggestedFilename()).toBe(file.name);
    expect(await sha256(await saved.createReadStream())).toBe(file.sha256);
  });
});

describe('what was sent to a server that shows nothing', () => {
  const made = withApp({ server: () => ({ level: 'original' }) });

  it('is told so, and not as something wrong', async () => {
    const file = await makeFile(made.folder.dir, 'trusted.bin', 1000);
    const tab = await made.app.signIn('truster');
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    await tab.getByRole('button', { name: 'Details' }).click();
    await tab.getByText('This server does not show what has arrived.').waitFor();
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
  // There is room for it beside a queue in a wide window, and always before there is one.
  await form.locator('select').selectOption(type);
  await form.getByLabel('Task ID').fill(task);
  await form.getByLabel('Profile ID').fill(profile);
  await form.getByLabel('Notes').fill(notes);
}
