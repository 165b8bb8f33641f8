import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createServer } from '../../../../src/server/server.ts';
import type { FolderStorage } from '../../../../src/server/store/folder/folder-storage.ts';
import { type ApiResponse, addCleanUp, folder, form, Peer, peer, refusal, start } from '../peer.ts';

afterEach(() => void vi.restoreAllMocks());

/** Collects the log of the servers in this process. */
function readLog(): string[] {
  const lines: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  return lines;
}

async function startLogging() {
  const dataDir = await folder();
  return { dataDir, ada: await peer(await start({ dataDir, logLevel: 'error' })), log: readLog() };
}

async function sendAll(ada: Peer): Promise<ApiResponse[]> {
  const list = [{ idempotency_key: 'b', upload_type: 'file', filename: 'x', size_bytes: 1 }];
  const bundle = form({ uploads: new Blob([JSON.stringify(list)]), bytes: new Blob(['x']) });
  return [
    await ada.direct('x'.repeat(100_000)),
    await ada.chunk(0, 'x'),
    await ada.send('POST', '/batches/upload-bundle', bundle),
  ];
}

function expectUnavailable(responses: readonly ApiResponse[]): void {
  expect(responses.map(refusal)).toEqual(responses.map(() => '503 storage_unavailable'));
  for (const { headers } of responses) expect(headers.get('Retry-After')).toBe('30');
}

/** An error as the file system throws it. */
function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: open`), { code, errno: -1, syscall: 'open' });
}

describe('storage that fails', () => {
  it('answers 503 and logs why when the temporary folder is missing', async () => {
    const { dataDir, ada, log } = await startLogging();
    await rm(join(dataDir, 'temp'), { recursive: true });
    expectUnavailable(await sendAll(ada));
    expect(log.filter((line) => line.includes('ENOENT'))).toHaveLength(3);
  });

  it('answers 503 when the temporary folder is a file', async () => {
    const { dataDir, ada } = await startLogging();
    await rm(join(dataDir, 'temp'), { recursive: true });
    await writeFile(join(dataDir, 'temp'), '');
    expectUnavailable(await sendAll(ada));
  });

  it.each(['EROFS', 'EMFILE', 'EIO'])('answers 503 and logs why after %s', async (code) => {
    const { ada, log } = await startLogging();
    vi.spyOn(ada.server.storage.bytes, 'receive').mockImplementation(async () => {
      throw systemError(code);
    });
    expectUnavailable(await sendAll(ada));
    expect(log.filter((line) => line.includes(code))).toHaveLength(3);
  });

  it('answers 503 when a batch or session cannot be stored', async () => {
    const { dataDir, ada } = await startLogging();
    for (const place of ['batches', 'sessions']) {
      await rm(join(dataDir, place), { recursive: true });
      await writeFile(join(dataDir, place), '');
    }
    expectUnavailable([await ada.direct('x'), await ada.chunk(0, 'x')]);
    expect(ada.server.batches.list('ada')).toEqual([]);
    expect(ada.server.sessions.ids).toEqual([]);
  });

  it('names a batch whose chunks cannot be joined', async () => {
    const dataDir = await folder();
    const log = readLog();
    const server = await createServer({ dataDir, logLevel: 'error' });
    addCleanUp(() => server.close());
    await server.listen(0, '127.0.0.1');
    const ada = new Peer(server, await server.issueToken('ada'));
    const { upload_id } = (await ada.chunk(0, 'a', { total_chunks: 2 })).json;
    await rm(join(dataDir, 'sessions', upload_id, '0-next-1'));
    const { batch_id } = (await ada.chunk(1, 'b', { total_chunks: 2, upload_id })).json;
    await (server.storage as FolderStorage).uploads.whenJoined();
    expect(log.filter((line) => line.includes(batch_id))).toHaveLength(1);
  });
});
