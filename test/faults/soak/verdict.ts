import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest, ManifestFile } from '../../../src/server/store/folder/manifest.ts';
import type { Upload } from '../../../src/shared/upload.ts';
import { sha256, type TestFile } from '../../fixtures/files.ts';
import { downloadedSha256, until } from '../../fixtures/test-server.ts';
import type { Browser } from './browser.ts';
import type { ServerProcess } from './server-process.ts';
import type { Level, PlannedUpload } from './upload-plan.ts';
import { getFirstFileName, type UserActions } from './user-actions.ts';

/** The outcome of the uploads by name. All but `arrived` are empty when every guarantee held. */
export interface Verdict {
  readonly arrived: readonly string[];
  /** Neither on the server nor waiting for the user. */
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
  /** With other bytes, fields or owner than queued. */
  readonly corrupt: readonly string[];
  /** Waiting for the user with staged bytes, because a basic server cannot be queried. */
  readonly unconfirmed: readonly string[];
  /** On the server but not in the plan. */
  readonly unplanned: readonly string[];
  /** What server or browser still store of finished uploads. */
  readonly leftovers: readonly string[];
}

/** What the verdict is based on. */
export interface Evidence {
  readonly level: Level;
  readonly planned: readonly PlannedUpload[];
  readonly userActions: UserActions;
  readonly server: ServerProcess;
  readonly browser: Browser;
}

/** Compares the plan with the server's folder and, where possible, its API. */
export async function judge(evidence: Evidence): Promise<Verdict> {
  const { level, planned, userActions, server, browser } = evidence;
  // After a restart, so that only durable data counts.
  server.kill();
  await server.up();
  await until(async () => (await readBatches(server)).every(isAssembled), 'the joined batches').catch(() => 0);
  if (level === 'extended')
    await until(async () => (await listFolder(server, 'sessions')).length === 0, 'the end of the sessions').catch(
      () => 0,
    );
  // The folder of an ended session is moved there and deleted a moment later.
  await until(async () => (await listFolder(server, 'temp')).length === 0, 'the end of the temporary files').catch(
    () => 0,
  );
  const batches = await readBatches(server);
  const records = new Map((await browser.readRecords()).map((upload) => [getFirstFileName(upload), upload]));
  const by = (is: (found: readonly Manifest[], upload: PlannedUpload) => boolean) =>
    planned.filter((upload) => is(batches.filter(isBatchOf(upload)), upload)).map(({ name }) => name);
  const isUnconfirmed = (name: string) => getWaitReason(records.get(name)) === 'unconfirmed';
  const corrupt = new Set<string>();
  for (const upload of planned) {
    for (const batch of batches.filter(isBatchOf(upload))) {
      if (!(await isIntact(batch, upload, userActions.filesOf(upload), server))) corrupt.add(upload.name);
    }
  }
  return {
    arrived: by((found) => found.length === 1),
    lost: by((found, { name }) => found.length === 0 && !isUnconfirmed(name)),
    duplicated: by((found) => found.length > 1),
    corrupt: [...corrupt],
    unconfirmed: planned.filter(({ name }) => isUnconfirmed(name)).map(({ name }) => name),
    unplanned: batches
      .filter((batch) => !planned.some((upload) => isBatchOf(upload)(batch)))
      .map(({ batchId }) => batchId),
    leftovers: [...(await findServerLeftovers(evidence, batches)), ...(await findBrowserLeftovers(browser, records))],
  };
}

/** While a batch is being joined, its parts belong to the session and may disappear. */
const isAssembled = ({ files }: Manifest) =>
  files.every(({ parts }) => parts.every(({ path }) => path.startsWith('batches')));
const isBatchOf = (upload: PlannedUpload) => (batch: Manifest) => batch.files[0]?.name === upload.name;

function getWaitReason(upload: Upload | undefined): string | null {
  return upload?.status === 'waiting' ? upload.wait.reason : null;
}

async function isIntact(
  batch: Manifest,
  { owner, fields }: PlannedUpload,
  files: readonly TestFile[],
  server: ServerProcess,
) {
  const { uploadType, metadata = {} } = batch;
  const { task_id: taskId = null, notes = null, profile_id: profile } = metadata;
  const profileId = profile === undefined ? null : Number(profile);
  const actual = { uploadType, taskId, notes, profileId };
  const wanted = { ...fields, notes: fields.notes?.replace(/\r?\n/g, '\r\n') ?? null };
  if (batch.ownerId !== owner) return false;
  if (Object.entries(wanted).some(([name, value]) => actual[name as keyof typeof actual] !== value)) return false;
  // The folder holds the list of many files in a form of its own, so the API reads it.
  if (files.length > 1 && batch.files.length === 1) return isListIntact(batch, files, server);
  if (batch.files.length !== files.length) return false;
  for (const [n, file] of batch.files.entries()) {
    if (file.name !== files[n]?.name || (await hashFile(file, server)) !== files[n]?.sha256) return false;
    if (file.sha256 !== null && file.sha256 !== files[n]?.sha256) return false;
  }
  return true;
}

async function isListIntact({ batchId, ownerId }: Manifest, files: readonly TestFile[], server: ServerProcess) {
  const [api, token] = [`${server.url()}/api`, await server.issueToken(ownerId)];
  const headers = { Authorization: `Bearer ${token}` };
  const { files: listed } = await (await fetch(`${api}/batches/${batchId}/files`, { headers })).json();
  const names = listed.map(({ name }: { name: string }) => name);
  if (String(names) !== String(files.map(({ name }) => name))) return false;
  for (const [n, file] of files.entries()) {
    if ((await downloadedSha256(api, token, batchId, n)) !== file.sha256) return false;
  }
  return true;
}

function hashFile(file: ManifestFile, { dataDir }: ServerProcess): Promise<string> {
  return sha256(
    (async function* () {
      for (const { path } of file.parts) yield* createReadStream(join(dataDir, path));
    })(),
  );
}

async function readBatches(server: ServerProcess): Promise<Manifest[]> {
  const ids = await listFolder(server, 'batches');
  return Promise.all(
    ids.map(async (id) => JSON.parse(await readFile(join(server.dataDir, 'batches', id, 'batch.json'), 'utf8'))),
  );
}

/**
 * Sessions and temporary files. At the basic level a client cannot abort a session that it lost.
 */
async function findServerLeftovers(
  { level, planned, server }: Evidence,
  batches: readonly Manifest[],
): Promise<string[]> {
  const left = (await listFolder(server, 'temp')).map((name) => `server: temp/${name}`);
  if (level === 'basic') return left;
  for (const name of await listFolder(server, 'sessions')) left.push(`server: sessions/${name}`);
  for (const owner of new Set(planned.map((upload) => upload.owner))) {
    const headers = { Authorization: `Bearer ${await server.issueToken(owner)}` };
    const answer = await (await fetch(`${server.url()}/api/batches`, { headers })).json();
    const listedIds = answer.batches.map(({ batch_id }: { batch_id: string }) => batch_id).sort();
    const own = batches.filter(({ ownerId }) => ownerId === owner).map(({ batchId }) => batchId);
    if (String(listedIds) !== String(own.sort())) left.push(`server: lists ${listedIds.length} batches for ${owner}`);
  }
  return left;
}

/** Pieces and receipts of finished uploads, and missing pieces of the others. */
async function findBrowserLeftovers(browser: Browser, records: ReadonlyMap<string, Upload>): Promise<string[]> {
  const { pieces, receipts } = await browser.readStoredKeys();
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

function listFolder({ dataDir }: ServerProcess, folder: string): Promise<string[]> {
  return readdir(join(dataDir, folder)).catch(() => []);
}
