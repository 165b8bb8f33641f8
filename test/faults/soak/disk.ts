import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Folder, tempFolder } from '../../fixtures/files.ts';

const SIZE_BYTES = 6 * 2 ** 30;

/** A folder for the server that can be filled up. */
export interface Disk {
  readonly dir: string;
  /** Why the disk cannot be filled; null if it can. */
  readonly cannotFill: string | null;
  fill(): void;
  clear(): void;
  remove(): Promise<void>;
}

/**
 * A file system in a sparse file, which requires root. Otherwise a plain folder that is never full.
 */
export async function openDisk(): Promise<Disk> {
  const folder = await tempFolder();
  const dir = join(folder.dir, 'disk');
  await mkdir(dir);
  if (process.getuid?.() !== 0) return plain(folder, dir, 'only root may mount the small disk it needs');
  const image = join(folder.dir, 'image');
  try {
    writeFileSync(image, '');
    truncateSync(image, SIZE_BYTES);
    // Reserves nothing for root, because the server may run as root.
    execFileSync('mkfs.ext4', ['-q', '-m', '0', image], { stdio: 'pipe' });
    execFileSync('mount', ['-o', 'loop', image, dir], { stdio: 'pipe' });
  } catch (error) {
    return plain(
      folder,
      dir,
      `no disk could be mounted: ${error instanceof Error ? error.message.split('\n')[0] : ''}`,
    );
  }
  return mounted(folder, dir);
}

function plain(folder: Folder, dir: string, cannotFill: string): Disk {
  const no = () => {
    throw new Error(cannotFill);
  };
  return { dir: join(dir, 'data'), cannotFill, fill: no, clear: no, remove: folder.remove };
}

function mounted(folder: Folder, dir: string): Disk {
  const ballast = join(dir, 'ballast');
  const unmount = () => execFileSync('umount', ['-l', dir], { stdio: 'pipe' });
  // An interrupted process awaits nothing, and a mounted folder could not be removed.
  process.prependOnceListener('exit', unmount);
  return {
    dir: join(dir, 'data'),
    cannotFill: null,
    fill() {
      const { bavail, bsize } = statfsSync(dir);
      // May fail when the server takes the last room first. The disk is full in any case.
      spawnSync('fallocate', ['-l', String(bavail * bsize - 64 * 1024), ballast]);
    },
    clear: () => rmSync(ballast, { force: true }),
    async remove() {
      process.off('exit', unmount);
      unmount();
      await folder.remove();
    },
  };
}
