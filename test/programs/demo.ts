// Uploads files through the app in a real browser and compares digests: `npm run demo -- FILE...`
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { sha256Of } from '../fixtures/files.ts';
import { downloadedSha256, startServer, until } from '../fixtures/test-server.ts';
import { queueFiles, TestApp, waitForRows } from '../page-objects/test-app.ts';

const USER = 'demo';
const HOUR_MS = 60 * 60_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'chunk-size': { type: 'string' },
    concurrency: { type: 'string' },
    'keep-open': { type: 'boolean', default: false },
    endpoint: { type: 'string' },
    token: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

if (positionals.length === 0 || (values.endpoint === undefined) !== (values.token === undefined)) {
  console.error('npm run demo -- [--chunk-size BYTES] [--concurrency N] [--keep-open] [--json] FILE...');
  console.error('                [--endpoint URL --token T]   an external server');
  process.exit(2);
}

const paths = positionals.map((path) => resolve(path));
const server = await startServer({ connectSrc: values.endpoint ? [new URL(values.endpoint).origin] : [] });
const endpoint = values.endpoint ?? `${server.url()}/api`;
const token = values.token ?? (await server.issueToken(USER, 24 * 60 * 60));
const app = await TestApp.launch(server);
let isGood = false;
try {
  const rows = await upload();
  const results = await Promise.all(rows.map(compare));
  isGood = results.every(({ same }) => same !== false);
  print(results);
} finally {
  await app.close();
  await server.close();
}
process.exit(isGood ? 0 : 1);

/**
 * Queues the files, closes the tabs as soon as the uploads survive it, and waits for the batches.
 */
async function upload() {
  const tab = await app.signIn(USER, {
    ...(values.endpoint && { endpoint, token: { userId: USER, token } }),
    ...(values['chunk-size'] && { chunkBytes: Number(values['chunk-size']) }),
    ...(values.concurrency && { concurrency: Number(values.concurrency) }),
  });
  const startedAt = Date.now();
  await queueFiles(tab, paths);
  await waitForRows(tab, paths.length, (row) => row.staged && row.chunk0, HOUR_MS);
  if (!values['keep-open']) await app.closeTabs();
  const seconds = new Map<string, number>();
  await until(
    async () => {
      const uploads = await app.uploads();
      for (const { id, status } of uploads) {
        const isOver = status === 'completed' || status === 'failed' || status === 'waiting';
        if (isOver && !seconds.has(id)) seconds.set(id, (Date.now() - startedAt) / 1000);
      }
      return seconds.size === paths.length;
    },
    'the batches',
    HOUR_MS,
  );
  return (await app.uploads()).map((record) => ({ record, seconds: seconds.get(record.id) ?? 0 }));
}

async function compare({ record, seconds }: Awaited<ReturnType<typeof upload>>[number]) {
  const name = record.files[0]?.name ?? '';
  const before = await sha256Of(paths.find((path) => basename(path) === name) ?? '');
  const facts = { name, bytes: record.sizeBytes, seconds: Math.round(seconds * 100) / 100, before };
  if (record.status !== 'completed') return { ...facts, after: null, same: false, status: record.status };
  const after = await downloadedSha256(endpoint, token, record.batch.batch_id);
  // Null: without downloads the digest cannot be compared.
  return { ...facts, after, same: after === null ? null : after === before, status: record.status };
}

function print(results: Awaited<ReturnType<typeof compare>>[]): void {
  if (values.json) {
    console.log(JSON.stringify(results, null, 2));
    return;
  }
  for (const { name, bytes, seconds: took, before, after, same, status } of results) {
    console.log(`${name}  ${bytes} bytes  ${took} s  ${status}`);
    console.log(`  SHA-256 before ${before}`);
    console.log(
      `  SHA-256 after  ${after ?? 'not known: this server gives no downloads'}${same === false ? '  DIFFERENT' : ''}`,
    );
  }
}
