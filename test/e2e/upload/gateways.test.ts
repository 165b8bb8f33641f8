import { beforeAll, describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import type { Fault } from '../../fixtures/server-faults.ts';
import { until } from '../../fixtures/test-server.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

const MIB = 1024 * 1024;

describe('answers that are not of the API', () => {
  const fixture = withApp({ browser: 'own' });

  beforeAll(() => fixture.app.discoverServer());

  /** Lets every request of the worker fail, until the returned function is called. */
  function putInFront(fault: Fault): () => void {
    fixture.server.faults.before = () => fault;
    return () => {
      fixture.server.faults.before = undefined;
    };
  }

  async function readWait(user: string) {
    const [upload] = (await fixture.app.uploads()).filter(({ ownerId }) => ownerId === user);
    return upload?.status === 'waiting' && upload.wait.reason === 'backoff' ? upload.wait : null;
  }

  it.each([
    ['404 of an ingress', { kind: 'page', status: 404, body: '404 page not found' }, 'gateway_error'],
    ['403 of a firewall', { kind: 'page', status: 403 }, 'gateway_error'],
    ['401 of a proxy', { kind: 'page', status: 401 }, 'network_sign_in'],
    ['200 of a captive portal', { kind: 'page', status: 200 }, 'bad_response'],
    ['redirect of a proxy', { kind: 'page', status: 302, location: '/?sign-in' }, 'network_sign_in'],
    ['507 of the API', { kind: 'status', status: 507, code: 'disk_full', retryAfter: '12' }, 'disk_full'],
  ] as const)('waits after %s, then completes without the user', async (what, fault, code) => {
    const user = `behind ${what}`;
    const file = await makeFile(fixture.folder.dir, `${what}.bin`, 6 * MIB);
    const tab = await fixture.app.signIn(user, { chunkBytes: MIB });
    const remove = putInFront(fault);
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, ({ status }) => status === 'waiting: backoff');
    expect(await readWait(user)).toMatchObject({ code });
    remove();
    await waitForRows(tab, 1, isCompleted);
    await fixture.server.batches.joined();
    expect(fixture.server.batches.list(user).map(({ files }) => files[0]?.sha256)).toEqual([file.sha256]);
  });

  it('keeps the session of an upload after a 404 of an ingress', async () => {
    const user = 'interrupted';
    const file = await makeFile(fixture.folder.dir, 'interrupted.bin', 12 * MIB);
    const tab = await fixture.app.signIn(user, { chunkBytes: MIB });
    let foreign = 0;
    fixture.server.faults.before = () => {
      const isForeign = fixture.server.acknowledgedChunks(user).length >= 3 && foreign < 12;
      if (isForeign) foreign++;
      return isForeign ? { kind: 'page', status: 404, body: '404 page not found' } : undefined;
    };
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    expect(foreign).toBe(12);
    const [upload] = (await fixture.app.uploads()).filter(({ ownerId }) => ownerId === user);
    expect(upload?.generation).toBe(0);
  });

  it('holds every request back while the network asks for a sign-in', async () => {
    const user = 'visitor';
    const file = await makeFile(fixture.folder.dir, 'visitor.bin', 6 * MIB);
    const tab = await fixture.app.signIn(user, { chunkBytes: MIB });
    let uploads = 0;
    let probes = 0;
    fixture.server.faults.before = ({ method, url }) => {
      if (method === 'HEAD') probes++;
      else if (url.includes('/batches')) uploads++;
      return { kind: 'page', status: 302, location: 'https://sso.invalid/' };
    };
    await queueFiles(tab, [file.path]);
    await until(async () => (await readWait(user)) !== null, 'the upload to wait');
    const before = uploads;
    const seen = probes;
    await until(() => probes > seen + 3, 'more probes');
    expect(uploads).toBe(before);
    fixture.server.faults.before = undefined;
    await waitForRows(tab, 1, isCompleted);
  });
});

describe('a captive portal at the first contact', () => {
  const fixture = withApp({ browser: 'own' });

  it('leaves no trace in what is known of the server', async () => {
    const user = 'first';
    const file = await makeFile(fixture.folder.dir, 'first.bin', 6 * MIB);
    let portal = 0;
    fixture.server.faults.before = ({ url }) => {
      if (!url.includes('/batches') || portal >= 3) return undefined;
      portal++;
      return { kind: 'page', status: 200 };
    };
    const tab = await fixture.app.signIn(user, { chunkBytes: MIB });
    await until(() => portal > 0, 'discovery to reach the portal');
    // The response that makes the batch is lost once.
    let dropped = 0;
    fixture.server.faults.dropAnswer = () => {
      const mustDrop = dropped === 0 && fixture.server.batches.list(user).length > 0;
      if (mustDrop) dropped++;
      return mustDrop;
    };
    await queueFiles(tab, [file.path]);
    await waitForRows(tab, 1, isCompleted);
    expect([portal, dropped]).toEqual([3, 1]);
    expect(fixture.server.batches.list(user)).toHaveLength(1);
  });
});
