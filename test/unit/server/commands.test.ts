import { spawn } from 'node:child_process';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { startServerProcess } from '../../fixtures/server-process.ts';
import { folder } from './peer.ts';

const ROOT = join(import.meta.dirname, '../../..');
const MAIN = join(ROOT, 'src/server/main.ts');

/** Runs a command of the server to its end. */
async function run(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
  });
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [out, error, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { out, error, code };
}

describe('commands of the server', () => {
  it('names all wrong variables before it starts', async () => {
    const { error, code } = await run(['serve'], { LEVEL: 'basik', PORT: 'http' });
    expect(code).toBe(1);
    expect(error).toBe(
      'PORT must be a port from 0 to 65535, and is “http”.\nLEVEL must be extended or basic, and is “basik”.\n',
    );
  });

  it('explains itself when the command is unknown', async () => {
    const { error, code } = await run(['sevre']);
    expect(code).toBe(2);
    expect(error).toContain('Usage: parallel-chunk-uploader');
  });

  it('creates links and lists users while the server runs', async () => {
    const env = { DATA_DIR: await folder() };
    const server = await startServerProcess({ env });
    const { out } = await run(['link', 'bob'], env);
    const code = /#code=(\S+)/.exec(out)?.[1];
    const response = await fetch(`${server.url()}/api/auth/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ code }),
    });
    expect((await response.json()).user_id).toBe('bob');
    expect((await run(['users'], env)).out).toMatch(/^bob\tdevices: 1\t/m);
    expect(await run(['link'], env)).toMatchObject({ code: 1, error: 'Name one user: link USER.\n' });
    await server.stop();
  });

  it('creates links that a browser can open', async () => {
    const env = { DATA_DIR: await folder(), HOST: '0.0.0.0', PORT: '4200' };
    expect((await run(['link', 'bob'], env)).out).toContain(': http://localhost:4200/#code=');
    const publicUrl = { ...env, PUBLIC_URL: 'https://files.example/up' };
    expect((await run(['link', 'bob'], publicUrl)).out).toContain(': https://files.example/up/#code=');
  });

  it('checks the folder, and leaves nothing in it', async () => {
    const dataDir = join(await folder(), 'new');
    const checked = await run(['check'], { DATA_DIR: dataDir, MAX_BODY_BYTE: '5' });
    expect(checked).toMatchObject({ code: 0, error: '' });
    expect(checked.out).toContain('MAX_BODY_BYTE has no effect. Did you mean MAX_BODY_BYTES?');
    expect(checked.out).toContain('The configuration is valid.');
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('reports a folder that a server uses', async () => {
    const env = { DATA_DIR: await folder() };
    const server = await startServerProcess({ env });
    const { error, code } = await run(['check'], env);
    await server.stop();
    expect([code, error]).toEqual([1, expect.stringContaining('Another server uses the folder')]);
  });

  it('creates the data folder for its user only', async () => {
    const dataDir = join(await folder(), 'data');
    const server = await startServerProcess({ env: { DATA_DIR: dataDir } });
    await server.stop();
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  });

  it('refuses a second server although the lock of the first was removed', async () => {
    const dataDir = await folder();
    const server = await startServerProcess({ env: { DATA_DIR: dataDir } });
    const locks = (await readdir(dataDir)).filter((name) => name.endsWith('.sock'));
    expect(locks).toHaveLength(1);
    for (const name of locks) await rm(join(dataDir, name));
    const second = await startServerProcess({ env: { DATA_DIR: dataDir } }).then(
      (started) => started.stop(),
      (error: Error) => error.message,
    );
    expect(second).toContain('Another server uses the folder');
    await server.stop();
  });
});
