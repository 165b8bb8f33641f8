import { beforeAll, describe, expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { withApp } from '../../fixtures/with-app.ts';
import { isCompleted, queueFiles, waitForRows } from '../../page-objects/test-app.ts';

const NAMES = [
  'plan “A” "final".bin',
  'back\\slash.bin',
  'line\nbreak\r\nand\rreturn.bin',
  '100 %22 %0A %.bin',
  'ملف 1.bin',
  'gpj.\u202Enib',
  '👩‍👩‍👧 naïve e\u0301.bin',
  ' ; filename=x; .bin',
  `${'long '.repeat(50)}.bin`,
];

describe('names of files', () => {
  const fixture = withApp({ browser: 'own' });

  beforeAll(() => fixture.app.discoverServer());

  /** The names of a user's batches, as the server stores them. */
  function listStored(user: string): string[] {
    return fixture.server.batches.list(user).flatMap(({ files }) => files.map(({ name }) => name));
  }

  it.each([
    ['bundles and whole requests', 0, 100_000],
    ['chunks', 1, 300_000],
  ])('arrive unchanged in %s', async (way, index, sizeBytes) => {
    const user = `writer ${index}`;
    const paths: string[] = [];
    for (const name of NAMES) paths.push((await makeFile(fixture.folder.dir, name, sizeBytes)).path);
    const requests = new Set<string>();
    fixture.server.faults.before = ({ method, url }) => {
      if (method === 'POST') requests.add(url);
      return undefined;
    };
    const tab = await fixture.app.signIn(user, { chunkBytes: 256 * 1024 });
    await queueFiles(tab, paths);
    await waitForRows(tab, NAMES.length, isCompleted);
    expect(listStored(user).sort()).toEqual([...NAMES].sort());
    expect([...requests].some((url) => url.endsWith('upload-chunk'))).toBe(way === 'chunks');
  });

  it.each(NAMES.map((name) => [JSON.stringify(name), name]))(
    'arrive unchanged in a whole request: %s',
    async (_, name) => {
      const user = `single ${NAMES.indexOf(name)}`;
      const { path } = await makeFile(fixture.folder.dir, name, 10);
      const requests: string[] = [];
      fixture.server.faults.before = ({ method, url }) => {
        if (method === 'POST' && url.includes('/batches')) requests.push(url);
        return undefined;
      };
      const tab = await fixture.app.signIn(user);
      await queueFiles(tab, [path]);
      await waitForRows(tab, 1, isCompleted);
      expect(listStored(user)).toEqual([name]);
      expect(requests).toEqual(['/api/batches/upload']);
    },
  );
});
