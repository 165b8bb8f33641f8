import { mkdir, readdir, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { hashSecret, newId } from '../ids.ts';

const NAME = /^server-.*\.sock$/;

/**
 * Keeps a second server off the data folder: two would each believe they knew every session.
 *
 * The lock is a socket in the folder, because the system closes it whatever ends the process, and it is seen from another
 * container on the same folder, where a process number says nothing.
 *
 * @returns what gives the folder free again.
 * @throws Error with words for whoever started the second one.
 */
export async function lockFolder(dataDir: string): Promise<() => Promise<void>> {
  await mkdir(dataDir, { recursive: true });
  const own = `server-${newId()}.sock`;
  const release = await listen(addressIn(dataDir, own)).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EADDRINUSE') throw inUseError(dataDir);
    throw new Error(`The folder ${dataDir} cannot be locked: ${cause.message}`, { cause });
  });
  // Looked for once our own is there: of two that start at once, at least one sees the other.
  for (const other of await readdir(dataDir)) {
    if (!NAME.test(other) || other === own) continue;
    if (await answers(addressIn(dataDir, other))) {
      await release();
      throw inUseError(dataDir);
    }
    // Left by a process that was killed; the name was its own, so nobody else's lock goes with it.
    await rm(join(dataDir, other), { force: true });
  }
  return release;
}

/** Windows has no sockets in folders; its pipes are held by one process each, so there the folder itself is the name. */
function addressIn(dataDir: string, name: string): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\${hashSecret(resolve(dataDir))}`;
  // A socket's address holds about 100 bytes, which a path from the root soon exceeds.
  return relative('', join(dataDir, name));
}

function listen(address: string): Promise<() => Promise<void>> {
  return new Promise((done, failed) => {
    const lock = createServer((visitor) => visitor.destroy());
    lock.once('error', failed);
    const release = () => new Promise<void>((released) => lock.close(() => released()));
    lock.listen(address, () => done(release)).unref();
  });
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const visitor = connect(address, () => {
      visitor.destroy();
      resolve(true);
    });
    visitor.once('error', () => resolve(false));
  });
}

function inUseError(dataDir: string): Error {
  return new Error(`Another server uses the folder ${dataDir}. Stop it, or set DATA_DIR.`);
}
