// What a fresh clone lacks, in the order asked for: `install`, `build`, `browser`. Each is skipped when it is there.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

function run(command, ...args) {
  execFileSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
}

function hashOf(...paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesUnder).sort()) hash.update(path).update(readFileSync(join(root, path)));
  return hash.digest('hex');
}

function filesUnder(path) {
  if (!existsSync(join(root, path))) return [];
  const entries = path.includes('.') ? null : readdirSync(join(root, path), { recursive: true, withFileTypes: true });
  if (!entries) return [path];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

function unlessDone(stamp, hash, work) {
  const file = join(root, stamp);
  if (existsSync(file) && readFileSync(file, 'utf8') === hash) return;
  work();
  writeFileSync(file, hash);
}

const steps = {
  install: () =>
    unlessDone('node_modules/.stamp', hashOf('package-lock.json'), () => run('npm', 'ci', '--no-audit', '--no-fund')),
  build: () =>
    unlessDone('dist/.stamp', hashOf('src', 'sw', 'public', 'vite.config.ts', 'package-lock.json'), () =>
      run('npx', 'vite', 'build', '--logLevel', 'warn'),
    ),
  async browser() {
    const { findChromium } = await import('./chromium.mjs.mts');
    if (await findChromium()) return;
    const isDebian = existsSync('/etc/debian_version') && process.getuid?.() === 0;
    try {
      if (isDebian) {
        run('apt-get', 'update', '-qq');
        run('apt-get', 'install', '-y', '-qq', 'chromium');
      } else run('npx', 'playwright-core', 'install', 'chromium');
    } catch {
      // Said below, with what to do about it.
    }
    if (await findChromium()) return;
    console.error('No Chromium was found and none could be installed. Install one, or set CHROME_PATH to it.');
    process.exit(1);
  },
};

for (const step of process.argv.slice(2)) await steps[step]();
