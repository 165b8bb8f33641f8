// Prepares the server and runs it: `npm start`. Both happen in one process, because a shell between
// npm and the server would keep the signals that end it. For the same reason the script begins with
// `exec`, which Windows does not have.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const prepare = join(import.meta.dirname, 'prepare.mjs');
try {
  execFileSync(process.execPath, [prepare, 'install', 'build', 'server'], { stdio: ['ignore', 2, 2] });
} catch {
  // The step has reported its problem.
  process.exit(1);
}
await import('../dist-server/server/main.js');
