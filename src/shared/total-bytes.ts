/** The sum of the files' sizes, in bytes. */
export function getTotalBytes(files: readonly File[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
