/** The common interface of the Uppy versions. */
interface AnyUppy {
  addFile(file: { name: string; data: File }): string;
  upload(): Promise<{ failed?: { error?: string | null }[] | undefined } | undefined>;
}

/** Adds files and waits until all are sent. */
export async function sendWith(uppy: AnyUppy, files: readonly File[]): Promise<void> {
  for (const file of files) uppy.addFile({ name: file.name, data: file });
  const result = await uppy.upload();
  const failed = result?.failed?.[0];
  if (failed) throw new Error(failed.error ?? 'Uppy gave up.');
}
