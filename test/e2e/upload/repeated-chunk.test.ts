import { type AddressInfo, connect, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openChromiumContext } from '../../fixtures/chromium.ts';
import { tempFolder } from '../../fixtures/files.ts';
import { startServer } from '../../fixtures/test-server.ts';
import { readTempFiles } from '../../unit/server/chunk-socket.ts';
import { Peer } from '../../unit/server/peer.ts';

const MIB = 1024 * 1024;
const CUT_AFTER = 400_000;
const PLAN = { chunk_index: 0, total_chunks: 3, filename: 'film.mov', upload_type: 'file', is_final_chunk: false };
const POSITION = { idempotency_key: 'k', generation: 0, chunk_offset: 0, file_size: 24 * MIB, partial_sha256: '' };

const cleanUps: (() => Promise<unknown>)[] = [];

describe('chunk that Chromium repeats without the page', () => {
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  it('is refused before its body, which Chromium reports to the page', async () => {
    const { dir: dataDir, remove } = await tempFolder();
    const server = await startServer({ dataDir });
    cleanUps.push(remove, () => server.close());
    const ada = new Peer(server, await server.issueToken('ada'));
    const address = await startCutter(server.url(), async () => {
      const written = async () => Math.max(0, ...(await readTempFiles(dataDir)).values());
      await expect.poll(written).toBeGreaterThan(CUT_AFTER / 2);
    });
    let requests = 0;
    server.app.server.on('request', ({ method }) => {
      if (method === 'POST') requests++;
    });
    const context = await openChromiumContext();
    cleanUps.push(() => context.close());
    const page = await context.newPage();
    await page.goto(`${address}/api/health`);
    const response = await page.evaluate(
      async ({ fields, bytes, token }) => {
        // Chromium repeats requests only of connections that have carried a response.
        await (await fetch('/api/health')).text();
        const form = new FormData();
        for (const [name, value] of Object.entries(fields)) form.append(name, String(value));
        form.append('chunk', new Blob([new Uint8Array(bytes)]), 'film.mov.part0');
        const headers = { Authorization: `Bearer ${token}` };
        const response = await fetch('/api/batches/upload-chunk', { method: 'POST', body: form, headers });
        return [response.status, (await response.json()).error];
      },
      { fields: { ...PLAN, ...POSITION }, bytes: 8 * MIB, token: ada.token },
    );
    expect(response).toEqual([409, 'partial_changed']);
    expect(requests).toBe(2);
    const [uploadId = ''] = server.sessions.ids;
    expect((await ada.status(uploadId)).json.partial).toMatchObject([{ chunk_index: 0, offset: 0 }]);
  });
});

/**
 * Starts a proxy that resets the first connection with so many bytes. The server learns nothing of
 * the reset.
 */
async function startCutter(url: string, whenStored: () => Promise<void>): Promise<string> {
  let isArmed = true;
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
    server.on('error', () => undefined).pipe(client);
    client.on('error', () => undefined).pipe(server);
    // A proxy that closed with unread bytes would reset the connection and might lose the response.
    server.on('close', () => client.unpipe(server).resume());
    let bytes = 0;
    client.on('data', (data) => {
      bytes += data.length;
      if (!isArmed || bytes < CUT_AFTER) return;
      isArmed = false;
      client.unpipe(server).pause();
      void whenStored().then(() => client.resetAndDestroy());
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  cleanUps.push(async () => void proxy.close());
  return `http://localhost:${(proxy.address() as AddressInfo).port}`;
}
