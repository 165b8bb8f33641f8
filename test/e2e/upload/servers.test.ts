import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { startServer, type TestServer, until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, readRows, waitForRows } from '../../page-objects/test-app.ts';
import { holdToastTimers } from '../../page-objects/toasts.ts';

const MIB = 1024 * 1024;

describe('server with all extensions', () => {
  const fixture = withApp({ browser: 'own' });

  beforeAll(() => fixture.app.discoverServer());

  it.each([
    ['direct', 1],
    ['chunked', 10],
  ])('creates one batch although the response to a %s upload was lost', async (way, chunks) => {
    const user = `unlucky ${way}`;
    const file = await makeFile(fixture.folder.dir, `${way}.bin`, chunks * MIB);
    let dropped = 0;
    fixture.server.faults.dropAnswer = ({ method }) => {
      const mustDrop = dropped === 0 && method === 'POST' && fixture.server.batches.list(user).length > 0;
      if (mustDrop) dropped++;
      return mustDrop;
    };
    const tab = await fixture.app.signIn(user, { chunkBytes: MIB });
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    expect(dropped).toBe(1);
    await fixture.server.batches.joined();
    expect(fixture.server.batches.list(user).map(({ files }) => files[0]?.sha256)).toEqual([file.sha256]);
    const [upload] = (await fixture.app.uploads()).filter(({ ownerId }) => ownerId === user);
    expect(upload).toMatchObject({ batch: { batch_id: fixture.server.batches.list(user)[0]?.batchId } });
  });

  it.each([
    ['direct', 1],
    ['chunked', 3],
  ])('completes a %s upload whose batch existed before it was cancelled', async (way, chunks) => {
    const user = `late ${way}`;
    const file = await makeFile(fixture.folder.dir, `late ${way}.bin`, chunks * MIB);
    fixture.server.faults.dropAnswer = ({ method }) => method === 'POST';
    const tab = await fixture.app.signIn(user, { chunkBytes: MIB });
    const endTime = await holdToastTimers(tab);
    await queueFiles(tab, [file.path]);
    await until(() => fixture.server.batches.list(user).length > 0, 'a batch without a delivered response');
    await tab.getByRole('button', { name: 'Cancel', exact: true }).click();
    // The upload is cancelled when the undo expires.
    await endTime();
    await waitForRows(tab, 1, isCompleted);
    expect(fixture.server.batches.list(user)).toHaveLength(1);
  });

  it('completes despite 503, a lost connection, 401 and a lost session', async () => {
    const user = 'troubled';
    const file = await makeFile(fixture.folder.dir, 'troubled.bin', 30 * MIB);
    let requests = 0;
    fixture.server.faults.before = ({ url }) => {
      if (!url.endsWith('/upload-chunk')) return undefined;
      requests++;
      if (requests === 6) return { kind: 'status', status: 503, retryAfter: '1' };
      if (requests === 8) return { kind: 'status', status: 401 };
      if (requests === 10) return { kind: 'drop' };
      if (requests === 14) for (const id of fixture.server.sessions.ids) void fixture.server.sessions.lose(id);
      return undefined;
    };
    const tab = await fixture.app.signIn(user, { chunkBytes: MIB });
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    // 30 chunks, and one more for each of the four failures.
    expect(requests).toBeGreaterThanOrEqual(30 + 4);
    await fixture.server.batches.joined();
    expect(fixture.server.batches.list(user).map(({ files }) => files[0]?.sha256)).toEqual([file.sha256]);
  });

  it('sends the uploads of the signed-in user only and later the rest', async () => {
    const file = await makeFile(fixture.folder.dir, 'ada.bin', 40 * MIB);
    const other = await makeFile(fixture.folder.dir, 'bob.bin', 10 * MIB);
    const ada = await fixture.app.signIn('ada', { chunkBytes: MIB });
    fixture.server.faults.before = ({ url }) =>
      url.endsWith('/upload-chunk') ? { kind: 'delay', delayMs: 60 } : undefined;
    await queueFiles(ada, [file.path]);
    await until(() => fixture.server.acknowledgedChunks('ada').length >= 4, '4 chunks of Ada');
    await fixture.server.holdChunks();
    await waitForRows(ada, 1, (row) => row.staged);
    await ada.close();
    const bob = await fixture.app.signIn('bob', { chunkBytes: MIB });
    fixture.server.releaseChunks();
    await bob.getByRole('heading', { name: 'No uploads yet' }).waitFor();
    expect(await readRows(bob)).toEqual([]);
    await queueFiles(bob, [other.path]);
    await waitForRows(bob, 1, isCompleted);
    // Chunks that were in flight at the sign-in of Bob may still arrive for Ada.
    expect(fixture.server.acknowledgedChunks('ada').length).toBeLessThan(40);
    expect(fixture.server.batches.list('ada')).toEqual([]);
    await bob.close();
    const again = await fixture.app.signIn('ada', { chunkBytes: MIB });
    const rows = await waitForRows(again, 1, isCompleted);
    expect(rows.map(({ name }) => name)).toEqual([file.name]);
    expect(fixture.server.batches.list('ada').map(({ files }) => files[0]?.name)).toEqual([file.name]);
    expect(fixture.server.batches.list('bob').map(({ files }) => files[0]?.name)).toEqual([other.name]);
  });

  it('starts the app offline on a second visit', async () => {
    await fixture.app.signIn('visitor');
    await fixture.app.closeTabs();
    await fixture.app.context.setOffline(true);
    const tab = await fixture.app.openTab();
    await tab.locator('#files').waitFor();
    await tab.getByText('Offline').first().waitFor();
    await fixture.app.context.setOffline(false);
  });
});

describe('basic level on another origin that allows only `authorization`', () => {
  const allowedOrigins: string[] = [];
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ level: 'basic', allowedOrigins });
  });
  afterAll(() => server?.close());
  const fixture = withApp({ server: () => ({ connectSrc: [server.url()] }), browser: 'own' });

  beforeAll(() => void allowedOrigins.push(fixture.server.url()));

  afterEach(() => {
    server.faults.dropAnswer = undefined;
  });

  async function settingsOf(userId: string) {
    return { endpoint: `${server.url()}/api`, credentials: { userId, accessToken: await server.issueToken(userId) } };
  }

  it('receives a chunked and a direct upload', async () => {
    const user = 'sender';
    const large = await makeFile(fixture.folder.dir, 'large.bin', 120 * MIB);
    const little = await makeFile(fixture.folder.dir, 'little.bin', 3 * MIB);
    const tab = await fixture.app.signIn(user, await settingsOf(user));
    await queueFiles(tab, [large.path, little.path]);
    await waitForRows(tab, 2, isCompleted);
    await server.batches.joined();
    const arrived = server.batches.list(user).map(({ files }) => [files[0]?.name, files[0]?.sha256]);
    expect(arrived).toHaveLength(2);
    expect(arrived).toEqual(expect.arrayContaining([large, little].map(({ name, sha256 }) => [name, sha256])));
    const acknowledged = server.acknowledgedChunks(user);
    expect([acknowledged.at(0), acknowledged.at(-1)]).toEqual([0, 7]);
    // Those between are in flight at the same time.
    expect([...acknowledged].sort((x, y) => x - y)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(fixture.server.batches.list(user)).toEqual([]);
  });

  it.each([
    // This server repeats the batch of a finished session, but knows nothing of a direct request.
    ['chunked', 110, 1],
    ['direct', 1, 2],
  ])('asks the user about a %s upload whose last response was lost', async (way, mebibytes, batches) => {
    const user = `unsure ${way}`;
    const file = await makeFile(fixture.folder.dir, `perhaps ${way}.bin`, mebibytes * MIB);
    let dropped = 0;
    server.faults.dropAnswer = () => {
      const mustDrop = dropped === 0 && server.batches.list(user).length > 0;
      if (mustDrop) dropped++;
      return mustDrop;
    };
    const tab = await fixture.app.signIn(user, await settingsOf(user));
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, (row) => row.status === 'waiting: unconfirmed');
    expect(server.batches.list(user)).toHaveLength(1);
    await tab.getByRole('button', { name: 'Send again' }).click();
    await waitForRows(tab, 1, isCompleted);
    expect(server.batches.list(user)).toHaveLength(batches);
  });
});
