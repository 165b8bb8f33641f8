import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toManifestBlob } from '../../../src/server/store/folder/batch-files.ts';
import { toManifest } from '../../../src/server/store/folder/manifest.ts';
import { tempFolder } from '../../fixtures/files.ts';
import type { Result, RunOptions, Scenario } from '../scenario.ts';
import type { ManyBatchesFigures } from '../servers/many-batches-main.ts';

const COUNT = 10_000;

/** A user with many batches must cost neither memory nor time. */
export const manyBatches: Scenario = {
  name: 'many-batches',
  about: 'a server process on a folder with 10,000 batches of one user: start, memory, first page of the list',
  run,
};

async function run({ runs, onProgress: tell }: RunOptions): Promise<Result> {
  const folder = await tempFolder();
  try {
    for (let n = 0; n < COUNT; n++) await writeBatch(folder.dir, n);
    const figures: ManyBatchesFigures[] = [];
    for (let n = 0; n < runs; n++) figures.push(await measure(folder.dir));
    const rows = figures.map(({ startMs, firstPageMs, nextPagesMs, rssBytes }) => {
      return [startMs, firstPageMs, nextPagesMs, rssBytes / 1e6].map((figure) => figure.toFixed(0));
    });
    for (const row of rows) tell(`many-batches: ${row.join(' ')}`);
    const head = ['start ms', 'first page ms', 'next pages ms', 'resident MB'];
    return { figures, tables: [{ title: `With ${COUNT} batches, under tsx:`, head, rows }] };
  } finally {
    await folder.remove();
  }
}

async function measure(dataDir: string): Promise<ManyBatchesFigures> {
  const script = join(import.meta.dirname, '../servers/many-batches-main.ts');
  const child = fork(script, [dataDir], { execArgv: ['--import', import.meta.resolve('tsx')] });
  const exit = once(child, 'exit');
  const [figures] = await once(child, 'message');
  await exit;
  return figures;
}

async function writeBatch(dataDir: string, n: number): Promise<void> {
  const batchId = `batch${String(n).padStart(19, '0')}`;
  const facts = { ownerId: 'ada', key: `key ${n}`, sessionId: null, generation: 0, totalChunks: 0, uploadType: 'file' };
  const parts = [{ blob: `batches/${batchId}/file-0`, sizeBytes: 1 }];
  const file = { name: `IMG_${n}.jpg`, type: 'image/jpeg', sizeBytes: 1, sha256: '0'.repeat(64), parts };
  const batch = { ...facts, batchId, createdAt: 1_796_118_926_115 + n, metadata: {}, files: [file], fileList: null };
  await mkdir(join(dataDir, 'batches', batchId), { recursive: true });
  await writeFile(join(dataDir, toManifestBlob(batchId)), JSON.stringify(toManifest(batch)));
}
