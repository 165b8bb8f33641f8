import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder, Peer } from '../peer.ts';
import { buildImage, ROOT } from './dockerfile.ts';

const DEPLOY = join(ROOT, 'src/server/deploy');
const SYSTEMD = '/usr/bin/systemd-analyze';
const IS_LINUX = process.platform === 'linux';
if (!IS_LINUX) console.log('Skipped: the steps of the Dockerfile. They need the tools of Linux.');
if (!existsSync(SYSTEMD)) console.log('Skipped: the check of the systemd unit. Install the Debian package systemd.');

interface Started {
  readonly link: URL;
  /** Sends SIGTERM to the command and waits for its end. */
  stop(): Promise<number | null>;
}

/** Runs a command that starts the server, until it prints the sign-in link. */
async function startCommand(command: readonly string[], cwd: string, env: Record<string, string>): Promise<Started> {
  const [program = '', ...args] = command;
  const { PATH = '' } = process.env;
  const child = spawn(program, args, { cwd, env: { PATH, HOME: await folder(), PORT: '0', ...env } });
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let error = '';
  child.stderr.setEncoding('utf8').on('data', (data) => {
    error += data;
  });
  const link = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (data) => {
      output += data;
      const found = /https?:\S+(?=\n)/.exec(output)?.[0];
      if (found) resolve(found);
    });
    child.once('close', () => reject(new Error(error)));
  });
  return {
    link: new URL(link),
    stop() {
      child.kill('SIGTERM');
      return exit;
    },
  };
}

async function signIn(link: URL): Promise<Peer<{ url(): string }>> {
  const response = await fetch(`${link.origin}/api/auth/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ code: link.hash.replace('#code=', '') }),
  });
  return new Peer({ url: () => link.origin }, (await response.json()).token);
}

describe.skipIf(!IS_LINUX)('Dockerfile', () => {
  it('makes an image that serves app and API without development packages', { timeout: 180_000 }, async () => {
    const { dir, env, command } = await buildImage(join(DEPLOY, 'Dockerfile'), await folder());
    expect(await readdir(join(dir, 'node_modules'))).not.toContain('typescript');
    const server = await startCommand(command, dir, { ...env, DATA_DIR: join(dir, 'data'), HOST: '127.0.0.1' });
    expect(await (await fetch(server.link)).text()).toContain('<script');
    const owner = await signIn(server.link);
    expect((await owner.direct('x')).status).toBe(200);
    expect(await server.stop()).toBe(0);
  });
});

describe('npm start', () => {
  it('passes SIGTERM on, so that the server finishes and releases its lock', { timeout: 180_000 }, async () => {
    const dataDir = await folder();
    const server = await startCommand(['npm', 'start', '--silent'], ROOT, { DATA_DIR: dataDir });
    expect((await readdir(dataDir)).some((name) => name.endsWith('.sock'))).toBe(true);
    await server.stop();
    await expect.poll(() => readdir(dataDir)).toEqual(expect.not.arrayContaining([expect.stringMatching(/\.sock$/)]));
    await expect(fetch(server.link)).rejects.toThrow();
  });
});

describe.skipIf(!existsSync(SYSTEMD))('systemd unit', () => {
  it('is valid and confines the server', () => {
    const unit = join(DEPLOY, 'parallel-chunk-uploader.service');
    const analyze = (...args: string[]) =>
      execFileSync(SYSTEMD, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    const exposure = /exposure level for .*: ([\d.]+)/.exec(analyze('security', '--offline=true', unit))?.[1];
    expect(Number(exposure)).toBeLessThan(3);
  });
});
