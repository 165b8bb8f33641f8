// Starts a server on a folder, reads the first page of its batches and reports the figures.
import { createServer } from '../../../src/server/server.ts';

/** The only message. */
export interface ManyBatchesFigures {
  readonly startMs: number;
  /** Of the first request of the process, and the median of 20 more. */
  readonly firstPageMs: number;
  readonly nextPagesMs: number;
  readonly rssBytes: number;
}

const [dataDir = ''] = process.argv.slice(2);
const startedAt = performance.now();
const server = await createServer({ dataDir });
await server.listen(0, '127.0.0.1');
const startMs = performance.now() - startedAt;
const headers = { Authorization: `Bearer ${await server.issueToken('ada')}` };
const firstPageMs = await measurePage();
const times: number[] = [];
for (let n = 0; n < 20; n++) times.push(await measurePage());
const nextPagesMs = times.sort((a, b) => a - b)[10] ?? 0;
process.send?.({
  startMs,
  firstPageMs,
  nextPagesMs,
  rssBytes: process.memoryUsage().rss,
} satisfies ManyBatchesFigures);
await server.close();
process.disconnect();

async function measurePage(): Promise<number> {
  const sentAt = performance.now();
  const response = await fetch(`${server.url()}/api/batches`, { headers });
  await response.json();
  return performance.now() - sentAt;
}
