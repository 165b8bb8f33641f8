import { UploadError } from './errors.ts';
import type { FileInfo } from './upload.ts';

/** Longest path that a server accepts, in UTF-16 code units. */
const MAX_PATH_LENGTH = 1024;
const FORBIDDEN = /[\\\p{Cc}]/u;

/** A file with its relative path, for a file whose `webkitRelativePath` is empty. */
export interface FileWithPath {
  readonly file: File;
  /** With `/` between the segments, and the file's name at the end. */
  readonly path: string;
}

/** A chosen file, with or without a path of the caller. */
export type PickedFile = File | FileWithPath;

/** One or many chosen files as a list. */
export function toPickedFiles(picked: PickedFile | readonly PickedFile[]): readonly PickedFile[] {
  return Symbol.iterator in picked ? [...picked] : [picked];
}

/** The chosen file without the caller's path. */
export function toFile(picked: PickedFile): File {
  return picked instanceof File ? picked : picked.file;
}

/**
 * The facts of a chosen file.
 *
 * @throws UploadError `invalid_option` if the caller's path is not relative or has a segment or a
 * character that a server rejects.
 */
export function toFileInfo(picked: PickedFile): FileInfo {
  const { name, type, size, lastModified } = toFile(picked);
  const path = getPath(picked);
  return { name, type, sizeBytes: size, modifiedAt: lastModified, ...(path !== '' && { path }) };
}

/** The relative path of a chosen file; empty without one. */
function getPath(picked: PickedFile): string {
  // The browser's own path may have a backslash in a name, which is no reason to reject the file.
  if (picked instanceof File) {
    const { webkitRelativePath = '' } = picked;
    return isPathOf(picked, webkitRelativePath) ? webkitRelativePath : '';
  }
  const { file, path } = picked;
  if (isPathOf(file, path)) return path;
  const text = `“${path}” is not a relative path of “${file.name}”. Separate its parts with “/”, and end it with the name.`;
  throw new UploadError('invalid_option', text);
}

/** Whether servers accept a path. It must stay below the folder that it is relative to. */
function isPathOf({ name }: File, path: string): boolean {
  if (path.length > MAX_PATH_LENGTH || FORBIDDEN.test(path)) return false;
  const segments = path.split('/');
  return segments.at(-1) === name && segments.every((segment) => !['', '.', '..'].includes(segment));
}
