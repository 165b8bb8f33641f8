import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { hashSecret, newId } from '../../ids.ts';

const NAME = /^server-.*\.sock$/;

/**
 * Locks the data folder for this process: a second server would not see the sessions of the first.
 *
 * The lock is a socket in the folder. The system closes it however the process ends, and a process
 * in another container that shares the folder sees it, where a process id would mean nothing. Linux
 * adds a lock without a file, which cannot be removed and which other containers do not see.
 *
 * @returns a function that releases the lock.
 * @throws Error when another server uses the folder.
 */
export async function lockFolder(dataDir: string): Promise<() => Promise<void>> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const releaseMachine = process.platform === 'linux' ? await lockOnMachine(dataDir) : async () => undefined;
  try {
    const releaseFiles = await lockByFile(dataDir);
    return async () => {
      await releaseFiles();
      await releaseMachine();
    };
  } catch (error) {
    await releaseMachine();
    throw error;
  }
}

/** Listens on an abstract socket, which has no file. */
async function lockOnMachine(dataDir: string): Promise<() => Promise<void>> {
  const { dev, ino } = await stat(dataDir, { bigint: true });
  return listen(`\0${hashSecret(`data folder ${dev} ${ino}`)}`).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EADDRINUSE') throw inUseError(dataDir);
    throw cause;
  });
}

async function lockByFile(dataDir: string): Promise<() => Promise<void>> {
  const own = `server-${newId()}.sock`;
  const release = await listen(toAddress(dataDir, own)).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EADDRINUSE') throw inUseError(dataDir);
    throw new Error(`The folder ${dataDir} cannot be locked: ${cause.message}. Check its permissions.`, { cause });
  });
  // The other sockets are tried after the own one listens: of two servers that start at once, at
  // least one sees the other.
  for (const other of await readdir(dataDir)) {
    if (!NAME.test(other) || other === own) continue;
    if (await isListening(toAddress(dataDir, other))) {
      await release();
      throw inUseError(dataDir);
    }
    // A killed process left this socket. Names are unique, so no other server's lock is removed.
    await rm(join(dataDir, other), { force: true });
  }
  return release;
}

/**
 * Windows has no sockets in folders. A named pipe belongs to one process, so the folder's hash is
 * its name.
 */
function toAddress(dataDir: string, name: string): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\${hashSecret(resolve(dataDir))}`;
  // A socket address holds about 100 bytes, which absolute paths exceed.
  return relative('', join(dataDir, name));
}

function listen(address: string): Promise<() => Promise<void>> {
  return new Promise((done, failed) => {
    const lock = createServer((client) => client.destroy());
    lock.once('error', failed);
    const release = () => new Promise<void>((released) => lock.close(() => released()));
    lock.listen(address, () => done(release)).unref();
  });
}

function isListening(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const client = connect(address, () => {
      client.destroy();
      resolve(true);
    });
    client.once('error', () => resolve(false));
  });
}

function inUseError(dataDir: string): Error {
  return new Error(`Another server uses the folder ${dataDir}. Stop it, or set DATA_DIR.`);
}
