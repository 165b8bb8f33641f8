import { describe, expect, it } from 'vitest';
import { expectArrived } from '../../fixtures/expect-arrived.ts';
import { makeFile, type TestFile } from '../../fixtures/files.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles } from '../../page-objects/test-app.ts';

const COUNT = 40;

describe('many small uploads', () => {
  const fixture = withApp({ browser: 'own' });

  async function makeFiles(prefix: string): Promise<TestFile[]> {
    const numbers = Array.from({ length: COUNT }, (_, n) => n);
    return Promise.all(numbers.map((n) => makeFile(fixture.folder.dir, `${prefix} ${n} “ä”.bin`, n * 5000)));
  }

  /** Counts the requests of each path from now on. */
  function countRequests(): Map<string, number> {
    const counts = new Map<string, number>();
    fixture.server.faults.before = ({ url }) => {
      const path = url.split('?')[0] ?? '';
      counts.set(path, (counts.get(path) ?? 0) + 1);
      return undefined;
    };
    return counts;
  }

  async function waitForCompletion(user: string): Promise<void> {
    await until(async () => {
      const uploads = (await fixture.app.uploads()).filter(({ ownerId }) => ownerId === user);
      return uploads.length === COUNT && uploads.every(isCompleted);
    }, 'the completion of all uploads');
  }

  it('share requests and become a batch each', async () => {
    const user = 'collector';
    const files = await makeFiles('first');
    const tab = await fixture.app.signIn(user);
    const counts = countRequests();
    await queueFiles(
      tab,
      files.map(({ path }) => path),
    );
    await waitForCompletion(user);
    await expectArrived(fixture.server, user, ...files);
    expect(counts.get('/api/batches/upload-bundle')).toBeGreaterThan(0);
    const requests = (counts.get('/api/batches/upload') ?? 0) + (counts.get('/api/batches/upload-bundle') ?? 0);
    expect(requests).toBeLessThan(COUNT / 2);
  });

  it('are not sent again after a lost response', async () => {
    const user = 'unlucky';
    const files = await makeFiles('second');
    const tab = await fixture.app.signIn(user);
    const counts = countRequests();
    let lost = 0;
    fixture.server.faults.dropAnswer = ({ url }) => url.endsWith('/upload-bundle') && lost++ === 0;
    await queueFiles(
      tab,
      files.map(({ path }) => path),
    );
    await waitForCompletion(user);
    expect(lost).toBeGreaterThan(0);
    await expectArrived(fixture.server, user, ...files);
    // One query for each upload of the bundle, besides the discovery.
    expect(counts.get('/api/batches')).toBeGreaterThan(1);
  });
});
