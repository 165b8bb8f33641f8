import { appendFile, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { expectArrived } from '../../fixtures/expect-arrived.ts';
import { makeFile, sha256, type TestFile } from '../../fixtures/files.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { StagingGate } from '../../page-objects/staging-gate.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

const PIECE = 8 * 1024 * 1024;

describe('a file that grew after it was chosen', () => {
  const fixture = withApp({ browser: 'own' });

  async function grow(file: TestFile): Promise<TestFile> {
    await appendFile(file.path, 'more');
    const bytes = await readFile(file.path);
    return { ...file, sizeBytes: bytes.length, sha256: await sha256(new Blob([bytes]).stream()) };
  }

  it('uploads a grown file as it is now when nothing was staged', async () => {
    const user = 'logger';
    const file = await makeFile(fixture.folder.dir, 'log.txt', 1000);
    const tab = await fixture.app.signIn(user);
    const gate = await StagingGate.close(tab);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, ({ status }) => status === 'staging');
    const grown = await grow(file);
    await gate.open();
    await waitForRows(tab, 1, ({ status }) => status === 'failed');
    await tab.locator('upload-row input[type=file]').setInputFiles(file.path);
    await tab.getByText('has changed. Its current version is uploaded.').waitFor();
    await waitForRows(tab, 1, isCompleted);
    await expectArrived(fixture.server, user, grown);
  });

  it('starts over with a grown file on request when a part was staged', async () => {
    const user = 'recorder';
    const file = await makeFile(fixture.folder.dir, 'record.bin', 2 * PIECE);
    const tab = await fixture.app.signIn(user);
    const gate = await StagingGate.close(tab);
    await queueFiles(tab, [file.path]);
    await gate.passOnePiece();
    const isPartlyStaged = async () => (await fixture.app.uploads()).some(({ stagedBytes }) => stagedBytes === PIECE);
    await until(isPartlyStaged, 'the first staged piece');
    const grown = await grow(file);
    await tab.reload();
    await waitForRows(tab, 1, ({ status }) => status === 'waiting: file');
    await tab.locator('upload-row input[type=file]').setInputFiles(file.path);
    await tab.getByRole('alert').getByText('This isn’t the file you chose before').waitFor();
    await tab.getByRole('button', { name: 'Start over with this file' }).click();
    await waitForRows(tab, 1, isCompleted);
    await expectArrived(fixture.server, user, grown);
    expect(fixture.server.sessions.ids).toEqual([]);
  });
});
