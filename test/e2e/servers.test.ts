import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, makeFile, tempFolder } from '../support/files.ts';
import { isCompleted, queue, rowsBecome, rowsOf, TestApp } from '../support/harness.ts';
import { startServer, type TestServer, until } from '../support/test-server.ts';

const MIB = 1024 * 1024;

describe('a server of the exact level', () => {
  let server: TestServer;
  let app: TestApp;
  let folder: Folder;

  beforeAll(async () => {
    folder = await tempFolder();
    server = await startServer();
    app = await TestApp.launch(server);
    await app.meetServer();
  });

  afterEach(async () => {
    server.release();
    server.faults.before = undefined;
    server.faults.dropAnswer = undefined;
    await app.closeTabs();
  });

  afterAll(async () => {
    await app?.close();
    await server?.close();
    await folder?.remove();
  });

  it.each([
    ['direct', 1],
    ['chunked', 10],
  ])('makes one batch although the answer to a %s upload was lost after the commit', async (way, chunks) => {
    const user = `unlucky ${way}`;
    const file = await makeFile(folder.dir, `${way}.bin`, chunks * MIB);
    let dropped = 0;
    server.faults.dropAnswer = ({ method }) => {
      const mustDrop = dropped === 0 && method === 'POST' && server.batches.list(user).length > 0;
      if (mustDrop) dropped++;
      return mustDrop;
    };
    const tab = await app.signIn(user, { chunkBytes: MIB });
    await queue(tab, [file.path]);
    await rowsBecome(tab, 1, isCompleted);
    expect(dropped).toBe(1);
    await server.batches.joined();
    expect(server.batches.list(user).map(({ files }) => files[0]?.sha256)).toEqual([file.sha256]);
    const [upload] = (await app.uploads()).filter(({ ownerId }) => ownerId === user);
    expect(upload).toMatchObject({ answer: { batch_id: server.batches.list(user)[0]?.batchId } });
  });

  it('may be busy, drop a connection, refuse a token and lose a session', async () => {
    const user = 'troubled';
    const file = await makeFile(folder.dir, 'troubled.bin', 30 * MIB);
    let requests = 0;
    server.faults.before = ({ url }) => {
      if (!url.endsWith('/upload-chunk')) return undefined;
      requests++;
      if (requests === 6) return { kind: 'status', status: 503, retryAfter: '1' };
      if (requests === 8) return { kind: 'status', status: 401 };
      if (requests === 10) return { kind: 'drop' };
      if (requests === 14) for (const id of server.sessions.ids) void server.sessions.lose(id);
      return undefined;
    };
    const tab = await app.signIn(user, { chunkBytes: MIB });
    await queue(tab, [file.path]);
    await rowsBecome(tab, 1, isCompleted);
    // 30 chunks, and again each of the four that went wrong.
    expect(requests).toBeGreaterThanOrEqual(30 + 4);
    await server.batches.joined();
    expect(server.batches.list(user).map(({ files }) => files[0]?.sha256)).toEqual([file.sha256]);
  });

  it('does not get one user’s upload while another is signed in, and gets the rest when the first is back', async () => {
    const file = await makeFile(folder.dir, 'ada.bin', 40 * MIB);
    const other = await makeFile(folder.dir, 'bob.bin', 10 * MIB);
    const ada = await app.signIn('ada', { chunkBytes: MIB });
    server.faults.before = ({ url }) => (url.endsWith('/upload-chunk') ? { kind: 'delay', delayMs: 60 } : undefined);
    await queue(ada, [file.path]);
    await until(() => server.chunksOf('ada').length >= 4, '4 chunks of Ada');
    await server.hold();
    await rowsBecome(ada, 1, (row) => row.staged);
    await ada.close();
    const bob = await app.signIn('bob', { chunkBytes: MIB });
    server.release();
    expect(await rowsOf(bob)).toEqual([]);
    await queue(bob, [other.path]);
    await rowsBecome(bob, 1, isCompleted);
    // What was under way when Bob came may still arrive, as hers.
    expect(server.chunksOf('ada').length).toBeLessThan(40);
    expect(server.batches.list('ada')).toEqual([]);
    await bob.close();
    const again = await app.signIn('ada', { chunkBytes: MIB });
    const rows = await rowsBecome(again, 1, isCompleted);
    expect(rows.map(({ name }) => name)).toEqual([file.name]);
    expect(server.batches.list('ada').map(({ files }) => files[0]?.name)).toEqual([file.name]);
    expect(server.batches.list('bob').map(({ files }) => files[0]?.name)).toEqual([other.name]);
  });

  it('need not be there for a second visit', async () => {
    await app.signIn('visitor');
    await app.closeTabs();
    await app.context.setOffline(true);
    const tab = await app.openTab();
    await tab.locator('#files').waitFor();
    await tab.getByText('Offline').first().waitFor();
    await app.context.setOffline(false);
  });
});

describe('a server of the original level on another origin, which lets no header through but authorization', () => {
  let server: TestServer;
  let site: TestServer;
  let app: TestApp;
  let folder: Folder;

  beforeAll(async () => {
    folder = await tempFolder();
    const allowedOrigins: string[] = [];
    server = await startServer({ level: 'original', allowedOrigins });
    site = await startServer({ connectSrc: [server.url()] });
    allowedOrigins.push(site.url());
    app = await TestApp.launch(site);
  });

  afterEach(async () => {
    server.faults.dropAnswer = undefined;
    await app.closeTabs();
  });

  afterAll(async () => {
    await app?.close();
    await site?.close();
    await server?.close();
    await folder?.remove();
  });

  async function settingsOf(userId: string) {
    return { endpoint: `${server.url()}/api`, token: { userId, token: await server.issueToken(userId) } };
  }

  it('gets a chunked and a direct upload', async () => {
    const user = 'sender';
    const large = await makeFile(folder.dir, 'large.bin', 120 * MIB);
    const little = await makeFile(folder.dir, 'little.bin', 3 * MIB);
    const tab = await app.signIn(user, await settingsOf(user));
    await queue(tab, [large.path, little.path]);
    await rowsBecome(tab, 2, isCompleted);
    await server.batches.joined();
    const arrived = server.batches.list(user).map(({ files }) => [files[0]?.name, files[0]?.sha256]);
    expect(arrived).toHaveLength(2);
    expect(arrived).toEqual(expect.arrayContaining([large, little].map(({ name, sha256 }) => [name, sha256])));
    expect(server.chunksOf(user)).toEqual([0, 1, 2]);
    expect(site.batches.list(user)).toEqual([]);
  });

  it.each([
    // This server answers a finished session with its batch again; of a direct request it knows nothing.
    ['chunked', 110, 1],
    ['direct', 1, 2],
  ])('has a %s upload wait for the user’s word when the last answer was lost', async (way, mebibytes, batches) => {
    const user = `unsure ${way}`;
    const file = await makeFile(folder.dir, `perhaps ${way}.bin`, mebibytes * MIB);
    let dropped = 0;
    server.faults.dropAnswer = () => {
      const mustDrop = dropped === 0 && server.batches.list(user).length > 0;
      if (mustDrop) dropped++;
      return mustDrop;
    };
    const tab = await app.signIn(user, await settingsOf(user));
    await queue(tab, [file.path]);
    await rowsBecome(tab, 1, (row) => row.status === 'waiting: unconfirmed');
    expect(server.batches.list(user)).toHaveLength(1);
    await tab.getByRole('button', { name: 'Send again' }).click();
    await rowsBecome(tab, 1, isCompleted);
    expect(server.batches.list(user)).toHaveLength(batches);
  });
});
