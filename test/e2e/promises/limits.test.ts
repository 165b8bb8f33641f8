import { describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, readRows, waitForRows } from '../../page-objects/test-app.ts';

const MB = 1_000_000;
const LIMIT = 5 * MB;

describe('limit of the server', () => {
  const fixture = withApp({ server: () => ({ maxUploadBytes: LIMIT }) });

  // First, because a server stays known.
  it('shows both sizes of a refused upload, no retry and no progress', async () => {
    fixture.server.faults.before = ({ method, url }) =>
      method === 'GET' && url === '/api/batches' ? { kind: 'status', status: 503 } : undefined;
    const file = await makeFile(fixture.folder.dir, 'refused.bin', 60 * MB);
    const tab = await fixture.app.signIn('refused');
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, ({ status }) => status === 'failed');
    await tab.getByText('60.0 MB; this server accepts at most 5.0 MB.').waitFor();
    await tab.getByRole('heading', { name: '1 stopped: 1 failed' }).waitFor();
    await tab.getByText(/ of 60\.0 MB$/).waitFor();
    expect(await tab.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    // An unknown server may have taken chunks before it noticed the size.
    const bar = tab.locator('queue-summary progress');
    expect(await bar.evaluate((progress: HTMLProgressElement) => progress.value)).toBeLessThanOrEqual(LIMIT);
    expect(await bar.getAttribute('aria-valuetext')).toMatch(/^[0-8]%$/);
    expect(await bar.getAttribute('class')).toBe('');
    expect(fixture.server.batches.list('refused')).toEqual([]);
  });

  it('asks about files over the limit before it copies any', async () => {
    const small = await makeFile(fixture.folder.dir, 'small.bin', MB);
    const large = await makeFile(fixture.folder.dir, 'large.bin', LIMIT + MB);
    await fixture.app.discoverServer();
    const tab = await fixture.app.signIn('asked');
    await queueFiles(tab, [small.path, large.path]);
    await tab.getByRole('alert').getByText('large.bin\u2069 has 6.0 MB; this server accepts at most 5.0 MB.').waitFor();
    expect(await readRows(tab)).toEqual([]);
    expect((await fixture.app.uploads()).filter(({ ownerId }) => ownerId === 'asked')).toEqual([]);
    await tab.getByRole('button', { name: 'Upload 1 file' }).click();
    const rows = await waitForRows(tab, 1, isCompleted);
    expect(rows.map(({ name }) => name)).toEqual(['small.bin']);
  });

  it('offers no upload if every file is over the limit', async () => {
    const large = await makeFile(fixture.folder.dir, 'alone.bin', LIMIT + 1);
    const tab = await fixture.app.signIn('alone');
    await queueFiles(tab, [large.path]);
    await tab.getByRole('alert').getByText('this server accepts at most 5.0 MB').waitFor();
    expect(await tab.getByRole('button', { name: 'Upload 0 files' }).isDisabled()).toBe(true);
    await tab.getByRole('button', { name: 'Cancel' }).click();
    await tab.getByRole('heading', { name: 'No uploads yet' }).waitFor();
  });
});
