import { MIB } from '../links.ts';
import { startServers } from '../servers/servers.ts';
import { timesScenario } from '../times-scenario.ts';

const CHUNK_BYTES = 8 * MIB;

/** The finishing request, which must take the same time for any size. */
export const finish = timesScenario({
  name: 'finish',
  about: 'the request that completes an upload of 8, 128 and 1024 MiB in 8 MiB chunks; it carries one byte itself',
  title: 'From the request to its answer, bare loopback:',
  head: 'upload',
  cases: [8, 128, 1024].map((mib) => ({ label: `${mib} MiB`, size: mib * MIB })),
  measure: measureFinish,
});

async function measureFinish(sizeBytes: number): Promise<number> {
  const servers = await startServers({ waitMs: 0, level: 'extended' }, null);
  try {
    const total = sizeBytes / CHUNK_BYTES + 1;
    const bytes = new Blob([new Uint8Array(CHUNK_BYTES)]);
    const send = (index: number, chunk: Blob) => sendChunk(servers.api, servers.token, index, total, chunk);
    for (let index = 0; index < total - 1; index++) await send(index, bytes);
    const startedAt = performance.now();
    const { batch_id: batchId } = await send(total - 1, new Blob(['.']));
    if (batchId === undefined) throw new Error('The last chunk made no batch.');
    return performance.now() - startedAt;
  } finally {
    await servers.close();
  }
}

async function sendChunk(
  origin: string,
  token: string,
  index: number,
  total: number,
  chunk: Blob,
): Promise<{ batch_id?: string }> {
  const form = new FormData();
  form.set('chunk_index', String(index));
  form.set('total_chunks', String(total));
  form.set('filename', 'big.bin');
  form.set('upload_type', 'file');
  form.set('is_final_chunk', String(index === total - 1));
  form.set('idempotency_key', 'one upload');
  form.set('chunk', chunk, 'big.bin.part');
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(`${origin}/api/batches/upload-chunk`, { method: 'POST', headers, body: form });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}
