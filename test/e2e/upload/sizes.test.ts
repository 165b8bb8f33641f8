import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { downloadedSha256 } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

const LIMIT = 104_857_600;
/** The largest file is written and read several times, on a disk of unknown speed. */
const PATIENCE_MS = 180_000;
const timeout = PATIENCE_MS + 60_000;

describe('file sizes', () => {
  const fixture = withApp({ browser: 'own' });

  it.each([0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 350 * 1024 * 1024])(
    'uploads %i bytes unchanged as one batch',
    { timeout },
    async (sizeBytes) => {
      const user = `user of ${sizeBytes}`;
      const file = await makeFile(fixture.folder.dir, `${sizeBytes}.bin`, sizeBytes);
      const tab = await fixture.app.signIn(user);
      await queueFiles(tab, [file.path]);
      await waitForRows(tab, 1, isCompleted, PATIENCE_MS);
      const batches = fixture.server.batches.list(user);
      expect(batches.map(({ files }) => files.map(({ name, sizeBytes: bytes }) => [name, bytes]))).toEqual([
        [[file.name, sizeBytes]],
      ]);
      const token = await fixture.server.issueToken(user);
      expect(await downloadedSha256(`${fixture.server.url()}/api`, token, batches[0]?.batchId ?? '')).toBe(file.sha256);
    },
  );

  it('uploads 40 images as one batch of 40 files once it has a task ID', async () => {
    const user = 'photographer';
    const files = [];
    for (let i = 0; i < 40; i++) files.push(await makeFile(fixture.folder.dir, `photo ${i}.jpg`, 10_000 + i));
    const paths = files.map(({ path }) => path);
    const tab = await fixture.app.signIn(user);
    await tab.locator('select[name=uploadType]').selectOption('images');
    await queueFiles(tab, paths);
    await tab.getByRole('alert').getByText('Enter a task ID').waitFor();
    await tab.locator('input[name=taskId]').fill('task 7');
    await tab.locator('input[name=profileId]').fill('0');
    await tab.getByRole('button', { name: 'Upload 40 photos' }).click();
    await waitForRows(tab, 1, isCompleted);
    const [batch, ...others] = fixture.server.batches.list(user);
    expect(others).toEqual([]);
    expect(batch).toMatchObject({ taskId: 'task 7', profileId: 0, notes: null, uploadType: 'images' });
    const [api, token] = [`${fixture.server.url()}/api`, await fixture.server.issueToken(user)];
    const headers = { Authorization: `Bearer ${token}` };
    const listed = await (await fetch(`${api}/batches/${batch?.batchId}`, { headers })).json();
    expect(listed.files.map(({ name }: { name: string }) => name)).toEqual(files.map(({ name }) => name));
    for (const [n, { sha256 }] of files.entries()) {
      expect(await downloadedSha256(api, token, batch?.batchId ?? '', n)).toBe(sha256);
    }
  });
});
