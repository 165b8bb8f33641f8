import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest, ManifestFile } from '../../../src/server/store/folder/batch-files.ts';
import type { Upload } from '../../../src/shared/upload.ts';
import { sha256, type TestFile } from '../../support/files.ts';
import { until } from '../../support/test-server.ts';
import type { Browser } from './browser.ts';
import { type Hands, nameIn } from './hands.ts';
import type { Level, Planned } from './planned.ts';
import type { ServerProcess } from './server-process.ts';

/** What became of the uploads, by name; all empty but `arrived` where everything is as promised. */
export interface Verdict {
  readonly arrived: readonly string[];
  /** Neither on the server nor still waiting for an answer of the user. */
  readonly lost: readonly string[];
  readonly twice: readonly string[];
  /** With other bytes, fields or owner than were queued. */
  readonly corrupt: readonly string[];
  /** Left to the user, because an original-level server cannot be asked: with the bytes still staged. */
  readonly unconfirmed: readonly string[];
  /** On the server and not in the plan. */
  readonly strange: readonly string[];
  /** What the server or the browser still holds of uploads that are over. */
  readonly leftovers: readonly string[];
}

/** Everything that is looked at. */
export interface Evidence {
  readonly level: Level;
  readonly planned: readonly Planned[];
  readonly hands: Hands;
  readonly server: ServerProcess;
  readonly browser: Browser;
}

/** Compares what was queued with what the server has, by its folder and, where it tells, by its API. */
export async function judge(evidence: Evidence): Promise<Verdict> {
  const { level, planned, hands, server, browser } = evidence;
  // Once more from the disk: what a server has only in memory is not there.
  server.kill();
  await server.up();
  await until(async () => (await batchesOf(server)).every(isJoined), 'joins').catch(() => 0);
  if (level === 'exact')
    await until(async () => (await listed(server, 'sessions')).length === 0, 'ends of sessions').catch(() => 0);
  // A session that ended moves there, and goes a moment later.
  await until(async () => (await listed(server, 'temp')).length === 0, 'ends of temporary files').catch(() => 0);
  const batches = await batchesOf(server);
  const records = new Map((await browser.records()).map((upload) => [nameIn(upload), upload]));
  const by = (is: (found: readonly Manifest[], upload: Planned) => boolean) =>
    planned.filter((upload) => is(batches.filter(isOf(upload)), upload)).map(({ name }) => name);
  const isUnconfirmed = (name: string) => waitsFor(records.get(name)) === 'unconfirmed';
  const corrupt = new Set<string>();
  for (const upload of planned) {
    for (const batch of batches.filter(isOf(upload))) {
      if (!(await isSame(batch, upload, hands.filesOf(upload), server))) corrupt.add(upload.name);
    }
  }
  return {
    arrived: by((found) => found.length === 1),
    lost: by((found, { name }) => found.length === 0 && !isUnconfirmed(name)),
    twice: by((found) => found.length > 1),
    corrupt: [...corrupt],
    unconfirmed: planned.filter(({ name }) => isUnconfirmed(name)).map(({ name }) => name),
    strange: batches.filter((batch) => !planned.some((upload) => isOf(upload)(batch))).map(({ batchId }) => batchId),
    leftovers: [...(await leftOnServer(evidence, batches)), ...(await leftInBrowser(browser, records))],
  };
}

/** The parts of one that is being joined are still its session's, and may be gone when they are read. */
const isJoined = ({ files }: Manifest) =>
  files.every(({ parts }) => parts.every(({ path }) => path.startsWith('batches')));
const isOf = (upload: Planned) => (batch: Manifest) => batch.files[0]?.name === upload.name;

function waitsFor(upload: Upload | undefined): string | null {
  return upload?.status === 'waiting' ? upload.wait.reason : null;
}

async function isSame(batch: Manifest, { owner, fields }: Planned, files: readonly TestFile[], server: ServerProcess) {
  const { uploadType, metadata } = batch;
  const { task_id: taskId = null, notes = null, profile_id: profile } = metadata;
  const profileId = profile === undefined ? null : Number(profile);
  const said = { uploadType, taskId, notes, profileId };
  const wanted = { ...fields, notes: fields.notes?.replace(/\r?\n/g, '\r\n') ?? null };
  if (batch.ownerId !== owner || batch.files.length !== files.length) return false;
  if (Object.entries(wanted).some(([name, value]) => said[name as keyof typeof said] !== value)) return false;
  for (const [n, file] of batch.files.entries()) {
    if (file.name !== files[n]?.name || (await hashOf(file, server)) !== files[n]?.sha256) return false;
    if (file.sha256 !== null && file.sha256 !== files[n]?.sha256) return false;
  }
  return true;
}

function hashOf(file: ManifestFile, { dataDir }: ServerProcess): Promise<string> {
  return sha256(
    (async function* () {
      for (const { path } of file.parts) yield* createReadStream(join(dataDir, path));
    })(),
  );
}

async function batchesOf(server: ServerProcess): Promise<Manifest[]> {
  const ids = await listed(server, 'batches');
  return Promise.all(
    ids.map(async (id) => JSON.parse(await readFile(join(server.dataDir, 'batches', id, 'batch.json'), 'utf8'))),
  );
}

/** Sessions and temporary files; at original level a client cannot end a session that it lost. */
async function leftOnServer({ level, planned, server }: Evidence, batches: readonly Manifest[]): Promise<string[]> {
  const left = (await listed(server, 'temp')).map((name) => `server: temp/${name}`);
  if (level === 'original') return left;
  for (const name of await listed(server, 'sessions')) left.push(`server: sessions/${name}`);
  for (const owner of new Set(planned.map((upload) => upload.owner))) {
    const headers = { Authorization: `Bearer ${await server.issueToken(owner)}` };
    const answer = await (await fetch(`${server.url()}/api/batches`, { headers })).json();
    const told = answer.batches.map(({ batch_id }: { batch_id: string }) => batch_id).sort();
    const own = batches.filter(({ ownerId }) => ownerId === owner).map(({ batchId }) => batchId);
    if (String(told) !== String(own.sort())) left.push(`server: tells ${owner} of ${told.length} batches`);
  }
  return left;
}

/** Staged bytes and receipts of uploads that are over, and the lack of those that are not. */
async function leftInBrowser(browser: Browser, records: ReadonlyMap<string, Upload>): Promise<string[]> {
  const { pieces, receipts } = await browser.left();
  const staged = new Set(pieces);
  const left: string[] = [];
  for (const [name, upload] of records) {
    const isOver = upload.status === 'completed';
    if (isOver && staged.has(upload.id)) left.push(`browser: bytes of ${name}`);
    if (isOver && receipts.includes(upload.id)) left.push(`browser: receipts of ${name}`);
    if (!isOver && upload.sizeBytes > 0 && !staged.has(upload.id)) left.push(`browser: no bytes of ${name}`);
  }
  return left;
}

function listed({ dataDir }: ServerProcess, folder: string): Promise<string[]> {
  return readdir(join(dataDir, folder)).catch(() => []);
}
