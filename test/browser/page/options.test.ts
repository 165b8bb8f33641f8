import { expect, it } from 'vitest';
import { type ClientOptions, createUploadClient, MAX_CHUNK_BYTES } from '../../../src/page/index.ts';
import { UploadsDb } from '../../../src/shared/db/uploads-db.ts';

const NUMBERS = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY];

it.each<ClientOptions>([
  ...NUMBERS.map((concurrency) => ({ concurrency })),
  ...[...NUMBERS, MAX_CHUNK_BYTES + 1].map((chunkBytes) => ({ chunkBytes })),
])('refuses the option %o and stores nothing for the worker', async (options) => {
  const [name, value] = Object.entries(options)[0] ?? [];
  const endpoint = `https://${crypto.randomUUID()}.test`;
  const making = createUploadClient({ ...options, endpoint });
  await expect(making).rejects.toMatchObject({
    code: 'invalid_option',
    message: expect.stringContaining(String(value)),
  });
  await expect(making).rejects.toThrow(`The option ${name} cannot be used`);
  const db = await UploadsDb.open();
  expect((await db.settings.getEndpoint())?.api).not.toBe(endpoint);
  db.close();
});

it('accepts the smallest and the largest chunk size', async () => {
  for (const chunkBytes of [1, MAX_CHUNK_BYTES]) {
    const client = await createUploadClient({ workerUrl: '/test/browser/page/idle-sw.js', concurrency: 1, chunkBytes });
    client.close();
    const db = await UploadsDb.open();
    expect(await db.settings.getEndpoint()).toMatchObject({ concurrency: 1, chunkBytes });
    db.close();
  }
});
