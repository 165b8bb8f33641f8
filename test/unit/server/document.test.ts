import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { makeFile } from '../../fixtures/files.ts';
import { folder, start } from './peer.ts';

const DOCUMENT = join(import.meta.dirname, '../../../src/server/README.md');
const MIB = 1024 * 1024;

/** The shell scripts of the chapter about curl, in order. */
async function readExamples(): Promise<string[]> {
  const [, chapter = ''] = (await readFile(DOCUMENT, 'utf8')).split('## A client with curl\n');
  const [text = ''] = chapter.split('\n# ');
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, script = '']) => script);
}

/** Runs scripts in one bash, and returns the lines that each of them prints. */
async function run(dir: string, scripts: readonly string[], env: NodeJS.ProcessEnv): Promise<string[][]> {
  const script = ['set -euo pipefail', ...scripts.flatMap((part) => [part, 'echo ---'])].join('\n');
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: dir, env: { ...process.env, ...env } });
  return stdout.split('---\n').map((output) => output.split('\n').filter((line) => line !== ''));
}

it.each([
  ['of several chunks', 12 * MIB + 345],
  ['of one chunk', 1000],
  ['without bytes', 0],
])('uploads a file %s with the curl examples of the document', async (_what, sizeBytes) => {
  const server = await start();
  const dir = await folder();
  const file = await makeFile(dir, 'big.zip', sizeBytes);
  const examples = await readExamples();
  expect(examples).toHaveLength(4);
  const scripts = examples.map((script) => script.replace('http://localhost:4173', server.url()));
  const link = await server.signInLink('ada');
  const [, whole, chunked, extended] = await run(dir, scripts, { CODE: link.split('#code=')[1] });
  await server.batches.joined();
  const stored = server.batches.list('ada');
  expect(stored.map(({ files }) => [files[0]?.name, files[0]?.sha256])).toEqual(
    Array.from({ length: 3 }, () => [file.name, file.sha256]),
  );
  const [third, second, first] = stored.map(({ batchId }) => batchId);
  expect([whole, chunked]).toEqual([[first], [second]]);
  const [status = '', ...digests] = extended ?? [];
  expect(JSON.parse(status)).toMatchObject({ batch_id: third });
  expect(digests).toEqual([expect.stringContaining(file.sha256), expect.stringContaining(file.sha256)]);
});

it('repeats the upload with extensions without a second batch', async () => {
  const server = await start();
  const dir = await folder();
  await makeFile(dir, 'big.zip', 6 * MIB);
  const [prepare = '', , , extended = ''] = await readExamples();
  const link = await server.signInLink('ada');
  const scripts = [prepare.replace('http://localhost:4173', server.url()), extended, extended];
  await run(dir, scripts, { CODE: link.split('#code=')[1] });
  expect(server.batches.list('ada')).toHaveLength(1);
});
