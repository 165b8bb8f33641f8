import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The root of the repository. */
export const ROOT = join(import.meta.dirname, '../../../..');

/** The last stage of a Dockerfile, as a folder of this machine. */
export interface Image {
  /** The working directory. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

interface Stage {
  readonly name: string;
  readonly dir: string;
  readonly env: Record<string, string>;
}

/**
 * Runs the steps of a Dockerfile without a container engine. `npm ci` installs what the lock file
 * names from this checkout, so that no network is needed.
 *
 * @param dir receives the stages.
 */
export async function buildImage(dockerfile: string, dir: string): Promise<Image> {
  let stage: Stage = { name: '', dir, env: {} };
  let command: string[] = [];
  for (const { instruction, rest } of parseSteps(await readFile(dockerfile, 'utf8'))) {
    const words = rest.split(' ');
    if (instruction === 'FROM') stage = await openStage(dir, words[2] ?? 'last');
    else if (instruction === 'ENV') Object.assign(stage.env, Object.fromEntries(words.map((word) => word.split('='))));
    else if (instruction === 'COPY') await copy(stage, dir, words);
    else if (instruction === 'RUN') await run(stage, rest);
    else if (instruction === 'CMD') command = JSON.parse(rest);
  }
  return { dir: stage.dir, env: stage.env, command };
}

function parseSteps(dockerfile: string) {
  const lines = dockerfile.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [instruction = '', ...words] = line.split(' ');
    return { instruction, rest: words.join(' ') };
  });
}

async function openStage(dir: string, name: string): Promise<Stage> {
  const stage = { name, dir: join(dir, name), env: {} };
  await mkdir(stage.dir);
  return stage;
}

async function copy({ dir }: Stage, stages: string, words: readonly string[]): Promise<void> {
  const [from, ...paths] = words[0]?.startsWith('--from=') ? words : ['', ...words];
  const to = join(dir, paths.at(-1) ?? '');
  for (const path of paths.slice(0, -1)) {
    if (from) await cp(join(stages, from.replace('--from=', ''), path.replace('/app/', '')), to, { recursive: true });
    else if (path === '.') await copyCheckout(to);
    else await cp(join(ROOT, path), join(to, path));
  }
}

/** Copies what a clone contains, and what the checkout adds to it. */
async function copyCheckout(to: string): Promise<void> {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const paths = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).split('\0');
  for (const path of paths.filter((name) => /^(src|sw|public|test|\.ci)\/|^[^/]+$/.test(name))) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await cp(join(ROOT, path), join(to, path)).catch(ignoreMissing);
  }
}

/** Git lists files that were removed since the last commit. */
function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

async function run({ dir }: Stage, command: string): Promise<void> {
  if (command.startsWith('npm ci')) return install(dir, command.includes('--omit=dev --omit=optional'));
  // It creates a folder of another user outside.
  if (command.startsWith('install -d')) return;
  execFileSync('sh', ['-c', command], { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] });
}

async function install(dir: string, withoutDev: boolean): Promise<void> {
  const lock: { packages: Record<string, { dev?: true; optional?: true; devOptional?: true }> } = JSON.parse(
    await readFile(join(dir, 'package-lock.json'), 'utf8'),
  );
  const paths = Object.entries(lock.packages).filter(([path, { dev, optional, devOptional }]) => {
    return path !== '' && !(withoutDev && (dev || optional || devOptional));
  });
  const names = paths.map(([path]) => path).filter((path) => existsSync(join(ROOT, path)));
  const outer = names.filter((path) => !names.some((other) => path.startsWith(`${other}/`)));
  if (!withoutDev) outer.push('node_modules/.bin');
  link(outer, dir);
}

/** Copies folders of the checkout, as hard links where the file system allows them. */
function link(paths: readonly string[], to: string): void {
  const copyFiles = (how: string) => {
    execFileSync('cp', [how, '--parents', ...paths, to], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  try {
    copyFiles('-alf');
  } catch {
    copyFiles('-af');
  }
}
