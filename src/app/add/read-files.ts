import { isTextFieldEvent } from '../ui/text-field.ts';

/** Files that were brought; null stands for each that could not be read. */
export type ReadFiles = readonly (File | null)[];

/** The files of a drop, those in dropped folders too. */
export async function readDroppedFiles(data: DataTransfer): Promise<ReadFiles> {
  // All entries are asked for at once: after the first wait the browser has emptied the list.
  const entries = [...data.items].filter(({ kind }) => kind === 'file').map((item) => item.webkitGetAsEntry());
  if (entries.some((entry) => entry === null)) return [...data.files];
  const files = await Promise.all(entries.map((entry) => (entry ? readEntry(entry) : [])));
  return files.flat();
}

/** The files of a paste: a picture from the clipboard has a name that says nothing, so it gets the moment. */
export function readPastedFiles(event: ClipboardEvent): File[] {
  const { clipboardData: data } = event;
  // With words for a field some programs copy a picture of them.
  if (isTextFieldEvent(event) && data?.types.includes('text/plain')) return [];
  return [...(data?.files ?? [])].map((file) => {
    if (file.name !== 'image.png') return file;
    const stamp = new Date().toISOString().replace(/[:.]/g, '-').slice(0, 19);
    return new File([file], `pasted-${stamp}.png`, { type: file.type, lastModified: Date.now() });
  });
}

async function readEntry(entry: FileSystemEntry): Promise<ReadFiles> {
  if (isFile(entry)) return [await new Promise<File | null>((resolve) => entry.file(resolve, () => resolve(null)))];
  if (!isFolder(entry)) return [];
  const reader = entry.createReader();
  const files: (File | null)[] = [];
  for (;;) {
    // A folder is told in parts, at most a hundred entries at a time in Chromium.
    const part = await new Promise<FileSystemEntry[] | null>((resolve) =>
      reader.readEntries(resolve, () => resolve(null)),
    );
    if (part === null) return [...files, null];
    if (part.length === 0) return files;
    for (const child of part) files.push(...(await readEntry(child)));
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
