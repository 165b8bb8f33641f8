import { isTextFieldEvent } from '../ui/text-field.ts';

/** The files of a drop or a paste; null for each file that could not be read. */
export type ReadFiles = readonly (File | null)[];

/** The dropped files, also those in dropped folders. */
export async function readDroppedFiles(data: DataTransfer): Promise<ReadFiles> {
  // All entries at once: the browser empties the list after the event.
  const entries = [...data.items].filter(({ kind }) => kind === 'file').map((item) => item.webkitGetAsEntry());
  if (entries.some((entry) => entry === null)) return [...data.files];
  const files = await Promise.all(entries.map((entry) => (entry ? readEntry(entry) : [])));
  return files.flat();
}

/**
 * The pasted files. A picture from the clipboard is always called image.png and gets a name with
 * the time.
 */
export function readPastedFiles(event: ClipboardEvent): File[] {
  const { clipboardData: data } = event;
  // Some programs copy text together with a picture of it.
  if (isTextFieldEvent(event) && data?.types.includes('text/plain')) return [];
  return [...(data?.files ?? [])].map((file) => {
    if (file.name !== 'image.png') return file;
    const stamp = new Date().toISOString().replace(/[:.]/g, '-').slice(0, 19);
    return new File([file], `pasted-${stamp}.png`, { type: file.type, lastModified: Date.now() });
  });
}

async function readEntry(entry: FileSystemEntry): Promise<ReadFiles> {
  if (isFile(entry)) return [await readFile(entry)];
  if (!isFolder(entry)) return [];
  const reader = entry.createReader();
  const files: (File | null)[] = [];
  for (;;) {
    // Chromium returns at most a hundred entries per call.
    const entries = await new Promise<FileSystemEntry[] | null>((resolve) =>
      reader.readEntries(resolve, () => resolve(null)),
    );
    if (entries === null) return [...files, null];
    if (entries.length === 0) return files;
    for (const child of entries) files.push(...(await readEntry(child)));
  }
}

function readFile(entry: FileSystemFileEntry): Promise<File | null> {
  return new Promise((resolve) =>
    entry.file(
      (file) => resolve(withPath(file, entry.fullPath)),
      () => resolve(null),
    ),
  );
}

/** The file with its path in the dropped folder, which Chromium 156 leaves empty after a drop. */
function withPath(file: File, fullPath: string): File {
  const path = fullPath.replace(/^\/+/, '');
  return path.includes('/') ? Object.defineProperty(file, 'webkitRelativePath', { value: path }) : file;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
