// Prepares what a fresh clone lacks, in the given order: `install`, `build`, `server`, `peers`,
// `lighthouse`, `browser`, `engines`. Skips what is done already.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from './chromium.mjs';

const root = join(import.meta.dirname, '..');
const SERVER = join('src', 'server');

const steps = {
  install() {
    unlessDone('node_modules/.stamp', ['package-lock.json'], () =>
      run('npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error'),
    );
  },

  build() {
    const sources = ['src', 'sw', 'public', 'vite.config.ts', 'tsconfig.json', 'package-lock.json'];
    unlessDone('dist/.stamp', sources, () => run('npx', 'vite', 'build', '--logLevel', 'warn'));
  },

  server() {
    const sources = [SERVER, 'tsconfig.json', 'package-lock.json'];
    unlessDone('dist-server/.stamp', sources, () => run('npx', 'tsc', '-p', join(SERVER, 'tsconfig.build.json')));
  },

  peers() {
    installIn('test/bench');
    run('npx', 'tsc', '-p', 'test/bench');
  },

  lighthouse() {
    installIn('test/lighthouse');
  },

  browser() {
    if (hasChromium()) return;
    try {
      if (!process.env.CHROME_PATH) installChromium();
    } catch {
      // `findChromium` below reports what is missing and what to do.
    }
    findChromium();
  },

  // Without these programs their tests are skipped with a message.
  engines() {
    const programs = ['firefox-esr', 'WebKitWebDriver', 'Xvfb'].map((name) => `/usr/bin/${name}`);
    if (programs.every(existsSync) || !isDebianRoot()) return;
    installPackages('firefox-esr', 'webkit2gtk-driver', 'gir1.2-webkit2-4.1', 'python3-gi', 'xvfb');
  },
};

/** Installs the packages of a folder that has its own lock file. */
function installIn(folder) {
  unlessDone(`${folder}/node_modules/.stamp`, [`${folder}/package-lock.json`], () =>
    run('npm', 'ci', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error'),
  );
}

function installChromium() {
  if (!isDebianRoot()) return run('npx', 'playwright-core', 'install', 'chromium');
  installPackages('chromium');
}

function isDebianRoot() {
  return existsSync('/etc/debian_version') && process.getuid?.() === 0;
}

function installPackages(...names) {
  run('apt-get', 'update', '-qq');
  run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...names);
}

function hasChromium() {
  try {
    return findChromium() !== '';
  } catch {
    return false;
  }
}

/**
 * Skips the work if it was done for the same sources. The stamp of an earlier success must not hide
 * a failure.
 */
function unlessDone(stamp, sources, work) {
  const file = join(root, stamp);
  const hash = hashOf(sources);
  if (existsSync(file) && readFileSync(file, 'utf8') === hash) return;
  rmSync(file, { force: true });
  work();
  writeFileSync(file, hash);
}

function hashOf(sources) {
  const hash = createHash('sha256').update(process.version);
  for (const path of sources.flatMap(filesUnder).sort()) hash.update(path).update(readFileSync(join(root, path)));
  return hash.digest('hex');
}

function filesUnder(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  // The app contains nothing of the server.
  const paths = readdirSync(full).map((name) => join(path, name));
  return paths.filter((inner) => inner !== SERVER).flatMap(filesUnder);
}

/** The output of tools goes to stderr; stdout belongs to the command that follows. */
function run(command, ...args) {
  execFileSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
}

try {
  for (const name of process.argv.slice(2)) {
    if (!Object.hasOwn(steps, name))
      throw new Error(`Unknown step: ${name}. There are ${Object.keys(steps).join(', ')}.`);
    steps[name]();
  }
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
