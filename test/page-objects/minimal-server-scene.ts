import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFile, sha256, type TestFile } from '../fixtures/files.ts';
import { type MinimalServer, startMinimalServer, TOKEN } from '../fixtures/minimal-server/server.ts';
import { withApp } from '../fixtures/with-app.ts';
import { isCompleted, queueFiles, waitForRows } from './test-app.ts';

const MIB = 1024 * 1024;

/** The features that an upload can use. */
export const UPLOAD_FEATURES: readonly string[] = [
  ...['idempotency_key', 'generation', 'chunk_offset', 'parallel_start', 'encoded_filename', 'file_size'],
  ...['chunk_sha256', 'ticket', 'status', 'received_ms', 'recut', 'partial', 'receiving', 'bundle'],
];

/** Some features of a server, and what to call them in the title of a test. */
export interface FeatureSubset {
  readonly title: string;
  readonly features: readonly string[];
}

/** Tests that the app uploads to a server with each of these subsets of features. */
export function testMinimalServers(subsets: readonly FeatureSubset[]): void {
  describe('a server that was written from the document', () => {
    const servers: MinimalServer[] = [];
    beforeAll(async () => {
      for (const { features } of subsets) servers.push(await startMinimalServer(features));
    });
    afterAll(() => Promise.all(servers.map((server) => server.close())));
    const fixture = withApp({ server: () => ({ connectSrc: servers.map(({ url }) => url) }), browser: 'own' });

    let large: TestFile;
    const small: TestFile[] = [];
    beforeAll(async () => {
      // At the basic level a smaller file goes whole.
      large = await makeFile(fixture.folder.dir, 'large.bin', 17 * MIB);
      for (const name of ['a.bin', 'b.bin', 'empty.bin', 'd.bin'])
        small.push(await makeFile(fixture.folder.dir, name, name === 'empty.bin' ? 0 : 20_000));
    });

    it.each(subsets.map(({ title, features }, n) => [title, n, features] as const))(
      'gets every byte with %s',
      async (_title, n, features) => {
        const server = servers[n];
        if (!server) throw new Error('The server did not start.');
        const credentials = { userId: `user ${n}`, accessToken: TOKEN };
        const settings = { endpoint: server.url, chunkBytes: 4 * MIB, credentials };
        const tab = await fixture.app.signIn(credentials.userId, settings);
        await queueFiles(tab, [large.path]);
        await waitForRows(tab, 1, isCompleted);
        const paths = small.map(({ path }) => path);
        await queueFiles(tab, paths);
        await waitForRows(tab, 1 + paths.length, isCompleted);
        const stored = await Promise.all(
          server.batches.map(async ({ name, bytes }) => `${name} ${await digest(bytes)}`),
        );
        const expected = [large, ...small].map((file) => `${file.name} ${file.sha256}`);
        expect(stored.sort(), features.join()).toEqual(expected.sort());
        expect(server.batches.find(({ name }) => name === large.name)?.way, features.join()).toBe('chunks');
        expect(server.violations, features.join()).toEqual([]);
      },
    );
  });
}

function digest(bytes: Buffer): Promise<string> {
  return sha256(
    (async function* () {
      yield bytes;
    })(),
  );
}
